// Which scopes meet a requirement, and which audience UAA derives from a scope.
#include <pks/jose/claims.hpp>
#include <pks/policy/scope_requirement.hpp>
#include <pks/policy/token_errc.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace {

using pks::error_code;
using pks::token_errc;
using pks::policy::resource_id_of;
using pks::policy::scope_matches;
using pks::policy::scope_requirement;

/// The verdict on a claim `scope` of this JSON.
bool met(scope_requirement const& required, std::string_view scope)
{
    pks::jose::claims claims;
    BOOST_REQUIRE(!claims.parse("{\"scope\":" + std::string(scope) + "}"));
    return required.met_by(claims.scope());
}

scope_requirement all(std::vector<std::string> scopes)
{
    scope_requirement out;
    out.all = std::move(scopes);
    return out;
}

scope_requirement any(std::vector<std::string> scopes)
{
    scope_requirement out;
    out.any = std::move(scopes);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_scope_requirement)

BOOST_AUTO_TEST_CASE(a_name_is_exact)
{
    BOOST_TEST(scope_matches("pks.clusters.manage", "pks.clusters.manage"));
    for (auto const* other : {"pks.clusters.Manage", "pks.clusters.manage ", "pks.clusters", "pks.clusters.manage.read",
             "pks.clusters.*", "*", "", "xpks.clusters.manage", "pks.clusters.manag"})
        BOOST_TEST(!scope_matches("pks.clusters.manage", other), other);
}

BOOST_AUTO_TEST_CASE(a_wildcard_is_one_segment)
{
    BOOST_TEST(scope_matches("zones.*.admin", "zones.a.admin"));
    BOOST_TEST(scope_matches("zones.*.admin", "zones.0a1b-2c.admin"));
    BOOST_TEST(scope_matches("*", "openid"));
    BOOST_TEST(scope_matches("a.*.*", "a.b.c"));
    for (auto const* other : {"zones..admin", "zones.a.b.admin", "zones.admin", "zones.a.Admin", "zones.a.admin.x",
             "zones.a.admin.", ".zones.a.admin", "zones.a", "zones.a\\.admin", "zones.\\.admin"})
        BOOST_TEST(!scope_matches("zones.*.admin", other), other);
    BOOST_TEST(!scope_matches("*", "uaa.admin"));
    BOOST_TEST(!scope_matches("*", ""));
    BOOST_TEST(!scope_matches("a.*.*", "a.b"));
    BOOST_TEST(!scope_matches("a.*", "a.b.c"));
}

BOOST_AUTO_TEST_CASE(a_wildcard_in_the_token_is_only_itself)
{
    BOOST_TEST(!scope_matches("zones.a.admin", "zones.*.admin"));
    BOOST_TEST(scope_matches("zones.*.admin", "zones.*.admin"));
}

BOOST_AUTO_TEST_CASE(all_and_any)
{
    auto const both = R"(["pks.clusters.manage","openid"])";
    BOOST_TEST(met({}, "[]"));
    BOOST_TEST(met(all({"openid", "pks.clusters.manage"}), both));
    BOOST_TEST(!met(all({"openid", "pks.clusters.admin"}), both));
    BOOST_TEST(met(any({"pks.clusters.admin", "pks.clusters.manage"}), both));
    BOOST_TEST(!met(any({"pks.clusters.admin", "uaa.admin"}), both));
    auto mixed = any({"pks.clusters.admin", "pks.clusters.manage"});
    mixed.all = {"openid"};
    BOOST_TEST(met(mixed, both));
    BOOST_TEST(!met(mixed, R"(["pks.clusters.manage"])"));
    BOOST_TEST(!met(mixed, R"(["openid"])"));
    BOOST_TEST(met(all({"pks.*.manage"}), both));
    BOOST_TEST(!met(all({"openid"}), "[]"));
    BOOST_TEST(!met(any({"openid"}), "[]"));
}

BOOST_AUTO_TEST_CASE(j26_a_scope_text_and_an_array_say_the_same_and_nothing_is_joined)
{
    for (auto const* scope : {R"(["a.b","c.d"])", R"("a.b c.d")", R"("a.b  c.d")"}) {
        BOOST_TEST(met(all({"a.b", "c.d"}), scope), scope);
        BOOST_TEST(!met(any({"a.bc.d", "a.b c.d", "a", "b"}), scope), scope);
    }
    BOOST_TEST(!met(any({"a.bc.d"}), R"(["a.b","c.d"])"));
}

BOOST_AUTO_TEST_CASE(patterns_that_cannot_be_meant_are_refused)
{
    BOOST_TEST(all({"pks.clusters.admin", "openid", "zones.*.admin", "*", "a:b/c"}).check_settings() == error_code());
    for (auto const* bad :
        {"", ".", "a.", ".a", "a..b", "pks*", "pks.clu*", "pks.**", "a b", "a\nb", "a\"b", "a\\b", "\xc3\xa4"}) {
        BOOST_TEST(all({"ok", bad}).check_settings() == error_code(token_errc::malformed_scope), bad);
        BOOST_TEST(any({"ok", bad}).check_settings() == error_code(token_errc::malformed_scope), bad);
    }
}

BOOST_AUTO_TEST_CASE(the_audience_of_a_scope_is_what_stands_before_its_last_dot)
{
    BOOST_TEST(resource_id_of("pks.clusters.manage") == "pks.clusters");
    BOOST_TEST(resource_id_of("pks.clusters.admin") == "pks.clusters");
    BOOST_TEST(resource_id_of("pks.clusters.admin.read") == "pks.clusters.admin");
    BOOST_TEST(resource_id_of("scim.read") == "scim");
    BOOST_TEST(resource_id_of("openid") == "");
    BOOST_TEST(resource_id_of("") == "");
}

BOOST_AUTO_TEST_SUITE_END()
