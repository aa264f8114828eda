// The messages about tokens and keys: what a resource server asks, and answers down to the last second that fits.
#include "messages.hpp"

#include <pks/proto/token_messages.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using pks::client_authentication;
using pks::clock;
using pks::diagnostics;
using pks::endpoint;
using pks::errc;
using pks::error_code;
using pks::oauth_errc;
using pks::secret;
using pks::token_claims;
using pks::token_keys;
using pks::proto::check_token_request;
using pks::proto::request;
using pks::proto::response;
using pks::proto::token_keys_request;
using proto_test::reply;

endpoint const uaa = endpoint::uaa("uaa.example.com/uaa");
client_authentication const pks_client = client_authentication::basic("pks_client", secret("client secret"));

std::string octets(request const& r)
{
    auto const got = r.serialize();
    BOOST_REQUIRE(got.has_value());
    return std::string(std::string_view(*got));
}

std::string asked_with(client_authentication const& as, std::string_view token = "some.token")
{
    diagnostics diag;
    auto const got = check_token_request(uaa, as, secret(token), diag);
    BOOST_REQUIRE_MESSAGE(got.has_value(), diag.detail);
    auto const text = octets(*got);
    std::string_view const begin = "POST /uaa/check_token HTTP/1.1\r\nHost: uaa.example.com:8443\r\n"
                                   "Accept: application/json\r\n";
    BOOST_TEST(text.starts_with(begin), text);
    return text.substr(begin.size());
}

void refused(client_authentication const& as, std::string_view token, errc code, std::string_view detail)
{
    diagnostics diag;
    auto const got = check_token_request(uaa, as, secret(token), diag);
    BOOST_TEST((got.has_error() && got.error() == code), detail);
    BOOST_TEST(diag.detail == detail);
}

request asked()
{
    diagnostics diag;
    return *check_token_request(uaa, pks_client, secret("someaccesstoken"), diag);
}

token_claims claims_of(std::string_view body)
{
    diagnostics diag;
    auto const got = pks::proto::read_check_token_reply(reply(body), asked(), diag);
    BOOST_REQUIRE_MESSAGE(got.has_value(), body << ": " << diag.detail);
    return *got;
}

void claims_refused(response const& r, error_code code, std::string_view detail)
{
    diagnostics diag;
    auto const got = pks::proto::read_check_token_reply(r, asked(), diag);
    BOOST_TEST((got.has_error() && got.error() == code), std::string_view(r.body));
    BOOST_TEST(diag.detail == detail, std::string_view(r.body));
}

token_keys keys_of(response const& r, std::string const& etag = {})
{
    diagnostics diag;
    auto const got = pks::proto::read_token_keys_reply(r, token_keys_request(uaa, etag), diag);
    BOOST_REQUIRE_MESSAGE(got.has_value(), std::string_view(r.body) << ": " << diag.detail);
    return *got;
}

void keys_refused(response const& r, error_code code, std::string_view detail)
{
    diagnostics diag;
    auto const got = pks::proto::read_token_keys_reply(r, token_keys_request(uaa, {}), diag);
    BOOST_TEST((got.has_error() && got.error() == code), std::string_view(r.body));
    BOOST_TEST(diag.detail == detail, std::string_view(r.body));
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_token_messages)

BOOST_AUTO_TEST_CASE(asking_about_a_token)
{
    BOOST_TEST(asked_with(pks_client) ==
        "Authorization: Basic cGtzX2NsaWVudDpjbGllbnQrc2VjcmV0\r\nX-CF-ENCODED-CREDENTIALS: true\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\n\r\ntoken=some.token");
    BOOST_TEST(asked_with(pks_client, "a+/=").ends_with("\r\n\r\ntoken=a%2B%2F%3D"));
}

BOOST_AUTO_TEST_CASE(credentials_are_basic_whatever_the_method)
{
    auto const encoded = asked_with(pks_client);
    BOOST_TEST(asked_with(client_authentication::automatic("pks_client", secret("client secret"))) == encoded);
    BOOST_TEST(asked_with(client_authentication::body("pks_client", secret("client secret"))) == encoded);
    BOOST_TEST(asked_with(client_authentication::basic_unencoded("pks_client", secret("client secret"))) ==
        "Authorization: Basic cGtzX2NsaWVudDpjbGllbnQgc2VjcmV0\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\n\r\ntoken=some.token");
    BOOST_TEST(asked_with(client_authentication::basic("cf", secret())).starts_with("Authorization: Basic Y2Y6\r\n"));
    BOOST_TEST(asked_with(client_authentication::none("cf")).starts_with("Authorization: Basic Y2Y6\r\n"));
}

BOOST_AUTO_TEST_CASE(refused_before_sending)
{
    refused(client_authentication::basic("", secret("s")), "t", errc::missing_parameter, "client_id");
    refused(pks_client, "", errc::missing_parameter, "token");
    for (auto const& bad : {std::string("a\r\nX: y"), std::string("\n"), std::string("a\0", 2), std::string("\x7f")}) {
        refused(client_authentication::basic(bad, secret("s")), "t", errc::forbidden_character, "client_id");
        refused(client_authentication::basic("a", secret(bad)), "t", errc::forbidden_character, "client_secret");
        refused(pks_client, bad, errc::forbidden_character, "token");
    }
    refused(client_authentication::basic_unencoded("a:b", secret("s")), "t", errc::forbidden_character, "client_id");
    BOOST_TEST(asked_with(client_authentication::basic("a:b", secret("s"))).starts_with("Authorization: Basic YSUz"));
    refused(client_authentication::assertion(secret("j.w.t"), "a"), "t", errc::missing_parameter, "client_secret");
}

BOOST_AUTO_TEST_CASE(what_was_sent_is_redacted)
{
    auto const r = asked();
    BOOST_TEST(r.redact("someaccesstoken client secret client+secret") == "[redacted] [redacted] [redacted]");
    BOOST_TEST(r.redact("cGtzX2NsaWVudDpjbGllbnQrc2VjcmV0") == "[redacted]");

    diagnostics diag;
    auto const got = pks::proto::read_check_token_reply(
        reply(R"({"error":"invalid_token","error_description":"Invalid token (could not decode): someaccesstoken"})",
            400),
        r, diag);
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error() == error_code(oauth_errc::invalid_token));
    BOOST_TEST(diag.error_description == "Invalid token (could not decode): [redacted]");
    BOOST_TEST(diag.body.find("someaccesstoken") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(claims_of_a_user)
{
    auto const got = claims_of(R"({"user_id":"fe42bb61","user_name":"marissa","email":"marissa@test.org",
        "client_id":"app","exp":1729643216,"scope":["scim.userids","openid"],"jti":"48a7","aud":["app","scim"],
        "sub":"fe42bb61-s","iss":"http://localhost:8080/uaa/oauth/token","iat":1729600016,"cid":"app",
        "grant_type":"password","azp":"app","zid":"uaa","rev_sig":"18de904","origin":"uaa","revocable":true})");
    BOOST_TEST(got.user_id == "fe42bb61");
    BOOST_TEST(got.user_name == "marissa");
    BOOST_TEST(got.email == "marissa@test.org");
    BOOST_TEST(got.client_id == "app");
    BOOST_TEST((got.expires_at == clock::time_point(1729643216s)));
    BOOST_TEST((got.issued_at == clock::time_point(1729600016s)));
    BOOST_TEST((got.scope == std::vector<std::string>{"scim.userids", "openid"}));
    BOOST_TEST((got.aud == std::vector<std::string>{"app", "scim"}));
    BOOST_TEST(got.jti == "48a7");
    BOOST_TEST(got.sub == "fe42bb61-s");
    BOOST_TEST(got.iss == "http://localhost:8080/uaa/oauth/token");
    BOOST_TEST(got.grant_type == "password");
    BOOST_TEST(got.zid == "uaa");
    BOOST_TEST(got.origin == "uaa");
    BOOST_TEST(got.revocable);
    BOOST_TEST(got.user());
    BOOST_REQUIRE(got.json);
    BOOST_TEST((got.json->at("rev_sig") == "18de904"));
}

BOOST_AUTO_TEST_CASE(the_least_of_an_answer)
{
    auto const got = claims_of(R"({"client_id":"app","exp":0,"user_id":null,"scope":null,"iat":null})");
    BOOST_TEST((got.expires_at == clock::time_point()));
    BOOST_TEST(!got.issued_at);
    BOOST_TEST(!got.user());
    BOOST_TEST(got.scope.empty());
    BOOST_TEST(got.aud.empty());
    BOOST_TEST(!got.revocable);
    BOOST_TEST(got.jti == "");
}

// A time_point of nanoseconds ends long before what a number can say.
BOOST_AUTO_TEST_CASE(times_that_fit)
{
    auto const with = [](std::string const& exp) { return R"({"client_id":"app","exp":)" + exp + "}"; };
    auto const latest = std::chrono::floor<std::chrono::seconds>(clock::time_point::max());
    auto const count = latest.time_since_epoch().count();
    BOOST_TEST((claims_of(with(std::to_string(count))).expires_at == clock::time_point(latest)));
    BOOST_TEST((claims_of(with("4102444800")).expires_at == clock::time_point(4102444800s)));
    for (auto const& bad : {std::to_string(count + 1), std::string("9223372036854775807"),
             std::string("9223372036854775808"), std::string("18446744073709551616"), std::string("-1"),
             std::string("-9223372036854775808"), std::string("1.5"), std::string("1e9"), std::string("\"1729643216\""),
             std::string("true"), std::string("[1729643216]")}) {
        claims_refused(reply(with(bad)), errc::unexpected_json, "exp");
        claims_refused(reply(R"({"client_id":"app","exp":1,"iat":)" + bad + "}"), errc::unexpected_json, "iat");
    }
}

BOOST_AUTO_TEST_CASE(answers_that_decide_nothing)
{
    claims_refused(reply("{}"), errc::unexpected_json, "client_id");
    claims_refused(reply(R"({"client_id":"","exp":1})"), errc::unexpected_json, "client_id");
    claims_refused(reply(R"({"exp":1})"), errc::unexpected_json, "client_id");
    claims_refused(reply(R"({"client_id":"app"})"), errc::unexpected_json, "exp");
    claims_refused(reply(R"({"client_id":"app","exp":null})"), errc::unexpected_json, "exp");
    for (auto const* body : {"[]", "null", "true", "\"app\""})
        claims_refused(reply(body), errc::unexpected_json, "no object");
}

BOOST_AUTO_TEST_CASE(claims_of_other_types)
{
    auto const with = [](std::string_view name, std::string_view value) {
        return R"({"x":1,")" + std::string(name) + "\":" + std::string(value) + "}";
    };
    for (auto const* name :
        {"jti", "sub", "client_id", "grant_type", "iss", "zid", "user_id", "user_name", "email", "origin"})
        for (auto const* value : {"1", "true", "[]", "{}"})
            claims_refused(reply(with(name, value)), errc::unexpected_json, name);
    for (auto const* name : {"scope", "aud"})
        for (auto const* value : {"\"openid\"", "1", "{}", "[1]", "[\"a\",null]", "[[\"a\"]]"})
            claims_refused(reply(with(name, value)), errc::unexpected_json, name);
    for (auto const* value : {"\"true\"", "1", "[]"})
        claims_refused(reply(with("revocable", value)), errc::unexpected_json, "revocable");
}

BOOST_AUTO_TEST_CASE(answers_that_are_none)
{
    claims_refused(reply(R"({"client_id":"app","exp":1,"exp":2})"), errc::duplicate_member, "JSON, at octet 35");
    claims_refused(reply(R"({"client_id":"app")"), errc::malformed_json, "JSON, at octet 18");
    claims_refused(reply("<html>", 200, "text/html"), errc::not_json, "media type");
    claims_refused(reply("", 204), errc::unexpected_status, "status 204");
    claims_refused(reply("", 302), errc::redirected, "status 302");
    claims_refused(reply("{}", 500), oauth_errc::server_error, "");
    claims_refused(reply(R"({"error":"access_denied","error_description":"Access is denied"})", 403),
        oauth_errc::access_denied, "");
}

BOOST_AUTO_TEST_CASE(asking_for_keys)
{
    BOOST_TEST(octets(token_keys_request(uaa, {})) ==
        "GET /uaa/token_keys HTTP/1.1\r\nHost: uaa.example.com:8443\r\nAccept: application/json\r\n\r\n");
    BOOST_TEST(octets(token_keys_request(uaa, "W/\"15\"")).ends_with("\r\nIf-None-Match: W/\"15\"\r\n\r\n"));
    std::string detail;
    auto const got = token_keys_request(uaa, "\"1\"\r\nX: y").serialize(&detail);
    BOOST_TEST((got.has_error() && got.error() == errc::forbidden_character));
    BOOST_TEST(detail == "request field If-None-Match");
}

BOOST_AUTO_TEST_CASE(a_set_of_keys)
{
    auto r = reply(R"({"keys":[{"kty":"RSA","kid":"key-1","n":"AA","e":"AQAB"},{"kty":"MAC","kid":null},
        {"kid":"key-2","kty":"EC","unknown":{}}],"more":1})");
    r.fields.emplace_back("etag", "\"1501570800000\"");
    auto const got = keys_of(r, "\"1\"");
    BOOST_TEST((got.key_ids == std::vector<std::string>{"key-1", "", "key-2"}));
    BOOST_TEST(got.etag == "\"1501570800000\"");
    BOOST_TEST(!got.not_modified);
    BOOST_REQUIRE(got.json);
    BOOST_TEST((got.json->at("keys").as_array().at(0).at("n") == "AA"));

    auto const none = keys_of(reply(R"({"keys":[]})"));
    BOOST_TEST(none.key_ids.empty());
    BOOST_TEST(none.etag == "");
    BOOST_TEST(!none.not_modified);
}

BOOST_AUTO_TEST_CASE(keys_that_did_not_change)
{
    auto r = reply("", 304);
    r.fields.emplace_back("ETag", "\"15\"");
    auto const got = keys_of(r, "\"15\"");
    BOOST_TEST(got.not_modified);
    BOOST_TEST(got.etag == "\"15\"");
    BOOST_TEST(got.key_ids.empty());
    BOOST_TEST(!got.json);
    // Nobody asked whether they did.
    keys_refused(r, errc::unexpected_status, "status 304");
}

BOOST_AUTO_TEST_CASE(what_is_no_set_of_keys)
{
    for (auto const* body : {"[]", "{}", "null", R"({"keys":null})", R"({"keys":{}})", R"({"keys":"x"})",
             R"({"keys":[1]})", R"({"keys":[{"kty":"RSA"},null]})", R"({"keys":[[]]})"})
        keys_refused(reply(body), errc::unexpected_json, "keys");
    for (auto const* body : {R"({"keys":[{}]})", R"({"keys":[{"kid":"a"}]})", R"({"keys":[{"kty":null}]})",
             R"({"keys":[{"kty":""}]})", R"({"keys":[{"kty":1}]})", R"({"keys":[{"kty":"RSA"},{"kid":"b"}]})"})
        keys_refused(reply(body), errc::unexpected_json, "kty");
    keys_refused(reply(R"({"keys":[{"kty":"RSA","kid":1}]})"), errc::unexpected_json, "kid");
    keys_refused(reply(R"({"keys":[{"kty":"RSA","kid":"a","kid":"b"}]})"), errc::duplicate_member, "JSON, at octet 44");
    keys_refused(reply("<html>", 200, "text/html"), errc::not_json, "media type");
    keys_refused(reply("", 302), errc::redirected, "status 302");
    keys_refused(reply("{}", 401), oauth_errc::unauthorized, "");
}

BOOST_AUTO_TEST_SUITE_END()
