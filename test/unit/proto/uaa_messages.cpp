// The client's messages to the UAA: each grant and each authentication as octets, what is refused before sending, and
// replies as hostile servers write them.
#include "messages.hpp"

#include <pks/proto/uaa_messages.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using pks::access_token;
using pks::client_authentication;
using pks::credentials;
using pks::diagnostics;
using pks::endpoint;
using pks::errc;
using pks::error_code;
using pks::grant_type;
using pks::oauth_errc;
using pks::secret;
using pks::target_info;
using pks::token_format;
using pks::proto::request;
using pks::proto::response;
using proto_test::reply;

endpoint const uaa = endpoint::uaa("uaa.example.com");
pks::clock::time_point const now{1768478400s};

std::string octets(request const& r)
{
    auto const got = r.serialize();
    BOOST_REQUIRE(got.has_value());
    return std::string(std::string_view(*got));
}

// The whole message but for what all token requests have alike; also checks that.
std::string sent(credentials const& with, endpoint const& server = uaa)
{
    diagnostics diag;
    auto const got = pks::proto::token_request(server, with, diag);
    BOOST_REQUIRE_MESSAGE(got.has_value(), diag.detail);
    BOOST_TEST(diag.detail == "");
    BOOST_TEST(got->method() == "POST");
    auto text = octets(*got);
    std::string const begin = "POST " + server.path() + "/oauth/token HTTP/1.1\r\nHost: " + server.authority() +
        "\r\nAccept: application/json\r\n";
    BOOST_TEST(text.starts_with(begin), text);
    text.erase(0, begin.size());
    auto const body = text.substr(text.find("\r\n\r\n") + 4);
    std::string const end =
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    BOOST_TEST(text.ends_with(end), text);
    text.erase(text.size() - end.size());
    return text + body;
}

void refused(credentials const& with, errc code, std::string_view detail)
{
    diagnostics diag;
    auto const got = pks::proto::token_request(uaa, with, diag);
    BOOST_TEST((got.has_error() && got.error() == code), detail);
    BOOST_TEST(diag.detail == detail);
}

client_authentication const app = client_authentication::body("app", secret("s"));

request asked()
{
    diagnostics diag;
    return *pks::proto::token_request(uaa, pks::password_credentials("alana", secret("hunter2hunter2")), diag);
}

access_token token_of(std::string_view body)
{
    diagnostics diag;
    auto const got = pks::proto::read_token_reply(reply(body), asked(), now, diag);
    BOOST_REQUIRE_MESSAGE(got.has_value(), body << ": " << diag.detail);
    BOOST_TEST(diag.detail == "");
    return *got;
}

void token_refused(response const& r, error_code code, std::string_view detail)
{
    diagnostics diag;
    auto const got = pks::proto::read_token_reply(r, asked(), now, diag);
    BOOST_TEST((got.has_error() && got.error() == code), std::string_view(r.body));
    BOOST_TEST(diag.detail == detail, std::string_view(r.body));
    // A malformed token reply is still a secret.
    BOOST_TEST(diag.body == "");
    BOOST_TEST(diag.message().find("someaccesstoken") == std::string::npos);
    if (got.has_error())
        BOOST_TEST(got.error().message().find("someaccesstoken") == std::string::npos);
}

void token_refused(std::string_view body, errc code, std::string_view detail)
{
    token_refused(reply(body), code, detail);
}

std::string with_expires_in(std::string_view value)
{
    return R"({"access_token":"someaccesstoken","token_type":"bearer","expires_in":)" + std::string(value) + "}";
}

target_info info_of(std::string_view body)
{
    diagnostics diag;
    auto const got = pks::proto::read_target_reply(reply(body), pks::proto::target_request(uaa), diag);
    BOOST_REQUIRE_MESSAGE(got.has_value(), body << ": " << diag.detail);
    return *got;
}

void info_refused(response const& r, error_code code, std::string_view detail)
{
    diagnostics diag;
    auto const got = pks::proto::read_target_reply(r, pks::proto::target_request(uaa), diag);
    BOOST_TEST((got.has_error() && got.error() == code), std::string_view(r.body));
    BOOST_TEST(diag.detail == detail, std::string_view(r.body));
}

std::string const controls[] = {"a\r", "\nb", std::string("a\0b", 3), "\t", "\x1b[31m", "a\x7f"};

} // namespace

BOOST_AUTO_TEST_SUITE(proto_uaa_messages)

BOOST_AUTO_TEST_CASE(asking_for_the_target)
{
    BOOST_TEST(octets(pks::proto::target_request(endpoint::uaa("uaa.example.com/uaa"))) ==
        "GET /uaa/login HTTP/1.1\r\nHost: uaa.example.com:8443\r\nAccept: application/json\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(client_credentials_of_plain_characters_go_into_the_header)
{
    BOOST_TEST(sent(pks::client_credentials("login", secret("loginsecret"))) ==
        "Authorization: Basic bG9naW46bG9naW5zZWNyZXQ=\r\nX-CF-ENCODED-CREDENTIALS: true\r\n"
        "grant_type=client_credentials");
    BOOST_TEST(sent(pks::client_credentials("cf", secret())) ==
        "Authorization: Basic Y2Y6\r\nX-CF-ENCODED-CREDENTIALS: true\r\ngrant_type=client_credentials");
}

BOOST_AUTO_TEST_CASE(other_client_credentials_go_into_the_form)
{
    BOOST_TEST(sent(pks::client_credentials("login", secret("50% +:"))) ==
        "grant_type=client_credentials&client_id=login&client_secret=50%25+%2B%3A");
    BOOST_TEST(sent(pks::client_credentials("a:b", secret("c"))) ==
        "grant_type=client_credentials&client_id=a%3Ab&client_secret=c");
    BOOST_TEST(sent(pks::client_credentials("login", secret("\xc3\xa9"))) ==
        "grant_type=client_credentials&client_id=login&client_secret=%C3%A9");
}

BOOST_AUTO_TEST_CASE(users_through_pks_cli)
{
    BOOST_TEST(sent(pks::password_credentials("alana", secret("pass word"))) ==
        "grant_type=password&response_type=token&client_id=pks_cli&client_secret=&username=alana&password=pass+word");
    BOOST_TEST(sent(pks::passcode_credentials(secret("a1B2c3"))) ==
        "grant_type=password&response_type=token&client_id=pks_cli&client_secret=&passcode=a1B2c3");
    BOOST_TEST(sent(pks::refresh_token_credentials(secret("5694-r"))) ==
        "grant_type=refresh_token&response_type=token&client_id=pks_cli&client_secret=&refresh_token=5694-r");
}

BOOST_AUTO_TEST_CASE(an_empty_password_is_sent)
{
    BOOST_TEST(sent(pks::password_credentials("alana", secret())).ends_with("&username=alana&password="));
}

BOOST_AUTO_TEST_CASE(authorization_codes)
{
    auto const code = [](std::string redirect, secret verifier) {
        return sent(pks::authorization_code_credentials(app, secret("c/d"), std::move(redirect), std::move(verifier)));
    };
    std::string const begin = "grant_type=authorization_code&client_id=app&client_secret=s&code=c%2Fd";
    BOOST_TEST(code("", {}) == begin);
    BOOST_TEST(code("http://x/?a=1", {}) == begin + "&redirect_uri=http%3A%2F%2Fx%2F%3Fa%3D1");
    BOOST_TEST(code("", secret("v")) == begin + "&code_verifier=v");
    BOOST_TEST(code("http://x", secret("v")) == begin + "&redirect_uri=http%3A%2F%2Fx&code_verifier=v");
}

BOOST_AUTO_TEST_CASE(assertions_of_other_issuers)
{
    BOOST_TEST(sent(pks::jwt_bearer_credentials(app, secret("eyJ.eyJ.x"))) ==
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&client_id=app&client_secret=s"
        "&assertion=eyJ.eyJ.x");
}

BOOST_AUTO_TEST_CASE(every_authentication)
{
    auto const as = [](client_authentication client) {
        return sent(credentials(grant_type::client_credentials, std::move(client), {}));
    };
    std::string const form = "grant_type=client_credentials";
    BOOST_TEST(as(client_authentication::basic("a b", secret("c:\xc3\xa9"))) ==
        "Authorization: Basic YStiOmMlM0ElQzMlQTk=\r\nX-CF-ENCODED-CREDENTIALS: true\r\n" + form);
    BOOST_TEST(as(client_authentication::basic("a:b", secret("c"))) ==
        "Authorization: Basic YSUzQWI6Yw==\r\nX-CF-ENCODED-CREDENTIALS: true\r\n" + form);
    BOOST_TEST(as(client_authentication::basic_unencoded("a b", secret("c:d"))) ==
        "Authorization: Basic YSBiOmM6ZA==\r\n" + form);
    BOOST_TEST(as(client_authentication::body("a", secret("c"))) == form + "&client_id=a&client_secret=c");
    BOOST_TEST(as(client_authentication::body("a", secret())) == form + "&client_id=a&client_secret=");
    BOOST_TEST(as(client_authentication::none("a b")) == form + "&client_id=a+b");
    std::string const type = "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                             "&client_assertion=j.w.t";
    BOOST_TEST(as(client_authentication::assertion(secret("j.w.t"))) == form + type);
    BOOST_TEST(as(client_authentication::assertion(secret("j.w.t"), "a")) == form + "&client_id=a" + type);
    BOOST_TEST(
        as(client_authentication::automatic("a", secret("c"))) == as(client_authentication::basic("a", secret("c"))));
    BOOST_TEST(
        as(client_authentication::automatic("a", secret("~"))) == as(client_authentication::body("a", secret("~"))));
}

BOOST_AUTO_TEST_CASE(what_may_be_asked_for_besides)
{
    auto with = pks::password_credentials("alana", secret("p"));
    with.client(client_authentication::none("app"))
        .response_type("token id_token")
        .scope({"openid", "pks.clusters.manage"})
        .token_format(token_format::opaque)
        .origin("uaa")
        .parameter("mfaCode", secret("1"));
    BOOST_TEST(sent(with) ==
        "grant_type=password&response_type=token+id_token&client_id=app&username=alana&password=p"
        "&login_hint=%7B%22origin%22%3A%22uaa%22%7D&mfaCode=1&scope=openid+pks.clusters.manage&token_format=opaque");
    with.scope({}).token_format(token_format::jwt).response_type("");
    BOOST_TEST(sent(with) ==
        "grant_type=password&client_id=app&username=alana&password=p"
        "&login_hint=%7B%22origin%22%3A%22uaa%22%7D&mfaCode=1&token_format=jwt");
}

BOOST_AUTO_TEST_CASE(the_prefix_of_the_endpoint_is_kept)
{
    BOOST_TEST(sent(pks::client_credentials("a", secret("+")), endpoint::uaa("https://[::1]/uaa")) ==
        "grant_type=client_credentials&client_id=a&client_secret=%2B");
}

BOOST_AUTO_TEST_CASE(controls_are_refused_before_sending)
{
    auto const user = [] { return pks::password_credentials("alana", secret("p")); };
    for (auto const& bad : controls) {
        refused(pks::client_credentials(bad, secret("s")), errc::forbidden_character, "client_id");
        refused(pks::client_credentials("a", secret(bad)), errc::forbidden_character, "client_secret");
        refused(
            user().client(client_authentication::assertion(secret(bad))), errc::forbidden_character, "client_secret");
        refused(user().client(client_authentication::none(bad)), errc::forbidden_character, "client_id");
        refused(pks::password_credentials(bad, secret("p")), errc::forbidden_character, "username");
        refused(pks::password_credentials("alana", secret(bad)), errc::forbidden_character, "password");
        refused(pks::passcode_credentials(secret(bad)), errc::forbidden_character, "passcode");
        refused(pks::refresh_token_credentials(secret(bad)), errc::forbidden_character, "refresh_token");
        refused(pks::authorization_code_credentials(app, secret(bad), ""), errc::forbidden_character, "code");
        refused(pks::authorization_code_credentials(app, secret("c"), bad), errc::forbidden_character, "redirect_uri");
        refused(pks::authorization_code_credentials(app, secret("c"), "", secret(bad)), errc::forbidden_character,
            "code_verifier");
        refused(pks::jwt_bearer_credentials(app, secret(bad)), errc::forbidden_character, "assertion");
        refused(user().scope({"openid", bad}), errc::forbidden_character, "scope");
        refused(user().response_type(bad), errc::forbidden_character, "response_type");
        refused(user().origin(bad), errc::forbidden_character, "login_hint");
        refused(user().parameter("x", secret(bad)), errc::forbidden_character, "x");
        refused(user().parameter(bad, secret("x")), errc::forbidden_character, "parameter name");
    }
    refused(user().parameter("", secret("x")), errc::forbidden_character, "parameter name");
    refused(user().scope({"a b"}), errc::forbidden_character, "scope");
    refused(user().scope({""}), errc::forbidden_character, "scope");
    refused(user().client(client_authentication::basic_unencoded("a:b", secret("c"))), errc::forbidden_character,
        "client_id");
}

BOOST_AUTO_TEST_CASE(what_a_grant_needs)
{
    refused(pks::client_credentials("", secret("s")), errc::missing_parameter, "client_id");
    refused(pks::password_credentials("", secret("p")), errc::missing_parameter, "username");
    refused(pks::passcode_credentials(secret()), errc::missing_parameter, "passcode");
    refused(pks::refresh_token_credentials(secret()), errc::missing_parameter, "refresh_token");
    refused(pks::authorization_code_credentials(app, secret(), "http://x"), errc::missing_parameter, "code");
    refused(pks::jwt_bearer_credentials(app, secret()), errc::missing_parameter, "assertion");
    for (auto const& client :
        {client_authentication::basic("", secret("s")), client_authentication::basic_unencoded("", secret("s")),
            client_authentication::body("", secret("s")), client_authentication::none("")})
        refused(credentials(grant_type::client_credentials, client, {}), errc::missing_parameter, "client_id");
    refused(credentials(grant_type::client_credentials, client_authentication::assertion(secret(), "a"), {}),
        errc::missing_parameter, "client_assertion");
    // Without any parameter at all.
    for (auto const& [grant, name] : {std::pair(grant_type::password, "username"),
             std::pair(grant_type::passcode, "passcode"), std::pair(grant_type::refresh_token, "refresh_token"),
             std::pair(grant_type::authorization_code, "code"), std::pair(grant_type::jwt_bearer, "assertion")})
        refused(credentials(grant, app, {}), errc::missing_parameter, name);
}

BOOST_AUTO_TEST_CASE(what_was_sent_is_redacted)
{
    diagnostics diag;
    auto const hidden = [&diag](credentials const& with, std::string_view text) {
        auto const got = pks::proto::token_request(uaa, with, diag);
        BOOST_REQUIRE(got.has_value());
        return got->redact(text) == "[redacted]";
    };
    secret const s("hunter2hunter2");
    std::string_view const text = "hunter2hunter2";
    BOOST_TEST(hidden(pks::client_credentials("client", s), text));
    BOOST_TEST(hidden(pks::client_credentials("client", s), "Y2xpZW50Omh1bnRlcjJodW50ZXIy"));
    BOOST_TEST(hidden(pks::client_credentials("client", secret("~hunter2hunter2")), "%7Ehunter2hunter2"));
    BOOST_TEST(hidden(pks::password_credentials("alana", s), text));
    BOOST_TEST(hidden(pks::passcode_credentials(s), text));
    BOOST_TEST(hidden(pks::refresh_token_credentials(s), text));
    BOOST_TEST(hidden(pks::authorization_code_credentials(app, s, ""), text));
    BOOST_TEST(hidden(pks::authorization_code_credentials(app, secret("c"), "", s), text));
    BOOST_TEST(hidden(pks::jwt_bearer_credentials(app, s), text));
    BOOST_TEST(hidden(pks::client_credentials("a", secret()).client(client_authentication::assertion(s)), text));
    BOOST_TEST(hidden(pks::password_credentials("alana", secret("p")).parameter("mfaCode", s), text));
    // What helps whoever reads the message stays.
    auto const open = pks::authorization_code_credentials(
        client_authentication::body("client-id", secret("s")), secret("c"), "http://redirect");
    BOOST_TEST(!hidden(open, "client-id"));
    BOOST_TEST(!hidden(open, "http://redirect"));
    BOOST_TEST(!hidden(pks::password_credentials("hunter2hunter2", secret("p")), text));
    BOOST_TEST(!hidden(pks::password_credentials("alana", secret("p")).origin("uaa-origin"), "uaa-origin"));
}

BOOST_AUTO_TEST_CASE(a_token)
{
    auto const got = token_of(R"({"access_token":"someaccesstoken","token_type":"bearer","id_token":"some.id.token",
        "refresh_token":"somerefresh-r","expires_in":599,"scope":"pks.clusters.manage  openid ","jti":"4f1",
        "more":[1]})");
    BOOST_TEST(got.value().reveal() == "someaccesstoken");
    BOOST_TEST(got.token_type() == "bearer");
    BOOST_TEST((got.expires_in() == 599s));
    BOOST_TEST((got.expires_at() == now + 599s));
    BOOST_TEST((got.scope() == std::vector<std::string>{"pks.clusters.manage", "openid"}));
    BOOST_TEST(got.jti() == "4f1");
    BOOST_REQUIRE(got.refresh_token());
    BOOST_TEST(got.refresh_token()->reveal() == "somerefresh-r");
    BOOST_REQUIRE(got.id_token());
    BOOST_TEST(got.id_token()->reveal() == "some.id.token");
}

BOOST_AUTO_TEST_CASE(o2_the_least_of_a_token)
{
    for (auto const* body : {R"({"token_type":"Bearer","access_token":"!~"})",
             R"({"access_token":"!~","token_type":"BEARER","expires_in":null,"scope":null,"jti":null,
                 "refresh_token":null,"id_token":null})",
             R"({"access_token":"!~","token_type":"bearer","scope":"   "})"}) {
        auto const got = token_of(body);
        BOOST_TEST(got.value().reveal() == "!~");
        BOOST_TEST(!got.expires_in());
        BOOST_TEST(!got.expires_at());
        BOOST_TEST(got.scope().empty());
        BOOST_TEST(got.jti() == "");
        BOOST_TEST(!got.refresh_token());
        BOOST_TEST(!got.id_token());
    }
    BOOST_TEST(token_of(R"({"access_token":"a","token_type":"Bearer"})").token_type() == "Bearer");
}

BOOST_AUTO_TEST_CASE(o2_lifetimes)
{
    std::pair<char const*, std::int64_t> const rows[] = {{"0", 0}, {"-0", 0}, {"1", 1}, {"43199", 43199},
        {"2147483646", 2147483646}, {"2147483647", 2147483647}, {"2147483648", 2147483647},
        {"9223372036854775807", 2147483647}, {"9223372036854775808", 2147483647}, {"18446744073709551615", 2147483647},
        {"18446744073709551616", 2147483647}, {"1e30", 2147483647}, {"\"0\"", 0}, {"\"599\"", 599}, {"\"000599\"", 599},
        {"\"2147483648\"", 2147483647}, {"\"9223372036854775808\"", 2147483647},
        {"\"99999999999999999999999999\"", 2147483647}};
    for (auto const& [written, expected] : rows) {
        auto const got = token_of(with_expires_in(written));
        BOOST_REQUIRE(got.expires_in().has_value());
        BOOST_TEST(got.expires_in()->count() == expected, written);
        BOOST_TEST((got.expires_at() == now + std::chrono::seconds(expected)), written);
    }
}

BOOST_AUTO_TEST_CASE(o2_what_is_no_lifetime)
{
    for (auto const* written :
        {"-1", "-9223372036854775808", "-1e30", "0.5", "599.0", "6e2", "\"\"", "\"-1\"", "\"+1\"", "\" 1\"", "\"1 \"",
            "\"1.0\"", "\"1e3\"", "\"0x10\"", "\"never\"", "\"1\\u0000\"", "true", "false", "[]", "[599]", "{}"})
        token_refused(with_expires_in(written), errc::invalid_expires_in, "expires_in");
}

BOOST_AUTO_TEST_CASE(o2_replies_without_a_token)
{
    for (auto const* body : {"{}", R"({"token_type":"bearer"})", R"({"access_token":null,"token_type":"bearer"})",
             R"({"access_token":"","token_type":"bearer"})", R"({"Access_Token":"someaccesstoken"})",
             R"({"error":"invalid_client","error_description":"Bad credentials"})"})
        token_refused(body, errc::missing_access_token, "access_token");
}

BOOST_AUTO_TEST_CASE(tokens_that_no_header_field_takes)
{
    for (auto const* written : {R"("some accesstoken")", R"("someaccesstoken\r\nX: y")", R"("someaccesstoken\u0000")",
             R"("someaccesstoken\t")", R"("someaccesstoken\u007f")", R"("\u00e9someaccesstoken")",
             R"(" someaccesstoken")", "42", "true", "[\"someaccesstoken\"]", "{}"})
        token_refused(std::string(R"({"token_type":"bearer","access_token":)") + written + "}", errc::unexpected_json,
            "access_token");
}

BOOST_AUTO_TEST_CASE(o2_other_token_types)
{
    for (auto const* written : {"\"mac\"", "\"\"", "\"bearer \"", "\"bearers\"", "\"Beare\"", "\"DPoP\"",
             "\"bearer\\u0000\"", "\"b\\u00e9arer\"", "null", "1", "[\"bearer\"]"})
        token_refused(std::string(R"({"access_token":"someaccesstoken","token_type":)") + written + "}",
            errc::unsupported_token_type, "token_type");
    token_refused(R"({"access_token":"someaccesstoken"})", errc::unsupported_token_type, "token_type");
}

BOOST_AUTO_TEST_CASE(members_of_other_types)
{
    auto const with = [](std::string const& members) {
        return R"({"access_token":"someaccesstoken","token_type":"bearer",)" + members + "}";
    };
    for (auto const* name : {"jti", "scope", "refresh_token", "id_token"})
        for (auto const* value : {"1", "true", "[]", "[\"a\"]", "{}"})
            token_refused(with('"' + std::string(name) + "\":" + value), errc::unexpected_json, name);
    for (auto const* name : {"jti", "scope"})
        for (auto const* value : {R"("a\nb")", R"("\u001b[2J")", R"("\u0000")", R"("\u007f")"})
            token_refused(with('"' + std::string(name) + "\":" + value), errc::unexpected_json, name);
    token_refused(with(R"("scope":1,"jti":2)"), errc::unexpected_json, "jti");
}

BOOST_AUTO_TEST_CASE(replies_that_are_no_object)
{
    for (auto const* body : {"[]", "null", "\"someaccesstoken\"", "1", R"([{"access_token":"someaccesstoken"}])"})
        token_refused(body, errc::unexpected_json, "no object");
}

BOOST_AUTO_TEST_CASE(o2_replies_that_are_no_json)
{
    token_refused(R"({"access_token":"someaccesstoken","token_type":"bearer"})"
                  "x",
        errc::malformed_json, "JSON, at octet 56");
    token_refused(R"({"access_token":"someaccesstoken)", errc::malformed_json, "JSON, at octet 32");
    token_refused("", errc::malformed_json, "JSON, at octet 0");
    token_refused(R"({"access_token":"someaccesstoken","access_token":"someaccesstoken","token_type":"bearer"})",
        errc::duplicate_member, "JSON, at octet 89");
    token_refused(R"({"access_token":"someaccesstoken","\u0061ccess_token":"b","token_type":"bearer"})",
        errc::duplicate_member, "JSON, at octet 80");
    token_refused(reply("<html>someaccesstoken</html>", 200, "text/html"), errc::not_json, "media type");
    token_refused(reply(R"({"access_token":"someaccesstoken"})", 200, "text/html"), errc::not_json, "media type");
    token_refused(reply("someaccesstoken", 200, "text/plain"), errc::not_json, "media type");
}

BOOST_AUTO_TEST_CASE(other_statuses_of_success)
{
    std::string const body = R"({"access_token":"someaccesstoken","token_type":"bearer"})";
    for (int status : {201, 202, 204, 206})
        token_refused(reply(body, status), errc::unexpected_status, "status " + std::to_string(status));
    token_refused(reply(body, 302), errc::redirected, "status 302");
    token_refused(reply(body, 100), errc::unexpected_status, "status 100");
}

BOOST_AUTO_TEST_CASE(a_refused_login)
{
    diagnostics diag;
    auto const got = pks::proto::read_token_reply(
        reply(R"({"error":"invalid_client","error_description":"Bad credentials"})", 401), asked(), now, diag);
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error() == error_code(oauth_errc::bad_credentials));
    BOOST_TEST(diag.http_status == 401);
    BOOST_TEST(diag.error_description == "Bad credentials");
}

BOOST_AUTO_TEST_CASE(a_target)
{
    auto const got = info_of(R"-({"app":{"version":"77.18.0","more":1},
        "links":{"uaa":"http://localhost:8080/uaa","passwd":"/forgot","login":"http://localhost:8080/login"},
        "zone_name":"uaa","entityID":"cloudfoundry-saml-login","commit_id":"git-metadata-not-found",
        "idpDefinitions":{},"showLoginLinks":true,"timestamp":"2024-10-22T12:23:33+0000",
        "prompts":{"username":["text","Email"],"password":["password","Password"],
                   "passcode":["password","One Time Code ( Get one at http://localhost:8080/uaa/passcode )"]}})-");
    BOOST_TEST(got.version == "77.18.0");
    BOOST_TEST(got.uaa_url == "http://localhost:8080/uaa");
    BOOST_TEST(got.login_url == "http://localhost:8080/login");
    BOOST_TEST(got.zone_name == "uaa");
    BOOST_TEST(got.entity_id == "cloudfoundry-saml-login");
    BOOST_TEST(got.commit_id == "git-metadata-not-found");
    BOOST_TEST(got.timestamp == "2024-10-22T12:23:33+0000");
    BOOST_REQUIRE(got.prompts.size() == 3u);
    BOOST_TEST(got.prompts[0].name == "username");
    BOOST_TEST(got.prompts[0].type == "text");
    BOOST_TEST(got.prompts[0].label == "Email");
    BOOST_TEST(got.prompts[1].name == "password");
    BOOST_TEST(got.prompts[2].name == "passcode");
    BOOST_TEST(got.prompts[2].type == "password");
    BOOST_TEST(got.prompts[2].label == "One Time Code ( Get one at http://localhost:8080/uaa/passcode )");
}

BOOST_AUTO_TEST_CASE(the_least_of_a_target)
{
    for (auto const* body : {R"({"prompts":{}})", R"({"prompts":{},"app":null,"links":null,"zone_name":null})",
             R"({"prompts":{},"app":{},"links":{"uaa":null}})"}) {
        auto const got = info_of(body);
        BOOST_TEST(got.version == "");
        BOOST_TEST(got.uaa_url == "");
        BOOST_TEST(got.login_url == "");
        BOOST_TEST(got.zone_name == "");
        BOOST_TEST(got.prompts.empty());
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_target)
{
    std::pair<char const*, char const*> const rows[] = {{"[]", "no object"}, {"{}", "prompts"},
        {R"({"prompts":null})", "prompts"}, {R"({"prompts":[]})", "prompts"},
        {R"({"prompts":{"a":"text"}})", "prompts"}, {R"({"prompts":{"a":["text"]}})", "prompts"},
        {R"({"prompts":{"a":["text","b","c"]}})", "prompts"}, {R"({"prompts":{"a":["text",1]}})", "prompts"},
        {R"({"prompts":{"a":[null,"b"]}})", "prompts"}, {R"({"prompts":{},"app":1})", "app"},
        {R"({"prompts":{},"app":{"version":77}})", "app.version"}, {R"({"prompts":{},"links":[]})", "links"},
        {R"({"prompts":{},"links":{"uaa":1}})", "links.uaa"}, {R"({"prompts":{},"links":{"login":{}}})", "links.login"},
        {R"({"prompts":{},"zone_name":1})", "zone_name"}, {R"({"prompts":{},"entityID":1})", "entityID"},
        {R"({"prompts":{},"commit_id":1})", "commit_id"}, {R"({"prompts":{},"timestamp":1})", "timestamp"}};
    for (auto const& [body, detail] : rows)
        info_refused(reply(body), errc::unexpected_json, detail);
    info_refused(reply(R"({"prompts":{}})", 200, "text/html;charset=UTF-8"), errc::not_json, "media type");
    info_refused(reply(R"({"prompts":{})"), errc::malformed_json, "JSON, at octet 13");
    info_refused(reply("", 302), errc::redirected, "status 302");
    info_refused(reply("{}", 404), oauth_errc::not_found, "");
}

BOOST_AUTO_TEST_SUITE_END()
