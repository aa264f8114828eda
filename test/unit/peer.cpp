// peer: an endpoint with default limits and the system's clock, or others.
#include <pks/peer.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <type_traits>

namespace {

using namespace std::chrono_literals;
using pks::endpoint;
using pks::peer;

static_assert(!std::is_aggregate_v<peer> && std::is_convertible_v<endpoint, peer>);

class fixed_clock final : public pks::clock
{
public:
    time_point now() const override
    {
        return time_point(1768478400s);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(values_peer)

BOOST_AUTO_TEST_CASE(an_endpoint_is_a_peer)
{
    peer const p = endpoint::uaa("host/uaa");
    BOOST_TEST((p.endpoint() == endpoint::uaa("host/uaa")));
    BOOST_TEST(p.limits().head == 16u * 1024);
    BOOST_TEST(p.limits().fields == 100u);
    BOOST_TEST(p.limits().chunk_extension == 4u * 1024);
    BOOST_TEST(p.limits().trailer == 4u * 1024);
    BOOST_TEST(p.limits().interim_responses == 16u);
    BOOST_TEST(p.limits().body == 8u * 1024 * 1024);
}

BOOST_AUTO_TEST_CASE(other_limits)
{
    pks::http_limits limits;
    limits.body = 1;
    peer p = endpoint::uaa("host");
    BOOST_TEST(&p.limits(limits) == &p);
    BOOST_TEST(p.limits().body == 1u);
    BOOST_TEST(p.limits().fields == 100u);
}

BOOST_AUTO_TEST_CASE(other_clocks)
{
    peer p = endpoint::uaa("host");
    auto const before = std::chrono::system_clock::now();
    auto const now = p.now();
    auto const after = std::chrono::system_clock::now();
    BOOST_TEST((before <= now && now <= after));

    BOOST_TEST(&p.clock(std::make_shared<fixed_clock>()) == &p);
    BOOST_TEST((p.now() == pks::clock::time_point(1768478400s)));
    peer const copy = p;
    p.clock(nullptr);
    BOOST_TEST((p.now() >= before));
    BOOST_TEST((copy.now() == pks::clock::time_point(1768478400s)));
}

BOOST_AUTO_TEST_SUITE_END()
