// token_claims: whose token it is, and its scopes by their exact names. How they are read is in
// proto/token_messages.cpp.
#include <pks/token_claims.hpp>

#include <boost/test/unit_test.hpp>

#include <type_traits>

namespace {

using pks::token_claims;

static_assert(!std::is_aggregate_v<token_claims> && std::is_nothrow_move_constructible_v<token_claims>);

} // namespace

BOOST_AUTO_TEST_SUITE(values_token_claims)

BOOST_AUTO_TEST_CASE(empty)
{
    token_claims const none;
    for (auto const* text : {&none.jti, &none.sub, &none.client_id, &none.grant_type, &none.iss, &none.zid,
             &none.user_id, &none.user_name, &none.email, &none.origin})
        BOOST_TEST(*text == "");
    BOOST_TEST(none.scope.empty());
    BOOST_TEST(none.aud.empty());
    BOOST_TEST(!none.issued_at);
    BOOST_TEST(!none.expires_at);
    BOOST_TEST(!none.revocable);
    BOOST_TEST(!none.json);
    BOOST_TEST(!none.user());
    BOOST_TEST(!none.has_scope(""));
}

BOOST_AUTO_TEST_CASE(users_and_clients)
{
    token_claims claims;
    claims.sub = "75b1c3c8";
    claims.user_name = "alana";
    BOOST_TEST(!claims.user());
    claims.user_id = "75b1c3c8";
    BOOST_TEST(claims.user());
}

BOOST_AUTO_TEST_CASE(scopes_are_exact)
{
    token_claims claims;
    claims.scope = {"pks.clusters.manage", "openid", "pks.*"};
    BOOST_TEST(claims.has_scope("pks.clusters.manage"));
    BOOST_TEST(claims.has_scope("openid"));
    BOOST_TEST(claims.has_scope("pks.*"));
    for (auto const* other : {"", "pks.clusters", "pks.clusters.manage.x", "PKS.clusters.manage", "pks.clusters.admin",
             "openid ", " openid", "openid pks.*", "*"})
        BOOST_TEST(!claims.has_scope(other), other);
}

BOOST_AUTO_TEST_SUITE_END()
