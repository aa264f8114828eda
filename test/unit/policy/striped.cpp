// A copy for each thread: whose it is, and that nobody waits for it.
#include <pks/policy/striped.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <thread>

using pks::policy::striped;

BOOST_AUTO_TEST_SUITE(policy_striped)

BOOST_AUTO_TEST_CASE(a_thread_gets_its_own_each_time)
{
    striped<int> numbers(4);
    numbers.own([](int& n) { n = 7; });
    int seen = 0;
    BOOST_TEST(numbers.try_own([&](int& n) { seen = n; }));
    BOOST_TEST(seen == 7);
    int sum = 0;
    numbers.each([&](int& n) { sum += n; });
    BOOST_TEST(sum == 7);
}

BOOST_AUTO_TEST_CASE(threads_that_follow_each_other_get_different_ones)
{
    striped<int> numbers(4);
    std::set<int*> places;
    for (int i = 0; i != 4; ++i)
        std::thread([&] { numbers.own([&](int& n) { places.insert(&n); }); }).join();
    BOOST_TEST(places.size() == 4u);
}

BOOST_AUTO_TEST_CASE(one_in_use_is_not_waited_for)
{
    striped<int> numbers(1);
    bool inner = true;
    numbers.own([&](int&) { std::thread([&] { inner = numbers.try_own([](int&) {}); }).join(); });
    BOOST_TEST(!inner);
    BOOST_TEST(numbers.try_own([](int&) {}));
}

BOOST_AUTO_TEST_CASE(any_index_and_any_count_will_do)
{
    striped<int> numbers(0);
    BOOST_TEST(numbers.count() == 1u);
    numbers.at(12345, [](int& n) { n = 1; });
    int seen = 0;
    numbers.at(0, [&](int& n) { seen = n; });
    BOOST_TEST(seen == 1);
    BOOST_TEST(striped<int>().count() >= 4u);
    BOOST_TEST(striped<int>().count() <= 64u);
}

BOOST_AUTO_TEST_SUITE_END()
