// What the strict JSON parser takes and refuses; the parsing suite is read in place and may be absent.
#include "suites/judge.hpp"
#include "suites/read_suite.hpp"

#include <pks/proto/strict_json.hpp>

#include <boost/container/pmr/memory_resource.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <type_traits>

#ifndef PKS_SHARED_DIR
#define PKS_SHARED_DIR ""
#endif

namespace {

namespace json = boost::json;
using pks::errc;
using pks::error_code;
using pks::proto::json_limits;
using pks::proto::parse_json;

static_assert(!std::is_aggregate_v<json_limits>);

// Only the errors of this library ever come out.
error_code verdict(std::string_view text, json_limits const& limits = {})
{
    auto const r = parse_json(text, limits);
    return r ? error_code() : r.error();
}

std::string nested(std::size_t depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_strict_json)

BOOST_AUTO_TEST_CASE(values_come_out_as_they_went_in)
{
    std::string const text = R"({"a":[1,-2,18446744073709551615,0.5,true,false,null,"x\u00e9\n"],"b":{"a":{},"c":""}})";
    auto const got = parse_json(text);
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST((*got == json::parse(text)));
    for (auto const* scalar : {"1", "\"x\"", " null ", "\r\n\ttrue\n"})
        BOOST_TEST(verdict(scalar) == error_code(), scalar);
}

BOOST_AUTO_TEST_CASE(malformed_texts)
{
    for (auto const* text : {"", " ", "{", "{\"a\":1", "{\"a\":1}}", "{\"a\":1} x", "[1,]", "{\"a\":1,}", "{a:1}",
             "'a'", "// c\n1", "/**/1", "NaN", "-Infinity", "1e400", "-1e400", "01", "+1", "\"\t\"", "\"\\x\"", "tru",
             "<html>", "\xef\xbb\xbf{}", "{} {}", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\xff\"", "\"\xc0\xaf\"",
             "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "{\"\xff\":1}", "{\"\\ud800\":1}"})
        BOOST_TEST(verdict(text) == error_code(errc::malformed_json), text);
    BOOST_TEST(verdict(std::string("[1]\0", 4)) == error_code(errc::malformed_json));
    BOOST_TEST(verdict(std::string_view()) == error_code(errc::malformed_json));
}

BOOST_AUTO_TEST_CASE(duplicate_members)
{
    for (auto const* text : {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"":1,"":2})", R"([{"x":{"a":1,"a":2}}])",
             R"({"a":{"b":1},"a":2})", R"({"a":1,"\u0061":2})", R"({"\ud83d\ude00":1,"😀":2})",
             R"({"b":{"c":1},"d":{"c":1},"b":1})"})
        BOOST_TEST(verdict(text) == error_code(errc::duplicate_member), text);
    for (auto const* text : {R"({"a":1,"A":2})", R"({"a":{"a":{"a":1}}})", R"([{"a":1},{"a":1}])", R"({"a":1,"a ":1})",
             R"({"é":1,"e\u0301":2})", R"({"b":{"c":1},"d":{"c":1},"c":1})"})
        BOOST_TEST(verdict(text) == error_code(), text);
    BOOST_TEST(verdict(std::string("{\"a\":1,\"a\\u0000\":2}")) == error_code());

    std::string many = "{";
    for (int i = 0; i != 10'000; ++i)
        many += "\"member" + std::to_string(i) + "\":0,";
    BOOST_TEST(verdict(many + "\"last\":0}") == error_code());
    BOOST_TEST(verdict(many + "\"member77\":0}") == error_code(errc::duplicate_member));
}

BOOST_AUTO_TEST_CASE(depth_at_its_edge)
{
    BOOST_TEST(verdict(nested(32)) == error_code());
    BOOST_TEST(verdict(nested(33)) == error_code(errc::json_too_deep));
    BOOST_TEST(verdict(std::string(100'000, '[')) == error_code(errc::json_too_deep));

    json_limits limits;
    limits.depth = 1;
    BOOST_TEST(verdict("[1]", limits) == error_code());
    BOOST_TEST(verdict("{\"a\":[]}", limits) == error_code(errc::json_too_deep));
    limits.depth = 0;
    BOOST_TEST(verdict("1", limits) == error_code());
    BOOST_TEST(verdict("{}", limits) == error_code(errc::json_too_deep));
    limits.depth = 1000;
    BOOST_TEST(verdict(nested(1000), limits) == error_code());
}

BOOST_AUTO_TEST_CASE(where_is_an_offset)
{
    auto const where = [](std::string_view text) {
        std::size_t offset = 12345;
        BOOST_TEST(!parse_json(text, {}, &offset).has_value());
        return offset;
    };
    BOOST_TEST(where("{\"a\":x}") == 5u);
    BOOST_TEST(where("[1] x") == 4u);
    BOOST_TEST(where("[1") == 2u);
    BOOST_TEST(where(R"([{"a":1,"a":2},3])") == 17u);

    std::size_t untouched = 7;
    BOOST_TEST(parse_json("{}", {}, &untouched).has_value());
    BOOST_TEST(untouched == 7u);
}

BOOST_AUTO_TEST_CASE(storage_of_the_caller)
{
    json::monotonic_resource resource;
    auto const got = parse_json(R"({"a":["long enough to need storage of its own, for certain"]})", {}, &resource);
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->storage().get() == &resource);
    BOOST_TEST(got->at("a").at(0).storage().get() == &resource);
}

BOOST_AUTO_TEST_CASE(parsing_suite)
{
    std::filesystem::path const folder = PKS_SHARED_DIR "/suites";
    std::error_code absent;
    if (!std::filesystem::exists(folder / "formats" / "json", absent)) {
        std::cout << "skipped: JSON parsing suite (no ../shared)\n";
        BOOST_TEST_MESSAGE("skipped: JSON parsing suite (no ../shared)");
        return;
    }
    std::size_t firm = 0, chosen = 0;
    for (auto const& c : suites::read_suite("json", folder)) {
        if (c.what != suites::subject::general_json)
            continue;
        auto const failed = verdict(c.text);
        BOOST_TEST(suites::is_as_aimed(c.expected, failed), c.id << ": " << failed.message());
        ++(c.id.starts_with("general/i_") ? chosen : firm);
    }
    BOOST_TEST(firm == 283u);
    BOOST_TEST(chosen == 35u);
}

BOOST_AUTO_TEST_SUITE_END()
