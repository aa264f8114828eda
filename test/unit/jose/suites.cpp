// The suites of third parties, read in place and skipped where absent: Wycheproof, the JOSE cookbook, tokens of UAAs.
#include "suites/judge.hpp"
#include "suites/read_suite.hpp"
#include "support.hpp"

#include <pks/jose/claims.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/jwk_set.hpp>
#include <pks/jose/jws.hpp>
#include <pks/jose/verifier.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace json = boost::json;
using jose_test::make_token;
using jose_test::read_shared;
using jose_test::signer;
using pks::clock;
using pks::error_code;
using pks::jose_errc;
using pks::jose::claims;
using pks::jose::jwk_rules;
using pks::jose::jwk_set;
using pks::jose::jws;
using pks::jose::parse_jwk;
using pks::jose::parse_jwk_set;
using pks::jose::verifier;

using suites::all_algorithms;
using suites::verify_token;
using suites::with_secrets;

/// Judges every case of a suite, and returns how many there are; none where the suite is absent.
std::size_t run_suite(std::string_view name)
{
    auto const folder = jose_test::shared_folder("suites/jose");
    if (!folder)
        return 0;
    auto const cases = suites::read_suite(name, folder->parent_path());
    for (auto const& c : cases) {
        auto const got = suites::judge(c);
        BOOST_TEST(suites::is_as_aimed(c.expected, got), name << ' ' << c.id << ' ' << c.note << ": " << got.message());
        BOOST_TEST((!got || got.category() == pks::jose_category()));
    }
    return cases.size();
}

bool is_there(std::string_view path)
{
    return jose_test::shared_folder(path).has_value();
}

// Three runs of base64url with dots between, the first of which begins like every JSON object.
std::vector<std::string> tokens_in(std::string_view text)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    std::vector<std::string> out;
    for (auto start = text.find("eyJ"); start != text.npos; start = text.find("eyJ", start + 1)) {
        auto const end = std::min(text.find_first_not_of(alphabet, start), text.size());
        auto const token = text.substr(start, end - start);
        if (std::count(token.begin(), token.end(), '.') == 2)
            out.emplace_back(token);
        start = end - 1;
    }
    return out;
}

clock::time_point at(std::int64_t seconds)
{
    return clock::time_point(std::chrono::seconds(seconds));
}

} // namespace

BOOST_AUTO_TEST_SUITE(jose_suites)

BOOST_AUTO_TEST_CASE(wycheproof_jws)
{
    if (is_there("suites/jose"))
        BOOST_TEST(run_suite("wycheproof-jws") == 401u);
}

BOOST_AUTO_TEST_CASE(wycheproof_jwk)
{
    if (is_there("suites/jose"))
        BOOST_TEST(run_suite("wycheproof-jwk") == 26u);
}

BOOST_AUTO_TEST_CASE(wycheproof_jose)
{
    if (is_there("suites/jose"))
        BOOST_TEST(run_suite("wycheproof-jose") == 83u);
}

BOOST_AUTO_TEST_CASE(cookbook)
{
    if (!is_there("suites/jose"))
        return;
    BOOST_TEST(run_suite("cookbook") == 75u);
    std::size_t keys = 0;
    for (auto const& c : suites::read_suite("cookbook", *jose_test::shared_folder("suites"))) {
        if (c.what != suites::subject::key)
            continue;
        ++keys;
        auto const key = parse_jwk(c.text, with_secrets());
        if (key)
            BOOST_TEST(key->had_private_members() == (c.id.find("private") != c.id.npos), c.id);
        else
            BOOST_TEST(key.error() == error_code(jose_errc::wrong_key_use), c.id);
    }
    BOOST_TEST(keys == 6u);
}

BOOST_AUTO_TEST_CASE(tokens_of_documented_uaas)
{
    auto const text = read_shared("recordings/tokens/uaa-tokens.json");
    if (!text)
        return;
    jwk_rules short_secrets = with_secrets();
    short_secrets.short_secrets = true;
    std::map<std::string, std::size_t> kinds;
    auto const file = json::parse(*text);
    for (auto const& vector : file.at("vectors").as_array()) {
        std::string const id(vector.at("id").as_string()), kind(vector.at("kind").as_string());
        auto const& key = vector.at("key");
        auto const key_text = json::serialize(key);
        std::string_view const token = vector.at("token").as_string();
        bool const symmetric = vector.at("alg").as_string() == "HS256";
        ++kinds[kind];

        BOOST_TEST(verify_token(token, key_text, short_secrets) == error_code(), id);
        BOOST_TEST(
            verify_token(token, key_text) == (symmetric ? error_code(jose_errc::short_secret) : error_code()), id);
        BOOST_TEST(verify_token(token, key_text, {}) ==
                (symmetric ? error_code(jose_errc::symmetric_key_refused) : error_code()),
            id);
        // As UAA would publish it.
        if (symmetric) {
            json::value const mac = {
                {"kty", "MAC"}, {"alg", "HS256"}, {"use", "sig"}, {"kid", key.at("kid")}, {"value", key.at("value")}};
            auto const mac_text = json::serialize(mac);
            BOOST_TEST(verify_token(token, mac_text, short_secrets) == error_code(), id);
        } else {
            auto const pem = std::string(key.at("value").as_string());
            auto const confused =
                make_token(signer::hmac(pem), "HS256", R"({"alg":"HS256","kid":"legacy-token-key","typ":"JWT"})", "{}");
            BOOST_TEST(verify_token(confused, key_text) == error_code(jose_errc::key_mismatch), id);
        }

        jws j;
        claims c;
        BOOST_TEST(j.parse(token) == error_code(), id);
        BOOST_TEST((j.kid() == std::string_view(vector.at("kid").as_string())), id);
        BOOST_TEST(j.has_type("JWT"), id);
        BOOST_TEST(c.parse(j.payload()) == error_code(), id);
        auto const& expected = vector.at("claims").as_object();
        auto const text_claim = [&](char const* name) {
            auto const* const claim = expected.if_contains(name);
            return claim ? std::string(claim->as_string()) : std::string();
        };
        BOOST_TEST(c.iss() == text_claim("iss"), id);
        BOOST_TEST(c.sub() == text_claim("sub"), id);
        BOOST_TEST(c.jti() == text_claim("jti"), id);
        BOOST_TEST(c.cid() == text_claim("cid"), id);
        BOOST_TEST(c.client_id() == text_claim("client_id"), id);
        BOOST_TEST(c.azp() == text_claim("azp"), id);
        BOOST_TEST(c.grant_type() == text_claim("grant_type"), id);
        BOOST_TEST(c.user_id() == text_claim("user_id"), id);
        BOOST_TEST(c.user_name() == text_claim("user_name"), id);
        BOOST_TEST(c.zid() == text_claim("zid"), id);
        BOOST_TEST(c.origin() == text_claim("origin"), id);
        BOOST_TEST(c.rev_sig() == text_claim("rev_sig"), id);
        BOOST_TEST(c.all().size() == expected.size(), id);
        auto const list_claim = [&](char const* name) {
            std::vector<std::string> out;
            if (auto const* const claim = expected.if_contains(name)) {
                if (claim->is_string())
                    out.emplace_back(claim->as_string());
                else
                    for (auto const& element : claim->as_array())
                        out.emplace_back(element.as_string());
            }
            return out;
        };
        BOOST_TEST((c.scope().to_vector() == list_claim("scope")), id);
        BOOST_TEST((c.aud().to_vector() == list_claim("aud")), id);
        BOOST_TEST((c.granted_scopes().to_vector() == list_claim("granted_scopes")), id);
        // What the rules of policy will judge them by.
        BOOST_TEST(c.exp().has_value() == !vector.at("exp").is_null(), id);
        if (c.exp())
            BOOST_TEST((c.exp() == at(vector.at("exp").as_int64())), id);
        if (!vector.at("iat").is_null())
            BOOST_TEST((c.iat() == at(vector.at("iat").as_int64())), id);
        BOOST_TEST((kind == "refresh") == c.jti().ends_with("-r"), id);
        BOOST_TEST((kind == "refresh") == c.has("granted_scopes"), id);
        if (id.starts_with("uaa-4.30.0-01"))
            BOOST_TEST(c.aud().empty(), id);
    }
    BOOST_TEST(kinds["access"] == 21u);
    BOOST_TEST(kinds["id"] == 30u);
    BOOST_TEST(kinds["refresh"] == 2u);
}

// Every token in the exchanges recorded with living UAAs verifies with the key sets beside them, but for those that the
// recorder forged, and two client assertions that were to fail.
BOOST_AUTO_TEST_CASE(tokens_of_living_uaas)
{
    jwk_rules rules = with_secrets();
    rules.short_secrets = true; // some of 8 and 15 octets
    rules.mixed_set = true;
    std::size_t valid = 0, assertions = 0;
    for (auto const* name : {"4.30.0", "77.18.0", "77.18.0/extra"}) {
        auto const folder = jose_test::shared_folder("recordings/uaa-live/" + std::string(name));
        if (!folder)
            return;
        std::vector<jwk_set> sets;
        std::map<std::string, bool> forged; // by token; whether one of the entries it stands in says so
        for (auto const& entry : std::filesystem::directory_iterator(*folder)) {
            auto const file = entry.path().filename().string();
            if (file.starts_with("jwks")) {
                auto const set = parse_jwk_set(read_shared(entry.path().string()).value(), rules);
                BOOST_REQUIRE(set.has_value());
                BOOST_TEST(set->refused().empty(), file);
                BOOST_TEST(set->had_private_members() == (file == "jwks-f.json" || file == "jwks-c.json"), file);
                sets.push_back(*set);
            } else if (file.ends_with(".har")) {
                auto const har = json::parse(read_shared(entry.path().string()).value());
                for (auto const& exchange : har.at("log").at("entries").as_array())
                    for (auto const& token : tokens_in(json::serialize(exchange)))
                        forged[token] = forged[token] || exchange.as_object().contains("_forged");
            }
        }
        for (auto const& [token, excused] : forged) {
            jws j;
            claims c;
            error_code got = j.parse(token);
            if (!got) {
                got = jose_errc::unknown_key;
                for (auto const& set : sets)
                    if (got)
                        got = verifier::of_this_thread().verify(j, set, all_algorithms);
            }
            if (got && !excused && c.parse(j.payload()) == error_code() && c.iss() == "jwt-client")
                ++assertions;
            else
                BOOST_TEST((!got || excused), name << ": " << token.substr(0, 20) << ": " << got.message());
            valid += got ? 0 : 1;
            if (!got)
                BOOST_TEST(c.parse(j.payload()) == error_code(), name);
        }
    }
    BOOST_TEST(assertions == 2u);
    // The recorder counts 713: it finds the key of four forged ones without `kid`, which two keys fit.
    BOOST_TEST(valid == 709u);
}

BOOST_AUTO_TEST_SUITE_END()
