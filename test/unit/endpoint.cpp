// endpoint: every spelling of an address, taken or refused.
#include <pks/endpoint.hpp>

#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace {

using pks::allow_plain_http_on_loopback;
using pks::endpoint;
using pks::errc;
using pks::error_code;

static_assert(!std::is_aggregate_v<endpoint> && !std::is_default_constructible_v<endpoint>);
static_assert(!std::is_convertible_v<std::string_view, endpoint> && !std::is_convertible_v<char const*, endpoint>);
static_assert(endpoint::uaa_port == 8443 && endpoint::api_port == 9021);

struct expected
{
    std::string_view text;
    std::string_view host;
    std::uint16_t port;
    std::string_view path;
    bool address;
    std::string_view authority;
    std::string_view url;
};

void is(endpoint const& got, expected const& row)
{
    BOOST_TEST(got.host() == row.host, row.text);
    BOOST_TEST(got.port() == row.port, row.text);
    BOOST_TEST(got.path() == row.path, row.text);
    BOOST_TEST(got.host_is_address() == row.address, row.text);
    BOOST_TEST(got.authority() == row.authority, row.text);
    BOOST_TEST(got.url() == row.url, row.text);
}

void refused(std::string_view text, errc code)
{
    for (bool const plain : {false, true}) {
        auto const got =
            plain ? endpoint::parse(text, 8443, allow_plain_http_on_loopback) : endpoint::parse(text, 8443);
        BOOST_TEST(got.has_error(), text);
        if (got.has_error())
            BOOST_TEST(got.error() == error_code(code), text);
    }
}

std::string repeat(std::string_view text, std::size_t n)
{
    std::string out;
    while (n-- != 0)
        out += text;
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(values_endpoint)

BOOST_AUTO_TEST_CASE(what_people_type)
{
    expected const rows[] = {
        {"host", "host", 8443, "", false, "host:8443", "https://host:8443"},
        {"host/", "host", 8443, "", false, "host:8443", "https://host:8443"},
        {"host:1", "host", 1, "", false, "host:1", "https://host:1"},
        {"host:65535", "host", 65535, "", false, "host:65535", "https://host:65535"},
        {"host:00443", "host", 443, "", false, "host", "https://host"},
        {"host:80", "host", 80, "", false, "host:80", "https://host:80"},
        {"https://host", "host", 8443, "", false, "host:8443", "https://host:8443"},
        {"https://host/", "host", 8443, "", false, "host:8443", "https://host:8443"},
        {"https://host:443", "host", 443, "", false, "host", "https://host"},
        {"https://host:443/", "host", 443, "", false, "host", "https://host"},
        {"HTTPS://HOST", "host", 8443, "", false, "host:8443", "https://host:8443"},
        {"Api.PKS.Example.COM:9021", "api.pks.example.com", 9021, "", false, "api.pks.example.com:9021",
            "https://api.pks.example.com:9021"},
        {"https://host/uaa", "host", 8443, "/uaa", false, "host:8443", "https://host:8443/uaa"},
        {"host:444/uaa/", "host", 444, "/uaa", false, "host:444", "https://host:444/uaa"},
        {"host/a/B-c._~9//", "host", 8443, "/a/B-c._~9", false, "host:8443", "https://host:8443/a/B-c._~9"},
        {"host/...", "host", 8443, "/...", false, "host:8443", "https://host:8443/..."},
        {"host.", "host", 8443, "", false, "host:8443", "https://host:8443"},
        {"https://Api.PKS.test.:443/uaa", "api.pks.test", 443, "/uaa", false, "api.pks.test",
            "https://api.pks.test/uaa"},
        {"my_host-1.x-y", "my_host-1.x-y", 8443, "", false, "my_host-1.x-y:8443", "https://my_host-1.x-y:8443"},
        {"1.2.3.4.example", "1.2.3.4.example", 8443, "", false, "1.2.3.4.example:8443", "https://1.2.3.4.example:8443"},
        {"0xg", "0xg", 8443, "", false, "0xg:8443", "https://0xg:8443"},
        {"x0x1", "x0x1", 8443, "", false, "x0x1:8443", "https://x0x1:8443"},
        {"127.0.0.1", "127.0.0.1", 8443, "", true, "127.0.0.1:8443", "https://127.0.0.1:8443"},
        {"https://10.0.0.255:443/uaa", "10.0.0.255", 443, "/uaa", true, "10.0.0.255", "https://10.0.0.255/uaa"},
        {"[::1]", "::1", 8443, "", true, "[::1]:8443", "https://[::1]:8443"},
        {"[::1]/", "::1", 8443, "", true, "[::1]:8443", "https://[::1]:8443"},
        {"[::1]:443", "::1", 443, "", true, "[::1]", "https://[::1]"},
        {"https://[2001:DB8::FF]:9/x", "2001:db8::ff", 9, "/x", true, "[2001:db8::ff]:9", "https://[2001:db8::ff]:9/x"},
        {"[::ffff:1.2.3.4]", "::ffff:1.2.3.4", 8443, "", true, "[::ffff:1.2.3.4]:8443",
            "https://[::ffff:1.2.3.4]:8443"},
    };
    for (auto const& row : rows) {
        auto const got = endpoint::parse(row.text, 8443);
        BOOST_REQUIRE_MESSAGE(got.has_value(), row.text);
        BOOST_TEST(got->secure(), row.text);
        is(*got, row);
        // Allowing more changes nothing of these, and what was understood is understood again.
        auto const allowed = endpoint::parse(row.text, 8443, allow_plain_http_on_loopback);
        BOOST_REQUIRE(allowed.has_value());
        BOOST_TEST((*allowed == *got), row.text);
        auto const again = endpoint::parse(got->url(), 443);
        BOOST_REQUIRE_MESSAGE(again.has_value(), got->url());
        BOOST_TEST((*again == *got), row.text);
    }
}

BOOST_AUTO_TEST_CASE(the_default_port)
{
    BOOST_TEST(endpoint::parse("host", 443)->authority() == "host");
    BOOST_TEST(endpoint::parse("host", 9021)->port() == 9021);
    BOOST_TEST(endpoint::uaa("host").port() == 8443);
    BOOST_TEST(endpoint::api("host").port() == 9021);
    BOOST_TEST(endpoint::uaa("host:1").port() == 1);
    BOOST_TEST(endpoint::api("https://host/x").url() == "https://host:9021/x");
}

BOOST_AUTO_TEST_CASE(hosts_that_are_none)
{
    for (auto const* text : {"", "/", "https://", "https:///x", ":8443", "https://:8443", ".", "..", "a..b", ".a",
             "host..", "127.0.0.1.", "a-.", "-a", "a-", "a.-b", "a-.b", "a*", "*", "a,b", "a;b", "a'b", "a\"b", "a(b)",
             "a<b", "a{b}", "a|b", "a\\b", "a^b", "a`b", "a$b", "a&b", "a+b", "a=b", "a!b", "a~b", "a%20b", "%61",
             "h\xc3\xb6st", "\xff", "::1", "2001:db8::1"})
        refused(text, errc::invalid_endpoint);
    refused(std::string(64, 'a'), errc::invalid_endpoint);
    refused("x." + std::string(64, 'a') + ".y", errc::invalid_endpoint);
    BOOST_TEST(endpoint::parse(std::string(63, 'a'), 1).has_value());
    auto const longest = repeat("a.", 126) + "b";
    BOOST_TEST(longest.size() == 253u);
    BOOST_TEST(endpoint::parse(longest, 1).has_value());
    refused("c" + longest, errc::invalid_endpoint);
    refused(std::string(1 << 20, 'a'), errc::invalid_endpoint);
}

// inet_aton, and so many resolvers, read these as addresses; a browser does, too.
BOOST_AUTO_TEST_CASE(numbers_are_no_names)
{
    for (auto const* text :
        {"1", "127.1", "2130706433", "017700000001", "1.2.3", "1.2.3.4.5", "1.2.3.256", "127.0.0.01", "127.0.0.08",
            "256.1.1.1", "0x7f000001", "0X7F000001", "0x7f.1", "127.0.0.0x1", "a.0x", "0x", "a.1", "example.0xff"})
        refused(text, errc::invalid_endpoint);
}

BOOST_AUTO_TEST_CASE(bad_literals)
{
    for (auto const* text : {"[", "[]", "[::1", "::1]", "[::1]x", "[::1]]", "[[::1]]", "[::1]8443", "[::1].x", "x[::1]",
             "[1.2.3.4]", "[host]", "[::g]", "[:::1]", "[::1%25eth0]", "[fe80::1%eth0]", "[::1 ]", "[v1.x]", "[::1/x]",
             "[1:2:3:4:5:6:7:8:9]", "[1::2::3]"})
        refused(text, errc::invalid_endpoint);
}

BOOST_AUTO_TEST_CASE(bad_ports)
{
    for (auto const* port : {"", "0", "00", "65536", "99999", "18446744073709551617", "-1", "+1", " 1", "1 ", "0x50",
             "80a", "a80", "1.5", "80:80", ":80"}) {
        refused(std::string("host:") + port, errc::invalid_endpoint);
        refused(std::string("https://[::1]:") + port + "/x", errc::invalid_endpoint);
        refused(std::string("127.0.0.1:") + port, errc::invalid_endpoint);
    }
}

BOOST_AUTO_TEST_CASE(other_schemes)
{
    for (auto const* text : {"ftp://host", "httpss://host", "://host", "ws://host", "https ://host", " https://host",
             "https://https://host", "https:/host", "https:host", "//host", "javascript://host", "host/://x",
             "file:///etc/passwd"})
        refused(text, errc::invalid_endpoint);
}

BOOST_AUTO_TEST_CASE(user_information_query_and_fragment)
{
    for (auto const* text : {"user@host", "user:password@host", "https://user@host", "https://user:8443@host",
             "https://host:8443@evil", "https://@host", "host?", "host?a=b", "host:1?a", "host/?a=b", "host/x?a",
             "host#", "host#a", "host:1#a", "host/#a", "host/x#a", "host/a@b", "host/a:b"})
        refused(text, errc::invalid_endpoint);
}

BOOST_AUTO_TEST_CASE(paths)
{
    for (auto const* text : {"host/.", "host/..", "host/./", "host/a/..", "host/../a", "host/a/./b", "host//a",
             "host/a//b", "host/a b", "host/%2e%2e", "host/%2F", "host/a%00", "host/\xc3\xa9", "host/a;b", "host/a\\b",
             "host/a+b", "host/a*b", "host/a'b", "host/<a>"})
        refused(text, errc::invalid_endpoint);
}

BOOST_AUTO_TEST_CASE(controls_and_blanks)
{
    for (unsigned octet = 0; octet <= 0x20; ++octet) {
        auto const code = octet == 0x20 ? errc::invalid_endpoint : errc::forbidden_character;
        std::string const bad(1, static_cast<char>(octet));
        for (auto const& text : {bad, bad + "host", "host" + bad, "ho" + bad + "st", "host:84" + bad + "43",
                 "host/a" + bad, "https://host" + bad, "[::1" + bad + "]"})
            refused(text, code);
    }
    refused("host\x7f", errc::forbidden_character);
    refused("host\r\nX: y", errc::forbidden_character);
    refused("http://host\n", errc::forbidden_character);
}

BOOST_AUTO_TEST_CASE(plain_http_is_refused)
{
    for (auto const* text : {"http://localhost", "http://127.0.0.1", "http://[::1]:8080/x", "HTTP://LOCALHOST"}) {
        auto const got = endpoint::parse(text, 8443);
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST(got.error() == error_code(errc::plain_http_refused), text);
    }
    // Not even where it is asked for, unless it stays on this machine.
    for (auto const* text : {"http://host", "http://host:80/x", "http://10.0.0.1", "http://[::2]", "http://0.0.0.0",
             "http://126.255.255.255", "http://128.0.0.1", "http://localhost.example.com",
             "http://127.0.0.1.example.com", "http://mylocalhost", "http://[::ffff:127.0.0.1]", "http://[::]"})
        refused(text, errc::plain_http_refused);
    // What cannot be read is no address of this machine.
    refused("http://127.1", errc::invalid_endpoint);
    refused("http://localhost@evil", errc::invalid_endpoint);
    refused("http://localhost:0", errc::invalid_endpoint);
}

BOOST_AUTO_TEST_CASE(plain_http_on_loopback_by_name)
{
    expected const rows[] = {
        {"http://localhost", "localhost", 8443, "", false, "localhost:8443", "http://localhost:8443"},
        {"HTTP://LocalHost:80", "localhost", 80, "", false, "localhost", "http://localhost"},
        {"http://localhost:443/", "localhost", 443, "", false, "localhost:443", "http://localhost:443"},
        {"http://127.0.0.1:8080/uaa/", "127.0.0.1", 8080, "/uaa", true, "127.0.0.1:8080", "http://127.0.0.1:8080/uaa"},
        {"http://127.255.255.254", "127.255.255.254", 8443, "", true, "127.255.255.254:8443",
            "http://127.255.255.254:8443"},
        {"http://[::1]:80", "::1", 80, "", true, "[::1]", "http://[::1]"},
    };
    for (auto const& row : rows) {
        auto const got = endpoint::parse(row.text, 8443, allow_plain_http_on_loopback);
        BOOST_REQUIRE_MESSAGE(got.has_value(), row.text);
        BOOST_TEST(!got->secure(), row.text);
        is(*got, row);
    }
    BOOST_TEST(endpoint::parse("localhost", 1, allow_plain_http_on_loopback)->secure());
}

BOOST_AUTO_TEST_CASE(throwing_forms)
{
    auto const throws = [](errc code) {
        return [code](boost::system::system_error const& e) { return e.code() == error_code(code); };
    };
    BOOST_CHECK_EXCEPTION(endpoint::uaa("a b"), boost::system::system_error, throws(errc::invalid_endpoint));
    BOOST_CHECK_EXCEPTION(endpoint::api("a\n"), boost::system::system_error, throws(errc::forbidden_character));
    BOOST_CHECK_EXCEPTION(
        endpoint::uaa("http://localhost"), boost::system::system_error, throws(errc::plain_http_refused));
    // Whoever writes a password into an address does not want it in a log.
    BOOST_CHECK_EXCEPTION(endpoint::api("https://user:hunter2@host"), boost::system::system_error,
        [](auto const& e) { return std::string_view(e.what()).find("hunter2") == std::string_view::npos; });
}

BOOST_AUTO_TEST_CASE(another_port_of_the_same_host)
{
    auto const api = endpoint::api("https://PKS.example.com:9021/prefix");
    BOOST_TEST((api.with_port(endpoint::uaa_port) == endpoint::uaa("pks.example.com")));
    BOOST_TEST(endpoint::api("[::1]").with_port(443).url() == "https://[::1]");
    auto const plain = endpoint::parse("http://localhost:9021", 1, allow_plain_http_on_loopback)->with_port(8443);
    BOOST_TEST(plain.url() == "http://localhost:8443");
    BOOST_TEST(!plain.secure());
}

BOOST_AUTO_TEST_CASE(equality)
{
    auto const a = endpoint::uaa("host/x");
    BOOST_TEST((a == endpoint::uaa("https://HOST:8443/x/")));
    BOOST_TEST((a != endpoint::uaa("host")));
    BOOST_TEST((a != endpoint::uaa("host:1/x")));
    BOOST_TEST((a != endpoint::uaa("other/x")));
    BOOST_TEST(
        (*endpoint::parse("localhost", 1) != *endpoint::parse("http://localhost", 1, allow_plain_http_on_loopback)));
}

BOOST_AUTO_TEST_SUITE_END()
