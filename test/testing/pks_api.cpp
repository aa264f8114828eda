// The PKS API: who may see and change what, and what happens to clusters with time.
#include "judged.hpp"

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
#include <string>
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
    pks_api api{pks::testing::broker_options{.provisioning = 60s, .deletion = 20s}};
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

BOOST_AUTO_TEST_SUITE_END()
