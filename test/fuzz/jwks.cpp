// Key sets: what is admitted is public, has one text, and verifies nothing that nobody signed.
#include "fuzz/fixed_keys.hpp"
#include "fuzz/target.hpp"

#include <pks/jose/algorithm.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/json_document.hpp>
#include <pks/jose/jwk.hpp>
#include <pks/jose/jwk_set.hpp>
#include <pks/jose/verifier.hpp>

#include <openssl/err.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace fuzz {

namespace {

using pks::jose::algorithm;
using pks::jose::json_document;
using pks::jose::jwk;
using pks::jose::jwk_rules;
using pks::jose::jwk_set;
using pks::jose::key_type;

constexpr algorithm algorithms[] = {algorithm::rs256, algorithm::ps384, algorithm::es256, algorithm::es384,
    algorithm::es512, algorithm::eddsa, algorithm::hs256, algorithm::hs512};

jwk_rules permissive()
{
    jwk_rules out;
    out.symmetric = true;
    out.short_secrets = true;
    out.mixed_set = true;
    out.min_rsa_bits = 1024;
    return out;
}

// Of an RSA key as long as its modulus; of Ed25519 the neutral point and 0, which verifies under a key of small order.
std::string forged_signature(jwk const& key, algorithm alg)
{
    if (alg == algorithm::eddsa)
        return '\1' + std::string(63, '\0');
    if (key.kty() == key_type::ec)
        return std::string((key.bits() + 7) / 8 * 2, '\1');
    if (key.kty() == key_type::oct)
        return std::string(alg == algorithm::hs256 ? 32 : 64, '\0');
    return std::string((key.bits() + 7) / 8 - 1, '\0') + '\1'; // 1, whatever the exponent
}

void check_key(jwk const& key, jwk_rules const& rules)
{
    static constexpr std::string_view published[] = {"kty", "kid", "alg", "use", "n", "e", "crv", "x", "y"};
    auto const symmetric = key.kty() == key_type::oct;
    require(symmetric == key.public_json().empty(), "secrets have no public text, all others have one");
    require(!symmetric || rules.symmetric, "no secret where none is admitted");
    require(key.kty() != key_type::rsa || (key.bits() >= rules.min_rsa_bits && key.bits() <= 16384),
        "an RSA key of an admitted length");
    if (!symmetric) {
        json_document text;
        require(!text.parse(key.public_json()), "the public text is JSON");
        for (auto const& [name, value] : text.root().members())
            require(std::find(std::begin(published), std::end(published), name) != std::end(published),
                "the public text holds public members");
        auto const again = pks::jose::parse_jwk(key.public_json(), rules);
        require(again.has_value() && again->public_json() == key.public_json() && again->kid() == key.kid() &&
                again->alg() == key.alg() && again->bits() == key.bits() && !again->had_private_members(),
            "the public text is the same key");
        require(again->id() != key.id(), "each key has an id of its own");
    }
    auto& verifier = pks::jose::verifier::of_this_thread();
    for (auto const alg : algorithms) {
        auto const failed = verifier.verify(alg, key, "a message", forged_signature(key, alg));
        require(static_cast<bool>(failed), "nobody signed this");
        require(
            key.fits(alg) == (failed != pks::error_code(pks::jose_errc::key_mismatch)), "fits says what verify does");
    }
}

void check_set(std::string const& text, jwk_rules const& rules)
{
    auto const set = pks::jose::parse_jwk_set(text, rules);
    require(ERR_peek_error() == 0, "OpenSSL's error queue is left as it was");
    if (!set) {
        require(set.error().category() == pks::jose_category(), "an error of keys");
        return;
    }
    json_document document;
    require(!document.parse(text), "a set is strict JSON");
    require(set->keys().size() + set->refused().size() == document.root()["keys"].size(), "no key is forgotten");
    std::set<std::string_view> kids;
    std::size_t public_keys = 0, checked = 0;
    for (auto const& key : set->keys()) {
        if (key.kid()) {
            require(kids.insert(*key.kid()).second, "no two keys of one kid");
            require(set->find(*key.kid()) == &key, "a key is found by its kid");
        }
        public_keys += key.kty() == key_type::oct ? 0u : 1u;
        if (++checked <= 4) // each may have an exponent of 64 bits
            check_key(key, rules);
    }
    for (auto const& refused : set->refused()) {
        require(refused.reason.category() == pks::jose_category(), "an error of keys");
        require(!refused.kid || !set->find(*refused.kid) || refused.reason == pks::jose_errc::wrong_key_use,
            "no key that shares its kid with one that was refused");
    }
    auto const saved = pks::jose::parse_jwk_set(set->public_json(), rules);
    require(saved.has_value() && saved->keys().size() == public_keys && saved->refused().empty() &&
            !saved->had_private_members() && saved->public_json() == set->public_json(),
        "a set that is saved comes back");
    require(ERR_peek_error() == 0, "OpenSSL's error queue is left as it was");
}

void run(std::string_view input)
{
    std::string const exact(input); // which ends where its storage does
    check_set(exact, {});
    check_set(exact, permissive());
    if (auto const one = pks::jose::parse_jwk(exact, permissive()))
        check_key(*one, permissive());
    require(ERR_peek_error() == 0, "OpenSSL's error queue is left as it was");
}

std::string set_of(std::initializer_list<std::string> keys)
{
    std::string out = "{\"keys\":[";
    for (auto const& key : keys)
        out += (out.back() == '[' ? "" : ",") + key;
    return out + "]}";
}

std::vector<std::string> seeds()
{
    auto const& rsa = fixed_rsa();
    std::vector<std::string> out;
    std::string every[] = {rsa.jwk(R"(,"kid":"r","alg":"RS256","use":"sig")"),
        fixed_p256().jwk(R"(,"kid":"e","alg":"ES256","key_ops":["verify"])"), fixed_p384().jwk(R"(,"kid":"f")"),
        fixed_p521().jwk(R"(,"kid":"g")"), fixed_ed25519().jwk(R"(,"kid":"d","alg":"EdDSA")"),
        fixed_secret().jwk(R"(,"kid":"s","alg":"HS256")")};
    for (auto const& each : every) {
        out.push_back(each);
        out.push_back(set_of({each}));
        out.push_back(set_of({each, each}));
    }
    out.push_back(set_of({every[0], every[1], every[2], every[3], every[4]}));
    out.push_back(set_of({every[0], every[5]}));
    out.push_back(set_of({}));
    out.push_back(set_of({"7", "null", "{}"}));
    // As a UAA has them: the modulus with a leading zero, the key as text again; a secret as `MAC`.
    out.push_back(set_of({"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"use\":\"sig\",\"kid\":\"k\",\"alg\":\"RS256\",\"value\":"
                          "\"-----BEGIN PUBLIC KEY-----\\n\",\"n\":\"ALsh\"}"}));
    out.push_back(set_of({R"({"kty":"MAC","alg":"HS256","value":"a secret","use":"sig","kid":"m"})"}));
    out.push_back(set_of({rsa.jwk(R"(,"d":"AQAB","p":"AQAB","kid":"private")"), rsa.jwk(R"(,"use":"enc","kid":"r")")}));
    // Ed25519: the neutral point, points of order 2, 4 and 8, and y = p, which is 0 in another spelling.
    for (auto const* x : {"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "7P_______________________________________38",
             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "7f_______________________________________38"})
        out.push_back(set_of({R"({"kty":"OKP","crv":"Ed25519","x":")" + std::string(x) + "\"}"}));
    auto const at = [](std::string text, std::string_view what, std::string_view by) {
        auto const found = text.find(what);
        return found == text.npos ? text : text.replace(found, what.size(), by);
    };
    for (auto const* e : {"AQ", "Aw", "Ag", "AQAAAAAAAAAB", "AQAC", ""})
        out.push_back(set_of({at(rsa.jwk(), "AQAB", e)}));
    out.push_back(set_of({at(fixed_p256().jwk(), "P-256", "P-384"), at(fixed_p256().jwk(), "P-256", "secp256k1")}));
    return out;
}

std::vector<std::string> words()
{
    return {"{\"keys\":[", "\"kty\":\"", "\"RSA\"", "\"EC\"", "\"OKP\"", "\"oct\"", "\"MAC\"", "\"crv\":\"", "P-256",
        "P-384", "P-521", "Ed25519", "\"kid\":\"", "\"alg\":\"", "\"use\":\"sig\"", "\"use\":\"enc\"",
        "\"key_ops\":[\"verify\"]", "\"n\":\"", "\"e\":\"AQAB\"", "\"x\":\"", "\"y\":\"", "\"k\":\"", "\"d\":\"",
        "\"value\":\"", "\"x5c\":[\"", "\\u006b", "AAAA", "_____"};
}

} // namespace

target jwks()
{
    return {run, seeds, words, nullptr};
}

} // namespace fuzz
