// JSON of a caller in a request: which texts are refused, and what a server must not be able to show again.
#include <pks/proto/json_request_body.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace {

namespace json = boost::json;
using pks::diagnostics;
using pks::errc;
using pks::proto::request;

// The path of the text that is refused; empty where none is.
std::string refused(json::object const& body)
{
    diagnostics diag;
    auto const ec = pks::proto::check_json_texts(body, diag);
    BOOST_TEST(!!ec == !diag.detail.empty());
    if (ec)
        BOOST_TEST((ec == errc::forbidden_character));
    return diag.detail;
}

std::string refused(std::string_view body)
{
    return refused(json::parse(body).as_object());
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_json_request_body)

BOOST_AUTO_TEST_CASE(texts_with_controls)
{
    BOOST_TEST(refused(R"({})") == "");
    BOOST_TEST(refused(R"({"a":"b","c":["d",{"e":"caf\u00e9 \ud83d\ude00"}],"n":[1,2.5,true,null]})") == "");
    BOOST_TEST(refused(R"({"a":"b","c":"\r\n"})") == "c");
    BOOST_TEST(refused(R"({"a":{"b":{"c":"\u0000"}}})") == "a.b.c");
    BOOST_TEST(refused(R"({"a":[{"b":"x"},{"b":"\t"}]})") == "a.b");
    BOOST_TEST(refused(R"({"a":["x","\u009b"]})") == "a");
    BOOST_TEST(refused(R"({"a":"\u007f"})") == "a");
    BOOST_TEST(refused(R"({"a\n":1})") == "member name");
    BOOST_TEST(refused(R"({"a":{"b\n":1}})") == "a.member name");
    json::object no_utf8;
    no_utf8["a"] = "\xff";
    BOOST_TEST(refused(no_utf8) == "a");
}

BOOST_AUTO_TEST_CASE(texts_that_have_lines)
{
    for (std::string const member :
        {"ca_cert", "certificate", "private_key", "compute_profile", "nsxt_network_profile"}) {
        auto const with = [&member](char const* text) {
            json::object inner;
            inner[member] = text;
            json::object out;
            out["in"] = json::array{inner};
            return refused(out);
        };
        for (auto const* const good :
            {"", "\n", "-----BEGIN-----\r\nMIIB\r\n-----END-----\r\n", "{\n\t\"a\": 1\n}", "a\n\nb"})
            BOOST_TEST(with(good) == "", member << ": " << good);
        for (auto const* const bad : {"a\x01", "\x1b\n", "a\n\x7f\nb", "a\nb\x0b", "a\n\xff"})
            BOOST_TEST(with(bad) == "in." + member, member << ": " << bad);
    }
    BOOST_TEST(refused(R"({"domain_name":"a\n"})") == "domain_name");
}

BOOST_AUTO_TEST_CASE(passwords_and_keys_do_not_come_back)
{
    request out("POST", pks::endpoint::api("pks.example.com"), "/");
    pks::proto::set_json_body(out,
        json::parse(
            R"({"p":{"http_proxy":{"url":"http://u:in-the-url@h","username":"username1","password":"password1"},)"
            R"("custom_ca":[{"certificate":"certificate1","private_key":"private\nkey1"}],)"
            R"("domain_user_password":"domain-password1","https_proxy":{"url":"http://no-secret"}}})")
            .as_object());
    BOOST_TEST(out.redact("username1 password1 certificate1 domain-password1 http://no-secret http://u:in-the-url@h") ==
        "username1 [redacted] certificate1 [redacted] http://no-secret [redacted]");
    BOOST_TEST(out.redact("private\nkey1") == "[redacted]");
    auto const sent = out.serialize();
    BOOST_REQUIRE(sent.has_value());
    BOOST_TEST(std::string_view(*sent).find("Content-Type: application/json\r\n") != std::string_view::npos);
    BOOST_TEST(std::string_view(*sent).find("\"private_key\":\"private\\nkey1\"") != std::string_view::npos);
}

BOOST_AUTO_TEST_SUITE_END()
