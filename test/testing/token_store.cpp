// What a UAA remembers of its tokens stays bounded.
#include <pks/testing/token_store.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

pks::testing::token_content token(std::string id, std::int64_t expires)
{
    pks::testing::token_content out;
    out.jti = std::move(id);
    out.expires = expires;
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(testing_token_store)

BOOST_AUTO_TEST_CASE(expired_tokens_are_not_found)
{
    pks::testing::token_store store;
    store.add(token("a", 100), 0);
    BOOST_TEST(store.find("a", 99) != nullptr);
    BOOST_TEST(store.find("a", 100) == nullptr);
    BOOST_TEST(store.find("b", 0) == nullptr);
}

BOOST_AUTO_TEST_CASE(what_expires_first_goes_first)
{
    pks::testing::token_store store(3);
    store.add(token("late", 300), 0);
    store.add(token("early", 100), 0);
    store.add(token("middle", 200), 0);
    store.add(token("new", 400), 0);
    BOOST_TEST(store.size() == 3u);
    BOOST_TEST(store.find("early", 0) == nullptr);
    BOOST_TEST(store.find("late", 0) != nullptr);

    store.add(token("later", 500), 350);
    BOOST_TEST(store.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_token_replaces_the_one_of_its_id)
{
    pks::testing::token_store store;
    store.add(token("a", 100), 0);
    store.add(token("a", 200), 0);
    BOOST_TEST(store.size() == 1u);
    BOOST_TEST(store.find("a", 150) != nullptr);
    BOOST_TEST(store.remove("a"));
    BOOST_TEST(!store.remove("a"));
    store.add(token("b", 100), 0);
    store.add(token("c", 100), 0);
    BOOST_TEST(store.remove_if([](auto const& t) { return t.jti == "b"; }) == 1u);
    BOOST_TEST(store.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
