// The clock that is moved by hand.
#include <pks/testing/manual_clock.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace std::chrono_literals;
using pks::testing::manual_clock;

BOOST_AUTO_TEST_SUITE(testing_manual_clock)

BOOST_AUTO_TEST_CASE(stands_still_until_it_is_moved)
{
    auto const start = pks::clock::time_point(1000s);
    manual_clock clock(start);
    auto const steady = clock.steady_now();
    BOOST_TEST((clock.now() == start));
    clock.advance(5s);
    BOOST_TEST((clock.now() == start + 5s));
    BOOST_TEST((clock.steady_now() == steady + 5s));
}

BOOST_AUTO_TEST_CASE(monotonic_time_never_goes_back)
{
    manual_clock clock(pks::clock::time_point(1000s));
    auto const steady = clock.steady_now();
    clock.set(pks::clock::time_point(900s));
    BOOST_TEST((clock.now() == pks::clock::time_point(900s)));
    BOOST_TEST((clock.steady_now() == steady));
    clock.advance(-10s);
    BOOST_TEST((clock.now() == pks::clock::time_point(890s)));
    BOOST_TEST((clock.steady_now() == steady));
    clock.set(pks::clock::time_point(900s));
    BOOST_TEST((clock.steady_now() == steady + 10s));
}

BOOST_AUTO_TEST_SUITE_END()
