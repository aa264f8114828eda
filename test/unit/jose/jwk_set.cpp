// Key sets: which key a token gets, what is refused of a set, and what is saved of it.
#include "support.hpp"

#include <pks/jose/jose_errc.hpp>
#include <pks/jose/jwk_set.hpp>

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace {

using jose_test::rsa_key;
using jose_test::signer;
using pks::error_code;
using pks::jose_errc;
using pks::jose::algorithm;
using pks::jose::jwk_rules;
using pks::jose::jwk_set;
using pks::jose::parse_jwk;
using pks::jose::parse_jwk_set;

std::string set_of(std::initializer_list<std::string> keys)
{
    std::string out = "{\"keys\":[";
    for (auto const& key : keys)
        out += (out.back() == '[' ? "" : ",") + key;
    return out + "]}";
}

std::string named(std::string_view kid, std::string_view more = "")
{
    return rsa_key().jwk(",\"kid\":\"" + std::string(kid) + '"' + std::string(more));
}

error_code verdict(std::string_view json, jwk_rules const& rules = {})
{
    auto const set = parse_jwk_set(json, rules);
    return set ? error_code() : set.error();
}

jwk_set parsed(std::string_view json, jwk_rules const& rules = {})
{
    auto out = parse_jwk_set(json, rules);
    BOOST_REQUIRE(out.has_value());
    return *out;
}

error_code selected(
    jwk_set const& set, std::optional<std::string_view> kid, algorithm alg, std::string_view expected = "")
{
    auto const key = set.select(kid, alg);
    if (!key)
        return key.error();
    BOOST_TEST((*key)->kid().value_or("") == expected);
    return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(jose_jwk_set)

BOOST_AUTO_TEST_CASE(j8_a_key_is_found_by_its_exact_name)
{
    auto const set = parsed(set_of({named("a"), signer::ec("P-256").jwk(R"(,"kid":"b")"), named("")}));
    BOOST_TEST(set.keys().size() == 3u);
    BOOST_TEST(set.refused().empty());
    BOOST_TEST(selected(set, "a", algorithm::rs256, "a") == error_code());
    BOOST_TEST(selected(set, "b", algorithm::es256, "b") == error_code());
    BOOST_TEST(selected(set, "", algorithm::rs256, "") == error_code());
    for (auto const* kid : {"A", "a ", "ab", "../a", "c"})
        BOOST_TEST(selected(set, kid, algorithm::rs256) == error_code(jose_errc::unknown_key), kid);
    BOOST_TEST(selected(set, std::string_view("a\0", 2), algorithm::rs256) == error_code(jose_errc::unknown_key));
    BOOST_TEST(selected(set, "a", algorithm::es256) == error_code(jose_errc::key_mismatch));
    BOOST_TEST(selected(set, "b", algorithm::rs256) == error_code(jose_errc::key_mismatch));
    BOOST_TEST(selected(set, "b", algorithm::hs256) == error_code(jose_errc::key_mismatch));
    BOOST_TEST(set.find("a") == &set.keys()[0]);
    BOOST_TEST(set.find("c") == nullptr);
}

BOOST_AUTO_TEST_CASE(j9_a_token_without_kid)
{
    auto const set = parsed(set_of({named("a"), signer::ec("P-256").jwk(R"(,"kid":"b")"), signer::ed25519().jwk()}));
    BOOST_TEST(selected(set, std::nullopt, algorithm::rs512, "a") == error_code());
    BOOST_TEST(selected(set, std::nullopt, algorithm::es256, "b") == error_code());
    BOOST_TEST(selected(set, std::nullopt, algorithm::eddsa, "") == error_code());
    BOOST_TEST(selected(set, std::nullopt, algorithm::es384) == error_code(jose_errc::key_mismatch));
    BOOST_TEST(selected(jwk_set(), std::nullopt, algorithm::rs256) == error_code(jose_errc::unknown_key));

    auto const two = parsed(set_of({named("a"), named("b", R"(,"alg":"RS256")")}));
    BOOST_TEST(selected(two, std::nullopt, algorithm::rs256) == error_code(jose_errc::ambiguous_key));
    BOOST_TEST(selected(two, std::nullopt, algorithm::rs384, "a") == error_code());
    // A key without a name is not found by one.
    auto const nameless = parsed(set_of({rsa_key().jwk()}));
    BOOST_TEST(selected(nameless, "a", algorithm::rs256) == error_code(jose_errc::unknown_key));
    BOOST_TEST(selected(nameless, "", algorithm::rs256) == error_code(jose_errc::unknown_key));
}

BOOST_AUTO_TEST_CASE(j9_keys_of_one_name_are_refused)
{
    auto const set = parsed(set_of({named("a"), named("b"), signer::ec("P-256").jwk(R"(,"kid":"a")"), named("c")}));
    BOOST_TEST(set.keys().size() == 2u);
    BOOST_TEST(selected(set, "a", algorithm::rs256) == error_code(jose_errc::unknown_key));
    BOOST_TEST(selected(set, "b", algorithm::rs256, "b") == error_code());
    BOOST_REQUIRE(set.refused().size() == 2u);
    for (auto const& refused : set.refused()) {
        BOOST_TEST((refused.kid == "a"));
        BOOST_TEST(refused.reason == error_code(jose_errc::duplicate_key_id));
    }
    BOOST_TEST(set.refused()[0].position == 0u);
    BOOST_TEST(set.refused()[1].position == 2u);

    // One of the two was refused for itself: still nobody knows which one is meant.
    auto const weak = parsed(set_of({R"({"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"})", named("a")}));
    BOOST_TEST(weak.keys().empty());
    BOOST_TEST(weak.refused()[0].reason == error_code(jose_errc::weak_key));
    BOOST_TEST(weak.refused()[1].reason == error_code(jose_errc::duplicate_key_id));
    // A key for encryption is no rival.
    BOOST_TEST(parsed(set_of({named("a", R"(,"use":"enc")"), named("a")})).keys().size() == 1u);
    // Several keys without a name are none of one name.
    BOOST_TEST(parsed(set_of({rsa_key().jwk(), rsa_key().jwk()})).keys().size() == 2u);

    jwk_set const configured({*parse_jwk(named("a")), *parse_jwk(named("a")), *parse_jwk(named("b"))});
    BOOST_TEST(configured.keys().size() == 1u);
    BOOST_TEST(configured.refused().size() == 2u);
}

BOOST_AUTO_TEST_CASE(j10_members_twice)
{
    BOOST_TEST(verdict(R"({"keys":[],"keys":[]})") == error_code(jose_errc::duplicate_member));
    BOOST_TEST(verdict(R"({"keys":[],"\u006beys":[]})") == error_code(jose_errc::duplicate_member));
    BOOST_TEST(verdict(set_of({rsa_key().jwk(R"(,"e":"AQAB")")})) == error_code(jose_errc::duplicate_member));
}

BOOST_AUTO_TEST_CASE(j21_secrets_and_private_members)
{
    jwk_rules rules;
    auto const oct = signer::hmac(std::string(64, 's')).jwk(R"(,"kid":"oct")");
    std::string const mac =
        R"({"kty":"MAC","alg":"HS256","value":"a secret of thirty-two octets, at least","use":"sig","kid":"mac"})";
    auto const dropped = parsed(set_of({oct, mac, named("a", R"(,"d":"AA")")}));
    BOOST_TEST(dropped.keys().size() == 1u);
    BOOST_TEST(dropped.had_private_members());
    BOOST_REQUIRE(dropped.refused().size() == 2u);
    for (auto const& refused : dropped.refused())
        BOOST_TEST(refused.reason == error_code(jose_errc::symmetric_key_refused));
    BOOST_TEST((dropped.refused()[1].kid == "mac"));
    BOOST_TEST(selected(dropped, "a", algorithm::rs256, "a") == error_code());
    BOOST_TEST(dropped.public_json() == "{\"keys\":[" + parse_jwk(named("a"))->public_json() + "]}");
    BOOST_TEST(!parsed(set_of({named("a")})).had_private_members());

    rules.symmetric = true;
    auto const secrets = parsed(set_of({oct, mac}), rules);
    BOOST_TEST(selected(secrets, "mac", algorithm::hs256, "mac") == error_code());
    BOOST_TEST(selected(secrets, "mac", algorithm::hs512) == error_code(jose_errc::key_mismatch));
    BOOST_TEST(selected(secrets, "oct", algorithm::hs512, "oct") == error_code());
    BOOST_TEST(secrets.public_json() == "{\"keys\":[]}");

    auto const mixed = parsed(set_of({oct, named("a"), mac}), rules);
    BOOST_TEST(mixed.keys().size() == 1u);
    BOOST_REQUIRE(mixed.refused().size() == 2u);
    BOOST_TEST(mixed.refused()[0].position == 0u);
    BOOST_TEST(mixed.refused()[1].position == 2u);
    for (auto const& refused : mixed.refused())
        BOOST_TEST(refused.reason == error_code(jose_errc::mixed_key_set));
    rules.mixed_set = true;
    auto const both = parsed(set_of({oct, named("a"), mac}), rules);
    BOOST_TEST(both.keys().size() == 3u);
    BOOST_TEST(selected(both, "a", algorithm::hs256) == error_code(jose_errc::key_mismatch));
    BOOST_TEST(selected(both, "mac", algorithm::rs256) == error_code(jose_errc::key_mismatch));
}

BOOST_AUTO_TEST_CASE(j22_sets_of_a_confused_endpoint)
{
    for (auto const* json : {"<html><body>login</body></html>", "", "{\"keys\":[", "{\"keys\":[{\"kty\":\"RSA\""})
        BOOST_TEST(verdict(json) == error_code(jose_errc::malformed_json), json);
    for (auto const* json : {"{}", "[]", "null", "{\"keys\":{}}", "{\"keys\":null}", "{\"keys\":\"\"}", "{\"Keys\":[]}",
             R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"})
        BOOST_TEST(verdict(json) == error_code(jose_errc::malformed_key_set), json);
    BOOST_TEST(parsed("{\"keys\":[]}").keys().empty());
    BOOST_TEST(parsed("{\"keys\":[],\"more\":1}").refused().empty());

    auto const partly = parsed(
        "{\"keys\":[null,1,{}," + named("a") + ",{\"kty\":\"AKP\",\"kid\":\"pq\"},{\"kty\":\"RSA\",\"kid\":5}]}");
    BOOST_TEST(partly.keys().size() == 1u);
    BOOST_REQUIRE(partly.refused().size() == 5u);
    BOOST_TEST(partly.refused()[3].position == 4u);
    BOOST_TEST((partly.refused()[3].kid == "pq"));
    BOOST_TEST(partly.refused()[3].reason == error_code(jose_errc::unsupported_key_type));
    BOOST_TEST(!partly.refused()[4].kid.has_value());
    BOOST_TEST(partly.refused()[4].reason == error_code(jose_errc::malformed_key));

    auto const many = [](int count) {
        std::string out = "{\"keys\":[{}";
        for (int i = 1; i < count; ++i)
            out += ",{}";
        return out + "]}";
    };
    BOOST_TEST(verdict(many(100)) == error_code());
    BOOST_TEST(verdict(many(101)) == error_code(jose_errc::too_many_keys));
    BOOST_TEST(verdict(many(10'000)) == error_code(jose_errc::too_many_values));
    BOOST_TEST(verdict(std::string(5 << 20, ' ')) == error_code(jose_errc::key_set_too_large));
    jwk_rules rules;
    auto const one = set_of({named("a")});
    rules.max_size = one.size();
    BOOST_TEST(verdict(one, rules) == error_code());
    rules.max_size = one.size() - 1;
    BOOST_TEST(verdict(one, rules) == error_code(jose_errc::key_set_too_large));
}

BOOST_AUTO_TEST_CASE(j25_a_deep_set)
{
    std::string const deep = "{\"keys\":" + std::string(10'000, '[');
    jose_test::allocation_count const count;
    auto const refused = verdict(deep);
    auto const octets = count.octets();
    BOOST_TEST(refused == error_code(jose_errc::json_too_deep));
    BOOST_TEST(octets < 2 * deep.size());
}

BOOST_AUTO_TEST_CASE(a_set_that_is_saved_comes_back)
{
    auto const set = parsed(set_of({named("a", R"(,"alg":"RS256")"), signer::ec("P-384").jwk(R"(,"kid":"b")"),
        signer::ec("P-521").jwk(R"(,"kid":"c")"), signer::ed25519().jwk(R"(,"kid":"d")"), rsa_key().jwk()}));
    auto const again = parsed(set.public_json());
    BOOST_TEST(again.refused().empty());
    BOOST_REQUIRE(again.keys().size() == 5u);
    for (std::size_t i = 0; i != 5; ++i) {
        BOOST_TEST(again.keys()[i].public_json() == set.keys()[i].public_json());
        BOOST_TEST((again.keys()[i].kid() == set.keys()[i].kid()));
        BOOST_TEST((again.keys()[i].alg() == set.keys()[i].alg()));
    }
    BOOST_TEST(jwk_set().public_json() == "{\"keys\":[]}");
}

BOOST_AUTO_TEST_SUITE_END()
