// diagnostics: the line for people and logs, and what a hostile server cannot put into it.
#include <pks/diagnostics.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace {

using pks::diagnostics;
using pks::step;

static_assert(!std::is_aggregate_v<diagnostics>);

// The line for a description, without what stands before it.
std::string shown(std::string_view description)
{
    diagnostics diag;
    diag.error_description = description;
    auto const line = diag.message();
    std::string_view const begin = "none, server says: ";
    BOOST_TEST(line.starts_with(begin));
    return line.substr(begin.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(values_diagnostics)

BOOST_AUTO_TEST_CASE(names_of_steps)
{
    std::pair<step, std::string_view> const rows[] = {{step::none, "none"}, {step::load, "load"},
        {step::resolve, "resolve"}, {step::connect, "connect"}, {step::handshake, "handshake"}, {step::write, "write"},
        {step::read, "read"}, {step::parse, "parse"}, {step::done, "done"}};
    std::set<std::string_view> seen;
    for (auto const& [value, name] : rows) {
        BOOST_TEST(to_string(value) == name);
        seen.insert(name);
    }
    BOOST_TEST(seen.size() == static_cast<std::size_t>(step::done) + 1);
    BOOST_TEST(to_string(static_cast<step>(100)) == "unknown");
}

BOOST_AUTO_TEST_CASE(cleared)
{
    diagnostics diag;
    diag.step = step::done;
    diag.endpoint = "host:1";
    diag.attempts = 2;
    diag.http_status = 401;
    diag.error = "e";
    diag.error_description = "d";
    diag.body = "b";
    diag.detail = "x";
    diag.reusable = true;
    diag.clear();
    BOOST_TEST((diag.step == step::none));
    BOOST_TEST(diag.endpoint == "");
    BOOST_TEST(diag.attempts == 0);
    BOOST_TEST(diag.http_status == 0);
    BOOST_TEST(diag.error == "");
    BOOST_TEST(diag.error_description == "");
    BOOST_TEST(diag.body == "");
    BOOST_TEST(diag.detail == "");
    BOOST_TEST(!diag.reusable);
    BOOST_TEST(diag.message() == "none");
}

BOOST_AUTO_TEST_CASE(one_line)
{
    diagnostics diag;
    diag.step = step::connect;
    diag.endpoint = "uaa.example.com:8443";
    BOOST_TEST(diag.message() == "connect at uaa.example.com:8443");
    diag.step = step::done;
    diag.http_status = 401;
    diag.error = "unauthorized";
    diag.error_description = "Bad credentials";
    diag.body = "not shown";
    BOOST_TEST(diag.message() ==
        "done at uaa.example.com:8443, status 401, server says error=unauthorized, server says: Bad credentials");
    diag.detail = "media type";
    diag.error_description.clear();
    diag.error.clear();
    BOOST_TEST(diag.message() == "done at uaa.example.com:8443, status 401, media type, server says: not shown");
}

BOOST_AUTO_TEST_CASE(the_beginning_of_a_body)
{
    diagnostics diag;
    diag.body = std::string(200, 'x') + "y";
    BOOST_TEST(diag.message() == "none, server says: " + std::string(200, 'x'));
    // A character that is cut is no UTF-8 any more.
    diag.body = std::string(199, 'x') + "\xc3\xa9";
    BOOST_TEST(diag.message() == "none, server says: " + std::string(199, 'x') + "\\xc3");
}

BOOST_AUTO_TEST_CASE(controls_are_shown)
{
    for (unsigned octet = 0; octet < 0x80; ++octet) {
        static constexpr char digits[] = "0123456789abcdef";
        std::string const text(1, static_cast<char>(octet));
        bool const control = octet < 0x20 || octet == 0x7f;
        BOOST_TEST(shown("a" + text) ==
            (control ? std::string("a\\x") + digits[octet / 16] + digits[octet % 16] : "a" + text));
    }
    BOOST_TEST(shown("\x1b[31mred\r\n") == "\\x1b[31mred\\x0d\\x0a");
}

BOOST_AUTO_TEST_CASE(in_every_text_of_a_server)
{
    diagnostics diag;
    diag.error = "a\nb";
    diag.error_description = "c\nd";
    diag.detail = "e\nf";
    BOOST_TEST(diag.message() == "none, e\\x0af, server says error=a\\x0ab, server says: c\\x0ad");
    diag.error_description.clear();
    diag.body = "g\nh";
    BOOST_TEST(diag.message() == "none, e\\x0af, server says error=a\\x0ab, server says: g\\x0ah");
}

// CSI and its like as single characters: escape sequences, too.
BOOST_AUTO_TEST_CASE(controls_of_c1_are_shown)
{
    BOOST_TEST(shown("\xc2\x9b"
                     "31m") == "\\xc2\\x9b31m");
    BOOST_TEST(shown("\xc2\x80") == "\\xc2\\x80");
    BOOST_TEST(shown("\xc2\x85") == "\\xc2\\x85");
    BOOST_TEST(shown("\x9b"
                     "31m") == "\\x9b31m");
    BOOST_TEST(shown("\xc2\xa0") == "\xc2\xa0");
}

BOOST_AUTO_TEST_CASE(utf_8_and_what_is_none)
{
    for (auto const* text : {"gr\xc3\xbc\xc3\x9f", "\xdf\xbf", "\xe0\xa0\x80", "\xe2\x82\xac", "\xed\x9f\xbf",
             "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"})
        BOOST_TEST(shown(text) == text);
    std::pair<char const*, char const*> const rows[] = {{"\xff", "\\xff"}, {"\x80", "\\x80"}, {"\xbf", "\\xbf"},
        {"\xc3", "\\xc3"}, {"\xc3(", "\\xc3("}, {"\xc3\xc3\xa9", "\\xc3\xc3\xa9"}, {"\xc0\xaf", "\\xc0\\xaf"},
        {"\xc1\xbf", "\\xc1\\xbf"}, {"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"}, {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"\xe2\x82", "\\xe2\\x82"}, {"\xe2\x82(", "\\xe2\\x82("}, {"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, {"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
        {"\xf0\x9f\x98", "\\xf0\\x9f\\x98"}};
    for (auto const& [text, expected] : rows)
        BOOST_TEST(shown(text) == expected);
}

BOOST_AUTO_TEST_SUITE_END()
