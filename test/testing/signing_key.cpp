// Keys of the embedded UAA.
#include <pks/testing/signing_key.hpp>

#include <pks/jose/base64url.hpp>

#include <boost/json/object.hpp>
#include <boost/test/unit_test.hpp>
#include <openssl/err.h>

#include <stdexcept>
#include <string>

using pks::testing::signing_key;

BOOST_AUTO_TEST_SUITE(testing_signing_key)

BOOST_AUTO_TEST_CASE(signs_and_verifies)
{
    auto const key = signing_key::generate("key-1");
    auto const signature = key.sign("text");
    BOOST_TEST(key.verify("RS256", "text", signature));
    BOOST_TEST(!key.verify("RS256", "texT", signature));
    BOOST_TEST(!key.verify("RS512", "text", signature));
    BOOST_TEST(!key.verify("PS256", "text", signature));
    for (auto const alg : {"none", "", "HS256", "RS1", "rs256", "ES256"})
        BOOST_TEST(!key.verify(alg, "text", signature));
    BOOST_TEST(!signing_key::generate("key-1").verify("RS256", "text", signature));

    auto const again = signing_key::from_pem("key-2", key.private_pem());
    BOOST_TEST(again.kid() == "key-2");
    BOOST_TEST(again.verify("RS256", "text", signature));
    BOOST_TEST(ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_CASE(publishes_what_each_generation_publishes)
{
    auto const key = signing_key::generate("key-1");
    auto const newer = key.jwk(false);
    auto const older = key.jwk(true);
    std::string members;
    for (auto const& member : newer)
        members += std::string(member.key()) + ' ';
    BOOST_TEST(members == "kty e use kid alg value n ");
    BOOST_TEST(newer.at("e").as_string() == "AQAB");
    auto const n = pks::jose::base64url_decode(newer.at("n").as_string());
    BOOST_REQUIRE(n);
    BOOST_TEST(n->size() == 256u);
    BOOST_TEST((pks::jose::base64url_decode(older.at("n").as_string()) == '\0' + *n));
    BOOST_TEST(newer.at("value").as_string().ends_with("-----END PUBLIC KEY-----"));
}

BOOST_AUTO_TEST_CASE(what_is_no_key_is_refused)
{
    BOOST_CHECK_THROW(signing_key::from_pem("k", "junk"), std::runtime_error);
    BOOST_CHECK_THROW(signing_key::from_pem("k", ""), std::runtime_error);
    BOOST_TEST(ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
