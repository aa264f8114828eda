// Keys: what is read of them, and which are refused.
#include "support.hpp"

#include <pks/jose/base64url.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/jwk.hpp>

#include <boost/test/unit_test.hpp>

#include <openssl/bn.h>
#include <openssl/err.h>

#include <memory>
#include <string>
#include <string_view>

namespace {

using jose_test::rsa_key;
using jose_test::signer;
using pks::error_code;
using pks::jose_errc;
using pks::jose::algorithm;
using pks::jose::algorithm_set;
using pks::jose::base64url_encode;
using pks::jose::jwk_rules;
using pks::jose::key_type;
using pks::jose::parse_jwk;

constexpr algorithm every[] = {algorithm::rs256, algorithm::rs384, algorithm::rs512, algorithm::ps256, algorithm::ps384,
    algorithm::ps512, algorithm::es256, algorithm::es384, algorithm::es512, algorithm::eddsa, algorithm::hs256,
    algorithm::hs384, algorithm::hs512};

error_code verdict(std::string_view json, jwk_rules const& rules = {})
{
    auto const key = parse_jwk(json, rules);
    BOOST_TEST(ERR_peek_error() == 0u);
    return key ? error_code() : key.error();
}

algorithm_set fitting(std::string_view json, jwk_rules const& rules = {})
{
    auto const key = parse_jwk(json, rules);
    BOOST_REQUIRE(key.has_value());
    algorithm_set out;
    for (auto const a : every)
        if (key->fits(a))
            out.insert(a);
    return out;
}

jwk_rules with_secrets()
{
    jwk_rules out;
    out.symmetric = true;
    return out;
}

std::string rsa_json(std::string_view n, std::string_view e, std::string_view more = "")
{
    return "{\"kty\":\"RSA\",\"n\":\"" + base64url_encode(n) + "\",\"e\":\"" + base64url_encode(e) + '"' +
        std::string(more) + '}';
}

std::string ec_json(std::string_view crv, std::string_view x, std::string_view y)
{
    return "{\"kty\":\"EC\",\"crv\":\"" + std::string(crv) + "\",\"x\":\"" + base64url_encode(x) + "\",\"y\":\"" +
        base64url_encode(y) + "\"}";
}

std::string ed_json(std::string_view x)
{
    return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + base64url_encode(x) + "\"}";
}

std::string from_hex(char const* text)
{
    long size = 0;
    std::unique_ptr<unsigned char, void (*)(unsigned char*)> const octets(
        OPENSSL_hexstr2buf(text, &size), [](unsigned char* p) { OPENSSL_free(p); });
    return {reinterpret_cast<char const*>(octets.get()), static_cast<std::size_t>(size)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(jose_jwk)

BOOST_AUTO_TEST_CASE(an_rsa_key_of_a_uaa)
{
    auto const pem = R"(,"value":"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----")";
    auto const key =
        parse_jwk(rsa_key().jwk(R"(,"use":"sig","kid":"legacy-token-key","alg":"RS256")" + std::string(pem)));
    BOOST_REQUIRE(key.has_value());
    BOOST_TEST((key->kid() == "legacy-token-key"));
    BOOST_TEST((key->kty() == key_type::rsa));
    BOOST_TEST((key->alg() == algorithm::rs256));
    BOOST_TEST(key->bits() == 2048u);
    BOOST_TEST(!key->had_private_members());
    for (auto const a : every)
        BOOST_TEST(key->fits(a) == (a == algorithm::rs256));
    BOOST_TEST(key->public_json() ==
        R"({"kty":"RSA","use":"sig","kid":"legacy-token-key","alg":"RS256","n":")" +
            base64url_encode(rsa_key().member("n")) + R"(","e":"AQAB"})");

    auto const copy = *key;
    BOOST_TEST(copy.id() == key->id());
    BOOST_TEST(parse_jwk(rsa_key().jwk())->id() != key->id());
    BOOST_TEST(!parse_jwk(rsa_key().jwk())->kid().has_value());
}

// As UAA wrote it before 75.5.0.
BOOST_AUTO_TEST_CASE(an_rsa_modulus_with_a_leading_zero)
{
    auto const n = rsa_key().member("n");
    auto const key = parse_jwk(rsa_json('\0' + n, std::string("\0\x01\0\x01", 4)));
    BOOST_REQUIRE(key.has_value());
    BOOST_TEST(key->bits() == 2048u);
    BOOST_TEST(key->public_json() == parse_jwk(rsa_key().jwk())->public_json());
}

BOOST_AUTO_TEST_CASE(j4_the_type_of_a_key_decides_what_it_is_good_for)
{
    using enum algorithm;
    BOOST_TEST((fitting(rsa_key().jwk()) == algorithm_set{rs256, rs384, rs512, ps256, ps384, ps512}));
    BOOST_TEST((fitting(signer::ec("P-256").jwk()) == algorithm_set{es256}));
    BOOST_TEST((fitting(signer::ec("P-384").jwk()) == algorithm_set{es384}));
    BOOST_TEST((fitting(signer::ec("P-521").jwk()) == algorithm_set{es512}));
    BOOST_TEST((fitting(signer::ed25519().jwk()) == algorithm_set{eddsa}));
    BOOST_TEST(
        (fitting(signer::hmac(std::string(64, 's')).jwk(), with_secrets()) == algorithm_set{hs256, hs384, hs512}));
    BOOST_TEST((fitting(signer::hmac(std::string(63, 's')).jwk(), with_secrets()) == algorithm_set{hs256, hs384}));
    BOOST_TEST((fitting(signer::hmac(std::string(32, 's')).jwk(), with_secrets()) == algorithm_set{hs256}));
    BOOST_TEST((
        fitting(signer::hmac(std::string(64, 's')).jwk(",\"alg\":\"HS384\""), with_secrets()) == algorithm_set{hs384}));
    BOOST_TEST((fitting(rsa_key().jwk(",\"alg\":\"PS512\"")) == algorithm_set{ps512}));

    for (auto const* alg : {"ES256", "ES384", "EdDSA", "HS256"})
        BOOST_TEST(verdict(rsa_key().jwk(",\"alg\":\"" + std::string(alg) + '"')) ==
                error_code(jose_errc::unsuitable_key_algorithm),
            alg);
    BOOST_TEST(
        verdict(signer::ec("P-384").jwk(R"(,"alg":"ES256")")) == error_code(jose_errc::unsuitable_key_algorithm));
    BOOST_TEST(verdict(signer::ed25519().jwk(R"(,"alg":"ES256")")) == error_code(jose_errc::unsuitable_key_algorithm));
    BOOST_TEST(verdict(signer::hmac(std::string(64, 's')).jwk(R"(,"alg":"RS256")"), with_secrets()) ==
        error_code(jose_errc::unsuitable_key_algorithm));
    for (auto const* alg : {"ES521", "ES256K", "RSA1_5", "RSA-OAEP", "A256KW", "none", "rs256", ""})
        BOOST_TEST(verdict(rsa_key().jwk(",\"alg\":\"" + std::string(alg) + '"')) ==
                error_code(jose_errc::unknown_key_algorithm),
            alg);
}

BOOST_AUTO_TEST_CASE(j10_members_twice)
{
    BOOST_TEST(verdict(rsa_key().jwk(R"(,"e":"AQAB")")) == error_code(jose_errc::duplicate_member));
    BOOST_TEST(verdict(rsa_key().jwk(R"(,"\u006bty":"oct")")) == error_code(jose_errc::duplicate_member));
    BOOST_TEST(verdict(rsa_key().jwk(R"(,"kid":"a","kid":"b")")) == error_code(jose_errc::duplicate_member));
}

BOOST_AUTO_TEST_CASE(j20_rsa_keys_that_are_weak)
{
    auto const n = rsa_key().member("n");
    std::string const e("\x01\0\x01", 3);
    BOOST_TEST(verdict(rsa_json(n, e)) == error_code());
    BOOST_TEST(verdict(rsa_json(n.substr(1), e)) == error_code(jose_errc::weak_key));
    BOOST_TEST(verdict(rsa_json(std::string(1, '\x7f') + n.substr(1), e)) == error_code(jose_errc::weak_key));
    BOOST_TEST(verdict(signer::rsa(1024).jwk()) == error_code(jose_errc::weak_key));
    jwk_rules lenient;
    lenient.min_rsa_bits = 1024;
    BOOST_TEST(verdict(signer::rsa(1024).jwk(), lenient) == error_code());

    std::string huge(2048, '\xff');
    BOOST_TEST(verdict(rsa_json(huge, e)) == error_code());
    BOOST_TEST(verdict(rsa_json('\x01' + huge, e)) == error_code(jose_errc::oversized_key));
    BOOST_TEST(verdict(rsa_json(std::string(5, '\0') + huge, e)) == error_code());

    BOOST_TEST(verdict(rsa_json(n, "\x03")) == error_code());
    BOOST_TEST(verdict(rsa_json(n, std::string(8, '\xff'))) == error_code());
    for (auto const& bad : {std::string("\x01"), std::string("\x02"), std::string("\x01\0\0", 3),
             std::string("\0\x01", 2), '\x01' + std::string(7, '\0') + '\x01'})
        BOOST_TEST(verdict(rsa_json(n, bad)) == error_code(jose_errc::bad_exponent));
    auto even = n;
    --even.back();
    BOOST_TEST(verdict(rsa_json(even, e)) == error_code(jose_errc::bad_exponent));
    for (auto const& nothing : {std::string(), std::string(1, '\0'), std::string(300, '\0')}) {
        BOOST_TEST(verdict(rsa_json(nothing, e)) == error_code(jose_errc::malformed_key));
        BOOST_TEST(verdict(rsa_json(n, nothing)) == error_code(jose_errc::malformed_key));
    }
}

// A modulus whose residues are powers of 65537 modulo the small primes, as those of CVE-2017-15361, without being the
// product of two primes.
BOOST_AUTO_TEST_CASE(j20_roca)
{
    std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> const context(BN_CTX_new(), BN_CTX_free);
    std::unique_ptr<BIGNUM, decltype(&BN_free)> const m(BN_new(), BN_free), power(BN_new(), BN_free),
        n(BN_new(), BN_free);
    BN_one(m.get());
    for (unsigned const prime : {2u, 3u, 5u, 7u, 11u, 13u, 17u, 19u, 23u, 29u, 31u, 37u, 41u, 43u, 47u, 53u, 59u, 61u,
             67u, 71u, 73u, 79u, 83u, 89u, 97u, 101u, 103u, 107u, 109u, 113u, 127u, 131u, 137u, 139u, 149u, 151u, 157u})
        BN_mul_word(m.get(), prime);
    BN_set_word(n.get(), 65537);
    BN_set_word(power.get(), 123456789);
    BN_mod_exp(power.get(), n.get(), power.get(), m.get(), context.get());
    std::string octets(256, '\0');
    octets[0] = '\xc0';
    BN_bin2bn(reinterpret_cast<unsigned char const*>(octets.data()), 256, n.get());
    BN_div(nullptr, power.get(), power.get(), m.get(), context.get());
    // n := the multiple of m next to it, and the power
    std::unique_ptr<BIGNUM, decltype(&BN_free)> const rest(BN_new(), BN_free);
    BN_mod(rest.get(), n.get(), m.get(), context.get());
    BN_sub(n.get(), n.get(), rest.get());
    BN_add(n.get(), n.get(), power.get());
    if (!BN_is_odd(n.get()))
        BN_add(n.get(), n.get(), m.get());
    BN_bn2binpad(n.get(), reinterpret_cast<unsigned char*>(octets.data()), 256);
    std::string const e("\x01\0\x01", 3);
    BOOST_TEST(verdict(rsa_json(octets, e)) == error_code(jose_errc::roca_key));
    octets.back() = static_cast<char>(octets.back() + 2);
    BOOST_TEST(verdict(rsa_json(octets, e)) == error_code());
}

BOOST_AUTO_TEST_CASE(j20_points_that_are_not_on_the_curve)
{
    for (auto const* crv : {"P-256", "P-384", "P-521"}) {
        auto const key = signer::ec(crv);
        auto const x = key.member("x"), y = key.member("y");
        BOOST_TEST(verdict(ec_json(crv, x, y)) == error_code(), crv);
        auto off = y;
        off.back() = static_cast<char>(off.back() ^ 1);
        BOOST_TEST(verdict(ec_json(crv, x, off)) == error_code(jose_errc::invalid_point), crv);
        BOOST_TEST(verdict(ec_json(crv, std::string(x.size(), '\0'), std::string(x.size(), '\0'))) ==
                error_code(jose_errc::invalid_point),
            crv);
        BOOST_TEST(
            verdict(ec_json(crv, std::string(x.size(), '\xff'), y)) == error_code(jose_errc::invalid_point), crv);
        BOOST_TEST(verdict(ec_json(crv, x.substr(1), y)) == error_code(jose_errc::malformed_key), crv);
        BOOST_TEST(verdict(ec_json(crv, '\0' + x, y)) == error_code(jose_errc::malformed_key), crv);
        BOOST_TEST(verdict(ec_json(crv, x, "")) == error_code(jose_errc::malformed_key), crv);
        BOOST_TEST(verdict(ec_json(crv, x, y.substr(0, y.size() - 1))) == error_code(jose_errc::malformed_key), crv);
    }
    auto const key = signer::ec("P-256");
    for (auto const* crv : {"P-384", "P-521"})
        BOOST_TEST(verdict(ec_json(crv, key.member("x"), key.member("y"))) == error_code(jose_errc::malformed_key));
    for (auto const* crv : {"secp256k1", "P-224", "p-256", "Ed25519", ""})
        BOOST_TEST(
            verdict(ec_json(crv, key.member("x"), key.member("y"))) == error_code(jose_errc::unsupported_curve), crv);
}

BOOST_AUTO_TEST_CASE(j20_points_of_ed25519)
{
    // RFC 8032 §7.1, test 1.
    BOOST_TEST(
        verdict(ed_json(from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))) == error_code());
    for (int i = 0; i != 20; ++i)
        BOOST_TEST(verdict(signer::ed25519().jwk()) == error_code());
    for (auto const* octets : {"0000000000000000000000000000000000000000000000000000000000000000",
             "0000000000000000000000000000000000000000000000000000000000000080",
             "0100000000000000000000000000000000000000000000000000000000000000",
             "0100000000000000000000000000000000000000000000000000000000000080",
             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
             "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
             "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
             "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
             // y = 2: not on the curve.
             "0200000000000000000000000000000000000000000000000000000000000000"})
        BOOST_TEST(verdict(ed_json(from_hex(octets))) == error_code(jose_errc::invalid_point), octets);
    BOOST_TEST(verdict(ed_json(std::string(31, 'x'))) == error_code(jose_errc::malformed_key));
    BOOST_TEST(verdict(ed_json(std::string(33, 'x'))) == error_code(jose_errc::malformed_key));
    for (auto const* crv : {"Ed448", "X25519", "P-256"})
        BOOST_TEST(verdict(R"({"kty":"OKP","x":"AA","crv":")" + std::string(crv) + "\"}") ==
                error_code(jose_errc::unsupported_curve),
            crv);
}

BOOST_AUTO_TEST_CASE(j20_secrets_that_are_short)
{
    auto const secret = [](std::size_t size, std::string_view alg) {
        return signer::hmac(std::string(size, 's')).jwk(alg.empty() ? "" : ",\"alg\":\"" + std::string(alg) + '"');
    };
    for (auto const& [alg, size] :
        {std::pair("HS256", 32u), std::pair("HS384", 48u), std::pair("HS512", 64u), std::pair("", 32u)}) {
        BOOST_TEST(verdict(secret(size, alg), with_secrets()) == error_code(), alg);
        BOOST_TEST(verdict(secret(size - 1, alg), with_secrets()) == error_code(jose_errc::short_secret), alg);
        auto rules = with_secrets();
        rules.short_secrets = true;
        BOOST_TEST(verdict(secret(1, alg), rules) == error_code(), alg);
        BOOST_TEST(verdict(secret(0, alg), rules) == error_code(jose_errc::malformed_key), alg);
    }
}

BOOST_AUTO_TEST_CASE(j21_private_members_are_dropped_and_told_of)
{
    std::string const canary = "UFJJVkFURS1QQVJU";
    for (auto const* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
        auto const key = parse_jwk(rsa_key().jwk(",\"" + std::string(name) + "\":\"" + canary + '"'));
        BOOST_REQUIRE(key.has_value());
        BOOST_TEST(key->had_private_members(), name);
        BOOST_TEST(key->public_json() == parse_jwk(rsa_key().jwk())->public_json(), name);
    }
    BOOST_TEST(parse_jwk(signer::ec("P-256").jwk(R"(,"d":"AA")"))->had_private_members());
    BOOST_TEST(parse_jwk(signer::ed25519().jwk(R"(,"d":"AA")"))->had_private_members());
    BOOST_TEST(parse_jwk(rsa_key().jwk(R"(,"value":"-----BEGIN RSA PRIVATE KEY-----")"))->had_private_members());
    BOOST_TEST(!parse_jwk(rsa_key().jwk(R"(,"value":"-----BEGIN PUBLIC KEY-----")"))->had_private_members());
    BOOST_TEST(!parse_jwk(signer::ec("P-256").jwk())->had_private_members());
    BOOST_TEST(parse_jwk(signer::hmac(std::string(32, 's')).jwk(), with_secrets())->public_json() == "");
}

BOOST_AUTO_TEST_CASE(j21_secrets_are_refused_unless_they_are_configured)
{
    auto const oct = signer::hmac(std::string(64, 's')).jwk();
    std::string const mac = R"({"kty":"MAC","alg":"HS256","use":"sig","kid":"legacy-token-key","value":"tokenKey"})";
    BOOST_TEST(verdict(oct) == error_code(jose_errc::symmetric_key_refused));
    BOOST_TEST(verdict(mac) == error_code(jose_errc::symmetric_key_refused));
    BOOST_TEST(verdict(mac, with_secrets()) == error_code(jose_errc::short_secret));
    auto rules = with_secrets();
    rules.short_secrets = true;
    auto const key = parse_jwk(mac, rules);
    BOOST_REQUIRE(key.has_value());
    BOOST_TEST((key->kty() == key_type::oct));
    BOOST_TEST(key->bits() == 64u);
    BOOST_TEST(key->fits(algorithm::hs256));
    BOOST_TEST(!key->fits(algorithm::hs512));
    for (auto const* value : {"\"\"", "1", "null"})
        BOOST_TEST(verdict("{\"kty\":\"MAC\",\"value\":" + std::string(value) + '}', rules) ==
                error_code(jose_errc::malformed_key),
            value);
    BOOST_TEST(verdict(R"({"kty":"MAC"})", rules) == error_code(jose_errc::malformed_key));
    BOOST_TEST(verdict(R"({"kty":"oct","value":"tokenKey"})", rules) == error_code(jose_errc::malformed_key));
}

BOOST_AUTO_TEST_CASE(use_and_key_ops)
{
    for (auto const* more : {R"(,"use":"sig")", R"(,"key_ops":["verify"])", R"(,"key_ops":["sign","verify"])"})
        BOOST_TEST(verdict(rsa_key().jwk(more)) == error_code(), more);
    for (auto const* more : {R"(,"use":"enc")", R"(,"use":"SIG")", R"(,"use":"")", R"(,"key_ops":["sign"])",
             R"(,"key_ops":[])", R"(,"key_ops":["encrypt"])", R"(,"use":"sig","key_ops":["wrapKey"])",
             R"(,"use":"enc","key_ops":["verify"])"})
        BOOST_TEST(verdict(rsa_key().jwk(more)) == error_code(jose_errc::wrong_key_use), more);
    for (auto const* more : {R"(,"use":null)", R"(,"use":["sig"])", R"(,"key_ops":"verify")", R"(,"key_ops":[1])",
             R"(,"key_ops":["verify","verify"])", R"(,"key_ops":{})", R"(,"kid":1)", R"(,"kid":null)", R"(,"alg":1)"})
        BOOST_TEST(verdict(rsa_key().jwk(more)) == error_code(jose_errc::malformed_key), more);
    std::string many = ",\"key_ops\":[\"verify\"";
    for (int i = 0; i != 16; ++i)
        many += ",\"" + std::to_string(i) + '"';
    BOOST_TEST(verdict(rsa_key().jwk(many + ']')) == error_code(jose_errc::malformed_key));
}

BOOST_AUTO_TEST_CASE(keys_that_lack_something)
{
    for (auto const* json : {"[]", "null", "\"RSA\"", "{}", R"({"kty":1})", R"({"kty":"RSA"})",
             R"({"kty":"RSA","n":"AQAB"})", R"({"kty":"RSA","n":1,"e":"AQAB"})",
             R"({"kty":"RSA","n":"AQAB=","e":"AQAB"})", R"({"kty":"RSA","n":"AQAB","e":"A+AB"})", R"({"kty":"EC"})",
             R"({"kty":"EC","crv":"P-256"})", R"({"kty":"EC","crv":1})", R"({"kty":"OKP"})",
             R"({"kty":"OKP","crv":"Ed25519"})", R"({"kty":"OKP","crv":"Ed25519","x":1})"})
        BOOST_TEST(verdict(json) == error_code(jose_errc::malformed_key), json);
    for (auto const* kty : {"rsa", "AKP", "mac", "", "RSA "})
        BOOST_TEST(
            verdict("{\"kty\":\"" + std::string(kty) + "\"}") == error_code(jose_errc::unsupported_key_type), kty);
    BOOST_TEST(verdict("{") == error_code(jose_errc::malformed_json));
    jwk_rules small;
    small.max_size = 10;
    BOOST_TEST(verdict(R"({"kty":"x"})", small) == error_code(jose_errc::key_set_too_large));
}

BOOST_AUTO_TEST_CASE(a_kid_of_any_characters_is_written_as_json)
{
    auto const key = parse_jwk(rsa_key().jwk(R"(,"kid":"a\"\\\n\u0000é")"));
    BOOST_REQUIRE(key.has_value());
    BOOST_TEST((key->kid() == std::string_view("a\"\\\n\0\xc3\xa9", 7)));
    auto const again = parse_jwk(key->public_json());
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST((again->kid() == key->kid()));
}

BOOST_AUTO_TEST_SUITE_END()
