// What a UAA's reply about a token means.
#include <pks/jose/jose_errc.hpp>
#include <pks/policy/introspection_answer.hpp>
#include <pks/policy/token_errc.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using pks::error_code;
using pks::jose_errc;
using pks::token_errc;
using pks::policy::introspection_endpoint;
using pks::policy::read_introspection;

BOOST_AUTO_TEST_SUITE(policy_introspection_answer)

BOOST_AUTO_TEST_CASE(o12_only_active_true_is_active)
{
    auto const active = read_introspection(
        R"({"active":true,"sub":"s","scope":["a.b"],"exp":1600,"aud":["a"]})", introspection_endpoint::introspect);
    BOOST_TEST(active.refusal == error_code());
    BOOST_REQUIRE(active.claims);
    BOOST_TEST(active.claims->sub() == "s");
    BOOST_TEST(active.claims->scope().contains("a.b"));

    for (auto const* body : {R"({"active":false})", R"({"revocable":false,"active":false})", R"({})",
             R"({"sub":"s","exp":1600})", R"({"active":"true","sub":"s"})", R"({"active":1})", R"({"active":null})",
             R"({"active":[true]})", R"({"active":"TRUE"})", R"({"Active":true})", R"({"active":{"active":true}})",
             R"({"active":false,"sub":null,"exp":"soon"})"}) {
        auto const got = read_introspection(body, introspection_endpoint::introspect);
        BOOST_TEST(got.refusal == error_code(token_errc::inactive), body);
        BOOST_TEST((got.refusal == pks::condition::unauthorized), body);
        BOOST_TEST(!got.claims, body);
    }
}

BOOST_AUTO_TEST_CASE(o12_what_is_no_claims_set_is_no_answer)
{
    auto const refused = [](std::string const& body) {
        auto const got = read_introspection(body, introspection_endpoint::introspect);
        BOOST_TEST(!got.claims);
        return got.refusal;
    };
    BOOST_TEST(refused("") == error_code(jose_errc::malformed_json));
    BOOST_TEST(refused("<html>") == error_code(jose_errc::malformed_json));
    BOOST_TEST(refused("true") == error_code(jose_errc::malformed_claims));
    BOOST_TEST(refused("[true]") == error_code(jose_errc::malformed_claims));
    BOOST_TEST(refused(R"({"active":true} x)") == error_code(jose_errc::malformed_json));
    BOOST_TEST(refused(R"({"active":false,"active":true})") == error_code(jose_errc::duplicate_member));
    BOOST_TEST(refused(R"({"active":true,"\u0061ctive":false})") == error_code(jose_errc::duplicate_member));
    BOOST_TEST(refused(R"({"active":true,"exp":"soon"})") == error_code(jose_errc::wrong_claim_type));
    BOOST_TEST(refused(R"({"active":true,"exp":1e400})") == error_code(jose_errc::number_out_of_range));
}

BOOST_AUTO_TEST_CASE(a_reply_of_check_token_needs_no_active)
{
    auto const got = read_introspection(
        R"({"sub":"s","exp":1600,"scope":["a"],"revocable":true})", introspection_endpoint::check_token);
    BOOST_TEST(got.refusal == error_code());
    BOOST_REQUIRE(got.claims);
    BOOST_TEST(got.claims->revocable());
    BOOST_TEST(
        read_introspection("{", introspection_endpoint::check_token).refusal == error_code(jose_errc::malformed_json));
}

BOOST_AUTO_TEST_SUITE_END()
