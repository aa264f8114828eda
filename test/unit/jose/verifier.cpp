// Signatures: those that verify, and those that must not.
#include "support.hpp"

#include <pks/jose/base64url.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/jwk_set.hpp>
#include <pks/jose/jws.hpp>
#include <pks/jose/missing_kid.hpp>
#include <pks/jose/verifier.hpp>

#include <boost/test/unit_test.hpp>

#include <openssl/err.h>

#include <array>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using jose_test::make_token;
using jose_test::rsa_key;
using jose_test::signer;
using pks::error_code;
using pks::jose_errc;
using pks::jose::algorithm;
using pks::jose::algorithm_set;
using pks::jose::base64url_encode;
using pks::jose::jwk;
using pks::jose::jwk_rules;
using pks::jose::jwk_set;
using pks::jose::jws;
using pks::jose::missing_kid;
using pks::jose::parse_algorithm;
using pks::jose::parse_jwk;
using pks::jose::verifier;

constexpr auto all = algorithm_set::asymmetric() | algorithm_set::symmetric();

jwk key_of(signer const& key, std::string_view more = R"(,"kid":"k")")
{
    jwk_rules rules;
    rules.symmetric = true;
    auto const out = parse_jwk(key.jwk(more), rules);
    BOOST_REQUIRE(out.has_value());
    return *out;
}

std::string header_of(std::string_view alg)
{
    return R"({"alg":")" + std::string(alg) + R"(","kid":"k","typ":"JWT"})";
}

error_code verdict(std::string_view token, jwk_set const& keys, algorithm_set allowed = all,
    missing_kid without_kid = missing_kid::only_key)
{
    jws j;
    if (auto const failed = j.parse(token))
        return failed;
    auto const out = verifier::of_this_thread().verify(j, keys, allowed, without_kid);
    BOOST_TEST(ERR_peek_error() == 0u);
    return out;
}

error_code verdict(algorithm alg, jwk const& key, std::string_view message, std::string_view signature)
{
    auto const out = verifier::of_this_thread().verify(alg, key, message, signature);
    BOOST_TEST(ERR_peek_error() == 0u);
    return out;
}

signer const& key_for(std::string_view alg)
{
    static auto const p256 = signer::ec("P-256"), p384 = signer::ec("P-384"), p521 = signer::ec("P-521"),
                      ed25519 = signer::ed25519(), secret = signer::hmac(std::string(64, '\x5a'));
    return alg[0] == 'R' || alg[0] == 'P' ? rsa_key()
        : alg == "ES256"                  ? p256
        : alg == "ES384"                  ? p384
        : alg == "ES512"                  ? p521
        : alg == "EdDSA"                  ? ed25519
                                          : secret;
}

constexpr char const* every[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    "EdDSA", "HS256", "HS384", "HS512"};

// The order of P-256.
std::string order_of_p256()
{
    return {"\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
            "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51",
        32};
}

} // namespace

BOOST_AUTO_TEST_SUITE(jose_verifier)

BOOST_AUTO_TEST_CASE(every_algorithm_verifies)
{
    for (auto const* alg : every) {
        auto const& key = key_for(alg);
        for (auto const* more : {R"(,"kid":"k")", R"(,"kid":"k","alg":")"}) {
            jwk_set const keys(
                {key_of(key, std::string_view(more).ends_with(":\"") ? std::string(more) + alg + '"' : more)});
            for (int again = 0; again != 3; ++again)
                BOOST_TEST(verdict(make_token(key, alg, header_of(alg), "{\"n\":" + std::to_string(again) + '}'),
                               keys) == error_code(),
                    alg);
        }
    }
}

BOOST_AUTO_TEST_CASE(j1_only_algorithms_of_the_list)
{
    for (auto const* alg : every) {
        auto const& key = key_for(alg);
        jwk_set const keys({key_of(key)});
        auto const token = make_token(key, alg, header_of(alg), "{}");
        auto const own = *parse_algorithm(alg);
        for (auto const* other : every)
            BOOST_TEST(verdict(token, keys, {*parse_algorithm(other)}) ==
                    (other == alg ? error_code() : error_code(jose_errc::algorithm_not_allowed)),
                alg << ' ' << other);
        BOOST_TEST(verdict(token, keys, algorithm_set()) == error_code(jose_errc::algorithm_not_allowed));
        // Before any key is looked for.
        BOOST_TEST(verdict(token, jwk_set(), {own == algorithm::rs256 ? algorithm::rs384 : algorithm::rs256}) ==
            error_code(jose_errc::algorithm_not_allowed));
    }
}

BOOST_AUTO_TEST_CASE(j2_signatures_that_were_changed)
{
    for (auto const* alg : every) {
        auto const& key = key_for(alg);
        auto const a = *parse_algorithm(alg);
        auto const known = key_of(key);
        std::string const message = "header.payload";
        auto const signature = key.sign(alg, message);
        BOOST_TEST(verdict(a, known, message, signature) == error_code(), alg);
        for (auto const at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
            auto changed = signature;
            changed[at] = static_cast<char>(changed[at] ^ 1);
            BOOST_TEST(
                verdict(a, known, message, changed) == error_code(jose_errc::bad_signature), alg << " octet " << at);
        }
        BOOST_TEST(verdict(a, known, message + "x", signature) == error_code(jose_errc::bad_signature), alg);
        BOOST_TEST(verdict(a, known, "", signature) == error_code(jose_errc::bad_signature), alg);
        BOOST_TEST(verdict(a, known, message, "") == error_code(jose_errc::wrong_signature_length), alg);
        BOOST_TEST(
            verdict(a, known, message, signature.substr(1)) == error_code(jose_errc::wrong_signature_length), alg);
        BOOST_TEST(verdict(a, known, message, signature + '\0') == error_code(jose_errc::wrong_signature_length), alg);
        BOOST_TEST(verdict(a, known, message, '\0' + signature) == error_code(jose_errc::wrong_signature_length), alg);
        for (char const octet : {'\0', '\xff'})
            BOOST_TEST(verdict(a, known, message, std::string(signature.size(), octet)) ==
                    error_code(jose_errc::bad_signature),
                alg);
        // After all of that, as before.
        BOOST_TEST(verdict(a, known, message, signature) == error_code(), alg);
    }
    auto const token = make_token(rsa_key(), "RS256", header_of("RS256"), "{}");
    jwk_set const keys({key_of(rsa_key())});
    BOOST_TEST(verdict(token.substr(0, token.rfind('.') + 1), keys) == error_code(jose_errc::wrong_signature_length));
    jwk_set const others({key_of(signer::rsa())});
    BOOST_TEST(verdict(token, others) == error_code(jose_errc::bad_signature));
}

BOOST_AUTO_TEST_CASE(j3_hs256_with_a_public_key_as_secret)
{
    auto const pem = rsa_key().public_pem();
    for (auto const* alg : {"RS256", "ES256", "EdDSA"}) {
        auto const& key = key_for(alg);
        auto const own_pem = key.public_pem();
        for (auto const& secret :
            {own_pem, own_pem.substr(0, own_pem.size() - 1), key.public_der(), key.jwk(), std::string()}) {
            auto const token = make_token(signer::hmac(secret), "HS256", header_of("HS256"), "{}");
            for (auto const* more : {R"(,"kid":"k")", R"(,"kid":"k","alg":")"}) {
                jwk_set const keys(
                    {key_of(key, std::string_view(more).ends_with(":\"") ? std::string(more) + alg + '"' : more)});
                BOOST_TEST(
                    verdict(token, keys, algorithm_set::asymmetric()) == error_code(jose_errc::algorithm_not_allowed),
                    alg);
                BOOST_TEST(verdict(token, keys, all) == error_code(jose_errc::key_mismatch), alg);
            }
        }
    }
    BOOST_TEST(pem.starts_with("-----BEGIN PUBLIC KEY-----"));
}

BOOST_AUTO_TEST_CASE(j4_algorithms_that_are_not_of_the_key)
{
    for (auto const* alg : every) {
        auto const known = key_of(key_for(alg));
        jwk_set const keys({known});
        for (auto const* other : every) {
            auto const b = *parse_algorithm(other);
            auto const expected = known.fits(b) ? error_code() : error_code(jose_errc::key_mismatch);
            BOOST_TEST(verdict(make_token(key_for(other), other, header_of(other), "{}"), keys) == expected,
                alg << ' ' << other);
            if (!known.fits(b))
                BOOST_TEST(verdict(b, known, "m", std::string(64, 's')) == error_code(jose_errc::key_mismatch),
                    alg << ' ' << other);
        }
    }
    // The key names its algorithm: others of the same family are refused as well.
    jwk_set const pinned({key_of(rsa_key(), R"(,"kid":"k","alg":"RS256")")});
    for (auto const* alg : {"RS384", "RS512", "PS256"})
        BOOST_TEST(
            verdict(make_token(rsa_key(), alg, header_of(alg), "{}"), pinned) == error_code(jose_errc::key_mismatch),
            alg);
    // What the header says is what is verified, not what was signed.
    jwk_set const open({key_of(rsa_key())});
    BOOST_TEST(verdict(make_token(rsa_key(), "PS256", header_of("RS256"), "{}"), open) ==
        error_code(jose_errc::bad_signature));
    BOOST_TEST(verdict(make_token(rsa_key(), "RS256", header_of("PS256"), "{}"), open) ==
        error_code(jose_errc::bad_signature));
    BOOST_TEST(verdict(make_token(rsa_key(), "RS384", header_of("RS256"), "{}"), open) ==
        error_code(jose_errc::bad_signature));
}

BOOST_AUTO_TEST_CASE(j5_ecdsa_signatures_of_a_wrong_form)
{
    auto const& key = key_for("ES256");
    auto const known = key_of(key);
    std::string const message = "header.payload";
    auto const good = key.sign("ES256", message);
    BOOST_REQUIRE(good.size() == 64u);
    auto const r = good.substr(0, 32), s = good.substr(32);
    std::string const zero(32, '\0'), order = order_of_p256(), ones(32, '\xff');
    auto one = zero, below = order, above = order;
    one.back() = 1;
    --below.back();
    ++above.back();
    for (auto const& [first, second] :
        {std::pair(zero, zero), std::pair(zero, s), std::pair(r, zero), std::pair(order, s), std::pair(r, order),
            std::pair(below, below), std::pair(below, s), std::pair(above, s), std::pair(r, above),
            std::pair(ones, ones), std::pair(one, one), std::pair(one, zero), std::pair(zero, one), std::pair(s, r)})
        BOOST_TEST(verdict(algorithm::es256, known, message, first + second) == error_code(jose_errc::bad_signature));
    for (auto const size : {0u, 1u, 32u, 63u, 65u, 96u, 128u})
        BOOST_TEST(verdict(algorithm::es256, known, message, (good + good).substr(0, size)) ==
            error_code(jose_errc::wrong_signature_length));
    // DER, as other protocols have it: made so that it has the length of a raw one, too.
    auto const der = [](std::string_view a, std::string_view b) {
        return std::string("\x30") + static_cast<char>(4 + a.size() + b.size()) + '\x02' + static_cast<char>(a.size()) +
            std::string(a) + '\x02' + static_cast<char>(b.size()) + std::string(b);
    };
    BOOST_TEST(verdict(algorithm::es256, known, message, der(r, s)) == error_code(jose_errc::wrong_signature_length));
    BOOST_TEST(der(r.substr(0, 29), s.substr(0, 29)).size() == 64u);
    BOOST_TEST(verdict(algorithm::es256, known, message, der(r.substr(0, 29), s.substr(0, 29))) ==
        error_code(jose_errc::bad_signature));
    BOOST_TEST(verdict(algorithm::es256, known, message, good) == error_code());
}

// Their two halves begin with zeros and with ones, so that every form of an integer in DER occurs.
BOOST_AUTO_TEST_CASE(ecdsa_signatures_with_numbers_of_every_length)
{
    for (auto const* alg : {"ES256", "ES384", "ES512"}) {
        auto const& key = key_for(alg);
        auto const known = key_of(key);
        // One of 128 signatures has such a number; 10,000 in a row without one do not happen.
        bool short_one = false;
        for (int i = 0; i != 10'000 && !(short_one && i >= 50); ++i) {
            auto const message = std::to_string(i);
            auto const signature = key.sign(alg, message);
            short_one = short_one || signature[0] == '\0' || signature[signature.size() / 2] == '\0';
            BOOST_TEST(verdict(*parse_algorithm(alg), known, message, signature) == error_code(), alg);
        }
        BOOST_TEST(short_one, alg);
    }
}

BOOST_AUTO_TEST_CASE(j6_a_key_within_the_token_is_not_used)
{
    auto const attacker = signer::rsa();
    jwk_set const keys({key_of(rsa_key())});
    auto const header = [](std::string_view more) { return R"({"alg":"RS256","kid":"k",)" + std::string(more) + '}'; };
    for (auto const& more : {"\"jwk\":" + attacker.jwk(), std::string(R"("jku":"https://evil.example/keys")"),
             std::string(R"("x5u":"https://evil.example/cert")"), std::string(R"("x5c":["MIIB"])")}) {
        BOOST_TEST(
            verdict(make_token(attacker, "RS256", header(more), "{}"), keys) == error_code(jose_errc::bad_signature));
        BOOST_TEST(verdict(make_token(rsa_key(), "RS256", header(more), "{}"), keys) == error_code());
        BOOST_TEST(verdict(make_token(attacker, "RS256", header(more), "{}"), jwk_set()) ==
            error_code(jose_errc::unknown_key));
    }
}

BOOST_AUTO_TEST_CASE(j7_kid_is_looked_up_and_nothing_else)
{
    jwk_set const keys({key_of(rsa_key())});
    for (auto const* kid :
        {"../../dev/null", "/proc/self/environ", "k' OR '1'='1", "|sleep 10", "k\\u0000", "k\\r\\n", "K", ""})
        BOOST_TEST(verdict(make_token(rsa_key(), "RS256", R"({"alg":"RS256","kid":")" + std::string(kid) + "\"}", "{}"),
                       keys) == error_code(jose_errc::unknown_key),
            kid);
}

BOOST_AUTO_TEST_CASE(j9_without_kid)
{
    auto const token = make_token(rsa_key(), "RS256", R"({"alg":"RS256"})", "{}");
    BOOST_TEST(verdict(token, jwk_set({key_of(rsa_key())})) == error_code());
    BOOST_TEST(verdict(token, jwk_set({key_of(rsa_key()), key_of(key_for("ES256"), "")})) == error_code());
    BOOST_TEST(
        verdict(token, jwk_set({key_of(rsa_key()), key_of(rsa_key(), "")})) == error_code(jose_errc::ambiguous_key));
    BOOST_TEST(verdict(token, jwk_set({key_of(key_for("ES256"))})) == error_code(jose_errc::key_mismatch));
    BOOST_TEST(verdict(token, jwk_set()) == error_code(jose_errc::unknown_key));
}

BOOST_AUTO_TEST_CASE(j9_without_kid_as_configured)
{
    auto const token = make_token(rsa_key(), "RS256", R"({"alg":"RS256"})", "{}");
    auto const named = make_token(rsa_key(), "RS256", R"({"alg":"RS256","kid":"k"})", "{}");
    auto const judge = [](std::string_view t, std::vector<jwk> keys, missing_kid without_kid) {
        return verdict(t, jwk_set(std::move(keys)), all, without_kid);
    };
    auto const right = key_of(rsa_key()), ec = key_of(key_for("ES256"), "");
    static auto const other = signer::rsa(2048);
    auto const wrong = key_of(other, "");

    BOOST_TEST(judge(token, {right}, missing_kid::refused) == error_code(jose_errc::missing_key_id));
    BOOST_TEST(judge(token, {}, missing_kid::refused) == error_code(jose_errc::missing_key_id));
    for (auto const how : {missing_kid::refused, missing_kid::only_key, missing_kid::any_key})
        BOOST_TEST(judge(named, {wrong, right}, how) == error_code());

    BOOST_TEST(judge(token, {wrong, ec, right, wrong}, missing_kid::any_key) == error_code());
    BOOST_TEST(judge(token, {wrong, wrong, wrong, right}, missing_kid::any_key) == error_code());
    BOOST_TEST(judge(token, {wrong, wrong, ec}, missing_kid::any_key) == error_code(jose_errc::bad_signature));
    // A fifth key that fits is one too many, also where the first is the right one.
    BOOST_TEST(judge(token, {right, wrong, wrong, wrong, wrong}, missing_kid::any_key) ==
        error_code(jose_errc::ambiguous_key));
    BOOST_TEST(judge(token, {ec}, missing_kid::any_key) == error_code(jose_errc::key_mismatch));
    BOOST_TEST(judge(token, {}, missing_kid::any_key) == error_code(jose_errc::unknown_key));
    // A name that no key has is not a missing one.
    BOOST_TEST(judge(named, {wrong}, missing_kid::any_key) == error_code(jose_errc::unknown_key));
}

// More keys than contexts are kept, in turn, and one algorithm after the other with the same key.
BOOST_AUTO_TEST_CASE(contexts_belong_to_one_key_and_algorithm)
{
    std::vector<std::pair<signer, jwk>> keys;
    for (int i = 0; i != 20; ++i) {
        auto key = signer::ec("P-256");
        auto known = key_of(key);
        keys.emplace_back(std::move(key), std::move(known));
    }
    verifier own;
    for (int round = 0; round != 3; ++round)
        for (std::size_t i = 0; i != keys.size(); ++i) {
            auto const signature = keys[i].first.sign("ES256", "m");
            BOOST_TEST(own.verify(algorithm::es256, keys[i].second, "m", signature) == error_code());
            BOOST_TEST(own.verify(algorithm::es256, keys[(i + 1) % keys.size()].second, "m", signature) ==
                error_code(jose_errc::bad_signature));
        }
    auto const rsa = key_of(rsa_key());
    for (int round = 0; round != 2; ++round)
        for (auto const* alg : {"RS256", "PS256", "RS512", "PS512", "RS384", "PS384"})
            BOOST_TEST(own.verify(*parse_algorithm(alg), rsa, "m", rsa_key().sign(alg, "m")) == error_code(), alg);
}

BOOST_AUTO_TEST_CASE(j24_a_key_outlives_its_set_and_its_number_is_not_used_again)
{
    auto const token = make_token(rsa_key(), "RS256", header_of("RS256"), "{}");
    auto const other = signer::rsa();
    auto const other_token = make_token(other, "RS256", header_of("RS256"), "{}");
    for (int i = 0; i != 20; ++i) {
        // The same name, another key: what was verified with the first is of no use with the second.
        BOOST_TEST(verdict(token, jwk_set({key_of(rsa_key())})) == error_code());
        BOOST_TEST(verdict(token, jwk_set({key_of(other)})) == error_code(jose_errc::bad_signature));
        BOOST_TEST(verdict(other_token, jwk_set({key_of(other)})) == error_code());
    }
}

BOOST_AUTO_TEST_CASE(threads_share_keys)
{
    jwk_set const keys({key_of(rsa_key())});
    auto const token = make_token(rsa_key(), "RS256", header_of("RS256"), "{}");
    auto forged = token;
    forged[forged.size() - 20] = forged[forged.size() - 20] == 'A' ? 'B' : 'A';
    std::array<int, 4> wrong = {};
    std::vector<std::thread> threads;
    for (auto& mistakes : wrong)
        threads.emplace_back([&] {
            jws j;
            for (int i = 0; i != 50; ++i) {
                bool const good = i % 2 == 0;
                if (j.parse(good ? token : forged) || !verifier::of_this_thread().verify(j, keys) != good)
                    ++mistakes;
            }
        });
    for (auto& thread : threads)
        thread.join();
    for (auto const mistakes : wrong)
        BOOST_TEST(mistakes == 0);
}

BOOST_AUTO_TEST_CASE(the_error_queue_of_others_is_left_alone)
{
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 42);
    auto const known = key_of(rsa_key());
    BOOST_TEST(verifier::of_this_thread().verify(algorithm::rs256, known, "m", std::string(256, '\x01')) ==
        error_code(jose_errc::bad_signature));
    BOOST_TEST(ERR_GET_REASON(ERR_get_error()) == 42);
    BOOST_TEST(ERR_get_error() == 0u);
}

BOOST_AUTO_TEST_CASE(verifying_again_takes_nothing_from_the_heap)
{
    jwk_set const keys({key_of(rsa_key())});
    auto const token = make_token(rsa_key(), "RS256", header_of("RS256"), "{}");
    jws j;
    auto& own = verifier::of_this_thread();
    BOOST_TEST(j.parse(token) == error_code());
    BOOST_TEST(own.verify(j, keys) == error_code());
    jose_test::allocation_count const count;
    bool failed = false;
    for (int i = 0; i != 20; ++i)
        failed = failed || j.parse(token) || own.verify(j, keys);
    auto const calls = count.calls();
    BOOST_TEST(!failed);
    BOOST_TEST(calls == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
