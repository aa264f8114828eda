// json_body: members in their order, texts, copies.
#include <pks/detail/json_body.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

namespace json = boost::json;
using pks::detail::json_body;

BOOST_AUTO_TEST_SUITE(detail_json_body)

BOOST_AUTO_TEST_CASE(members_in_the_order_in_which_they_came)
{
    json_body body;
    BOOST_TEST(json::serialize(body.get()) == "{}");
    body.set("b", "1");
    body.members()["a"] = 2;
    body.set("b", "3");
    BOOST_TEST(json::serialize(body.get()) == R"({"b":"3","a":2})");
    BOOST_TEST(body.text("b") == "3");
    BOOST_TEST(body.text("a") == "");
    BOOST_TEST(body.text("c") == "");
}

BOOST_AUTO_TEST_CASE(copies_and_moves)
{
    json_body body;
    body.set("a", "1");
    json_body copy(body);
    copy.set("a", "2");
    BOOST_TEST(body.text("a") == "1");
    body = copy;
    BOOST_TEST(body.text("a") == "2");
    auto& same = body;
    body = same;
    BOOST_TEST(body.text("a") == "2");
    json_body const moved(std::move(body));
    BOOST_TEST(moved.text("a") == "2");
    copy = json_body();
    BOOST_TEST(copy.get().empty());
    json_body const of_none(copy);
    BOOST_TEST(of_none.get().empty());
}

BOOST_AUTO_TEST_SUITE_END()
