// The PKS API: who may see and change what, and what happens to clusters with time.
#include "judged.hpp"

#include <pks/guard.hpp>
#include <pks/identity.hpp>
#include <pks/jose/claims.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/policy/bearer_errc.hpp>
#include <pks/policy/token_errc.hpp>
#include <pks/testing/pks_api.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using pks::testing::pks_api;
using pks::testing::reply;
using pks::testing::request;

// A token as the UAA describes it.
struct token
{
    std::string owner;
    std::vector<std::string> scope;
    std::vector<std::string> audience = {"pks.clusters"};

    std::string claims() const
    {
        boost::json::object out;
        out["jti"] = "1";
        out["iss"] = "https://localhost:8443/oauth/token";
        out["exp"] = 1768478400 + 600;
        out["client_id"] = "pks_cli";
        out["user_id"] = "id of " + owner;
        out["user_name"] = owner;
        out["scope"] = boost::json::value_from(scope);
        out["aud"] = boost::json::value_from(audience);
        return boost::json::serialize(out);
    }
};

token const alana{"alana", {"pks.clusters.manage"}};
token const naomi{"naomi", {"pks.clusters.manage"}};
token const cody{"cody", {"pks.clusters.admin"}};
token const rory{"rory", {"pks.clusters.admin.read"}, {"pks_cli", "pks.clusters.admin"}};

struct fixture
{
    pks_api api{pks::testing::broker_options{.provisioning = 60s, .deletion = 20s, .update = 30s}};
    pks::clock::time_point now{std::chrono::seconds(1768478400)};

    reply ask(token const& with, std::string method, std::string target, std::string body = {})
    {
        request req(std::move(method), std::move(target), {{"Content-Type", "application/json"}}, std::move(body));
        return api.handle(req, testing_recorded::judged(with.claims(), req, now), now);
    }

    reply refuse(pks::error_code reason, std::string target = "/v1/clusters")
    {
        return api.handle(request("GET", std::move(target)), testing_recorded::refused(reason), now);
    }

    reply create(token const& who, std::string const& name, std::string const& plan = "small")
    {
        return ask(who, "POST", "/v1/clusters",
            R"({"name":")" + name + R"(","plan_name":")" + plan +
                R"(","parameters":{"kubernetes_master_host":"x.example.com"}})");
    }

    std::string member(token const& who, std::string const& name, char const* what)
    {
        auto const got = ask(who, "GET", "/v1/clusters/" + name);
        BOOST_REQUIRE_EQUAL(got.status, 200);
        return std::string(boost::json::parse(got.body).at(what).as_string());
    }

    reply patch(token const& who, std::string const& name, std::string body)
    {
        return ask(who, "PATCH", "/v1/clusters/" + name, std::move(body));
    }

    boost::json::object parameters(token const& who, std::string const& name)
    {
        auto const got = ask(who, "GET", "/v1/clusters/" + name);
        BOOST_REQUIRE_EQUAL(got.status, 200);
        return boost::json::parse(got.body).at("parameters").as_object();
    }

    std::vector<std::string> names(token const& who)
    {
        std::vector<std::string> out;
        auto const value = boost::json::parse(ask(who, "GET", "/v1/clusters").body);
        for (auto const& c : value.as_array())
            out.emplace_back(c.at("name").as_string());
        return out;
    }
};

std::vector<std::string> list(std::initializer_list<std::string> names)
{
    return names;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(testing_pks_api, fixture)

BOOST_AUTO_TEST_CASE(each_identity_sees_what_it_may)
{
    api.inventory().add("a", "alana");
    api.inventory().add("n", "naomi");
    BOOST_TEST(names(alana) == list({"a"}));
    BOOST_TEST(names(naomi) == list({"n"}));
    BOOST_TEST(names(cody) == list({"a", "n"}));
    BOOST_TEST(names(rory) == list({"a", "n"}));
    BOOST_TEST(ask(alana, "GET", "/v1/clusters/n").body == R"({"body":"Cluster n not found"})");
    BOOST_TEST(ask(rory, "GET", "/v1/clusters/n").status == 200);
    BOOST_TEST(names({"x", {"pks.clusters.admin"}, {"x", "pks.clusters"}}) == list({"a", "n"}));
}

BOOST_AUTO_TEST_CASE(each_identity_changes_what_it_may)
{
    api.inventory().add("a", "alana");
    api.inventory().add("n", "naomi");
    BOOST_TEST(ask(rory, "DELETE", "/v1/clusters/a").status == 403);
    BOOST_TEST(create(rory, "r").body == R"({"error":"access_denied","error_description":"Access is denied"})");
    BOOST_TEST(ask(alana, "DELETE", "/v1/clusters/n").status == 404);
    BOOST_TEST(ask(alana, "DELETE", "/v1/clusters/a").status == 204);
    BOOST_TEST(ask(cody, "DELETE", "/v1/clusters/n").status == 204);
    BOOST_TEST(create(cody, "c").status == 202);
    BOOST_TEST(names(alana) == list({"a"}));
    now += 20s;
    BOOST_TEST(names(cody) == list({"c"}));
    BOOST_TEST(names(alana).empty());
}

BOOST_AUTO_TEST_CASE(creation_takes_its_time)
{
    auto const made = create(alana, "new");
    BOOST_TEST(made.status == 202);
    BOOST_TEST(boost::json::parse(made.body).at("kubernetes_master_ips").at(0).as_string() == "In Progress");
    BOOST_TEST(member(alana, "new", "last_action_state") == "in progress");
    BOOST_TEST(member(alana, "new", "last_action_description") == "Creating cluster");
    now += 59s;
    BOOST_TEST(member(alana, "new", "last_action_description") == "Instance provisioning in progress");
    now += 1s;
    BOOST_TEST(member(alana, "new", "last_action_state") == "succeeded");
    BOOST_TEST(member(alana, "new", "last_action_description") == "Instance provisioning completed");
}

BOOST_AUTO_TEST_CASE(actions_fail_by_name_or_when_told)
{
    create(alana, "will-fail");
    create(alana, "fine");
    BOOST_TEST(api.inventory().fail("fine"));
    now += 60s;
    BOOST_TEST(member(alana, "will-fail", "last_action_state") == "failed");
    BOOST_TEST(member(alana, "fine", "last_action_state") == "failed");

    ask(alana, "DELETE", "/v1/clusters/fine");
    BOOST_TEST(member(alana, "fine", "last_action") == "DELETE");
    api.inventory().fail("fine");
    now += 20s;
    BOOST_TEST(member(alana, "fine", "last_action_state") == "failed");
    BOOST_TEST(!api.inventory().fail("unknown"));
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused)
{
    create(alana, "there");
    BOOST_TEST(create(naomi, "there").body == R"({"body":"Cluster with that name already exists"})");
    BOOST_TEST(create(alana, "there").status == 409);
    BOOST_TEST(create(alana, "x", "no-such-plan").status == 422);
    BOOST_TEST(create(alana, "bad&name").status == 400);
    BOOST_TEST(create(alana, "").status == 400);
    BOOST_TEST(create(alana, std::string(64, 'a')).status == 400);
    BOOST_TEST(ask(alana, "POST", "/v1/clusters", "{").status == 400);
    BOOST_TEST(ask(alana, "POST", "/v1/clusters", R"({"name":"x","plan_name":"small"})").status == 400);
    BOOST_TEST(ask(alana, "PUT", "/v1/clusters").status == 405);
    BOOST_TEST(ask(alana, "PATCH", "/v1/clusters").status == 405);
    BOOST_TEST(ask(alana, "PUT", "/v1/clusters/there").status == 405);
    BOOST_TEST(ask(alana, "POST", "/v1/clusters/there").status == 405);
    BOOST_TEST(ask(alana, "GET", "/v2/clusters").status == 404);
    BOOST_TEST(ask(alana, "GET", "/v1/clusters/%zz").status == 400);
    BOOST_TEST(ask(alana, "GET", "/v1/clusters/a%2Fb%3Fc%23d").body == R"({"body":"Cluster a/b?c#d not found"})");
    BOOST_TEST(ask(alana, "GET", "/v1/clusters/").status == 200);
}

BOOST_AUTO_TEST_CASE(tokens_decide)
{
    BOOST_TEST(api.handle(request("GET", "/actuator/health"), {}, now).body == R"({"status":"UP"})");
    std::string const challenge =
        "Bearer realm=\"oauth2-resource\", error=\"unauthorized\", error_description=\"Full authentication is required to "
        "access this resource\"";
    BOOST_TEST(*api.handle(request("GET", "/v1/clusters"), {}, now).find("WWW-Authenticate") == challenge);
    auto const none = refuse(pks::bearer_errc::no_token);
    BOOST_TEST(none.status == 401);
    BOOST_TEST(*none.find("WWW-Authenticate") == challenge);
    auto const twice = refuse(pks::bearer_errc::several_tokens);
    BOOST_TEST(twice.status == 400);
    BOOST_TEST(boost::json::parse(twice.body).at("error").as_string() == "invalid_request");
    BOOST_TEST(refuse(pks::token_errc::expired).body ==
        R"({"error":"invalid_token","error_description":"Token has expired"})");
    BOOST_TEST(refuse(pks::token_errc::inactive).body ==
        R"({"error":"invalid_token","error_description":"Invalid access token"})");
    BOOST_TEST(refuse(pks::jose_errc::bad_signature).status == 401);
    for (pks::error_code const ec : {pks::error_code(pks::token_errc::keys_unavailable),
             pks::error_code(pks::token_errc::question_refused), pks::error_code(pks::errc::timeout)})
        BOOST_TEST(refuse(ec).status == 500, ec.message());
}

BOOST_AUTO_TEST_CASE(audience_and_scopes_decide)
{
    std::string const denied = R"({"error":"access_denied","error_description":"Access is denied"})";
    std::string const foreign =
        R"x({"error":"access_denied","error_description":"Invalid token does not contain resource id (pks.clusters)"})x";
    for (auto const* const method : {"GET", "DELETE"}) {
        BOOST_TEST(ask({"x", {"openid"}}, method, "/v1/clusters/a").body == denied);
        BOOST_TEST(ask({"x", {"pks.clusters.manage"}, {"x"}}, method, "/v1/clusters/a").body == foreign);
        BOOST_TEST(ask({"x", {"pks.clusters.manage"}, {}}, method, "/v1/clusters/a").body == foreign);
    }
    BOOST_TEST(ask(rory, "DELETE", "/v1/clusters/a?x=y").body == denied);
    BOOST_TEST(ask(rory, "POST", "/v1/clusters?x=y").body == denied);
    BOOST_TEST(ask(rory, "POST", "/v1/plans").status == 405);
    now += std::chrono::seconds(600);
    BOOST_TEST(ask(alana, "GET", "/v1/clusters").body ==
        R"({"error":"invalid_token","error_description":"Token has expired"})");
}

BOOST_AUTO_TEST_CASE(what_is_open_needs_no_token)
{
    for (auto const* const target : {"/actuator", "/actuator/health", "/actuator/info?a=b"})
        BOOST_TEST(pks_api::is_open(target), target);
    for (auto const* const target : {"/v1/clusters", "/", "", "/actuators", "/v1/../actuator/health", "/v1?/actuator/"})
        BOOST_TEST(!pks_api::is_open(target), target);
}

BOOST_AUTO_TEST_CASE(updates_take_their_time)
{
    api.inventory().add("a", "alana");
    auto const accepted = patch(alana, "a", R"({"kubernetes_worker_instances":5})");
    BOOST_TEST(accepted.status == 202);
    BOOST_TEST(accepted.body == "");
    BOOST_TEST(accepted.find("Content-Type") == nullptr);
    // Or a client would wait for the end of the connection.
    BOOST_TEST(*accepted.find("Content-Length") == "0");
    BOOST_TEST(member(alana, "a", "last_action") == "UPDATE");
    BOOST_TEST(member(alana, "a", "last_action_state") == "in progress");
    BOOST_TEST(member(alana, "a", "last_action_description") == "Instance update in progress");
    BOOST_TEST(parameters(alana, "a").at("kubernetes_worker_instances").as_int64() == 3);
    auto const shown = boost::json::parse(ask(alana, "GET", "/v1/clusters/a").body);
    BOOST_TEST(shown.at("kubernetes_master_ips").at(0).as_string() != "In Progress");
    now += 29s;
    BOOST_TEST(member(alana, "a", "last_action_state") == "in progress");
    now += 1s;
    BOOST_TEST(member(alana, "a", "last_action_state") == "succeeded");
    BOOST_TEST(member(alana, "a", "last_action_description") == "Instance update completed");
    BOOST_TEST(parameters(alana, "a").at("kubernetes_worker_instances").as_int64() == 5);
}

BOOST_AUTO_TEST_CASE(updates_change_what_they_name)
{
    api.inventory().add("a", "alana");
    patch(alana, "a",
        R"({"network_profile_name":"np","kubernetes_profile_name":"kp","cluster_tags":[{"name":"env","value":"test"}],)"
        R"("custom_ca_certs":[{"domain_name":"r","ca_cert":"PEM"}],"insecure_registries":["r"],)"
        R"("kubelet_drain_timeout":"1","node_pool_instances":"p:2","unknown":7,)"
        R"("cluster_config_parameters":{"domain_user_password":"secret"}})");
    // Another before it is done: both are made.
    now += 10s;
    patch(alana, "a", R"({"compute_profile_name":"cp"})");
    now += 29s;
    BOOST_TEST(member(alana, "a", "last_action_state") == "in progress");
    now += 1s;
    BOOST_TEST(member(alana, "a", "network_profile_name") == "np");
    BOOST_TEST(member(alana, "a", "compute_profile_name") == "cp");
    BOOST_TEST(member(alana, "a", "kubernetes_profile_name") == "kp");
    auto const p = parameters(alana, "a");
    BOOST_TEST(p.at("cluster_tags").at(0).at("value").as_string() == "test");
    BOOST_TEST(p.at("custom_ca_certs").at(0).at("ca_cert").as_string() == "PEM");
    BOOST_TEST(p.at("k8s_customization_parameters").at("insecure_registries").at(0).as_string() == "r");
    BOOST_TEST(p.at("kubernetes_setting_cluster_details").at("kubelet_drain_timeout").as_string() == "1");
    BOOST_TEST(p.at("node_pool_instances").as_string() == "p:2");
    BOOST_TEST(!p.contains("unknown"));
    BOOST_TEST(ask(alana, "GET", "/v1/clusters/a").body.find("secret") == std::string::npos);

    patch(alana, "a", R"({"delete_all_tags":true})");
    now += 30s;
    BOOST_TEST(parameters(alana, "a").at("cluster_tags").as_array().empty());
}

BOOST_AUTO_TEST_CASE(updates_that_fail_change_nothing)
{
    api.inventory().add("a", "alana");
    patch(alana, "a", R"({"kubernetes_worker_instances":5})");
    BOOST_TEST(api.inventory().fail("a"));
    now += 30s;
    BOOST_TEST(member(alana, "a", "last_action") == "UPDATE");
    BOOST_TEST(member(alana, "a", "last_action_state") == "failed");
    BOOST_TEST(
        member(alana, "a", "last_action_description").starts_with("Instance update failed: There was a problem"));
    BOOST_TEST(parameters(alana, "a").at("kubernetes_worker_instances").as_int64() == 3);
    // Nor later.
    patch(alana, "a", R"({"network_profile_name":"np"})");
    now += 30s;
    BOOST_TEST(member(alana, "a", "last_action_state") == "succeeded");
    BOOST_TEST(parameters(alana, "a").at("kubernetes_worker_instances").as_int64() == 3);
}

BOOST_AUTO_TEST_CASE(bad_updates_are_refused)
{
    api.inventory().add("a", "alana");
    auto const* const five = R"({"kubernetes_worker_instances":5})";
    BOOST_TEST(patch(alana, "no-such-cluster", five).body == R"({"body":"Cluster no-such-cluster not found"})");
    BOOST_TEST(patch(alana, "a", R"({"kubernetes_worker_instances":10})").body ==
        R"({"body":"Please specify a number of workers that is between 1 and 5"})");
    for (auto const* const body : {R"({"kubernetes_worker_instances":10})", R"({"kubernetes_worker_instances":0})",
             R"({"kubernetes_worker_instances":-1})", R"({"kubernetes_worker_instances":"5"})", "{", "", "[]"})
        BOOST_TEST(patch(alana, "a", body).status == 400, body);
    request const form("PATCH", "/v1/clusters/a", {{"Content-Type", "application/x-www-form-urlencoded"}}, "a=b");
    BOOST_TEST(api.handle(form, testing_recorded::judged(alana.claims(), form, now), now).status == 415);
    BOOST_TEST(patch(rory, "a", five).body == R"({"error":"access_denied","error_description":"Access is denied"})");
    BOOST_TEST(patch(naomi, "a", five).body == R"({"body":"Cluster a not found"})");
    BOOST_TEST(api.inventory().effects("a").updates == 0U);
    BOOST_TEST(patch(cody, "a", five).status == 202);

    create(alana, "new");
    BOOST_TEST(patch(alana, "new", five).body == R"({"body":"Cluster new is busy"})");
    BOOST_TEST(patch(alana, "new", five).status == 422);
    ask(alana, "DELETE", "/v1/clusters/a");
    BOOST_TEST(patch(alana, "a", five).status == 422);
    now += 60s;
    BOOST_TEST(patch(alana, "new", five).status == 202);
}

BOOST_AUTO_TEST_CASE(plans_bound_the_workers)
{
    auto const with = [this](std::string const& name, std::string const& plan, std::string const& workers) {
        return ask(alana, "POST", "/v1/clusters",
            R"({"name":")" + name + R"(","plan_name":")" + plan +
                R"(","parameters":{"kubernetes_master_host":"x","kubernetes_worker_instances":)" + workers + "}}")
            .status;
    };
    BOOST_TEST(with("a", "small", "5") == 202);
    BOOST_TEST(with("b", "small", "6") == 400);
    BOOST_TEST(with("c", "medium", "20") == 202);
    BOOST_TEST(with("d", "large", "50") == 202);
    BOOST_TEST(with("e", "large", "51") == 400);
    BOOST_TEST(with("f", "large", "\"3\"") == 400);
    BOOST_TEST(with("g", "large", "null") == 202);
}

BOOST_AUTO_TEST_CASE(credentials_are_made_for_those_who_may_have_them)
{
    api.inventory().add("a", "alana");
    auto const made = ask(alana, "POST", "/v1/clusters/a/binds");
    BOOST_TEST(made.status == 201);
    BOOST_TEST(made.reason == "Created");
    auto const config = boost::json::parse(made.body).as_object();
    BOOST_TEST(config.at("apiVersion").as_string() == "v1");
    BOOST_TEST(config.at("kind").as_string() == "Config");
    BOOST_TEST(config.at("current-context").as_string() == "a");
    BOOST_TEST(config.at("clusters").at(0).at("name").as_string() == "a");
    BOOST_TEST(config.at("clusters").at(0).at("cluster").at("server").as_string() == "https://a.example.com:8443");
    BOOST_TEST(
        config.at("clusters").at(0).at("cluster").at("certificate-authority-data").as_string().starts_with("LS0t"));
    auto const account = config.at("users").at(0).at("name").as_string();
    BOOST_TEST(account.size() == 36U);
    BOOST_TEST(config.at("contexts").at(0).at("context").at("user").as_string() == account);
    BOOST_TEST(config.at("users").at(0).at("user").at("token").as_string().size() == 64U);

    // Others each time; asked for, the newest, or those of an account.
    auto const again = ask(cody, "POST", "/v1/clusters/a/binds", "{}");
    BOOST_TEST(again.status == 201);
    BOOST_TEST(again.body != made.body);
    auto const newest = ask(alana, "POST", "/v1/clusters/a/binds");
    BOOST_TEST(ask(alana, "GET", "/v1/clusters/a/binds/alana?suppressClusterRoleBinding=true").body == newest.body);
    BOOST_TEST(ask(alana, "GET", "/v1/clusters/a/binds/cody").body == again.body);
    auto const by_account = ask(cody, "GET", "/v1/clusters/a/binds/" + std::string(account));
    BOOST_TEST(by_account.status == 200);
    BOOST_TEST(by_account.body == made.body);
    BOOST_TEST(api.inventory().effects("a").binds == 3U);

    BOOST_TEST(ask(alana, "GET", "/v1/clusters/a/binds/no%20body").body == R"({"body":"User no body not found"})");
    BOOST_TEST(ask(alana, "GET", "/v1/clusters/a/binds/%zz").status == 400);
    BOOST_TEST(ask(alana, "GET", "/v1/clusters/a/binds").status == 405);
    BOOST_TEST(ask(alana, "POST", "/v1/clusters/a/binds/alana").status == 405);
    BOOST_TEST(ask(alana, "GET", "/v1/clusters/a/binds/alana/x").status == 404);
    BOOST_TEST(ask(alana, "POST", "/v1/clusters/a/binds", "[").status == 400);
    BOOST_TEST(ask(alana, "POST", "/v1/clusters/b/binds").body == R"({"body":"Cluster b not found"})");
    BOOST_TEST(ask(naomi, "POST", "/v1/clusters/a/binds").status == 404);
    BOOST_TEST(ask(naomi, "GET", "/v1/clusters/a/binds/alana").status == 404);
    std::string const denied = R"({"error":"access_denied","error_description":"Access is denied"})";
    for (auto const* const target : {"/v1/clusters/a/binds", "/v1/clusters/a/binds/", "/v1/clusters/a/binds/alana",
             "/v1/clusters/a/binds/alana/", "/v1/clusters/a/binds/alana?x=y"})
        for (auto const* const method : {"GET", "HEAD", "POST"})
            BOOST_TEST(ask(rory, method, target).status == 403, method << ' ' << target);
    BOOST_TEST(ask(rory, "POST", "/v1/clusters/a/binds").body == denied);
    BOOST_TEST(api.inventory().effects("a").binds == 3U);
}

BOOST_AUTO_TEST_CASE(a_cluster_that_is_not_there_yet_takes_no_credentials)
{
    create(alana, "new");
    auto const refused = ask(alana, "POST", "/v1/clusters/new/binds");
    BOOST_TEST(refused.status == 500);
    BOOST_TEST(boost::json::parse(refused.body)
            .at("body")
            .as_string()
            .starts_with(
                "Status: 500; ErrorMessage: <nil>; Description: Create Binding: Put https://x.example.com:8443/"));
    BOOST_TEST(api.inventory().effects("new").binds == 0U);
    now += 60s;
    BOOST_TEST(ask(alana, "POST", "/v1/clusters/new/binds").status == 201);
    create(alana, "will-fail");
    now += 60s;
    BOOST_TEST(ask(alana, "POST", "/v1/clusters/will-fail/binds").status == 500);
    // While it changes, it is there.
    patch(alana, "new", R"({"kubernetes_worker_instances":5})");
    BOOST_TEST(ask(alana, "POST", "/v1/clusters/new/binds").status == 201);
}

BOOST_AUTO_TEST_CASE(effects_are_counted_by_name)
{
    using pks::testing::cluster_effects;
    BOOST_TEST((api.inventory().effects("a") == cluster_effects{}));
    create(alana, "a");
    create(alana, "a"); // refused
    create(alana, "b");
    now += 60s;
    for (int i = 0; i < 3; ++i)
        patch(alana, "a", R"({"kubernetes_worker_instances":5})");
    ask(alana, "POST", "/v1/clusters/a/binds");
    ask(alana, "GET", "/v1/clusters/a/binds/alana");
    // Told again to do what is being done, nothing is.
    BOOST_TEST(ask(alana, "DELETE", "/v1/clusters/a").status == 204);
    now += 15s;
    BOOST_TEST(ask(alana, "DELETE", "/v1/clusters/a").status == 204);
    BOOST_TEST((api.inventory().effects("a") == cluster_effects{1, 3, 1, 1}));
    now += 5s;
    BOOST_TEST(ask(alana, "DELETE", "/v1/clusters/a").status == 404);
    // What comes after is counted with it.
    create(alana, "a");
    BOOST_TEST((api.inventory().effects("a") == cluster_effects{2, 3, 1, 1}));
    BOOST_TEST((api.inventory().effects("b") == cluster_effects{1, 0, 0, 0}));
    BOOST_TEST((api.inventory().effects() == cluster_effects{3, 3, 1, 1}));
    // What was there before the first request was not done by one.
    api.inventory().add("c", "alana");
    BOOST_TEST((api.inventory().effects("c") == cluster_effects{}));
    // A deletion that failed may be tried again.
    ask(alana, "DELETE", "/v1/clusters/c");
    api.inventory().fail("c");
    now += 20s;
    BOOST_TEST(ask(alana, "DELETE", "/v1/clusters/c").status == 204);
    BOOST_TEST((api.inventory().effects("c") == cluster_effects{0, 0, 2, 0}));
}

BOOST_AUTO_TEST_CASE(who_has_no_name_owns_nothing)
{
    api.inventory().add("a", "alana");
    api.inventory().add("nobodys", "");
    // No validator lets such a token through; should one do so, it must not be everybody's.
    auto const claims = std::make_shared<pks::jose::claims>();
    BOOST_REQUIRE(!claims->parse(R"({"scope":["pks.clusters.manage"],"aud":["pks.clusters"]})"));
    pks::authorization const nameless{pks::identity(claims)};
    auto const asks = [&](std::string method, std::string target, std::string body = {}) {
        request const req(
            std::move(method), std::move(target), {{"Content-Type", "application/json"}}, std::move(body));
        return api.handle(req, nameless, now);
    };
    BOOST_TEST(nameless.who().name() == "");
    BOOST_TEST(asks("GET", "/v1/clusters").body == "[]");
    for (auto const* const name : {"a", "nobodys"}) {
        auto const target = "/v1/clusters/" + std::string(name);
        for (auto const* const method : {"GET", "DELETE", "PATCH"})
            BOOST_TEST(asks(method, target, "{}").status == 404, method << ' ' << name);
        BOOST_TEST(asks("POST", target + "/binds").status == 404);
        BOOST_TEST(asks("GET", target + "/binds/").status == 405);
        BOOST_TEST(asks("GET", target + "/binds/x").status == 404);
    }
    BOOST_TEST(
        asks("POST", "/v1/clusters", R"({"name":"x","plan_name":"small","parameters":{"kubernetes_master_host":"x"}})")
            .status == 403);
    BOOST_TEST((api.inventory().effects() == pks::testing::cluster_effects{}));

    BOOST_TEST(api.inventory().list(std::nullopt, now).size() == 2U);
    BOOST_TEST(api.inventory().list("", now).size() == 1U);
    BOOST_TEST(api.inventory().list("alana", now).size() == 1U);
    BOOST_TEST(api.inventory().list("naomi", now).empty());
}

BOOST_AUTO_TEST_SUITE_END()
