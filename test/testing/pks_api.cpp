// The PKS API: who may see and change what, and what happens to clusters with time.
#include <pks/testing/pks_api.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using pks::testing::api_authentication;
using pks::testing::pks_api;
using pks::testing::reply;
using pks::testing::request;

api_authentication as(
    std::string owner, std::vector<std::string> scope, std::vector<std::string> audience = {"pks.clusters"})
{
    api_authentication out;
    out.result = api_authentication::outcome::accepted;
    out.identity = {std::move(owner), std::move(scope), std::move(audience)};
    return out;
}

auto const alana = as("alana", {"pks.clusters.manage"});
auto const naomi = as("naomi", {"pks.clusters.manage"});
auto const cody = as("cody", {"pks.clusters.admin"});
auto const rory = as("rory", {"pks.clusters.admin.read"}, {"pks_cli", "pks.clusters.admin"});

struct fixture
{
    pks_api api{pks::testing::broker_options{.provisioning = 60s, .deletion = 20s}};
    pks::clock::time_point now{std::chrono::seconds(1768478400)};

    reply ask(api_authentication const& who, std::string method, std::string target, std::string body = {})
    {
        request req(std::move(method), std::move(target), {{"Content-Type", "application/json"}}, std::move(body));
        return api.handle(req, who, now);
    }

    reply create(api_authentication const& who, std::string const& name, std::string const& plan = "small")
    {
        return ask(who, "POST", "/v1/clusters",
            R"({"name":")" + name + R"(","plan_name":")" + plan +
                R"(","parameters":{"kubernetes_master_host":"x.example.com"}})");
    }

    std::string member(api_authentication const& who, std::string const& name, char const* what)
    {
        auto const got = ask(who, "GET", "/v1/clusters/" + name);
        BOOST_REQUIRE_EQUAL(got.status, 200);
        return std::string(boost::json::parse(got.body).at(what).as_string());
    }

    std::vector<std::string> names(api_authentication const& who)
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
    BOOST_TEST(names(as("x", {"pks.clusters.admin"}, {"x", "pks.clusters"})) == list({"a", "n"}));
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
    BOOST_TEST(ask({}, "GET", "/actuator/health").body == R"({"status":"UP"})");
    auto const none = ask({}, "GET", "/v1/clusters");
    BOOST_TEST(none.status == 401);
    BOOST_TEST(*none.find("WWW-Authenticate") ==
        "Bearer realm=\"oauth2-resource\", error=\"unauthorized\", error_description=\"Full authentication is required to access "
        "this resource\"");
    api_authentication refused;
    refused.result = api_authentication::outcome::refused;
    refused.text = "Token has expired";
    BOOST_TEST(ask(refused, "GET", "/v1/clusters").body ==
        R"({"error":"invalid_token","error_description":"Token has expired"})");
    api_authentication failed;
    failed.result = api_authentication::outcome::failed;
    BOOST_TEST(ask(failed, "GET", "/v1/clusters").status == 500);
    BOOST_TEST(ask(as("x", {"pks.clusters.manage"}, {"x"}), "GET", "/v1/clusters").status == 403);
    BOOST_TEST(ask(as("x", {"openid"}), "GET", "/v1/clusters").status == 403);
}

BOOST_AUTO_TEST_CASE(the_token_is_taken_out_of_the_request)
{
    auto const of = [](std::string value, std::string target = "/v1/clusters") {
        return pks_api::token(request("GET", std::move(target), {{"authorization", std::move(value)}}));
    };
    BOOST_TEST((of("Bearer abc") == std::string("abc")));
    BOOST_TEST((of("bearer  abc") == std::string("abc")));
    BOOST_TEST((of("Bearer abc,def") == std::string("abc")));
    BOOST_TEST((of("Basic abc") == std::nullopt));
    BOOST_TEST((of("Bearer") == std::nullopt));
    BOOST_TEST((of("Bearer abc", "/actuator/health") == std::nullopt));
    BOOST_TEST((pks_api::token(request()) == std::nullopt));
}

BOOST_AUTO_TEST_SUITE_END()
