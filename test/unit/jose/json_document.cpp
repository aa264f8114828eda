// The strict JSON of headers, claims and key sets: what it takes, refuses, and gives back; the parsing suite is read in
// place and may be absent.
#include "suites/judge.hpp"
#include "suites/read_suite.hpp"
#include "same_json.hpp"
#include "support.hpp"

#include <pks/jose/jose_errc.hpp>
#include <pks/jose/json_document.hpp>
#include <pks/jose/json_value.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace json = boost::json;
using jose_test::same_json;
using pks::error_code;
using pks::jose_errc;
using pks::jose::json_document;
using pks::jose::json_document_limits;
using pks::jose::json_type;

error_code verdict(std::string_view text, json_document_limits const& limits = {})
{
    // A copy that ends where its storage does, for the sanitizer.
    std::string const exact(text);
    json_document document;
    return document.parse(exact, limits);
}

std::string nested(std::size_t depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

BOOST_AUTO_TEST_SUITE(jose_json_document)

BOOST_AUTO_TEST_CASE(values_come_out_as_they_went_in)
{
    json_document document;
    BOOST_TEST(!document.root().exists());
    std::string const text =
        " {\"a\" : [1,-2, 0.5 ,true,false,null,\"x\\u00e9\\n\\ud83d\\ude00/\\/\\\"\\\\\\b\\f\\r\\t\\u0000y\"],"
        "\n\t\"b\":{\"c\":\"\"}, \"\xc3\xa9\":{}} ";
    BOOST_TEST(document.parse(text) == error_code());
    BOOST_TEST(document.text() == text);
    auto const root = document.root();
    BOOST_TEST((root.type() == json_type::object));
    BOOST_TEST(root.size() == 3u);
    auto const a = root["a"];
    BOOST_TEST(a.size() == 7u);
    auto at = a.elements().begin();
    BOOST_TEST(((*at).if_int64() == 1));
    BOOST_TEST(((*++at).if_int64() == -2));
    BOOST_TEST(((*++at).if_number() == "0.5"));
    BOOST_TEST(!(*at).if_int64().has_value());
    BOOST_TEST(((*++at).if_boolean() == true));
    BOOST_TEST(((*++at).if_boolean() == false));
    BOOST_TEST(((*++at).type() == json_type::null));
    BOOST_TEST(((*++at).if_string() == std::string_view("x\xc3\xa9\n\xf0\x9f\x98\x80//\"\\\b\f\r\t\0y", 18)));
    BOOST_TEST((root["b"]["c"].if_string() == ""));
    BOOST_TEST((root["\xc3\xa9"].type() == json_type::object));
    BOOST_TEST(root["\xc3\xa9"].size() == 0u);
    BOOST_TEST((same_json(root, json::parse(text))));

    for (auto const* scalar : {"1", "\"x\"", " null ", "\r\n\ttrue\n", "false", "-0", "0e0", "1E+2", "[]", "{}"})
        BOOST_TEST(verdict(scalar) == error_code(), scalar);
}

BOOST_AUTO_TEST_CASE(asking_a_value_for_what_it_is_not)
{
    json_document document;
    BOOST_TEST(document.parse(R"({"s":"1","n":1,"a":[1],"o":{"x":1},"t":true})") == error_code());
    auto const root = document.root();
    for (auto const* name : {"n", "a", "o", "t", "absent"})
        BOOST_TEST(!root[name].if_string().has_value(), name);
    for (auto const* name : {"s", "a", "o", "t", "absent"}) {
        BOOST_TEST(!root[name].if_number().has_value(), name);
        BOOST_TEST(!root[name].if_int64().has_value(), name);
    }
    for (auto const* name : {"s", "n", "a", "o", "absent"})
        BOOST_TEST(!root[name].if_boolean().has_value(), name);
    for (auto const* name : {"s", "n", "t", "absent"}) {
        BOOST_TEST(root[name].size() == 0u, name);
        BOOST_TEST((root[name].elements().begin() == root[name].elements().end()), name);
        BOOST_TEST((root[name].members().begin() == root[name].members().end()), name);
        BOOST_TEST(!root[name]["x"].exists(), name);
    }
    BOOST_TEST(!root["absent"].exists());
    BOOST_TEST(!root["a"]["x"].exists());
    BOOST_TEST((root["o"].elements().begin() == root["o"].elements().end()));
}

BOOST_AUTO_TEST_CASE(integers)
{
    json_document document;
    for (auto const& [text, value] :
        {std::pair("9223372036854775807", INT64_MAX), {"-9223372036854775808", INT64_MIN}, {"-0", 0}}) {
        BOOST_TEST(document.parse(text) == error_code());
        BOOST_TEST((document.root().if_int64() == value), text);
    }
    for (auto const* text : {"9223372036854775808", "-9223372036854775809", "1.0", "1e0", "18446744073709551616"}) {
        BOOST_TEST(document.parse(text) == error_code());
        BOOST_TEST(!document.root().if_int64().has_value(), text);
        BOOST_TEST((document.root().if_number() == text), text);
    }
}

BOOST_AUTO_TEST_CASE(j26_malformed_texts)
{
    for (auto const* text :
        {"", " ", "{", "{\"a\":1", "{\"a\":1}}", "{\"a\":1} x", "[1,]", "[,1]", "{\"a\":1,}", "{a:1}", "{,}", "{\"a\"}",
            "{\"a\":}", "{\"a\",1}", "[1 2]", "[1:2]", "'a'", "// c\n1", "/**/1", "NaN", "-Infinity", "01", "-", "-a",
            "+1", "1.", ".5", "1e", "1e+", "0x1", "\"\t\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u123\"", "\"a", "\"a\\",
            "\"\\", "tru", "trve", "nul", "fals", "[tru", "<html>", "{} {}", "[1}", "{\"a\":1]", "\xff", "\xc2\xa0{}"})
        BOOST_TEST(verdict(text) == error_code(jose_errc::malformed_json), text);
    BOOST_TEST(verdict(std::string_view("[1]\0", 4)) == error_code(jose_errc::malformed_json));
    BOOST_TEST(verdict(std::string_view("\"a\0b\"", 5)) == error_code(jose_errc::malformed_json));
    BOOST_TEST(verdict(std::string_view("\0", 1)) == error_code(jose_errc::malformed_json));
}

BOOST_AUTO_TEST_CASE(j26_texts_that_are_not_utf8)
{
    for (auto const* text : {"\xef\xbb\xbf{}", "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\ud800\\ud800\"",
             "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\udc00\\ud800\"", "{\"\\ud800\":1}", "\"\xff\"", "\"\x80\"",
             "\"\xc0\xaf\"", "\"\xc1\xbf\"", "\"\xe0\x9f\xbf\"", "\"\xed\xa0\x80\"", "\"\xed\xbf\xbf\"",
             "\"\xf0\x8f\xbf\xbf\"", "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xc3\"", "\"\xe2\x82\"",
             "\"\xf0\x9f\x98\"", "\"\xe2\x28\xa1\"", "\"12345678\xff\"", "\"\\n\xff\"", "\"\xc3", "{\"\xff\":1}"})
        BOOST_TEST(verdict(text) == error_code(jose_errc::invalid_utf8), text);
    for (auto const* text : {"\"\xc2\x80\xdf\xbf\"", "\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"",
             "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"", "\"\\ud800\\udc00\\udbff\\udfff\"", "\"\x7f\""})
        BOOST_TEST(verdict(text) == error_code(), text);
}

BOOST_AUTO_TEST_CASE(j10_duplicate_members)
{
    for (auto const* text : {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"":1,"":2})", R"([{"x":{"a":1,"a":2}}])",
             R"({"a":{"b":1},"a":2})", R"({"alg":1,"\u0061lg":2})", R"({"\u0061lg":1,"alg":2})",
             R"({"\ud83d\ude00":1,"😀":2})", R"({"b":{"c":1},"d":{"c":1},"b":1})", R"({"a":[{"b":1}],"c":0,"a":[]})"})
        BOOST_TEST(verdict(text) == error_code(jose_errc::duplicate_member), text);
    for (auto const* text : {R"({"a":1,"A":2})", R"({"a":{"a":{"a":1}}})", R"([{"a":1},{"a":1}])", R"({"a":1,"a ":1})",
             R"({"é":1,"e\u0301":2})", R"({"b":{"c":1},"d":{"c":1},"c":1})", R"({"a":"a","b":"a"})",
             R"({"ab":1,"ba":2})"})
        BOOST_TEST(verdict(text) == error_code(), text);
    BOOST_TEST(verdict("{\"a\":1,\"a\\u0000\":2}") == error_code());

    // Above and below the size at which the method changes.
    json_document_limits limits;
    limits.values = 20'000;
    for (int const size : {2, 63, 64, 65, 66, 2000}) {
        std::string text = "{";
        for (int i = 0; i != size - 1; ++i)
            text += "\"m" + std::to_string(i) + "\":{\"m0\":[0]},";
        BOOST_TEST(verdict(text + "\"last\":0}", limits) == error_code(), size);
        BOOST_TEST(verdict(text + "\"m0\":0}", limits) == error_code(jose_errc::duplicate_member), size);
        BOOST_TEST(verdict(text + "\"m" + std::to_string(size - 2) + "\":0}", limits) ==
                error_code(jose_errc::duplicate_member),
            size);
    }
}

BOOST_AUTO_TEST_CASE(j14_numbers_that_no_finite_double_holds)
{
    std::string const nines(309, '9');
    std::string const zeros(400, '0');
    for (auto const& text : std::initializer_list<std::string>{"1e400", "-1e400", "1e309", "1e99999999999999999999",
             "1" + std::string(309, '0'), nines, "-" + nines, "1.79769313486231581e308", "1.7976931348623159e308",
             "17976931348623159e292", "0.0000017976931348623159e314", "1" + zeros + "e-50"})
        BOOST_TEST(verdict(text) == error_code(jose_errc::number_out_of_range), text);
    for (auto const& text :
        std::initializer_list<std::string>{"1e308", "1.7976931348623157e308", "-1.7976931348623158e308",
            std::string("1e-400"), "1e-99999999999999999999", "0e999999999", "0." + zeros + "1", std::string(308, '9'),
            "1" + zeros + "e-100", "0.00000179769313486231570e314", "1e+308"})
        BOOST_TEST(verdict(text) == error_code(), text);
}

BOOST_AUTO_TEST_CASE(j25_depth_and_size_at_their_edges)
{
    BOOST_TEST(verdict(nested(32)) == error_code());
    BOOST_TEST(verdict(nested(33)) == error_code(jose_errc::json_too_deep));
    BOOST_TEST(verdict(std::string(100'000, '[')) == error_code(jose_errc::json_too_deep));

    json_document_limits limits;
    limits.depth = 1;
    BOOST_TEST(verdict("[1]", limits) == error_code());
    BOOST_TEST(verdict("{\"a\":[]}", limits) == error_code(jose_errc::json_too_deep));
    limits.depth = 0;
    BOOST_TEST(verdict("1", limits) == error_code());
    BOOST_TEST(verdict("{}", limits) == error_code(jose_errc::json_too_deep));
    limits.depth = 1000;
    BOOST_TEST(verdict(nested(64), limits) == error_code());
    BOOST_TEST(verdict(nested(65), limits) == error_code(jose_errc::json_too_deep));

    limits.values = 4;
    BOOST_TEST(verdict("[1,2,3]", limits) == error_code());
    BOOST_TEST(verdict("[1,2,3,4]", limits) == error_code(jose_errc::too_many_values));
    BOOST_TEST(verdict("{\"a\":1}", limits) == error_code());
    BOOST_TEST(verdict("{\"a\":1,\"b\":2}", limits) == error_code(jose_errc::too_many_values));
    BOOST_TEST(verdict("[\"\\n\",[],{},0]", limits) == error_code(jose_errc::too_many_values));
}

BOOST_AUTO_TEST_CASE(a_document_is_a_value)
{
    json_document a;
    BOOST_TEST(a.parse(R"({"x":"\u0041\n","y":["z"]})") == error_code());
    auto b = a;
    auto const c = std::move(a);
    BOOST_TEST(b.parse("[1]") == error_code());
    BOOST_TEST((c.root()["x"].if_string() == "A\n"));
    BOOST_TEST(((*c.root()["y"].elements().begin()).if_string() == "z"));
    BOOST_TEST(((*b.root().elements().begin()).if_int64() == 1));

    BOOST_TEST(b.parse("[1") == error_code(jose_errc::malformed_json));
    BOOST_TEST(!b.root().exists());
    BOOST_TEST(b.text() == "");
    BOOST_TEST(b.parse("2") == error_code());
    b.wipe();
    BOOST_TEST(!b.root().exists());
    BOOST_TEST(b.text() == "");
}

BOOST_AUTO_TEST_CASE(parsing_again_takes_nothing_from_the_heap)
{
    json_document document;
    std::string const text =
        R"({"iss":"https://uaa.example.com/oauth/token","scope":["a","b\n"],"exp":1729643216,"x":{"y":[[]]}})";
    BOOST_TEST(document.parse(text) == error_code());
    jose_test::allocation_count const count;
    bool failed = false;
    for (int i = 0; i != 100; ++i)
        failed = failed || document.parse(text);
    auto const calls = count.calls();
    BOOST_TEST(!failed);
    BOOST_TEST(calls == 0u);
}

BOOST_AUTO_TEST_CASE(parsing_suite)
{
    auto const folder = jose_test::shared_folder("suites/formats/json");
    if (!folder)
        return;
    std::size_t firm = 0, chosen = 0;
    for (auto const& c : suites::read_suite("json", folder->parent_path().parent_path())) {
        if (c.what != suites::subject::jose_json)
            continue;
        json_document document;
        auto const failed = document.parse(c.text);
        BOOST_TEST(suites::is_as_aimed(c.expected, failed), c.id << ": " << failed.message());
        if (!failed) {
            boost::system::error_code refused;
            auto const reference = json::parse(c.text, refused);
            BOOST_TEST((!refused && same_json(document.root(), reference)), c.id);
        }
        ++(c.id.starts_with("jose/i_") ? chosen : firm);
    }
    BOOST_TEST(firm == 283u);
    BOOST_TEST(chosen == 35u);
}

BOOST_AUTO_TEST_SUITE_END()
