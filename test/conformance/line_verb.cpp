// JSON lines: what each verb answers, and what becomes of lines that cannot be judged.
#include "runner/line_verb.hpp"
#include "conformance/program.hpp"
#include "runner/tls_server.hpp"

#include <pks/jose/base64url.hpp>
#include <pks/testing/certificate_authority.hpp>
#include <pks/testing/signing_key.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace json = boost::json;
using conform::exit_status;
using conform::line_verb_options;
using pks::jose::base64url_encode;
using pks::testing::signing_key;

struct answers
{
    exit_status status;
    std::string out;
    std::string err;
};

answers run(std::string_view verb, std::string const& lines, line_verb_options const& options = {})
{
    std::istringstream in(lines);
    std::ostringstream out, err;
    auto const status = conform::run_line_verb(verb, options, in, out, err);
    return {status, out.str(), err.str()};
}

/// The answer to one line that can be judged.
std::string answer(std::string_view verb, json::object const& line, line_verb_options const& options = {})
{
    auto const got = run(verb, json::serialize(line), options);
    BOOST_TEST(got.status == exit_status::as_expected, got.out);
    BOOST_TEST(got.err == "");
    return got.out;
}

/// The complaint about one line that cannot.
std::string complaint(std::string_view verb, json::object const& line, line_verb_options const& options = {})
{
    auto const got = run(verb, json::serialize(line), options);
    BOOST_TEST(got.status == exit_status::usage, got.out);
    BOOST_TEST(got.err == "pks-conform: 1 of 1 lines cannot be judged\n");
    return got.out;
}

std::string hex(std::string_view octets)
{
    std::string out;
    for (auto const c : octets) {
        out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        out += "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

signing_key const& key()
{
    static auto const instance = signing_key::generate("k1");
    return instance;
}

std::string token()
{
    auto const input = base64url_encode(R"({"alg":"RS256","kid":"k1"})") + '.' + base64url_encode("\xff octets");
    return input + '.' + base64url_encode(key().sign(input));
}

json::object set_of(json::object one)
{
    json::object out;
    out["keys"].emplace_array().push_back(std::move(one));
    return out;
}

line_verb_options key_file(std::string_view text)
{
    line_verb_options out;
    auto const file = conformance_test::scratch("lines") / "keys.json";
    std::ofstream(file, std::ios::binary) << text;
    out.jwks = file.string();
    return out;
}

std::string const valid = R"({"id":"1","verdict":"valid"})"
                          "\n";

std::string invalid(std::string const& error)
{
    return R"({"id":"1","verdict":"invalid","error":")" + error + "\"}\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(line_verb)

BOOST_AUTO_TEST_CASE(jws_verify)
{
    auto const good = R"({"id":"1","verdict":"valid","payload":")" + base64url_encode("\xff octets") + "\"}\n";
    json::object line;
    line["id"] = "1";
    line["token"] = token();
    line["jwk"] = key().jwk(false);
    BOOST_TEST(answer("jws-verify", line) == good);
    line["jwk"] = json::serialize(key().jwk(false));
    BOOST_TEST(answer("jws-verify", line) == good);
    line["jwk"] = R"({"kty":"RSA","kty":"RSA"})";
    BOOST_TEST(answer("jws-verify", line) == invalid("pks.jose:duplicate_member"));
    line.erase("jwk");
    line["jwks"] = set_of(key().jwk(true));
    BOOST_TEST(answer("jws-verify", line) == good);
    line["jwks"] = json::serialize(set_of(signing_key::generate("k2").jwk(false)));
    BOOST_TEST(answer("jws-verify", line) == invalid("pks.jose:unknown_key"));
    line["jwks"] = set_of(key().jwk(false));
    line["token"] = token() + "=";
    BOOST_TEST(answer("jws-verify", line) == invalid("pks.jose:invalid_base64url"));
    line["token"] = "opaque";
    BOOST_TEST(answer("jws-verify", line) == invalid("pks.jose:not_compact"));
    // The token is judged before the key.
    line["jwks"] = "";
    BOOST_TEST(answer("jws-verify", line) == invalid("pks.jose:not_compact"));
    line["token"] = token();
    BOOST_TEST(answer("jws-verify", line) == invalid("pks.jose:malformed_json"));

    BOOST_TEST(complaint("jws-verify", {{"id", 1}, {"jwk", "{}"}}) ==
        R"({"line":1,"error":"no string token"})"
        "\n");
    BOOST_TEST(complaint("jws-verify", {{"id", 1}, {"token", "a"}}) ==
        R"({"line":1,"error":"a line has a jwk or jwks, and not both"})"
        "\n");
    BOOST_TEST(complaint("jws-verify", {{"id", 1}, {"token", "a"}, {"jwk", "{}"}, {"jwks", "{}"}}) ==
        R"({"line":1,"error":"a line has a jwk or jwks, and not both"})"
        "\n");
    BOOST_TEST(complaint("jws-verify", {{"id", 1}, {"token", "a"}, {"jwk", 7}}) ==
        R"({"line":1,"error":"no object or string jwk"})"
        "\n");
}

BOOST_AUTO_TEST_CASE(jws_verify_with_a_file_of_keys)
{
    json::object line;
    line["id"] = "1";
    line["token"] = token();
    auto const options = key_file(json::serialize(set_of(key().jwk(false))));
    BOOST_TEST(answer("jws-verify", line, options).starts_with(R"({"id":"1","verdict":"valid","payload":)"));
    line["jwk"] = key().jwk(false);
    BOOST_TEST(complaint("jws-verify", line, options) ==
        R"({"line":1,"error":"a line has no key of its own beside --jwks"})"
        "\n");
    line.erase("jwk");

    // A key that is not used is reported, the others serve.
    auto set = set_of(key().jwk(false));
    set["keys"].as_array().push_back({{"kty", "oct"}, {"k", "AAAA"}});
    auto const some = run("jws-verify", json::serialize(line), key_file(json::serialize(set)));
    BOOST_TEST(some.status == exit_status::as_expected);
    BOOST_TEST(some.out.starts_with(R"({"id":"1","verdict":"valid")"));
    BOOST_TEST(some.err == "pks-conform: " + options.jwks + ": key 1 is not used: pks.jose:short_secret\n");

    auto const no_set = run("jws-verify", json::serialize(line), key_file("[]"));
    BOOST_TEST(no_set.status == exit_status::environment);
    BOOST_TEST(no_set.out == "");
    BOOST_TEST(no_set.err == "pks-conform: " + options.jwks + ": pks.jose:malformed_key_set\n");
}

namespace {

constexpr std::int64_t noon = 1'768'478'400;

json::object claims_at_noon()
{
    json::object out;
    out["jti"] = "1";
    out["client_id"] = "cli";
    out["iss"] = "https://uaa.example/oauth/token";
    out["aud"] = json::array{"cli", "pks.clusters"};
    out["scope"] = json::array{"pks.clusters.manage"};
    out["exp"] = noon + 600;
    out["iat"] = noon;
    return out;
}

std::string signed_token(json::object const& claims, std::string_view header = R"({"alg":"RS256","kid":"k1"})")
{
    auto const input = base64url_encode(header) + '.' + base64url_encode(json::serialize(claims));
    return input + '.' + base64url_encode(key().sign(input));
}

json::object check_of(std::string token, std::int64_t now = noon)
{
    json::object out;
    out["id"] = "1";
    out["token"] = std::move(token);
    out["jwks"] = set_of(key().jwk(false));
    out["issuer"] = "https://uaa.example/oauth/token";
    out["audiences"] = json::array{"pks.clusters"};
    out["now"] = now;
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(jwt_check)
{
    auto const claims = claims_at_noon();
    json::object const read = {{"iss", claims.at("iss")}, {"jti", claims.at("jti")},
        {"client_id", claims.at("client_id")}, {"aud", claims.at("aud")}, {"scope", claims.at("scope")},
        {"exp", static_cast<double>(noon + 600)}};
    auto const good = R"({"id":"1","verdict":"valid","claims":)" + json::serialize(claims) + R"(,"read":)" +
        json::serialize(read) + "}\n";
    auto line = check_of(signed_token(claims));
    BOOST_TEST(answer("jwt-check", line) == good);
    line["now"] = noon + 599;
    BOOST_TEST(answer("jwt-check", line) == good);
    line["now"] = noon + 600;
    BOOST_TEST(answer("jwt-check", line) == invalid("pks.token:expired"));
    line["leeway"] = 1;
    BOOST_TEST(answer("jwt-check", line) == good);
    line["now"] = noon - 1;
    BOOST_TEST(answer("jwt-check", line) == good);
    line["now"] = noon - 2;
    BOOST_TEST(answer("jwt-check", line) == invalid("pks.token:issued_in_the_future"));

    line = check_of(signed_token(claims));
    line["issuer"] = "https://uaa.example/oauth/token/";
    BOOST_TEST(answer("jwt-check", line) == invalid("pks.token:wrong_issuer"));
    line = check_of(signed_token(claims));
    line["audiences"] = json::array{"other"};
    BOOST_TEST(answer("jwt-check", line) == invalid("pks.token:wrong_audience"));
    line.erase("audiences");
    line["scopes"] = json::array{"pks.clusters.manage"};
    BOOST_TEST(answer("jwt-check", line) == good);
    line["scopes"] = json::array{"pks.clusters.manage", "pks.clusters.admin"};
    BOOST_TEST(answer("jwt-check", line) == invalid("pks.token:insufficient_scope"));

    line = check_of(signed_token(claims, R"({"alg":"RS256","kid":"k1","typ":"JOSE"})"));
    BOOST_TEST(answer("jwt-check", line) == invalid("pks.jose:wrong_token_type"));
    line = check_of(signed_token(claims, R"({"alg":"HS256","kid":"k1"})"));
    BOOST_TEST(answer("jwt-check", line) == invalid("pks.jose:algorithm_not_allowed"));
    line = check_of(token());
    BOOST_TEST(answer("jwt-check", line) == invalid("pks.jose:malformed_json"));

    // Secrets are no keys of a UAA.
    line = check_of(signed_token(claims));
    line["jwks"] = set_of({{"kty", "oct"}, {"k", std::string(43, 'A')}});
    BOOST_TEST(answer("jwt-check", line).find("\"verdict\":\"invalid\"") != std::string::npos);
    line.erase("jwks");
    BOOST_TEST(answer("jwt-check", line, key_file(json::serialize(set_of(key().jwk(false))))) == good);
}

BOOST_AUTO_TEST_CASE(jwt_check_of_what_cannot_be_meant)
{
    auto const complain = [](char const* name, json::value const& value) {
        auto line = check_of(signed_token(claims_at_noon()));
        line[name] = value;
        return complaint("jwt-check", line);
    };
    auto const says = [](std::string const& text) { return R"({"line":1,"error":")" + text + "\"}\n"; };
    BOOST_TEST(complain("issuer", nullptr) == says("no string issuer"));
    BOOST_TEST(complain("issuer", "") == says("pks.token:no_issuer_set"));
    BOOST_TEST(complain("audiences", json::array()) == says("pks.token:no_audience_set"));
    BOOST_TEST(complain("audiences", "pks.clusters") == says("audiences is no array"));
    BOOST_TEST(complain("scopes", json::array{1}) == says("scopes holds something else than strings"));
    BOOST_TEST(complain("leeway", 301) == says("pks.token:leeway_out_of_range"));
    BOOST_TEST(complain("leeway", -1) == says("pks.token:leeway_out_of_range"));
    BOOST_TEST(complain("leeway", "1") == says("leeway is no integer"));
    BOOST_TEST(complain("now", 1.5) == says("now is no integer"));
    for (auto const at : {std::int64_t{-1}, std::int64_t{253'402'300'800}})
        BOOST_TEST(complain("now", at) == says("now is outside of the years 1970 to 9999"));
}

BOOST_AUTO_TEST_CASE(sig_verify)
{
    std::string_view const message("a message\0\xff", 11);
    auto const signature = key().sign(message, "PS384");
    auto jwk = key().jwk(false);
    jwk.erase("alg");
    json::object line;
    line["id"] = "1";
    line["alg"] = "PS384";
    line["jwk"] = jwk;
    line["encoding"] = "hex";
    line["message"] = hex(message);
    line["signature"] = hex(signature);
    BOOST_TEST(answer("sig-verify", line) == valid);
    line["jwk"] = json::serialize(jwk);
    line["encoding"] = "base64url";
    line["message"] = base64url_encode(message);
    line["signature"] = base64url_encode(signature);
    BOOST_TEST(answer("sig-verify", line) == valid);

    auto other = line;
    other["message"] = base64url_encode(message.substr(1));
    BOOST_TEST(answer("sig-verify", other) == invalid("pks.jose:bad_signature"));
    other = line;
    other["alg"] = "RS384";
    BOOST_TEST(answer("sig-verify", other) == invalid("pks.jose:bad_signature"));
    other["alg"] = "ES384";
    BOOST_TEST(answer("sig-verify", other) == invalid("pks.jose:key_mismatch"));
    for (auto const* unknown : {"none", "ps384", ""}) {
        other["alg"] = unknown;
        BOOST_TEST(answer("sig-verify", other) == invalid("pks.jose:algorithm_not_allowed"));
    }
    other = line;
    other["signature"] = "";
    BOOST_TEST(answer("sig-verify", other) == invalid("pks.jose:wrong_signature_length"));
    other = line;
    other["jwk"] = json::object{{"kty", "RSA"}};
    BOOST_TEST(answer("sig-verify", other) == invalid("pks.jose:malformed_key"));

    for (auto const* name : {"alg", "message", "signature", "encoding"}) {
        other = line;
        other.erase(name);
        BOOST_TEST(complaint("sig-verify", other) == R"({"line":1,"error":"no string )" + std::string(name) + "\"}\n");
    }
    other = line;
    other["encoding"] = "base64";
    BOOST_TEST(complaint("sig-verify", other) ==
        R"({"line":1,"error":"encoding is neither hex nor base64url"})"
        "\n");
    other["encoding"] = "base64url";
    other["signature"] = "AA==";
    BOOST_TEST(complaint("sig-verify", other) ==
        R"({"line":1,"error":"signature is not base64url"})"
        "\n");
    other["encoding"] = "hex";
    for (auto const* text : {"abc", "0g", "0x00"}) {
        other["message"] = text;
        BOOST_TEST(complaint("sig-verify", other) ==
            R"({"line":1,"error":"message is not hex"})"
            "\n");
    }
}

BOOST_AUTO_TEST_CASE(json_parse)
{
    line_verb_options jose;
    jose.jose = true;
    json::object line;
    line["id"] = -5;
    line["encoding"] = "hex";
    line["bytes"] = hex(" {\"b\":[1.0e2,\"\\u0041\\/\\n\"],\t\"a\":{\"\":null}, \"\\u0061a\":true,\"c\":[false,-0]} ");
    BOOST_TEST(answer("json-parse", line, jose) ==
        R"({"id":-5,"verdict":"accept","canonical":"{\"a\":{\"\":null},\"aa\":true,\"b\":[1.0e2,\"A/\\n\"],)"
        R"(\"c\":[false,-0]}"})"
        "\n");
    BOOST_TEST(answer("json-parse", line) ==
        R"({"id":-5,"verdict":"accept","canonical":"{\"a\":{\"\":null},\"aa\":true,\"b\":[1E2,\"A/\\n\"],)"
        R"(\"c\":[false,0]}"})"
        "\n");
    line["bytes"] = hex("\"\xff\"");
    BOOST_TEST(answer("json-parse", line, jose) ==
        R"({"id":-5,"verdict":"reject","error":"pks.jose:invalid_utf8"})"
        "\n");
    BOOST_TEST(answer("json-parse", line) ==
        R"({"id":-5,"verdict":"reject","error":"pks:malformed_json"})"
        "\n");
    line["bytes"] = hex(R"({"a":1,"\u0061":2})");
    BOOST_TEST(answer("json-parse", line, jose) ==
        R"({"id":-5,"verdict":"reject","error":"pks.jose:duplicate_member"})"
        "\n");
    BOOST_TEST(answer("json-parse", line) ==
        R"({"id":-5,"verdict":"reject","error":"pks:duplicate_member"})"
        "\n");
    line["bytes"] = "";
    BOOST_TEST(answer("json-parse", line, jose) ==
        R"({"id":-5,"verdict":"reject","error":"pks.jose:malformed_json"})"
        "\n");
}

BOOST_AUTO_TEST_CASE(http_parse)
{
    json::object line;
    line["id"] = "1";
    line["encoding"] = "hex";
    line["bytes"] = hex("HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP");
    auto const good = R"({"id":"1","verdict":"accept","status":200,"body":"b2s","interim_responses":1,"extra_bytes":4,)"
                      R"("reusable":false})"
                      "\n";
    BOOST_TEST(answer("http-parse", line) == good);
    line["feed"] = 1;
    line["ending"] = "rst";
    BOOST_TEST(answer("http-parse", line) == good);

    line["bytes"] = hex("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    line["ending"] = "open";
    BOOST_TEST(answer("http-parse", line) ==
        R"({"id":"1","verdict":"incomplete"})"
        "\n");
    for (auto const* ending : {"fin", "rst"}) {
        line["ending"] = ending;
        BOOST_TEST(answer("http-parse", line) ==
            R"({"id":"1","verdict":"reject","error":"pks:truncated"})"
            "\n");
    }
    line["method"] = "HEAD";
    BOOST_TEST(answer("http-parse", line) ==
        R"({"id":"1","verdict":"accept","status":200,"body":"","interim_responses":0,"extra_bytes":0,"reusable":true})"
        "\n");
    line["bytes"] = hex("HTTP/1.1 200 OK\nContent-Length: 2\n\n");
    BOOST_TEST(answer("http-parse", line) ==
        R"({"id":"1","verdict":"reject","error":"pks:protocol_error"})"
        "\n");

    auto other = line;
    other["ending"] = "none";
    BOOST_TEST(complaint("http-parse", other) ==
        R"({"line":1,"error":"ending is none of open, fin and rst"})"
        "\n");
    other = line;
    other["feed"] = 0;
    BOOST_TEST(complaint("http-parse", other) ==
        R"({"line":1,"error":"feed is less than 1"})"
        "\n");
}

BOOST_AUTO_TEST_CASE(x509_verify)
{
    pks::testing::certificate_authority const authority("one CA"), another("another CA");
    json::object line;
    line["id"] = "1";
    line["leaf"] = authority.issue({"host.test"}, {"::1"}).certificate;
    line["trust"] = json::array{json::string(authority.root_pem())};
    line["host"] = "host.test";
    std::string const good = R"({"id":"1","verdict":"accept"})"
                             "\n";
    BOOST_TEST(answer("x509-verify", line) == good);
    line["intermediates"] = json::array{json::string(another.root_pem())};
    line["host"] = "::1";
    BOOST_TEST(answer("x509-verify", line) == good);

    auto const refused = [&](std::string const& error, std::string const& detail) {
        return R"({"id":"1","verdict":"reject","error":")" + error + R"(","detail":")" + detail + "\"}\n";
    };
    line["host"] = "other.test";
    BOOST_TEST(answer("x509-verify", line) == refused("pks.tls:host_mismatch", "hostname mismatch"));
    line["host"] = "h\xc3\xb6st.test";
    BOOST_TEST(answer("x509-verify", line) == refused("pks:invalid_endpoint", "h\xc3\xb6st.test"));
    line["host"] = "host.test";
    line["time"] = 4102444800;
    BOOST_TEST(answer("x509-verify", line) == refused("pks.tls:expired", "certificate has expired"));
    line.erase("time");
    line["trust"] = json::array{json::string(another.root_pem())};
    BOOST_TEST(
        answer("x509-verify", line) == refused("pks.tls:unknown_issuer", "unable to get local issuer certificate"));
    line["leaf"] = "none";
    BOOST_TEST(answer("x509-verify", line) == refused("pks.tls:malformed", "the server's certificate cannot be read"));
    line["trust"] = json::array{};
    BOOST_TEST(answer("x509-verify", line) == refused("pks:ca_empty", "CA as PEM text"));

    auto other = line;
    other.erase("host");
    BOOST_TEST(complaint("x509-verify", other) ==
        R"({"line":1,"error":"no string host"})"
        "\n");
    other = line;
    other["trust"] = "text";
    BOOST_TEST(complaint("x509-verify", other) ==
        R"({"line":1,"error":"trust is no array"})"
        "\n");
}

BOOST_AUTO_TEST_CASE(x509_verify_of_limbo)
{
    line_verb_options limbo;
    limbo.limbo = true;
    pks::testing::certificate_authority const authority("one CA");
    json::object line;
    line["id"] = "a::b";
    line["validation_kind"] = "SERVER";
    line["peer_certificate"] = authority.issue({"host.test"}, {}).certificate;
    line["untrusted_intermediates"] = json::array{};
    line["trusted_certs"] = json::array{json::string(authority.root_pem())};
    line["expected_peer_name"] = json::object{{"kind", "DNS"}, {"value", "host.test"}};
    line["validation_time"] = nullptr;
    line["max_chain_depth"] = nullptr;
    BOOST_TEST(answer("x509-verify", line, limbo) ==
        R"({"id":"a::b","verdict":"accept"})"
        "\n");
    line["validation_time"] = "2001-02-03T04:05:06+00:00";
    BOOST_TEST(answer("x509-verify", line, limbo) ==
        R"({"id":"a::b","verdict":"reject","error":"pks.tls:not_yet_valid","detail":"certificate is not yet valid"})"
        "\n");
    for (auto const* time : {"2001-02-03", "2001-02-03T04:05:06+01:00", "2001-02-03T04:05:0x+00:00"}) {
        line["validation_time"] = time;
        BOOST_TEST(complaint("x509-verify", line, limbo) ==
            R"({"line":1,"error":"validation_time is not of RFC 3339, in UTC"})"
            "\n");
    }
    line["validation_kind"] = "CLIENT";
    BOOST_TEST(complaint("x509-verify", line, limbo) ==
        R"({"line":1,"error":"validation_kind is not SERVER"})"
        "\n");
}

BOOST_AUTO_TEST_CASE(tls_get)
{
    conform::tls_server server;
    server.answer_with(
        [](std::string_view) { return std::optional<std::string>("HTTP/1.1 404 \r\nContent-Length: 2\r\n\r\nno"); });
    auto const port = std::to_string(server.port());
    json::object line;
    line["id"] = "1";
    line["url"] = "https://localhost:" + port + "/path?query";
    line["ca"] = server.ca();
    BOOST_TEST(answer("tls-get", line) ==
        R"({"id":"1","verdict":"answered","status":404,"octets":2,"reusable":true})"
        "\n");

    auto other = line;
    other["url"] = "https://other.test:" + port;
    other["loopback"] = true;
    BOOST_TEST(answer("tls-get", other) ==
        R"({"id":"1","verdict":"failed","error":"pks.tls:host_mismatch","step":"handshake","detail":"hostname mismatch"})"
        "\n");
    other.erase("ca");
    other["insecure"] = true;
    other["minimum_tls"] = "1.3";
    BOOST_TEST(answer("tls-get", other) ==
        R"({"id":"1","verdict":"answered","status":404,"octets":2,"reusable":true})"
        "\n");
    other = line;
    other.erase("ca");
    other["ca_file"] = "/no/such/file";
    BOOST_TEST(answer("tls-get", other) ==
        R"({"id":"1","verdict":"failed","error":"pks:ca_not_found","step":"load","detail":"CA file /no/such/file"})"
        "\n");
    other = line;
    other["url"] = "https://a..b/";
    BOOST_TEST(answer("tls-get", other) ==
        R"({"id":"1","verdict":"failed","error":"pks:invalid_endpoint","step":"none","detail":""})"
        "\n");

    other = line;
    other["insecure"] = true;
    BOOST_TEST(complaint("tls-get", other) ==
        R"({"line":1,"error":"a line has one of ca_file, ca and insecure"})"
        "\n");
    other["insecure"] = "yes";
    BOOST_TEST(complaint("tls-get", other) ==
        R"({"line":1,"error":"insecure is no boolean"})"
        "\n");
    other = line;
    other["minimum_tls"] = "1.1";
    BOOST_TEST(complaint("tls-get", other) ==
        R"({"line":1,"error":"minimum_tls is neither 1.2 nor 1.3"})"
        "\n");
}

// The lines around one that cannot be judged are; its number counts empty lines too.
BOOST_AUTO_TEST_CASE(lines_that_cannot_be_judged)
{
    std::string const good = R"({"id":"a","encoding":"hex","bytes":"31"})"
                             "\n";
    auto const got = run("json-parse",
        good + "\n" + "{\n" +
            R"({"id":"b","id":"c"})"
            "\n" +
            "7\r\n" +
            R"({"encoding":"hex","bytes":"31"})"
            "\n" +
            R"({"id":1.5,"encoding":"hex","bytes":"31"})"
            "\n" +
            "\"\xff\"\n" + " \t\r\n" + R"({"id":"z","encoding":"hex","bytes":"5d"})");
    BOOST_TEST(got.status == exit_status::usage);
    BOOST_TEST(got.out ==
        R"({"id":"a","verdict":"accept","canonical":"1"})"
        "\n"
        R"({"line":3,"error":"not strict JSON: pks.jose:malformed_json"})"
        "\n"
        R"({"line":4,"error":"not strict JSON: pks.jose:duplicate_member"})"
        "\n"
        R"({"line":5,"error":"no JSON object"})"
        "\n"
        R"({"line":6,"error":"no id that is a string or an integer"})"
        "\n"
        R"({"line":7,"error":"no id that is a string or an integer"})"
        "\n"
        R"({"line":8,"error":"not strict JSON: pks.jose:invalid_utf8"})"
        "\n"
        R"({"id":"z","verdict":"reject","error":"pks:malformed_json"})"
        "\n");
    BOOST_TEST(got.err == "pks-conform: 6 of 8 lines cannot be judged\n");

    for (auto const* nothing : {"", "\n", " \r\n\n"}) {
        auto const none = run("sig-verify", nothing);
        BOOST_TEST(none.status == exit_status::usage);
        BOOST_TEST(none.out == "");
        BOOST_TEST(none.err == "pks-conform: no line on standard input\n");
    }
}

BOOST_AUTO_TEST_SUITE_END()
