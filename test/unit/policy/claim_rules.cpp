// Which claims a token is accepted with, and the code of each refusal.
#include "../jose/support.hpp"

#include <pks/jose/base64url.hpp>
#include <pks/jose/claims.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/policy/claim_rules.hpp>
#include <pks/policy/token_errc.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pks::error_code;
using pks::token_errc;
using pks::jose::claims;
using pks::policy::claim_rules;
using pks::policy::scope_requirement;
using namespace std::chrono_literals;

constexpr std::string_view issuer = "https://uaa.example.com:8443/oauth/token";

pks::clock::time_point at(std::int64_t seconds)
{
    return pks::clock::time_point(std::chrono::seconds(seconds));
}

claim_rules usual_rules()
{
    claim_rules out;
    out.issuer = issuer;
    out.audiences = {"pks.clusters"};
    out.scopes.any = {"pks.clusters.admin", "pks.clusters.manage"};
    return out;
}

/// The claims of a usual user token, issued at 1000 and valid until 1600, some replaced; an empty text leaves one out.
class payload
{
public:
    void set(std::string const& name, std::string const& value)
    {
        members_[name] = value;
    }

    std::string text() const
    {
        std::string out = "{";
        for (auto const& [name, value] : members_)
            if (!value.empty())
                out += (out.size() == 1 ? "\"" : ",\"") + name + "\":" + value;
        return out + "}";
    }

private:
    std::map<std::string, std::string> members_ = {
        {"aud", R"(["pks_cli","pks.clusters","openid"])"},
        {"azp", R"("pks_cli")"},
        {"cid", R"("pks_cli")"},
        {"client_id", R"("pks_cli")"},
        {"exp", "1600"},
        {"grant_type", R"("password")"},
        {"iat", "1000"},
        {"iss", '"' + std::string(issuer) + '"'},
        {"jti", R"("8c760d8b6b8b41999f50eadaa29cfd9b")"},
        {"scope", R"(["openid","pks.clusters.manage"])"},
        {"sub", R"("3dd4effb")"},
        {"user_id", R"("3dd4effb")"},
        {"user_name", R"("marissa")"},
        {"zid", R"("uaa")"},
    };
};

payload changed(std::map<std::string, std::string> const& changes)
{
    payload out;
    for (auto const& [name, value] : changes)
        out.set(name, value);
    return out;
}

claims parsed(std::string_view text)
{
    claims out;
    BOOST_REQUIRE_MESSAGE(!out.parse(text), text);
    return out;
}

error_code verdict(payload const& of, claim_rules const& rules = usual_rules(), std::int64_t now = 1100)
{
    return rules.check(parsed(of.text()), at(now));
}

error_code verdict_with(std::string const& name, std::string const& value, claim_rules const& rules = usual_rules())
{
    return verdict(changed({{name, value}}), rules);
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_claim_rules)

BOOST_AUTO_TEST_CASE(a_usual_token_is_accepted)
{
    BOOST_TEST(usual_rules().check_settings() == error_code());
    BOOST_TEST(verdict({}) == error_code());
}

BOOST_AUTO_TEST_CASE(j15_boundaries_of_exp)
{
    auto rules = usual_rules();
    BOOST_TEST(verdict({}, rules, 1599) == error_code());
    BOOST_TEST(verdict({}, rules, 1600) == error_code(token_errc::expired));
    rules.expiry_leeway = 30s;
    BOOST_TEST(verdict({}, rules, 1600) == error_code());
    BOOST_TEST(verdict({}, rules, 1629) == error_code());
    BOOST_TEST(verdict({}, rules, 1630) == error_code(token_errc::expired));
    BOOST_TEST((verdict({}, rules, 1630) == pks::condition::unauthorized));
    // A fraction of a second counts.
    BOOST_TEST(rules.check(parsed(changed({{"exp", "1600.5"}}).text()), at(1630) + 499ms) == error_code());
    BOOST_TEST(
        rules.check(parsed(changed({{"exp", "1600.5"}}).text()), at(1630) + 500ms) == error_code(token_errc::expired));
    BOOST_TEST(verdict_with("exp", "") == error_code(token_errc::expiry_missing));
    BOOST_TEST(verdict_with("exp", "0") == error_code(token_errc::expired));
    BOOST_TEST(verdict_with("exp", "253402300799") == error_code());
}

BOOST_AUTO_TEST_CASE(j15_boundaries_of_nbf_and_iat)
{
    auto rules = usual_rules();
    rules.start_leeway = 60s;
    BOOST_TEST(verdict_with("nbf", "1160", rules) == error_code());
    BOOST_TEST(verdict_with("nbf", "1161", rules) == error_code(token_errc::not_yet_valid));
    BOOST_TEST(verdict_with("iat", "1160", rules) == error_code());
    BOOST_TEST(verdict_with("iat", "1161", rules) == error_code(token_errc::issued_in_the_future));
    BOOST_TEST(verdict_with("iat", "", rules) == error_code());
    rules.start_leeway = 0s;
    BOOST_TEST(verdict_with("nbf", "1100", rules) == error_code());
    BOOST_TEST(verdict_with("nbf", "1101", rules) == error_code(token_errc::not_yet_valid));
    BOOST_TEST(verdict_with("iat", "1100", rules) == error_code());
    BOOST_TEST(verdict_with("iat", "1100.001", rules) == error_code(token_errc::issued_in_the_future));
}

BOOST_AUTO_TEST_CASE(j15_a_leeway_above_300_s_is_refused_at_configuration)
{
    for (auto const member : {&claim_rules::expiry_leeway, &claim_rules::start_leeway}) {
        auto rules = usual_rules();
        for (auto const good : {0s, 1s, 300s}) {
            rules.*member = good;
            BOOST_TEST(rules.check_settings() == error_code());
        }
        for (auto const bad : {301s, -1s, std::chrono::seconds::max(), std::chrono::seconds::min()}) {
            rules.*member = bad;
            BOOST_TEST(rules.check_settings() == error_code(token_errc::leeway_out_of_range));
        }
        BOOST_TEST((rules.check_settings() == pks::condition::invalid_input));
    }
}

BOOST_AUTO_TEST_CASE(the_age_of_a_token_can_be_limited)
{
    auto rules = usual_rules();
    rules.max_age = 100s;
    BOOST_TEST(rules.check_settings() == error_code());
    BOOST_TEST(verdict({}, rules, 1099) == error_code());
    BOOST_TEST(verdict({}, rules, 1100) == error_code(token_errc::too_old));
    BOOST_TEST(verdict_with("iat", "", rules) == error_code(token_errc::issue_time_missing));
    BOOST_TEST(verdict({}, rules, 1600) == error_code(token_errc::expired));
    rules.expiry_leeway = 10s;
    BOOST_TEST(verdict({}, rules, 1109) == error_code());
    BOOST_TEST(verdict({}, rules, 1110) == error_code(token_errc::too_old));
    for (auto const bad : {0s, -5s, std::chrono::seconds::max()}) {
        rules.max_age = bad;
        BOOST_TEST(rules.check_settings() == error_code(token_errc::age_out_of_range));
    }
}

BOOST_AUTO_TEST_CASE(j16_only_the_calendar_time_that_is_passed_in_counts)
{
    // An hour back the token is not issued yet, an hour ahead it has expired; nothing of it lasts.
    auto const rules = usual_rules();
    auto const token = parsed(payload().text());
    BOOST_TEST(rules.check(token, at(1100)) == error_code());
    BOOST_TEST(rules.check(token, at(1100) - 1h) == error_code(token_errc::issued_in_the_future));
    BOOST_TEST(rules.check(token, at(1100) + 1h) == error_code(token_errc::expired));
    BOOST_TEST(rules.check(token, at(1100)) == error_code());
}

BOOST_AUTO_TEST_CASE(j17_the_issuer_is_exact)
{
    for (auto const* other : {"https://uaa.example.com:8443/oauth/token/", "https://UAA.example.com:8443/oauth/token",
             "https://uaa.example.com/oauth/token", "https://uaa.example.com:443/oauth/token",
             "http://uaa.example.com:8443/oauth/token", "https://uaa.example.com:8443/oauth/toke",
             "https://uaa.example.com:8443/oauth/token2", " https://uaa.example.com:8443/oauth/token",
             "https://uaa.example.com:8443/oauth/token ", "uaa.example.com:8443/oauth/token",
             "https://xn--aa-eka.example.com:8443/oauth/token",
             "https://\xc3\xbc"
             "aa.example.com:8443/oauth/token",
             "https://uaa.example.com:8443/oauth/%74oken", "https://uaa.example.com.:8443/oauth/token"})
        BOOST_TEST(verdict_with("iss", '"' + std::string(other) + '"') == error_code(token_errc::wrong_issuer), other);
    BOOST_TEST(verdict_with("iss", "") == error_code(token_errc::issuer_missing));
    BOOST_TEST(verdict_with("iss", R"("")") == error_code(token_errc::issuer_missing));
    // The same octets, written otherwise.
    BOOST_TEST(verdict_with("iss", R"("https:\/\/uaa.example.com:8443\/oauth\/token")") == error_code());
    auto rules = usual_rules();
    rules.issuer.clear();
    BOOST_TEST(rules.check_settings() == error_code(token_errc::no_issuer_set));
    BOOST_TEST(verdict_with("iss", "", rules) == error_code(token_errc::issuer_missing));
}

BOOST_AUTO_TEST_CASE(j18_an_audience_is_an_exact_member)
{
    for (auto const* good : {R"("pks.clusters")", R"(["pks.clusters"])", R"(["a","b","pks.clusters"])",
             R"(["pks.clusters","pks.clusters"])"})
        BOOST_TEST(verdict_with("aud", good) == error_code(), good);
    for (auto const* bad : {R"("pks.cluster")", R"("pks.clusters.admin")", R"("PKS.clusters")", R"(["pks"])", R"([""])",
             R"("")", R"("a pks.clusters")", R"("pks.clusters a")", R"(["pks.clusters "])", R"(["*"])", R"(["pks.*"])"})
        BOOST_TEST(verdict_with("aud", bad) == error_code(token_errc::wrong_audience), bad);
    BOOST_TEST(verdict_with("aud", "[]") == error_code(token_errc::audience_missing));
    BOOST_TEST(verdict_with("aud", "") == error_code(token_errc::audience_missing));
    for (auto const* wrong : {"1", "null", "[1]", R"({"pks.clusters":1})", R"([["pks.clusters"]])"}) {
        claims out;
        BOOST_TEST(out.parse(changed({{"aud", wrong}}).text()) == error_code(pks::jose_errc::wrong_claim_type), wrong);
    }
}

BOOST_AUTO_TEST_CASE(j18_any_of_several_audiences_will_do)
{
    auto rules = usual_rules();
    rules.audiences = {"pks.clusters", "pks.clusters.admin"};
    rules.scopes = {};
    BOOST_TEST(verdict_with("aud", R"(["c","pks.clusters.admin"])", rules) == error_code());
    BOOST_TEST(verdict_with("aud", R"(["c","pks.clusters"])", rules) == error_code());
    BOOST_TEST(verdict_with("aud", R"(["c","pks"])", rules) == error_code(token_errc::wrong_audience));
    rules.audiences = {""};
    BOOST_TEST(verdict_with("aud", R"([""])", rules) == error_code(token_errc::wrong_audience));
    BOOST_TEST(rules.check_settings() == error_code(token_errc::no_audience_set));
    rules.any_audience = true;
    BOOST_TEST(rules.check_settings() == error_code());
    BOOST_TEST(verdict_with("aud", "[]", rules) == error_code());
    BOOST_TEST(verdict_with("aud", "", rules) == error_code());
}

BOOST_AUTO_TEST_CASE(j18_without_audiences_those_of_the_required_scopes_count)
{
    auto rules = usual_rules();
    rules.audiences.clear();
    rules.scopes.any = {"pks.clusters.manage", "pks.clusters.admin.read"};
    BOOST_TEST(rules.check_settings() == error_code());
    BOOST_TEST(verdict_with("aud", R"(["pks.clusters"])", rules) == error_code());
    BOOST_TEST(verdict_with("aud", R"(["pks.clusters.admin"])", rules) == error_code());
    BOOST_TEST(
        verdict_with("aud", R"(["pks","pks.clusters.manage"])", rules) == error_code(token_errc::wrong_audience));

    rules.scopes.any = {"openid"};
    BOOST_TEST(rules.check_settings() == error_code(token_errc::no_audience_set));
    rules.scopes.any.clear();
    BOOST_TEST(rules.check_settings() == error_code(token_errc::no_audience_set));
    BOOST_TEST(verdict({}, rules) == error_code(token_errc::wrong_audience));
    // Which audience a pattern's scope gives is not known.
    rules.scopes.all = {"zones.*.admin"};
    BOOST_TEST(rules.check_settings() == error_code(token_errc::no_audience_set));
    BOOST_TEST(verdict_with("aud", R"(["zones.*"])", rules) == error_code(token_errc::wrong_audience));
    rules.scopes.all = {"zones.*.admin", "scim.read"};
    BOOST_TEST(rules.check_settings() == error_code());
}

BOOST_AUTO_TEST_CASE(j19_a_refresh_token_is_no_access_token)
{
    BOOST_TEST(verdict_with("jti", R"("8c760d8b6b8b41999f50eadaa29cfd9b-r")") == error_code(token_errc::refresh_token));
    BOOST_TEST(verdict_with("jti", R"("-r")") == error_code(token_errc::refresh_token));
    BOOST_TEST(verdict_with("granted_scopes", R"(["pks.clusters.manage"])") == error_code(token_errc::refresh_token));
    BOOST_TEST(verdict_with("granted_scopes", "[]") == error_code(token_errc::refresh_token));
    BOOST_TEST(verdict_with("jti", R"("8c760d8b-rr")") == error_code());
    BOOST_TEST(verdict_with("jti", R"("8c760d8b-R")") == error_code());
    // Whatever else is wrong with it.
    BOOST_TEST(
        verdict(changed({{"jti", R"("a-r")"}, {"exp", "1"}, {"scope", ""}})) == error_code(token_errc::refresh_token));
}

BOOST_AUTO_TEST_CASE(j19_an_id_token_is_no_access_token)
{
    auto rules = usual_rules();
    rules.any_audience = true;
    rules.scopes = {};
    auto const id = [](std::string aud, std::string scope) {
        return changed({{"aud", std::move(aud)}, {"scope", std::move(scope)}});
    };
    for (auto const* aud : {R"(["pks_cli"])", R"("pks_cli")"})
        for (auto const* scope : {R"(["openid"])", R"("openid")"})
            BOOST_TEST(verdict(id(aud, scope), rules) == error_code(token_errc::id_token), aud << scope);
    // An access token with no scope but openid is also for the audience openid.
    BOOST_TEST(verdict(id(R"(["pks_cli","openid"])", R"(["openid"])"), rules) == error_code());
    BOOST_TEST(verdict(id(R"(["pks_cli"])", R"(["cloud"])"), rules) == error_code());
    BOOST_TEST(verdict(id(R"(["other"])", R"(["openid"])"), rules) == error_code());
    for (auto const* name : {"at_hash", "c_hash"})
        BOOST_TEST(verdict_with(name, R"("x")") == error_code(token_errc::id_token), name);
    BOOST_TEST(verdict_with("email_verified", "true") == error_code(token_errc::id_token));
    BOOST_TEST(verdict_with("email_verified", "null") == error_code(token_errc::id_token));
    // A nonce is in access tokens too, where one was sent to /authorize.
    BOOST_TEST(verdict_with("nonce", R"("n")") == error_code());
    // The client's name may be left to `cid` or `azp`.
    for (auto const* name : {"cid", "azp"}) {
        auto only = changed(
            {{"aud", R"(["pks_cli"])"}, {"scope", R"(["openid"])"}, {"client_id", ""}, {"cid", ""}, {"azp", ""}});
        only.set(name, R"("pks_cli")");
        BOOST_TEST(verdict(only, rules) == error_code(token_errc::id_token), name);
    }
}

BOOST_AUTO_TEST_CASE(j19_the_type_of_the_header)
{
    auto const type_of = [](std::string_view header, claim_rules const& rules) {
        pks::jose::jws token;
        auto const text = jose_test::make_token(jose_test::signer::hmac(std::string(32, 'k')), "HS256", header, "{}");
        BOOST_REQUIRE(!token.parse(text));
        return rules.check_type(token);
    };
    auto rules = usual_rules();
    error_code const wrong(pks::jose_errc::wrong_token_type);
    for (auto const* good : {R"({"alg":"HS256"})", R"({"alg":"HS256","typ":"JWT"})", R"({"alg":"HS256","typ":"jwt"})",
             R"({"alg":"HS256","typ":"at+jwt"})", R"({"alg":"HS256","typ":"application/at+jwt"})"})
        BOOST_TEST(type_of(good, rules) == error_code(), good);
    for (auto const* bad :
        {R"({"alg":"HS256","typ":""})", R"({"alg":"HS256","typ":"dpop+jwt"})", R"({"alg":"HS256","typ":"logout+jwt"})",
            R"({"alg":"HS256","typ":"refresh"})", R"({"alg":"HS256","typ":"JOSE"})", R"({"alg":"HS256","typ":"JWT "})"})
        BOOST_TEST(type_of(bad, rules) == wrong, bad);
    rules.types = {"at+jwt"};
    BOOST_TEST(type_of(R"({"alg":"HS256","typ":"JWT"})", rules) == wrong);
}

BOOST_AUTO_TEST_CASE(what_every_access_token_of_a_uaa_has_is_required)
{
    auto rules = usual_rules();
    BOOST_TEST(verdict_with("jti", "") == error_code(token_errc::token_id_missing));
    BOOST_TEST(verdict_with("jti", R"("")") == error_code(token_errc::token_id_missing));
    BOOST_TEST(verdict_with("scope", "") == error_code(token_errc::scope_missing));
    rules.token_id_required = rules.scope_claim_required = false;
    BOOST_TEST(verdict_with("jti", "", rules) == error_code());
    BOOST_TEST(verdict_with("scope", "", rules) == error_code(token_errc::insufficient_scope));
}

BOOST_AUTO_TEST_CASE(a_token_says_whose_it_is)
{
    auto const without = [](std::initializer_list<char const*> names) {
        payload out;
        for (auto const* name : names)
            out.set(name, "");
        return out;
    };
    auto rules = usual_rules();
    // One of the two names of the client is enough; `azp` is none.
    BOOST_TEST(verdict(without({"client_id", "azp"})) == error_code());
    BOOST_TEST(verdict(without({"cid", "azp"})) == error_code());
    BOOST_TEST(verdict(without({"client_id", "cid"})) == error_code(token_errc::client_missing));
    BOOST_TEST(verdict(changed({{"client_id", R"("")"}, {"cid", R"("")"}})) == error_code(token_errc::client_missing));
    for (auto const* other : {R"("pks_CLI")", R"("pks_cli ")", R"("admin")"}) {
        BOOST_TEST(verdict_with("cid", other) == error_code(token_errc::conflicting_clients), other);
        BOOST_TEST(verdict_with("client_id", other) == error_code(token_errc::conflicting_clients), other);
    }
    // A user's token that names no user would pass for the client's own.
    BOOST_TEST(verdict(without({"user_id"})) == error_code(token_errc::user_missing));
    BOOST_TEST(verdict_with("user_id", R"("")") == error_code(token_errc::user_missing));
    BOOST_TEST(verdict(without({"user_id", "grant_type"})) == error_code());
    BOOST_TEST(verdict(changed({{"user_id", ""}, {"grant_type", R"("client_credentials")"}})) == error_code());

    rules.holder_required = false;
    BOOST_TEST(verdict(without({"client_id", "cid"}), rules) == error_code());
    BOOST_TEST(verdict(without({"user_id"}), rules) == error_code());
    BOOST_TEST(verdict_with("cid", R"("admin")", rules) == error_code(token_errc::conflicting_clients));
}

BOOST_AUTO_TEST_CASE(the_zone_is_exact_where_one_is_set)
{
    auto rules = usual_rules();
    BOOST_TEST(verdict_with("zid", R"("other")", rules) == error_code());
    BOOST_TEST(verdict_with("zid", "", rules) == error_code());
    rules.zone = "uaa";
    BOOST_TEST(verdict({}, rules) == error_code());
    for (auto const* other : {R"("other")", R"("UAA")", R"("uaa ")"})
        BOOST_TEST(verdict_with("zid", other, rules) == error_code(token_errc::wrong_zone), other);
    BOOST_TEST(verdict_with("zid", "", rules) == error_code(token_errc::zone_missing));
    BOOST_TEST(verdict_with("zid", R"("")", rules) == error_code(token_errc::zone_missing));
}

BOOST_AUTO_TEST_CASE(a_lack_of_scope_is_forbidden_and_all_else_unauthorized)
{
    error_code const lack(token_errc::insufficient_scope);
    for (auto const* scope : {"[]", R"("")", R"(["openid"])", R"(["pks.clusters"])", R"(["pks.clusters.Manage"])",
             R"(["pks.clusters.manage.read"])", R"("pks.clusters.admin.read")", R"(["*"])", R"(["pks.clusters.*"])"}) {
        auto const got = verdict_with("scope", scope);
        BOOST_TEST(got == lack, scope);
        BOOST_TEST((got == pks::condition::forbidden), scope);
    }
    // Only of a token that is good otherwise.
    BOOST_TEST(verdict(changed({{"scope", "[]"}, {"exp", "1"}})) == error_code(token_errc::expired));
    BOOST_TEST(verdict(changed({{"scope", "[]"}, {"aud", "[]"}})) == error_code(token_errc::audience_missing));
    // What a client token may do is in `scope` as well: its `authorities` decide nothing.
    BOOST_TEST(verdict(changed({{"scope", "[]"}, {"authorities", R"(["pks.clusters.admin"])"}})) == lack);
}

BOOST_AUTO_TEST_CASE(a_scope_that_cannot_be_meant_is_refused_at_configuration)
{
    auto rules = usual_rules();
    rules.scopes.all = {"pks.clu*"};
    BOOST_TEST(rules.check_settings() == error_code(token_errc::malformed_scope));
}

BOOST_AUTO_TEST_CASE(a_route_may_require_more)
{
    auto const rules = usual_rules();
    auto const token = parsed(payload().text());
    scope_requirement also;
    also.all = {"openid"};
    BOOST_TEST(rules.check(token, at(1100), also) == error_code());
    also.all = {"openid", "pks.clusters.admin"};
    BOOST_TEST(rules.check(token, at(1100), also) == error_code(token_errc::insufficient_scope));
    also.all.clear();
    also.any = {"*.clusters.*"};
    BOOST_TEST(rules.check(token, at(1100), also) == error_code());
}

BOOST_AUTO_TEST_CASE(j27_a_predicate_is_asked_only_about_a_token_that_is_good)
{
    auto rules = usual_rules();
    std::vector<std::string> asked;
    error_code answer;
    rules.predicates.push_back([&](claims const& c) {
        asked.push_back("first " + std::string(c.jti()));
        return answer;
    });
    rules.predicates.push_back([&](claims const&) {
        asked.push_back("second");
        return error_code();
    });
    for (auto const& [name, value] : std::map<std::string, std::string>{{"iss", R"("x")"}, {"exp", "1"},
             {"nbf", "99999"}, {"iat", "99999"}, {"aud", R"("x")"}, {"scope", "[]"}, {"jti", R"("a-r")"}})
        BOOST_TEST(verdict_with(name, value, rules).failed(), name);
    BOOST_TEST(asked.empty());

    BOOST_TEST(verdict_with("jti", R"("one")", rules) == error_code());
    BOOST_TEST(asked == (std::vector<std::string>{"first one", "second"}), boost::test_tools::per_element());
    asked.clear();
    answer = pks::api_errc::forbidden;
    BOOST_TEST(verdict_with("jti", R"("two")", rules) == error_code(pks::api_errc::forbidden));
    BOOST_TEST(asked == (std::vector<std::string>{"first two"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(origin_and_present_are_judged_apart)
{
    auto const rules = usual_rules();
    auto const expired = parsed(changed({{"exp", "1"}}).text());
    BOOST_TEST(rules.check_origin(expired) == error_code());
    BOOST_TEST(rules.check_now(expired, at(1100)) == error_code(token_errc::expired));
    auto const foreign = parsed(changed({{"iss", R"("x")"}}).text());
    BOOST_TEST(rules.check_origin(foreign) == error_code(token_errc::wrong_issuer));
    BOOST_TEST(rules.check_now(foreign, at(1100)) == error_code());
}

BOOST_AUTO_TEST_CASE(judging_allocates_nothing)
{
    auto rules = usual_rules();
    rules.zone = "uaa";
    rules.scopes.all = {"pks.*.manage"};
    auto const token = parsed(payload().text());
    jose_test::allocation_count const before;
    auto const verdict = rules.check(token, at(1100));
    BOOST_TEST(before.calls() == 0u);
    BOOST_TEST(verdict == error_code());
}

BOOST_AUTO_TEST_CASE(tokens_that_uaas_issued)
{
    auto const text = jose_test::read_shared("recordings/tokens/uaa-tokens.json");
    if (!text)
        return;
    auto const file = boost::json::parse(*text);
    std::size_t seen = 0;
    for (auto const& vector : file.at("vectors").as_array()) {
        std::string const id(vector.at("id").as_string());
        BOOST_TEST_CONTEXT(id)
        {
            ++seen;
            std::string const token(vector.at("token").as_string());
            std::string const kind(vector.at("kind").as_string());
            auto const first = token.find('.'), second = token.find('.', first + 1);
            auto const decoded =
                pks::jose::base64url_decode(std::string_view(token).substr(first + 1, second - first - 1));
            BOOST_REQUIRE(decoded.has_value());
            auto const content = parsed(*decoded);
            auto const& recorded = vector.at("claims").as_object();

            claim_rules rules;
            rules.issuer = std::string(recorded.at("iss").as_string());
            rules.any_audience = true;
            auto const iat = recorded.contains("iat") ? recorded.at("iat").as_int64() : 1'700'000'000;
            auto with_resource = rules;
            with_resource.any_audience = false;
            with_resource.audiences = {"openid", "scim", "clients", "uaa", "cloud_controller", "password", "oauth"};
            if (kind == "access") {
                auto const exp = recorded.at("exp").as_int64();
                BOOST_TEST(rules.check(content, at(iat + 1)) == error_code());
                BOOST_TEST(rules.check(content, at(exp - 1)) == error_code());
                BOOST_TEST(rules.check(content, at(exp)) == error_code(token_errc::expired));
                bool const no_audience = recorded.at("aud").as_array().empty();
                BOOST_TEST(no_audience == (id.find("4.30.0-01") != id.npos));
                if (no_audience)
                    BOOST_TEST(with_resource.check(content, at(iat + 1)) == error_code(token_errc::audience_missing));
            } else if (kind == "refresh") {
                BOOST_TEST(rules.check(content, at(iat + 1)) == error_code(token_errc::refresh_token));
            } else {
                BOOST_TEST(kind == "id");
                // Without any claim that tells them apart, by the audience.
                BOOST_TEST(rules.check(content, at(iat + 1)).failed());
                BOOST_TEST(with_resource.check(content, at(iat + 1)).failed());
                auto const* const scope = recorded.if_contains("scope");
                BOOST_TEST(rules.check(content, at(iat + 1)) ==
                    error_code(scope ? token_errc::id_token : token_errc::token_id_missing));
            }
        }
    }
    BOOST_TEST(seen == 53u);
}

BOOST_AUTO_TEST_SUITE_END()
