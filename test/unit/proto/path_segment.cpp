// Names that become a part of a path: which are refused, and how the others are encoded.
#include <pks/proto/path_segment.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace {

using pks::diagnostics;
using pks::errc;
using pks::error_code;

error_code checked(std::string_view name)
{
    diagnostics diag;
    auto const ec = pks::proto::check_path_segment(name, "name", diag);
    BOOST_TEST(diag.detail == (ec ? "name" : ""));
    return ec;
}

std::string encoded(std::string_view name)
{
    std::string out = "/v1";
    pks::proto::append_path_segment(out, name);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_path_segment)

BOOST_AUTO_TEST_CASE(an_empty_name_is_none)
{
    BOOST_TEST((checked("") == errc::missing_parameter));
}

BOOST_AUTO_TEST_CASE(names_that_could_be_taken_for_something_else)
{
    for (auto const& bad : {std::string("a\r\nX: y"), std::string("a\nb"), std::string("a\0b", 3), std::string("\t"),
             std::string("\x7f"), std::string("\xc2\x85"), std::string("\xff"), std::string("/"), std::string("a/b"),
             std::string("../b"), std::string("a\\b"), std::string("."), std::string("..")})
        BOOST_TEST((checked(bad) == errc::forbidden_character), bad);
}

BOOST_AUTO_TEST_CASE(each_octet_that_is_reserved_is_encoded)
{
    struct row
    {
        std::string_view name;
        std::string_view path;
    };
    row const rows[] = {
        {"my-cluster", "/v1/my-cluster"},
        {"AZaz09-._~", "/v1/AZaz09-._~"},
        {"my cluster", "/v1/my%20cluster"},
        {"a?c#d", "/v1/a%3Fc%23d"},
        {"a%2Fb", "/v1/a%252Fb"},
        {"a+b&c=d;e:f@g", "/v1/a%2Bb%26c%3Dd%3Be%3Af%40g"},
        {"%", "/v1/%25"},
        {"...", "/v1/..."},
        {"caf\xc3\xa9", "/v1/caf%C3%A9"},
    };
    for (auto const& [name, path] : rows) {
        BOOST_TEST(!checked(name), name);
        BOOST_TEST(encoded(name) == path);
    }
}

BOOST_AUTO_TEST_SUITE_END()
