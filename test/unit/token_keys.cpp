// token_keys: empty until a reply was read. How it is read is in proto/token_messages.cpp.
#include <pks/token_keys.hpp>

#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <type_traits>

namespace {

using pks::token_keys;

static_assert(!std::is_aggregate_v<token_keys> && std::is_nothrow_move_constructible_v<token_keys>);

} // namespace

BOOST_AUTO_TEST_SUITE(values_token_keys)

BOOST_AUTO_TEST_CASE(empty)
{
    token_keys const none;
    BOOST_TEST(none.key_ids.empty());
    BOOST_TEST(none.etag == "");
    BOOST_TEST(!none.not_modified);
    BOOST_TEST(!none.json);
}

BOOST_AUTO_TEST_CASE(copies_share_the_set)
{
    token_keys keys;
    keys.json = std::make_shared<boost::json::value const>("set");
    keys.key_ids = {"key-1"};
    token_keys const copy = keys;
    keys = token_keys();
    BOOST_TEST(!keys.json);
    BOOST_REQUIRE(copy.json);
    BOOST_TEST((*copy.json == "set"));
    BOOST_TEST((copy.key_ids.at(0) == "key-1"));
}

BOOST_AUTO_TEST_SUITE_END()
