// Waiting for one answer: in order, and leaving alone.
#include <pks/policy/waiting_list.hpp>

#include <boost/test/unit_test.hpp>

using pks::policy::waiting_list;

namespace {

struct waiter : pks::policy::waiter
{
};

} // namespace

BOOST_AUTO_TEST_SUITE(policy_waiting_list)

BOOST_AUTO_TEST_CASE(who_came_first_is_taken_first)
{
    waiting_list list;
    waiter a, b, c;
    BOOST_TEST(list.empty());
    BOOST_TEST(list.take() == nullptr);
    list.add(a);
    list.add(b);
    list.add(c);
    BOOST_TEST(a.waiting());
    BOOST_TEST(list.take() == &a);
    BOOST_TEST(!a.waiting());
    BOOST_TEST(list.take() == &b);
    list.add(a);
    BOOST_TEST(list.take() == &c);
    BOOST_TEST(list.take() == &a);
    BOOST_TEST(list.empty());
}

BOOST_AUTO_TEST_CASE(each_may_leave_alone)
{
    for (int who = 0; who != 3; ++who) {
        waiting_list list;
        waiter waiters[3];
        for (auto& w : waiters)
            list.add(w);
        BOOST_TEST(waiters[who].leave());
        BOOST_TEST(!waiters[who].leave());
        BOOST_TEST(!waiters[who].waiting());
        for (int i = 0; i != 3; ++i)
            if (i != who)
                BOOST_TEST(list.take() == &waiters[i]);
        BOOST_TEST(list.empty());
    }
}

BOOST_AUTO_TEST_CASE(who_was_taken_cannot_leave)
{
    waiting_list list;
    waiter a;
    BOOST_TEST(!a.leave());
    list.add(a);
    BOOST_TEST(list.take() == &a);
    BOOST_TEST(!a.leave());
}

BOOST_AUTO_TEST_CASE(a_list_takes_over_another)
{
    waiting_list first, second;
    waiter a, b, c;
    first.add(a);
    second.add(b);
    second.add(c);
    first.take_over(second);
    BOOST_TEST(second.empty());
    BOOST_TEST(b.leave());
    BOOST_TEST(first.take() == &a);
    BOOST_TEST(first.take() == &c);
    BOOST_TEST(first.empty());
}

BOOST_AUTO_TEST_CASE(who_ends_leaves)
{
    waiting_list list;
    waiter a;
    {
        waiter b;
        list.add(b);
        list.add(a);
    }
    BOOST_TEST(list.take() == &a);
    BOOST_TEST(list.empty());
}

BOOST_AUTO_TEST_CASE(a_list_that_ends_leaves_nobody_in_it)
{
    waiter a;
    {
        waiting_list list;
        list.add(a);
    }
    BOOST_TEST(!a.waiting());
}

BOOST_AUTO_TEST_SUITE_END()
