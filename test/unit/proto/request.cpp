// One request: the octets that are sent, what is refused, and what never comes back in a message.
#include <pks/proto/request.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace {

using pks::endpoint;
using pks::errc;
using pks::error_code;
using pks::secret;
using pks::detail::wiped_string;
using pks::proto::request;

endpoint const uaa = endpoint::uaa("uaa.example.com");

std::string octets(request const& r)
{
    auto const got = r.serialize();
    BOOST_REQUIRE(got.has_value());
    return std::string(std::string_view(*got));
}

void refused(request const& r, std::string_view what)
{
    std::string detail;
    auto const got = r.serialize(&detail);
    BOOST_TEST((got.has_error() && got.error() == errc::forbidden_character), what);
    BOOST_TEST(detail == what);
    BOOST_TEST(r.serialize().has_error());
}

pks::access_token token(std::string_view text)
{
    pks::access_token::parts p;
    p.value = secret(text);
    return pks::access_token(std::move(p));
}

std::string repeat(std::string_view text, std::size_t n)
{
    std::string out;
    out.reserve(text.size() * n);
    while (n-- != 0)
        out += text;
    return out;
}

std::string const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGFuYSJ9.c2lnbmF0dXJl";

} // namespace

BOOST_AUTO_TEST_SUITE(proto_request)

BOOST_AUTO_TEST_CASE(without_body)
{
    request r("GET", uaa, "/login");
    r.field("Accept", "application/json").field("X-Empty", "");
    BOOST_TEST(r.method() == "GET");
    BOOST_TEST(octets(r) ==
        "GET /login HTTP/1.1\r\nHost: uaa.example.com:8443\r\nAccept: application/json\r\nX-Empty: \r\n\r\n");
}

BOOST_AUTO_TEST_CASE(with_body)
{
    request r("POST", uaa, "/oauth/token");
    r.body("a=1&b=\r\n", "text/x");
    BOOST_TEST(octets(r) ==
        "POST /oauth/token HTTP/1.1\r\nHost: uaa.example.com:8443\r\nContent-Type: text/x\r\nContent-Length: 8\r\n\r\n"
        "a=1&b=\r\n");
    request empty("POST", uaa, "/x");
    empty.body({}, "text/x");
    BOOST_TEST(octets(empty).ends_with("Content-Length: 0\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(host_and_prefix_are_the_endpoint_s)
{
    BOOST_TEST(octets({"GET", endpoint::uaa("https://[::1]:443/uaa/"), "/login"}) ==
        "GET /uaa/login HTTP/1.1\r\nHost: [::1]\r\n\r\n");
    BOOST_TEST(octets({"GET", endpoint::api("pks.example.com"), "/v1/x?a=%20"}) ==
        "GET /v1/x?a=%20 HTTP/1.1\r\nHost: pks.example.com:9021\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(fields_are_found_in_any_case)
{
    request r("GET", uaa, "/x");
    r.field("If-None-Match", "\"1\"");
    BOOST_TEST(r.has_field("host"));
    BOOST_TEST(r.has_field("IF-none-match"));
    BOOST_TEST(!r.has_field("If-None-Matc"));
    BOOST_TEST(!r.has_field("Accept"));
}

BOOST_AUTO_TEST_CASE(methods_are_tokens)
{
    for (auto const& bad :
        {std::string(), std::string("GET "), std::string("GE T"), std::string("GET\r\n"), std::string("G\0T", 3),
            std::string("G:T"), std::string("G/T"), std::string("G\xc3\xa9T"), std::string("\x7f")})
        refused({bad, uaa, "/"}, "request method");
}

BOOST_AUTO_TEST_CASE(targets_are_visible_characters)
{
    for (auto const& bad : {std::string(), std::string("login"), std::string("*"), std::string("/a b"),
             std::string("/a\r\nX: y"), std::string("/a\tb"), std::string("/\0", 2), std::string("/\x7f"),
             std::string("/\xc3\xa9"), std::string(" /a")})
        refused({"GET", uaa, bad}, "request target");
    refused({"GET", endpoint::uaa("uaa.example.com/uaa"), "/x y"}, "request target");
}

BOOST_AUTO_TEST_CASE(field_names_are_tokens)
{
    for (auto const& bad : {std::string(), std::string("X Y"), std::string("X:"), std::string("X\r\nY"),
             std::string("X\0", 2), std::string("X\xc3\xa9"), std::string("(X)"), std::string("X\t")}) {
        request r("GET", uaa, "/");
        r.field(bad, "1");
        refused(r, "request field name");
    }
}

BOOST_AUTO_TEST_CASE(field_values_hold_no_controls)
{
    for (unsigned octet = 0; octet < 256; ++octet) {
        request r("GET", uaa, "/");
        r.field("X-Y", std::string("a") + static_cast<char>(octet) + "b");
        if (octet < 0x20 || octet == 0x7f)
            refused(r, "request field X-Y");
        else
            BOOST_TEST(octets(r).find(std::string("X-Y: a") + static_cast<char>(octet) + "b\r\n") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(refusals_name_no_value)
{
    request r("POST", uaa, "/");
    r.field("Authorization", "Bearer hunter2hunter2\r\nX: y");
    std::string detail;
    BOOST_TEST((r.serialize(&detail).error() == errc::forbidden_character));
    BOOST_TEST(detail == "request field Authorization");
}

BOOST_AUTO_TEST_CASE(the_first_field_that_cannot_be_sent_is_told)
{
    request r("GET", uaa, "/");
    r.field("X-Good", "1").field("X-First", "\n").field("X Second", "1").body("text", "text/plain");
    refused(r, "request field X-First");
    request target("GET", uaa, "/ /");
    target.field("X-First", "\n");
    refused(target, "request target");
}

BOOST_AUTO_TEST_CASE(a_token_authorizes)
{
    request r("POST", uaa, "/x");
    BOOST_TEST(!r.has_field("Authorization"));
    r.field("X-Before", "1");
    BOOST_TEST(!r.authorize(token("opaque-token")));
    r.field("X-After", "2").body("text", "text/plain");
    BOOST_TEST(octets(r) ==
        "POST /x HTTP/1.1\r\nHost: uaa.example.com:8443\r\nX-Before: 1\r\nAuthorization: Bearer opaque-token\r\n"
        "X-After: 2\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ntext");
    BOOST_TEST(r.has_field("authorization"));
    BOOST_TEST(r.has_field("x-after"));
    BOOST_TEST(!r.has_field("x-other"));
    BOOST_TEST(r.redact("Bearer opaque-token!") == "Bearer [redacted]!");
    BOOST_TEST(r.redirect("/y").redact("opaque-token") == "[redacted]");
    BOOST_TEST(octets(r).starts_with("POST /y HTTP/1.1\r\nHost: "));
}

BOOST_AUTO_TEST_CASE(tokens_are_visible_characters)
{
    request r("GET", uaa, "/");
    BOOST_TEST((r.authorize(pks::access_token()) == errc::missing_parameter));
    BOOST_TEST((r.authorize(token("")) == errc::missing_parameter));
    for (auto const* bad : {"a b", "a\r\nX: y", "a\t", "\x7f", "a\xc3\xa9"})
        BOOST_TEST((r.authorize(token(bad)) == errc::forbidden_character), bad);
    BOOST_TEST(octets(r) == "GET / HTTP/1.1\r\nHost: uaa.example.com:8443\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(confidential_texts_are_replaced)
{
    request r("GET", uaa, "/");
    r.confidential(secret("correct horse")).confidential(secret("12345678")).confidential(secret("1234567"));
    BOOST_TEST(r.redact("") == "");
    BOOST_TEST(r.redact("nothing here") == "nothing here");
    BOOST_TEST(r.redact("correct horse") == "[redacted]");
    BOOST_TEST(r.redact("<correct horse>, correct horse12345678!") == "<[redacted]>, [redacted][redacted]!");
    BOOST_TEST(r.redact("correct hors") == "correct hors");
    // Too short to be looked for.
    BOOST_TEST(r.redact("1234567") == "1234567");
}

BOOST_AUTO_TEST_CASE(overlapping_texts_leave_nothing)
{
    request r("GET", uaa, "/");
    r.confidential(secret("abcdefgh")).confidential(secret("defghijkl")).confidential(secret("abcdefghijk"));
    BOOST_TEST(r.redact("-abcdefghijkl-") == "-[redacted]-");
    BOOST_TEST(r.redact("-abcdefgh-defghijkl-") == "-[redacted]-[redacted]-");
    request s("GET", uaa, "/");
    s.confidential(secret("aaaaaaaa"));
    BOOST_TEST(s.redact("aaaaaaaaaaa") == "[redacted]");
}

// A replacement that holds the text itself once made an endless loop.
BOOST_AUTO_TEST_CASE(the_replacement_itself_may_be_confidential)
{
    for (auto const* text : {"redacted", "[redacted]", "[redacted", "redacted]"}) {
        request r("GET", uaa, "/");
        r.confidential(secret(text));
        BOOST_TEST(r.redact(std::string("<") + text + ">") == "<[redacted]>");
    }
}

BOOST_AUTO_TEST_CASE(other_spellings_are_replaced)
{
    request r("GET", uaa, "/");
    r.confidential(secret("p&ss \"w<o>r'd\" \\1"));
    for (auto const* echoed : {
             "p&ss \"w<o>r'd\" \\1",                         // as it is
             "p%26ss+%22w%3Co%3Er%27d%22+%5C1",              // in a form
             "p&ss \\\"w<o>r'd\\\" \\\\1",                   // in JSON
             "p&amp;ss &quot;w&lt;o&gt;r&#39;d&quot; \\1",   // in HTML
             "p&amp;ss &quot;w&lt;o&gt;r&#39;d&quot; \\\\1", // escaped for HTML, in JSON
         })
        BOOST_TEST(r.redact(std::string("(") + echoed + ")") == "([redacted])", echoed);
}

BOOST_AUTO_TEST_CASE(what_authorizes_is_confidential)
{
    request r("GET", uaa, "/");
    r.field("Authorization", "Basic bG9naW46bG9naW5zZWNyZXQ=").field("X-Other", "notconfidential");
    BOOST_TEST(r.redact("{\"Authorization\":\"Basic bG9naW46bG9naW5zZWNyZXQ=\"}") ==
        "{\"Authorization\":\"Basic [redacted]\"}");
    BOOST_TEST(r.redact("bG9naW46bG9naW5zZWNyZXQ%3D") == "[redacted]");
    BOOST_TEST(r.redact("notconfidential Basic") == "notconfidential Basic");
    request bare("GET", uaa, "/");
    bare.field("authorization", "withoutascheme");
    BOOST_TEST(bare.redact("withoutascheme") == "[redacted]");
}

BOOST_AUTO_TEST_CASE(whatever_looks_like_a_token_is_replaced)
{
    request const r("GET", uaa, "/");
    BOOST_TEST(r.redact("Invalid token (could not decode): " + jwt) == "Invalid token (could not decode): [redacted]");
    BOOST_TEST(r.redact(jwt + " " + jwt + "\n") == "[redacted] [redacted]\n");
    BOOST_TEST(r.redact("x" + jwt) == "x[redacted]");
    auto const shortest = "eyJ" + std::string(37, 'x');
    BOOST_TEST(r.redact(shortest) == "[redacted]");
    BOOST_TEST(r.redact(shortest.substr(1)) == shortest.substr(1));
    BOOST_TEST(r.redact(shortest.substr(0, 39)) == shortest.substr(0, 39));
    BOOST_TEST(r.redact("eyJ") == "eyJ");
}

BOOST_AUTO_TEST_CASE(the_cut_never_shows_a_part)
{
    request r("GET", uaa, "/");
    r.confidential(secret("correct horse battery"));
    std::string const text = "0123456789correct horse battery staple";
    for (std::size_t first = 0; first <= 10; ++first)
        BOOST_TEST(r.redact(text, first) == text.substr(0, first));
    for (std::size_t first = 11; first <= 31; ++first)
        BOOST_TEST(r.redact(text, first) == "0123456789[redacted]");
    BOOST_TEST(r.redact(text, 32) == "0123456789[redacted] ");
    BOOST_TEST(r.redact(text, text.size()) == "0123456789[redacted] staple");
    BOOST_TEST(r.redact(text, text.size() + 1) == "0123456789[redacted] staple");
    BOOST_TEST(r.redact("0123456789" + jwt, 12) == "0123456789[redacted]");
    // Many replacements make the text shorter: what lies beyond the cut does not move up.
    auto const many = repeat("correct horse battery", 10) + "correct horse batter";
    BOOST_TEST(r.redact(many, 210) == repeat("[redacted]", 10));
}

// Each of these took the square of the size once: the test's time limit is what fails then.
BOOST_AUTO_TEST_CASE(hostile_texts_take_linear_time)
{
    request r("GET", uaa, "/");
    r.confidential(secret("12345678")).confidential(secret(jwt));
    static constexpr std::size_t size = std::size_t{4} << 20;
    BOOST_TEST((r.redact(repeat("12345678", size / 8)) == repeat("[redacted]", size / 8)));
    auto const tokens = repeat("eyJ" + std::string(37, 'x') + " ", size / 41);
    BOOST_TEST((r.redact(tokens) == repeat("[redacted] ", size / 41)));
    BOOST_TEST(r.redact(repeat("eyJ", size / 3)) == "[redacted]");
    auto const nearly = repeat(jwt.substr(0, 39) + "!", size / 40);
    BOOST_TEST((r.redact(nearly) == nearly));
}

BOOST_AUTO_TEST_SUITE_END()
