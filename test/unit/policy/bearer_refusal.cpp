// policy/bearer_refusal.hpp: status, challenge and body for each reason. Threat O13.
#include <pks/jose/jose_errc.hpp>
#include <pks/policy/bearer_errc.hpp>
#include <pks/policy/bearer_refusal.hpp>
#include <pks/policy/token_errc.hpp>

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using pks::bearer_errc;
using pks::error_code;
using pks::policy::bearer_refusal;
using pks::policy::scope_requirement;

scope_requirement needed()
{
    scope_requirement out;
    out.all = {"pks.clusters.manage"};
    out.any = {"a.b", "c.*"};
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_bearer_refusal)

BOOST_AUTO_TEST_CASE(without_a_token_the_challenge_says_what_is_wanted)
{
    bearer_refusal const r(bearer_errc::no_token, "pks", needed());
    BOOST_TEST(r.status == 401u);
    BOOST_TEST(r.www_authenticate == R"(Bearer realm="pks")");
    BOOST_TEST(r.body ==
        R"({"error":"unauthorized","error_description":"the request brings no access token: it needs the field Authorization with the scheme Bearer"})");
}

BOOST_AUTO_TEST_CASE(a_confused_request_is_a_bad_one)
{
    for (auto const e : {bearer_errc::several_tokens, bearer_errc::token_in_target, bearer_errc::token_in_form,
             bearer_errc::malformed_authorization}) {
        bearer_refusal const r(e, "pks", {});
        auto const text = make_error_code(e).message();
        BOOST_TEST(r.status == 400u);
        BOOST_TEST(
            r.www_authenticate == R"(Bearer realm="pks", error="invalid_request", error_description=")" + text + '"');
        BOOST_TEST(r.body == R"({"error":"invalid_request","error_description":")" + text + R"("})");
    }
}

BOOST_AUTO_TEST_CASE(a_token_that_is_refused_is_invalid)
{
    for (error_code const ec : {error_code(pks::jose_errc::bad_signature), error_code(pks::jose_errc::unknown_key),
             error_code(pks::token_errc::expired), error_code(pks::token_errc::wrong_audience),
             error_code(pks::token_errc::inactive)}) {
        bearer_refusal const r(ec, "a realm", needed());
        BOOST_TEST(r.status == 401u);
        BOOST_TEST(r.www_authenticate ==
            R"(Bearer realm="a realm", error="invalid_token", error_description=")" + ec.message() + '"');
        BOOST_TEST(r.body == R"({"error":"invalid_token","error_description":")" + ec.message() + R"("})");
    }
}

BOOST_AUTO_TEST_CASE(a_missing_scope_is_named)
{
    error_code const ec = pks::token_errc::insufficient_scope;
    bearer_refusal const r(ec, "pks", needed());
    BOOST_TEST(r.status == 403u);
    BOOST_TEST(r.www_authenticate ==
        R"(Bearer realm="pks", error="insufficient_scope", error_description=")" + ec.message() +
            R"(", scope="pks.clusters.manage a.b c.*")");
    BOOST_TEST(bearer_refusal(ec, "pks", {}).www_authenticate ==
        R"(Bearer realm="pks", error="insufficient_scope", error_description=")" + ec.message() + '"');
}

BOOST_AUTO_TEST_CASE(what_lies_with_the_uaa_is_no_fault_of_the_token)
{
    for (error_code const ec : {error_code(pks::token_errc::keys_unavailable), error_code(pks::errc::timeout),
             error_code(pks::token_errc::too_many_questions), error_code(pks::token_errc::question_refused),
             error_code(pks::oauth_errc::bad_credentials), error_code(pks::oauth_errc::server_error),
             error_code(pks::errc::unexpected_json), error_code(boost::asio::error::connection_refused)}) {
        bearer_refusal const r(ec, "pks", needed());
        BOOST_TEST(r.status == 503u);
        BOOST_TEST(r.www_authenticate == "");
        BOOST_TEST(r.body ==
            R"({"error":"temporarily_unavailable","error_description":"the token cannot be judged at the moment"})");
    }
}

BOOST_AUTO_TEST_CASE(nothing_gets_out_of_its_quotes)
{
    scope_requirement hostile;
    hostile.all = {"a\"b\r\nX: y", "c\\d"};
    bearer_refusal const r(pks::token_errc::insufficient_scope, "re\"al\r\nm\xff", hostile);
    BOOST_TEST(r.www_authenticate.starts_with(R"(Bearer realm="realm", error=)"));
    BOOST_TEST(r.www_authenticate.ends_with(R"(scope="abX: y cd")"));
    BOOST_TEST(r.www_authenticate.find_first_of("\r\n\\") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
