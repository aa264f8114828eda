// How many retries there are left, to the last one.
#include <pks/policy/retry_budget.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <limits>

namespace {

using namespace std::chrono_literals;
using pks::policy::retry_budget;
using pks::policy::retry_budget_settings;
using time_point = pks::clock::steady_time_point;

constexpr time_point start = time_point(1000s);

retry_budget_settings settings(double per_request, double per_second, double most)
{
    retry_budget_settings out;
    out.per_request = per_request;
    out.per_second = per_second;
    out.most = most;
    return out;
}

/// How many of that many are granted.
int taken(retry_budget& budget, time_point now, int asked = 1000)
{
    int out = 0;
    for (int i = 0; i != asked; ++i)
        out += budget.take_retry(now);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_retry_budget)

BOOST_AUTO_TEST_CASE(full_at_the_start)
{
    retry_budget budget(settings(0, 0, 100));
    BOOST_TEST(budget.left() == 100);
    BOOST_TEST(taken(budget, start) == 100);
    BOOST_TEST(budget.left() == 0);
    BOOST_TEST(!budget.take_retry(start + 24h));
}

BOOST_AUTO_TEST_CASE(five_operations_pay_for_a_retry)
{
    retry_budget budget(settings(0.2, 0, 10));
    BOOST_TEST(taken(budget, start) == 10);
    for (int round = 0; round != 100; ++round) {
        for (int i = 0; i != 4; ++i)
            budget.add_request();
        BOOST_TEST(!budget.take_retry(start));
        budget.add_request();
        BOOST_TEST(budget.take_retry(start));
        BOOST_TEST(!budget.take_retry(start));
    }
    for (int i = 0; i != 1000; ++i)
        budget.add_request();
    BOOST_TEST(taken(budget, start) == 10);
}

BOOST_AUTO_TEST_CASE(time_pays_for_a_floor)
{
    retry_budget budget(settings(0, 10, 20));
    BOOST_TEST(taken(budget, start) == 20);
    BOOST_TEST(!budget.take_retry(start + 99ms));
    BOOST_TEST(budget.take_retry(start + 100ms));
    BOOST_TEST(!budget.take_retry(start + 100ms));
    BOOST_TEST(taken(budget, start + 1100ms) == 10);
    BOOST_TEST(taken(budget, start + 24h) == 20);
}

BOOST_AUTO_TEST_CASE(many_short_times_are_worth_one_long)
{
    retry_budget budget(settings(0, 10, 20));
    BOOST_TEST(taken(budget, start) == 20);
    int out = 0;
    for (int i = 1; i <= 1'000'000; ++i)
        out += budget.take_retry(start + std::chrono::microseconds(i));
    BOOST_TEST(out == 10);
}

BOOST_AUTO_TEST_CASE(time_that_goes_back_pays_nothing)
{
    retry_budget budget(settings(0, 10, 5));
    BOOST_TEST(taken(budget, start) == 5);
    BOOST_TEST(!budget.take_retry(start - 1h));
    BOOST_TEST(!budget.take_retry(start));
    BOOST_TEST(budget.take_retry(start + 100ms));
}

BOOST_AUTO_TEST_CASE(the_default_adds_a_fifth_to_the_load)
{
    retry_budget budget;
    BOOST_TEST(taken(budget, start) == 100);
    // An outage of a minute under 1,000 operations a second, each of which would retry twice.
    int retries = 0;
    for (int i = 1; i <= 60'000; ++i) {
        budget.add_request();
        auto const now = start + std::chrono::milliseconds(i);
        retries += budget.take_retry(now);
        retries += budget.take_retry(now);
    }
    BOOST_TEST(retries == 60'000 / 5 + 60 * 10);
}

BOOST_AUTO_TEST_CASE(without_a_limit)
{
    auto unlimited = settings(0, 0, 0);
    unlimited.limited = false;
    retry_budget budget(unlimited);
    BOOST_TEST(taken(budget, start) == 1000);
    retry_budget empty(settings(0, 0, 0));
    BOOST_TEST(taken(empty, start) == 0);
}

BOOST_AUTO_TEST_CASE(numbers_that_are_none)
{
    retry_budget negative(settings(-1, -1, -1));
    negative.add_request();
    BOOST_TEST(taken(negative, start) == 0);
    BOOST_TEST(taken(negative, start + 1h) == 0);

    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    retry_budget none(settings(nan, nan, nan));
    none.add_request();
    BOOST_TEST(taken(none, start + 1h) == 0);

    constexpr double huge = std::numeric_limits<double>::infinity();
    retry_budget endless(settings(huge, huge, huge));
    for (int i = 0; i != 1000; ++i)
        endless.add_request();
    BOOST_TEST(endless.left() == 1'000'000'000);
    BOOST_TEST(taken(endless, start) == 1000);
    BOOST_TEST(taken(endless, time_point::max()) == 1000);
}

BOOST_AUTO_TEST_SUITE_END()
