// Tokens: no octets make the parser misread, and none verify that were not signed.
#include "fuzz/fixed_keys.hpp"
#include "fuzz/target.hpp"

#include <pks/jose/algorithm_set.hpp>
#include <pks/jose/base64url.hpp>
#include <pks/jose/claims.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/jwk_set.hpp>
#include <pks/jose/jws.hpp>
#include <pks/jose/verifier.hpp>

#include <openssl/err.h>

#include <map>
#include <set>
#include <utility>

namespace fuzz {

namespace {

using jose_test::signer;
using pks::error_code;
using pks::jose_errc;
using pks::jose::algorithm;
using pks::jose::algorithm_set;
using pks::jose::base64url_decode;
using pks::jose::base64url_encode;

struct named_key
{
    std::string_view kid;
    signer const* key;
    std::vector<std::string_view> algorithms;
};

std::vector<named_key> const& all_keys()
{
    static std::vector<named_key> const out = {
        {"r", &fixed_rsa(), {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}}, {"e", &fixed_p256(), {"ES256"}},
        {"f", &fixed_p384(), {"ES384"}}, {"g", &fixed_p521(), {"ES512"}}, {"d", &fixed_ed25519(), {"EdDSA"}},
        {"s", &fixed_secret(), {"HS256", "HS384", "HS512"}}};
    return out;
}

pks::jose::jwk_set make_key_set()
{
    std::string text = "{\"keys\":[";
    for (auto const& [kid, key, algorithms] : all_keys())
        text += (text.back() == '[' ? "" : ",") + key->jwk(",\"kid\":\"" + std::string(kid) + '"');
    pks::jose::jwk_rules rules;
    rules.symmetric = true;
    rules.mixed_set = true;
    auto out = pks::jose::parse_jwk_set(text + "]}", rules);
    require(out.has_value() && out->keys().size() == all_keys().size(), "the fixed keys are a set");
    return std::move(*out);
}

pks::jose::jwk_set const& key_set()
{
    static auto const out = make_key_set();
    return out;
}

constexpr std::string_view payload =
    R"({"jti":"9f41ccd1ea534b1c8b0bff0c2e4e4a2f","sub":"automated-client","authorities":["pks.clusters.manage"],)"
    R"("scope":["pks.clusters.manage"],"client_id":"automated-client","cid":"automated-client",)"
    R"("azp":"automated-client","grant_type":"client_credentials","rev_sig":"f2bd3ab2","iat":1700000000,)"
    R"("exp":1700000600,"iss":"https://uaa.example.com:8443/oauth/token","zid":"uaa","aud":["pks.clusters"]})";

std::string header_of(std::string_view alg, std::string_view kid)
{
    return "{\"alg\":\"" + std::string(alg) + "\",\"jku\":\"https://uaa.example.com:8443/token_keys\",\"kid\":\"" +
        std::string(kid) + "\",\"typ\":\"JWT\"}";
}

std::string signed_token(named_key const& with, std::string_view alg, std::string_view header, std::string_view body)
{
    return jose_test::make_token(*with.key, alg, header, body);
}

std::vector<std::string> good_tokens()
{
    std::vector<std::string> out;
    for (auto const& each : all_keys())
        for (auto const alg : each.algorithms) {
            out.push_back(signed_token(each, alg, header_of(alg, each.kid), payload));
            out.push_back(signed_token(each, alg, "{\"alg\":\"" + std::string(alg) + "\"}", "{}"));
        }
    return out;
}

std::string_view signing_input_of(std::string_view token)
{
    return token.substr(0, token.rfind('.'));
}

// Those algorithms whose signature is another each time: what was signed with them is known from the seeds alone.
std::set<std::string, std::less<>> const& signed_inputs()
{
    static auto const out = [] {
        std::set<std::string, std::less<>> inputs;
        for (auto const& token : good_tokens())
            inputs.emplace(signing_input_of(token));
        return inputs;
    }();
    return out;
}

bool is_deterministic(algorithm alg)
{
    switch (alg) {
    case algorithm::rs256:
    case algorithm::rs384:
    case algorithm::rs512:
    case algorithm::eddsa:
    case algorithm::hs256:
    case algorithm::hs384:
    case algorithm::hs512:
        return true;
    default:
        return false;
    }
}

named_key const* key_for(std::string_view alg)
{
    for (auto const& each : all_keys())
        for (auto const name : each.algorithms)
            if (name == alg)
                return &each;
    return nullptr;
}

// The signature verified: only a holder of the key can have made it.
void check_accepted(pks::jose::jws const& token)
{
    auto const alg = name_of(token.alg());
    auto const* const key = key_for(alg);
    require(key != nullptr, "an algorithm of one of the keys");
    require(!token.kid() || *token.kid() == key->kid, "the key that the token names");
    require(token.header()["alg"].if_string() == alg, "the algorithm that the header names");
    if (is_deterministic(token.alg()))
        require(key->key->sign(alg, token.signing_input()) == token.signature(), "a signature that the key makes");
    else
        require(signed_inputs().contains(token.signing_input()), "a text that was signed");
}

void run(std::string_view input)
{
    std::string const exact(input); // which ends where its storage does
    static pks::jose::jws used;
    pks::jose::jws token;
    auto const failed = token.parse(exact);
    require(used.parse(exact) == failed, "an object that was used before finds the same");
    if (failed) {
        require(failed.category() == pks::jose_category() &&
                failed.value() <= static_cast<int>(jose_errc::wrong_signature_length),
            "an error of tokens");
        return;
    }
    require(std::string(token.signing_input()) + '.' + base64url_encode(token.signature()) == exact,
        "a token has one text");
    auto const body = token.signing_input().substr(token.signing_input().find('.') + 1);
    require(base64url_encode(token.payload()) == body, "a payload has one text");
    require(used.payload() == token.payload() && used.signature() == token.signature() && used.alg() == token.alg(),
        "an object that was used before reads the same");

    auto& verifier = pks::jose::verifier::of_this_thread();
    auto const verdict = verifier.verify(token, key_set(), algorithm_set::asymmetric() | algorithm_set::symmetric());
    auto const without_secrets = verifier.verify(token, key_set());
    require(
        verifier.verify(token, pks::jose::jwk_set()) == error_code(jose_errc::unknown_key) || is_symmetric(token.alg()),
        "no key, no verdict");
    require(ERR_peek_error() == 0, "OpenSSL's error queue is left as it was");
    if (is_symmetric(token.alg()))
        require(without_secrets == error_code(jose_errc::algorithm_not_allowed), "a list of algorithms holds");
    else
        require(without_secrets == verdict, "the same verdict twice");
    if (verdict) {
        require(verdict.category() == pks::jose_category(), "an error of tokens");
        return;
    }
    check_accepted(token);
    pks::jose::claims claims;
    (void)claims.parse(token.payload());
}

std::vector<std::string> seeds()
{
    auto out = good_tokens();
    auto const& r = all_keys().front();
    for (auto const* header : {R"({"alg":"RS256","kid":"r","crit":["exp"],"exp":1})", R"({"alg":"RS256","b64":false})",
             R"({"alg":"RS256","zip":"DEF"})", R"({"alg":"RS256","cty":"application/JWT"})", R"({"alg":"none"})",
             R"({"alg":"HS256","kid":"r"})", R"({"\u0061lg":"RS256","kid":"\u0072"})",
             R"({"alg":"RS256","alg":"none"})", R"({"alg":"RS256","kid":"r","jwk":{"kty":"oct","k":"AAAA"}})",
             R"({"alg":"RS256","kid":7})", R"({"alg":"ES256K","kid":"e"})", R"({"alg":["RS256"]})", "[]", "",
             R"({"typ":"at+jwt","alg":"RS256","x5c":[[[[{}]]]],"kid":"r"})"})
        out.push_back(signed_token(r, "RS256", header, payload));
    auto const good = out.front();
    out.push_back(good + "=");
    out.push_back(good + ".");
    out.push_back(good.substr(0, good.size() - 1));
    out.push_back(std::string(signing_input_of(good)) + '.');
    out.push_back(R"({"payload":"e30","signatures":[{"protected":"e30","signature":""}]})");
    out.push_back("e30.e30.e30.e30.e30");
    out.push_back(std::string(1000, '.'));
    out.push_back("1f2c4a6cf1f84a3b8d3e6ad0f5a0b3aa");
    return out;
}

std::vector<std::string> words()
{
    std::vector<std::string> out = {"{\"alg\":\"", "\"kid\":\"", "\"typ\":\"JWT\"", "\"crit\":[\"", "\"b64\":false",
        "\"zip\":\"DEF\"", "\"cty\":\"JWT\"", "none", "eyJ", ".", "..", "\\u0061", "\xef\xbb\xbf", "=", "+", "/"};
    for (auto const& each : all_keys())
        for (auto const alg : each.algorithms)
            out.emplace_back(alg);
    return out;
}

// Alters header or payload below their encoding, and sometimes signs what came of it.
void mutate(std::string& input, octet_mutator const& octets, unsigned random)
{
    auto const first = input.find('.');
    auto const second = first == input.npos ? first : input.find('.', first + 1);
    auto header = base64url_decode(input.substr(0, first));
    auto body = second == input.npos ? std::nullopt : base64url_decode(input.substr(first + 1, second - first - 1));
    if (random % 4 == 0 || !header || !body) {
        octets(input);
        return;
    }
    octets(random % 4 == 1 ? *body : *header);
    auto const message = base64url_encode(*header) + '.' + base64url_encode(*body);
    // HMAC and Ed25519 sign fast enough to do it often.
    auto const& with = all_keys()[all_keys().size() - 1 - random / 4 % 2];
    auto const alg = with.algorithms[random / 8 % with.algorithms.size()];
    input = random / 64 % 2 == 0 ? message + input.substr(second)
                                 : message + '.' + base64url_encode(with.key->sign(alg, message));
}

} // namespace

target jws()
{
    return {run, seeds, words, mutate};
}

} // namespace fuzz
