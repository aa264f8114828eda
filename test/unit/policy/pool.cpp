// Which connection is used next, which go, and who waits.
#include <pks/policy/pool.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace {

using pks::policy::pool_settings;
using namespace std::chrono_literals;

struct numbered
{
    explicit numbered(int n) : number(n) {}

    int number;
    std::unique_ptr<numbered> idle_next;
    pks::clock::steady_time_point idle_until;
};

struct waiter : pks::policy::waiter
{
    std::unique_ptr<numbered> connection;
};

using pool = pks::policy::pool<waiter>;
using action = pool::action;

pks::clock::steady_time_point at(std::chrono::milliseconds passed)
{
    return pks::clock::steady_time_point(24h) + passed;
}

pool_settings with(std::size_t connections, std::size_t idle)
{
    pool_settings out;
    out.connections = connections;
    out.idle = idle;
    out.idle_for = 10s;
    return out;
}

std::unique_ptr<numbered> number(int n)
{
    return std::make_unique<numbered>(n);
}

// What a lease got: 0 for one to be opened, -1 for having to wait.
int leased(pool::step const& s)
{
    return s.what == action::use ? s.connection->number : s.what == action::open ? 0 : -1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_pool)

BOOST_AUTO_TEST_CASE(the_one_used_last_is_used_next)
{
    pool p(with(8, 8));
    waiter w;
    for (int i = 0; i != 3; ++i)
        BOOST_TEST(leased(p.lease(w, false, at(0s))) == 0);
    BOOST_TEST(p.used() == 3U);
    for (int i = 1; i <= 3; ++i)
        BOOST_TEST(!p.give_back(number(i), at(0s)));
    BOOST_TEST(p.used() == 0U);
    BOOST_TEST(p.idle() == 3U);
    BOOST_TEST(leased(p.lease(w, false, at(1s))) == 3);
    BOOST_TEST(leased(p.lease(w, false, at(1s))) == 2);
    p.give_back(number(3), at(1s));
    BOOST_TEST(leased(p.lease(w, false, at(1s))) == 3);
}

BOOST_AUTO_TEST_CASE(one_may_be_idle_for_ever)
{
    auto settings = with(8, 8);
    settings.idle_for = std::chrono::milliseconds::max();
    pool p(settings);
    waiter w;
    p.lease(w, false, at(0s));
    p.give_back(number(1), at(0s));
    BOOST_TEST(leased(p.lease(w, false, at(1000h))) == 1);
}

BOOST_AUTO_TEST_CASE(what_was_idle_for_too_long_is_dropped)
{
    pool p(with(8, 8));
    waiter w;
    p.lease(w, false, at(0s));
    p.lease(w, false, at(0s));
    p.give_back(number(1), at(0s));
    p.give_back(number(2), at(5s));
    BOOST_TEST(leased(p.lease(w, false, at(10s) - 1ms)) == 2);
    p.give_back(number(2), at(10s) - 1ms);
    BOOST_TEST(p.idle() == 2U);
    // The first has been idle for 10 s.
    BOOST_TEST(leased(p.lease(w, false, at(10s))) == 2);
    BOOST_TEST(p.idle() == 0U);
    p.give_back(number(2), at(10s));
    BOOST_TEST(leased(p.lease(w, false, at(20s))) == 0);
}

BOOST_AUTO_TEST_CASE(the_oldest_idle_one_gives_way)
{
    pool p(with(8, 2));
    waiter w;
    for (int i = 0; i != 3; ++i)
        p.lease(w, false, at(0s));
    for (int i = 1; i <= 3; ++i)
        p.give_back(number(i), at(0s));
    BOOST_TEST(p.idle() == 2U);
    BOOST_TEST(leased(p.lease(w, false, at(0s))) == 3);
    BOOST_TEST(leased(p.lease(w, false, at(0s))) == 2);
    BOOST_TEST(leased(p.lease(w, false, at(0s))) == 0);

    // Also to one that has to be opened, where there may be no more.
    pool full(with(2, 2));
    full.lease(w, false, at(0s));
    full.lease(w, false, at(0s));
    full.give_back(number(1), at(0s));
    full.give_back(number(2), at(0s));
    BOOST_TEST(leased(full.lease(w, true, at(0s))) == 0);
    BOOST_TEST(full.idle() == 1U);
    BOOST_TEST(leased(full.lease(w, false, at(0s))) == 2);
}

BOOST_AUTO_TEST_CASE(none_is_kept_where_none_may_be_idle)
{
    pool p(with(2, 0));
    waiter w;
    p.lease(w, false, at(0s));
    p.give_back(number(1), at(0s));
    BOOST_TEST(p.idle() == 0U);
    BOOST_TEST(leased(p.lease(w, false, at(0s))) == 0);
}

BOOST_AUTO_TEST_CASE(a_fresh_one_carried_nothing)
{
    pool p(with(4, 4));
    waiter w;
    p.lease(w, false, at(0s));
    p.give_back(number(1), at(0s));
    BOOST_TEST(leased(p.lease(w, true, at(0s))) == 0);
    BOOST_TEST(p.idle() == 1U);
}

BOOST_AUTO_TEST_CASE(who_finds_no_place_is_served_in_order)
{
    pool p(with(1, 1));
    waiter first;
    BOOST_TEST(leased(p.lease(first, false, at(0s))) == 0);
    std::deque<waiter> waiting(3);
    for (auto& w : waiting)
        BOOST_TEST(leased(p.lease(w, false, at(0s))) == -1);
    auto* next = p.give_back(number(1), at(0s));
    BOOST_TEST(next == &waiting[0]);
    BOOST_TEST(next->connection->number == 1);
    BOOST_TEST(p.used() == 1U);
    // Nobody overtakes.
    waiter late;
    BOOST_TEST(leased(p.lease(late, false, at(0s))) == -1);
    waiting[1].leave();
    // One that broke leaves a place without a connection.
    next = p.give_back(nullptr, at(0s));
    BOOST_TEST(next == &waiting[2]);
    BOOST_TEST(!next->connection);
    next = p.give_back(number(2), at(0s));
    BOOST_TEST(next == &late);
    BOOST_TEST(!p.give_back(std::move(late.connection), at(0s)));
    BOOST_TEST(p.used() == 0U);
    BOOST_TEST(p.idle() == 1U);
}

BOOST_AUTO_TEST_CASE(no_limit_below_one)
{
    pool p(with(0, 0));
    waiter w;
    BOOST_TEST(leased(p.lease(w, false, at(0s))) == 0);
    BOOST_TEST(leased(p.lease(w, false, at(0s))) == -1);
    BOOST_TEST(p.take_waiting() == &w);
    BOOST_TEST(!p.take_waiting());
}

BOOST_AUTO_TEST_SUITE_END()
