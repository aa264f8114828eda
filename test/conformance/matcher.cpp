// Which requests say the same, and how a difference is named.
#include "runner/matcher.hpp"

#include <boost/test/unit_test.hpp>

namespace {

conform::http_request form_request(std::string body)
{
    conform::http_request out;
    out.method = "POST";
    out.target = "/oauth/token";
    out.version = "HTTP/1.1";
    out.fields = {{"Host", "localhost:8443"}, {"Accept", "application/json"},
        {"Content-Type", "application/x-www-form-urlencoded"}};
    out.body = std::move(body);
    return out;
}

std::string only_field(conform::differences const& found)
{
    return found.size() == 1 ? found.front().field : std::to_string(found.size()) + " differences";
}

} // namespace

BOOST_AUTO_TEST_SUITE(matcher)

BOOST_AUTO_TEST_CASE(form_is_a_set_of_fields)
{
    auto const a = form_request("grant_type=password&username=a+b&password=%2B");
    auto const b = form_request("password=%2b&grant_type=password&username=a%20b");
    BOOST_TEST(conform::compare_requests(a, b).empty());
    BOOST_TEST(only_field(conform::compare_requests(a, form_request("grant_type=password&username=a+b"))) ==
        "request: form field password");
    BOOST_TEST(only_field(conform::compare_requests(form_request("scope=a&scope=b"),
                   form_request("scope=a&scope=b&scope=b"))) == "request: form field scope");

    auto const changed = conform::compare_requests(a, form_request("grant_type=password&username=a+b&password=wrong"));
    BOOST_REQUIRE(changed.size() == 1u);
    BOOST_TEST(changed.front().expected == "+");
    BOOST_TEST(changed.front().seen == "wrong");
}

BOOST_AUTO_TEST_CASE(parameters_of_media_types_and_other_fields_may_differ)
{
    auto const a = form_request("x=y");
    auto b = a;
    b.fields = {{"user-agent", "any"}, {"content-type", "Application/X-WWW-Form-Urlencoded; charset=utf-8"},
        {"accept", "application/json;charset=utf-8"}, {"host", "localhost:8443"}};
    BOOST_TEST(conform::compare_requests(a, b).empty());
}

BOOST_AUTO_TEST_CASE(each_part_that_matters_is_named)
{
    auto const a = form_request("x=y");
    auto b = a;
    b.method = "PUT";
    BOOST_TEST(only_field(conform::compare_requests(a, b)) == "request: method");
    b = a;
    b.target = "/oauth/token?x";
    BOOST_TEST(only_field(conform::compare_requests(a, b)) == "request: target");
    b = a;
    b.fields[0].second = "localhost";
    BOOST_TEST(only_field(conform::compare_requests(a, b)) == "request: Host");
    b = a;
    b.fields[1].second = "*/*";
    BOOST_TEST(only_field(conform::compare_requests(a, b)) == "request: Accept media type");
    b = a;
    b.fields.emplace_back("Authorization", "Basic YTpi");
    BOOST_TEST(only_field(conform::compare_requests(a, b)) == "request: Authorization");
    b = a;
    b.fields.emplace_back("X-CF-ENCODED-CREDENTIALS", "true");
    BOOST_TEST(only_field(conform::compare_requests(a, b)) == "request: X-CF-ENCODED-CREDENTIALS");
}

BOOST_AUTO_TEST_CASE(json_bodies_are_values)
{
    auto a = form_request(R"({"a":[1,2],"b":"c"})");
    a.fields[2].second = "application/json";
    auto b = a;
    b.body = R"({ "b" : "c", "a" : [ 1, 2 ] })";
    BOOST_TEST(conform::compare_requests(a, b).empty());
    b.body = R"({"a":[1,3],"b":"c"})";
    BOOST_TEST(only_field(conform::compare_requests(a, b)) == "request: body.a[1]");
}

BOOST_AUTO_TEST_CASE(request_is_complete_with_its_body)
{
    BOOST_TEST(!conform::parse_request("GET / HTTP/1.1\r\nHost: a\r\n").has_value());
    BOOST_TEST(!conform::parse_request("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na").has_value());
    auto const whole = conform::parse_request("POST /a?b HTTP/1.1\r\nHost: c\r\nContent-Length: 2\r\n\r\nde");
    BOOST_REQUIRE(whole.has_value());
    BOOST_TEST(whole->method == "POST");
    BOOST_TEST(whole->target == "/a?b");
    BOOST_TEST(whole->version == "HTTP/1.1");
    BOOST_TEST(whole->body == "de");
    BOOST_REQUIRE(conform::field_values(whole->fields, "host").size() == 1u);
    BOOST_TEST(conform::field_values(whole->fields, "host").front() == "c");
}

BOOST_AUTO_TEST_SUITE_END()
