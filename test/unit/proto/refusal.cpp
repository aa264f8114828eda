// What a server's refusal means: both generations of the UAA, the PKS API, Spring's pages, load balancers, and hostile
// bodies.
#include <pks/proto/refusal.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pks::api_errc;
using pks::diagnostics;
using pks::endpoint;
using pks::errc;
using pks::error_code;
using pks::oauth_errc;
using pks::secret;
using pks::proto::classify_oauth_error;
using pks::proto::read_api_refusal;
using pks::proto::read_json;
using pks::proto::read_uaa_refusal;
using pks::proto::request;
using pks::proto::response;
using pks::proto::unescape_html;

std::string const json_type = "application/json;charset=UTF-8";

response reply(
    int status, std::string_view body, std::string media_type = json_type, std::vector<std::string> challenges = {})
{
    response out;
    out.status = status;
    if (!media_type.empty())
        out.fields.emplace_back("content-type", std::move(media_type));
    for (auto& challenge : challenges)
        out.fields.emplace_back("WWW-AUTHENTICATE", std::move(challenge));
    out.body = body;
    return out;
}

request asked()
{
    request out("POST", endpoint::uaa("uaa.example.com"), "/oauth/token");
    out.confidential(secret("hunter2hunter2"));
    return out;
}

struct outcome
{
    error_code ec;
    diagnostics diag;
};

outcome of_uaa(response const& r)
{
    outcome out;
    out.ec = read_uaa_refusal(r, asked(), out.diag);
    return out;
}

outcome of_api(response const& r)
{
    outcome out;
    out.ec = read_api_refusal(r, asked(), out.diag);
    return out;
}

std::string oauth_body(std::string_view error, std::string_view description)
{
    boost::json::object out;
    out["error"] = error;
    out["error_description"] = description;
    return boost::json::serialize(out);
}

std::string spring_body(int status, std::string_view error, std::string_view message)
{
    boost::json::object out;
    out["timestamp"] = "2026-01-15T12:00:00.000+0000";
    out["status"] = status;
    out["error"] = error;
    out["message"] = message;
    out["path"] = "/v1/clusters";
    return boost::json::serialize(out);
}

constexpr std::size_t kept = 4096;

std::string const html = "<html>\n<head><title>502 Bad Gateway</title></head>\n</html>\n";

} // namespace

BOOST_AUTO_TEST_SUITE(proto_refusal)

BOOST_AUTO_TEST_CASE(o1_what_the_uaa_says_means)
{
    struct row
    {
        int status;
        std::string_view error;
        std::string_view description;
        oauth_errc expected;
    };
    static constexpr row rows[] = {
        // Before 76.26.0 and since, the same thing has two names.
        {401, "unauthorized", "Bad credentials", oauth_errc::bad_credentials},
        {401, "invalid_client", "Bad credentials", oauth_errc::bad_credentials},
        {401, "unauthorized", "Your account has been locked because of too many failed attempts to login.",
            oauth_errc::account_locked},
        {401, "invalid_client", "Your account has been locked because of too many failed attempts to login.",
            oauth_errc::account_locked},
        {401, "unauthorized", "password change required", oauth_errc::password_expired},
        {401, "invalid_client", "password change required", oauth_errc::password_expired},
        {401, "unauthorized", "Invalid passcode", oauth_errc::invalid_passcode},
        {401, "invalid_client", "Invalid passcode", oauth_errc::invalid_passcode},
        {401, "unauthorized", "Passcode information is missing.", oauth_errc::invalid_passcode},
        {401, "invalid_client", "Unauthorized grant type: password", oauth_errc::unauthorized_grant},
        {401, "invalid_client", "Unauthorized grant type", oauth_errc::unauthorized_grant},
        {401, "unauthorized", "An Authentication object was not found in the SecurityContext",
            oauth_errc::unauthorized},
        {401, "unauthorized", "Invalid basic authentication token", oauth_errc::unauthorized},
        {401, "unauthorized", "", oauth_errc::unauthorized},
        {401, "invalid_client", "Client ID mismatch", oauth_errc::invalid_client},
        {401, "invalid_client", "Unauthorized client_assertion", oauth_errc::invalid_client},
        {401, "invalid_client", "", oauth_errc::invalid_client},
        // Texts are compared whole, but for those that carry a name.
        {401, "unauthorized", "bad credentials", oauth_errc::unauthorized},
        {401, "unauthorized", "Bad credentials.", oauth_errc::unauthorized},
        {403, "access_denied", "Account not verified", oauth_errc::account_unverified},
        {403, "access_denied", "Access is denied", oauth_errc::access_denied},
        {401, "invalid_token", "Invalid refresh token (empty token)", oauth_errc::invalid_token},
        {400, "invalid_token", "Could not verify token signature.", oauth_errc::invalid_token},
        {400, "invalid_grant", "Redirect URI mismatch.", oauth_errc::invalid_grant},
        {400, "invalid_scope", "x is invalid.", oauth_errc::invalid_scope},
        {403, "insufficient_scope", "Insufficient scope for this resource", oauth_errc::insufficient_scope},
        {400, "invalid_request", "Missing grant type", oauth_errc::invalid_request},
        {400, "unauthorized_client", "", oauth_errc::unauthorized_grant},
        {400, "unsupported_grant_type", "Unsupported grant type", oauth_errc::unsupported_grant_type},
        {405, "method_not_allowed", "Request method 'GET' not supported", oauth_errc::method_not_allowed},
        {406, "query_string_not_allowed", "Parameters must be passed in the body of the request",
            oauth_errc::query_string_not_allowed},
        {500, "server_error", "Internal Server Error", oauth_errc::server_error},
        {503, "uaa_unavailable", "UAA intentionally in limited mode", oauth_errc::unavailable},
        {400, "parameter_parsing_error", "One of the parameters was incorrectly encoded", oauth_errc::other},
        // The status goes before the name where the name is a sentence or another's.
        {429, "429 - Too Many Request - Request limited by Rate Limiter configuration: Name: x Type: Global", "",
            oauth_errc::too_many_requests},
        {429, "unauthorized", "Bad credentials", oauth_errc::too_many_requests},
        {503, "unauthorized", "Bad credentials", oauth_errc::unavailable},
        {400, "uaa_unavailable", "", oauth_errc::unavailable},
        {503, "", "", oauth_errc::unavailable},
        // Without a name the status decides.
        {400, "", "", oauth_errc::other},
        {401, "", "", oauth_errc::unauthorized},
        {403, "", "", oauth_errc::access_denied},
        {404, "", "", oauth_errc::not_found},
        {405, "", "", oauth_errc::method_not_allowed},
        {406, "", "", oauth_errc::other},
        {418, "teapot", "", oauth_errc::other},
        {499, "", "", oauth_errc::other},
        {500, "", "", oauth_errc::server_error},
        {502, "", "", oauth_errc::server_error},
        {504, "", "", oauth_errc::server_error},
        {599, "", "", oauth_errc::server_error},
        // RFC 9110 §15: to be treated as 5xx.
        {0, "", "", oauth_errc::server_error},
        {99, "", "", oauth_errc::server_error},
        {600, "", "", oauth_errc::server_error},
        {999, "", "", oauth_errc::server_error},
    };
    for (auto const& row : rows)
        BOOST_TEST((classify_oauth_error(row.status, row.error, row.description) == row.expected),
            row.status << ' ' << row.error << ' ' << row.description);
}

BOOST_AUTO_TEST_CASE(a_refusal_of_either_generation)
{
    for (auto const* error : {"unauthorized", "invalid_client"}) {
        auto const body = oauth_body(error, "Bad credentials");
        auto const got = of_uaa(reply(401, body));
        BOOST_TEST(got.ec == error_code(oauth_errc::bad_credentials));
        BOOST_TEST(got.diag.http_status == 401);
        BOOST_TEST(got.diag.error == error);
        BOOST_TEST(got.diag.error_description == "Bad credentials");
        BOOST_TEST(got.diag.body == body);
        BOOST_TEST(got.diag.detail == "");
    }
}

BOOST_AUTO_TEST_CASE(escapes_of_old_generations_are_undone)
{
    auto const body = oauth_body("method_not_allowed", "Request method &#39;GET&#39; not supported");
    auto const got = of_uaa(reply(405, body));
    BOOST_TEST(got.ec == error_code(oauth_errc::method_not_allowed));
    BOOST_TEST(got.diag.error_description == "Request method 'GET' not supported");
    BOOST_TEST(got.diag.body == body);
}

BOOST_AUTO_TEST_CASE(o1_bodies_that_are_no_oauth_error)
{
    struct row
    {
        int status;
        std::string body;
        oauth_errc expected;
    };
    row const rows[] = {
        {401, "", oauth_errc::unauthorized},
        {401, html, oauth_errc::unauthorized},
        {404, "{}", oauth_errc::not_found},
        {500, "{}", oauth_errc::server_error},
        {400, "[]", oauth_errc::other},
        {400, "null", oauth_errc::other},
        {400, R"("The request was rejected because it contained a potentially malicious character.")",
            oauth_errc::other},
        {401, R"({"error":"invalid_cli)", oauth_errc::unauthorized},
        {401, R"({"error":42,"error_description":["Bad credentials"]})", oauth_errc::unauthorized},
        {401, R"({"error":null,"error_description":null})", oauth_errc::unauthorized},
        // Two meanings are none.
        {401, R"({"error":"invalid_token","error":"invalid_client"})", oauth_errc::unauthorized},
        {401, "\xef\xbb\xbf{\"error\":\"invalid_token\"}", oauth_errc::unauthorized},
        {403, R"({"error":"Could not verify the provided CSRF token because your session was not found."})",
            oauth_errc::access_denied},
    };
    for (auto const& row : rows) {
        auto const got = of_uaa(reply(row.status, row.body, "text/html"));
        BOOST_TEST(got.ec == error_code(row.expected), row.status << ' ' << row.body);
        BOOST_TEST(got.diag.body == row.body);
        BOOST_TEST(got.diag.error_description == "");
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_refusal)
{
    for (auto const read : {of_uaa, of_api}) {
        for (int status : {100, 199, 200, 201, 204, 206, 299, 304}) {
            auto const got = read(reply(status, oauth_body("invalid_client", "Bad credentials")));
            BOOST_TEST(got.ec == error_code(errc::unexpected_status), status);
            BOOST_TEST(got.diag.detail == "status " + std::to_string(status));
            BOOST_TEST(got.diag.http_status == status);
            // It may hold a token.
            BOOST_TEST(got.diag.body == "");
            BOOST_TEST(got.diag.error == "");
            BOOST_TEST(got.diag.error_description == "");
        }
        for (int status : {300, 301, 302, 303, 307, 308, 399}) {
            auto const got = read(reply(status, html, "text/html"));
            BOOST_TEST(got.ec == error_code(errc::redirected), status);
            BOOST_TEST(got.diag.body == "");
        }
    }
}

BOOST_AUTO_TEST_CASE(every_status_of_the_api)
{
    std::pair<int, api_errc> const rows[] = {{400, api_errc::bad_request}, {401, api_errc::unauthorized},
        {403, api_errc::forbidden}, {404, api_errc::not_found}, {405, api_errc::method_not_allowed},
        {409, api_errc::conflict}, {422, api_errc::unprocessable}, {429, api_errc::too_many_requests},
        {500, api_errc::server_error}, {502, api_errc::bad_gateway}, {503, api_errc::unavailable},
        {504, api_errc::gateway_timeout}, {402, api_errc::other}, {418, api_errc::other}, {501, api_errc::other},
        {599, api_errc::other}, {0, api_errc::other}, {99, api_errc::other}, {600, api_errc::other}};
    for (auto const& [status, expected] : rows) {
        auto const got = of_api(reply(status, R"({"body":"Some text"})"));
        BOOST_TEST(got.ec == error_code(expected), status);
        BOOST_TEST(got.diag.http_status == status);
        BOOST_TEST(got.diag.error == "");
        BOOST_TEST(got.diag.error_description == "Some text");
        BOOST_TEST(got.diag.body == R"({"body":"Some text"})");

        auto const page = of_api(reply(status, html, "text/html"));
        BOOST_TEST(page.ec == error_code(expected), status);
        BOOST_TEST(page.diag.error_description == "");
        BOOST_TEST(page.diag.body == html);

        auto const bare = of_api(reply(status, "", ""));
        BOOST_TEST(bare.ec == error_code(expected), status);
        BOOST_TEST(bare.diag.body == "");
    }
}

BOOST_AUTO_TEST_CASE(pages_of_spring)
{
    auto const got = of_api(reply(405, spring_body(405, "Method Not Allowed", "Request method 'PUT' not supported")));
    BOOST_TEST(got.ec == error_code(api_errc::method_not_allowed));
    BOOST_TEST(got.diag.error == "Method Not Allowed");
    BOOST_TEST(got.diag.error_description == "Request method 'PUT' not supported");

    auto const silent = of_api(reply(500, spring_body(500, "Internal Server Error", "")));
    BOOST_TEST(silent.ec == error_code(api_errc::server_error));
    BOOST_TEST(silent.diag.error_description == "");
}

BOOST_AUTO_TEST_CASE(the_api_s_own_text_goes_first)
{
    auto const got =
        of_api(reply(404, R"({"message":"3","error_description":"2","body":"1","error":"invalid_tokens"})"));
    BOOST_TEST(got.ec == error_code(api_errc::not_found));
    BOOST_TEST(got.diag.error_description == "1");
    BOOST_TEST(
        of_api(reply(404, R"({"message":"3","error_description":"2","body":""})")).diag.error_description == "2");
    BOOST_TEST(
        of_api(reply(404, R"({"message":"3","error_description":2,"body":null})")).diag.error_description == "3");
}

BOOST_AUTO_TEST_CASE(dead_tokens_at_the_api)
{
    auto const body = oauth_body("invalid_token", "Invalid access token");
    // By the body, whatever refuses: the real CLI looks at nothing else.
    for (int status : {400, 401, 403, 500})
        BOOST_TEST(of_api(reply(status, body)).ec == error_code(api_errc::invalid_token), status);

    std::string const dead = R"(Bearer realm="oauth2-resource", error="invalid_token", error_description="x")";
    std::string const none = R"(Bearer realm="oauth2-resource", error="unauthorized", error_description="x")";
    // By the challenge, of a 401 only.
    BOOST_TEST(of_api(reply(401, "", "", {dead})).ec == error_code(api_errc::invalid_token));
    BOOST_TEST(of_api(reply(401, "", "", {"Bearer error=invalid_token"})).ec == error_code(api_errc::invalid_token));
    BOOST_TEST(of_api(reply(401, R"({"body":"x"})", json_type, {dead})).ec == error_code(api_errc::invalid_token));
    BOOST_TEST(of_api(reply(401, "", "", {"Basic realm=\"x\"", dead})).ec == error_code(api_errc::invalid_token));
    BOOST_TEST(of_api(reply(403, "", "", {dead})).ec == error_code(api_errc::forbidden));
    BOOST_TEST(of_api(reply(401, "", "", {none})).ec == error_code(api_errc::unauthorized));
    std::string const in_realm = R"(Bearer realm="error=invalid_token", error="unauthorized")";
    BOOST_TEST(of_api(reply(401, "", "", {in_realm})).ec == error_code(api_errc::unauthorized));
    BOOST_TEST(of_api(reply(401, "", "", {"Bearer"})).ec == error_code(api_errc::unauthorized));
    BOOST_TEST(of_api(reply(401, "", "")).ec == error_code(api_errc::unauthorized));
}

BOOST_AUTO_TEST_CASE(what_was_sent_does_not_come_back)
{
    auto const body = oauth_body("hunter2hunter2", "Invalid authorization code: hunter2hunter2");
    for (auto const read : {of_uaa, of_api}) {
        auto const got = read(reply(400, body));
        BOOST_TEST(got.diag.error == "[redacted]");
        BOOST_TEST(got.diag.error_description == "Invalid authorization code: [redacted]");
        BOOST_TEST(got.diag.body.find("hunter2") == std::string::npos);
        BOOST_TEST(got.diag.message().find("hunter2") == std::string::npos);
    }
    for (auto const* member : {"body", "message"}) {
        boost::json::object refusal;
        refusal[member] = "<hunter2hunter2>";
        BOOST_TEST(of_api(reply(400, boost::json::serialize(refusal))).diag.error_description == "<[redacted]>");
    }
}

BOOST_AUTO_TEST_CASE(o1_texts_are_kept_up_to_a_limit)
{
    auto const text = std::string(kept - 5, 'x') + "hunter2hunter2" + std::string(kept, 'y');
    auto const expected = std::string(kept - 5, 'x') + "[redacted]";
    for (auto const read : {of_uaa, of_api}) {
        auto const got = read(reply(400, oauth_body(text, text)));
        BOOST_TEST(got.diag.error == expected);
        BOOST_TEST(got.diag.error_description == expected);
        BOOST_TEST(got.diag.body.size() == kept);

        // The cut does not leave the beginning of a secret behind.
        BOOST_TEST(read(reply(400, text, "text/html")).diag.body == expected);

        std::string const whole(kept, 'z');
        BOOST_TEST(read(reply(400, whole)).diag.body == whole);
        BOOST_TEST(read(reply(400, whole + "z")).diag.body == whole);
    }
}

BOOST_AUTO_TEST_CASE(large_bodies_are_not_parsed)
{
    auto const largest = [](std::size_t size) {
        auto out = oauth_body("invalid_token", "");
        return out + std::string(size - out.size(), ' ');
    };
    static constexpr std::size_t limit = 64 * 1024;
    BOOST_TEST(of_uaa(reply(401, largest(limit))).ec == error_code(oauth_errc::invalid_token));
    BOOST_TEST(of_uaa(reply(401, largest(limit + 1))).ec == error_code(oauth_errc::unauthorized));
    BOOST_TEST(of_api(reply(400, largest(limit))).ec == error_code(api_errc::invalid_token));
    BOOST_TEST(of_api(reply(400, largest(limit + 1))).ec == error_code(api_errc::bad_request));
    BOOST_TEST(of_uaa(reply(400, std::string(100000, '['))).ec == error_code(oauth_errc::other));
}

BOOST_AUTO_TEST_CASE(five_entities_and_no_more)
{
    BOOST_TEST(unescape_html("") == "");
    BOOST_TEST(unescape_html("&lt;a&amp;b&gt;&quot;&#39;") == "<a&b>\"'");
    // Once only.
    BOOST_TEST(unescape_html("&amp;lt;") == "&lt;");
    BOOST_TEST(unescape_html("&amp;amp;#39;") == "&amp;#39;");
    for (auto const* same : {"&", "&&", "&;", "&lt", "&LT;", "&eacute;&euro;", "&#40;", "&#039;", "&apos;", "a & b"})
        BOOST_TEST(unescape_html(same) == same);
}

BOOST_AUTO_TEST_CASE(media_types_of_json)
{
    for (auto const* type : {"application/json", "Application/JSON", "application/json;charset=UTF-8",
             "application/json ; charset=utf-8", "application/json\t;x", "application/problem+json",
             "application/vnd.spring-boot.actuator.v2+json", "text/plain", "text/plain;charset=UTF-8", ""}) {
        diagnostics diag;
        auto const got = read_json(reply(200, R"({"a":1})", type), diag, {});
        BOOST_REQUIRE_MESSAGE(got.has_value(), type);
        BOOST_TEST((got->at("a") == 1));
        BOOST_TEST(diag.detail == "");
    }
    for (auto const* type : {"text/html", "text/html;charset=UTF-8", "application/xml", "application/jsonp", "json",
             "text/json", "application/octet-stream", "image/svg+json", "application/json, text/html", ";"}) {
        diagnostics diag;
        auto const got = read_json(reply(200, R"({"a":1})", type), diag, {});
        bool const unlabelled = std::string_view(type) == ";";
        BOOST_TEST(got.has_value() == unlabelled, type);
        if (unlabelled)
            continue;
        BOOST_TEST((got.error() == errc::not_json), type);
        BOOST_TEST(diag.detail == "media type");
        BOOST_TEST(diag.body == "");
    }
}

BOOST_AUTO_TEST_CASE(malformed_json_is_located_and_not_shown)
{
    struct row
    {
        std::string body;
        errc expected;
        std::string detail;
    };
    row const rows[] = {
        {R"({"access_token":"hunter3)", errc::malformed_json, "JSON, at octet 24"},
        {R"({"access_token":hunter3})", errc::malformed_json, "JSON, at octet 16"},
        {"", errc::malformed_json, "JSON, at octet 0"},
        {html, errc::malformed_json, "JSON, at octet 0"},
        {R"({"a":"hunter3","a":"hunter4"})", errc::duplicate_member, "JSON, at octet 29"},
        {std::string(33, '[') + std::string(33, ']'), errc::json_too_deep, "JSON, at octet 32"},
    };
    for (auto const& row : rows) {
        diagnostics diag;
        auto const got = read_json(reply(200, row.body), diag, {});
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST(got.error() == error_code(row.expected), row.body);
        BOOST_TEST(diag.detail == row.detail);
        BOOST_TEST(diag.message().find("hunter") == std::string::npos);

        // What nobody called JSON is none.
        for (auto const* type : {"text/plain", ""}) {
            diagnostics unlabelled;
            auto const page = read_json(reply(200, row.body, type), unlabelled, {});
            BOOST_TEST((page.has_error() && page.error() == errc::not_json), row.body);
            BOOST_TEST(unlabelled.detail == "media type");
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
