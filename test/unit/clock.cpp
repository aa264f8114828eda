// clock: the system's time unless somebody says otherwise.
#include <pks/clock.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <type_traits>

namespace {

using namespace std::chrono_literals;

static_assert(std::has_virtual_destructor_v<pks::clock>);
static_assert(pks::clock::steady_time_point::clock::is_steady);

class stopped final : public pks::clock
{
public:
    time_point now() const override
    {
        return time_point(1s);
    }
    steady_time_point steady_now() const override
    {
        return steady_time_point(2s);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(values_clock)

BOOST_AUTO_TEST_CASE(the_system_s_time)
{
    pks::clock const clock;
    auto const before = std::chrono::system_clock::now();
    auto const now = clock.now();
    BOOST_TEST((before <= now && now <= std::chrono::system_clock::now()));

    auto const steady_before = std::chrono::steady_clock::now();
    auto const steady = clock.steady_now();
    BOOST_TEST((steady_before <= steady && steady <= std::chrono::steady_clock::now()));
}

BOOST_AUTO_TEST_CASE(another_s_time)
{
    stopped const other;
    pks::clock const& clock = other;
    BOOST_TEST((clock.now() == pks::clock::time_point(1s)));
    BOOST_TEST((clock.steady_now() == pks::clock::steady_time_point(2s)));
}

BOOST_AUTO_TEST_SUITE_END()
