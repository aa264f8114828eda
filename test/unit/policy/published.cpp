// A published value: read by all, replaced as a whole, and gone when nobody needs it.
#include "../jose/support.hpp"

#include <pks/policy/published.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>

using pks::policy::published;

BOOST_AUTO_TEST_SUITE(policy_published)

BOOST_AUTO_TEST_CASE(what_was_published_last_is_read)
{
    auto const first = std::make_shared<int const>(1);
    auto const second = std::make_shared<int const>(2);
    published<int> value(first);
    auto const before = value.read();
    BOOST_TEST(before.get() == first.get());
    value.publish(second);
    BOOST_TEST(value.read().get() == second.get());
    BOOST_TEST(*before == 1);
}

BOOST_AUTO_TEST_CASE(readers_leave_the_shared_count_alone)
{
    auto const number = std::make_shared<int const>(1);
    published<int> value(number);
    auto const count = number.use_count();
    auto const one = value.read();
    auto const two = value.read();
    BOOST_TEST(number.use_count() == count);
    BOOST_TEST(one.use_count() == 3);
}

BOOST_AUTO_TEST_CASE(a_value_ends_with_its_last_reader)
{
    std::weak_ptr<int const> watched;
    std::shared_ptr<int const> reader;
    {
        auto first = std::make_shared<int const>(1);
        watched = first;
        published<int> value(std::move(first));
        reader = value.read();
        value.publish(std::make_shared<int const>(2));
        BOOST_TEST(!watched.expired());
    }
    BOOST_TEST(!watched.expired());
    reader.reset();
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(reading_allocates_nothing)
{
    published<int> value(std::make_shared<int const>(1));
    value.read();
    jose_test::allocation_count const before;
    value.read();
    BOOST_TEST(before.calls() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
