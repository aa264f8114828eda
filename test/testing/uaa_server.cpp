// What the recordings do not show of the embedded UAA: time, rotation, revocation, bounds.
#include "installations.hpp"

#include <pks/testing/uaa_server.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;
using pks::testing::reply;
using pks::testing::request;
using pks::testing::signing_key;

struct world
{
    explicit world(char const* generation) : uaa(testing_recorded::uaa_of(generation)) {}

    reply post(std::string path, std::string body, std::string basic = {})
    {
        request req("POST", std::move(path),
            {{"Host", "localhost"}, {"Content-Type", "application/x-www-form-urlencoded"}}, std::move(body));
        if (!basic.empty())
            req.fields.emplace_back("Authorization", "Basic " + basic);
        return uaa.handle(req, now);
    }

    reply login(std::string const& password = "alana-password")
    {
        return post(
            "/oauth/token", "grant_type=password&client_id=pks_cli&client_secret=&username=alana&password=" + password);
    }

    reply refresh(std::string const& token)
    {
        return post("/oauth/token", "grant_type=refresh_token&client_id=pks_cli&client_secret=&refresh_token=" + token);
    }

    // As pks_client:pks-client-secret.
    reply check(std::string const& token)
    {
        return post("/check_token", "token=" + token, "cGtzX2NsaWVudDpwa3MtY2xpZW50LXNlY3JldA==");
    }

    static std::string member(reply const& r, char const* name)
    {
        return std::string(boost::json::parse(r.body).at(name).as_string());
    }

    reply keys(std::string tag = {})
    {
        request req("GET", "/token_keys", {{"Host", "localhost"}});
        if (!tag.empty())
            req.fields.emplace_back("If-None-Match", std::move(tag));
        return uaa.handle(req, now);
    }

    pks::testing::uaa_server uaa;
    pks::clock::time_point now{std::chrono::seconds(1795576838)};
};

auto const generations = boost::unit_test::data::make({"4.30.0", "77.18.0"});

} // namespace

BOOST_AUTO_TEST_SUITE(testing_uaa_server)

BOOST_DATA_TEST_CASE(tokens_live_as_long_as_their_client_says, generations, generation)
{
    world w(generation);
    auto const first = w.login();
    BOOST_TEST(boost::json::parse(first.body).at("expires_in").as_int64() == 599);
    auto const access = w.member(first, "access_token");
    auto const refresh = w.member(first, "refresh_token");
    w.now += 599s;
    BOOST_TEST(w.check(access).status == 200);
    w.now += 1s;
    BOOST_TEST(w.member(w.check(access), "error_description") == "Token has expired");
    BOOST_TEST(w.refresh(refresh).status == 200);
    w.now += 21000s;
    auto const dead = w.refresh(refresh);
    BOOST_TEST(dead.status == 401);
    BOOST_TEST(w.member(dead, "error") == "invalid_token");
}

BOOST_DATA_TEST_CASE(a_user_is_locked_after_five_failures_for_a_while, generations, generation)
{
    world w(generation);
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(w.member(w.login("wrong"), "error_description") == "Bad credentials");
    BOOST_TEST(w.login().status == 200);
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(w.member(w.login("wrong"), "error_description") == "Bad credentials");
    auto const locked = "Your account has been locked because of too many failed attempts to login.";
    BOOST_TEST(w.member(w.login(), "error_description") == locked);
    w.now += 299s;
    BOOST_TEST(w.member(w.login(), "error_description") == locked);
    w.now += 1s;
    BOOST_TEST(w.login().status == 200);

    // Five failures over a longer time than the window lock nobody.
    for (int i = 0; i < 6; ++i) {
        BOOST_TEST(w.member(w.login("wrong"), "error_description") == "Bad credentials");
        w.now += 400s;
    }
    BOOST_TEST(w.login().status == 200);
    BOOST_TEST(w.uaa.lock_user("alana", w.now));
    BOOST_TEST(w.login().status == 401);
}

BOOST_DATA_TEST_CASE(rotation_keeps_old_tokens_until_the_key_is_forgotten, generations, generation)
{
    world w(generation);
    auto const before = w.member(w.login(), "access_token");
    auto const tag = *w.keys().find("ETag");
    BOOST_TEST(w.keys(tag).status == 304);
    w.uaa.rotate_key(signing_key::generate("key-2"), w.now);
    auto const keys = w.keys(tag);
    BOOST_TEST(keys.status == 200);
    BOOST_TEST(*keys.find("ETag") != tag);
    auto const published = boost::json::parse(keys.body).at("keys").as_array();
    BOOST_TEST(published.size() == 3u);
    BOOST_TEST(published.front().at("kid").as_string() == "key-2");

    auto const after = w.member(w.login(), "access_token");
    BOOST_TEST(w.check(before).status == 200);
    BOOST_TEST(w.check(after).status == 200);
    BOOST_TEST(w.uaa.issuer().forget("key-1"));
    BOOST_TEST(!w.uaa.issuer().forget("key-2"));
    BOOST_TEST(w.member(w.check(before), "error_description") ==
        "Token header claim [kid] references unknown signing key : [key-1]");
    BOOST_TEST(w.check(after).status == 200);
}

BOOST_DATA_TEST_CASE(revocation_kills_what_was_issued_before, generations, generation)
{
    world w(generation);
    auto const first = w.login();
    BOOST_TEST(w.uaa.revoke_user("alana"));
    BOOST_TEST(!w.uaa.revoke_user("nobody"));
    BOOST_TEST(
        w.member(w.check(w.member(first, "access_token")), "error_description") == "revocable signature mismatch");
    BOOST_TEST(w.member(w.refresh(w.member(first, "refresh_token")), "error") == "invalid_token");
    BOOST_TEST(w.check(w.member(w.login(), "access_token")).status == 200);

    auto const second = w.login();
    BOOST_TEST(w.uaa.revoke_client("pks_cli"));
    BOOST_TEST(w.check(w.member(second, "access_token")).status == 400);
}

BOOST_DATA_TEST_CASE(passcodes_and_codes_are_good_once, generations, generation)
{
    world w(generation);
    auto const code = w.uaa.issue_passcode("alana", w.now);
    auto const request_text = "grant_type=password&client_id=pks_cli&client_secret=&passcode=";
    BOOST_TEST(w.post("/oauth/token", request_text + code).status == 200);
    BOOST_TEST(w.member(w.post("/oauth/token", request_text + code), "error_description") == "Invalid passcode");
    auto const superseded = w.uaa.issue_passcode("alana", w.now);
    auto const late = w.uaa.issue_passcode("alana", w.now);
    BOOST_TEST(w.post("/oauth/token", request_text + superseded).status == 401);
    w.now += 300s;
    BOOST_TEST(w.post("/oauth/token", request_text + late).status == 401);
    BOOST_TEST(w.uaa.issue_passcode("nobody", w.now).empty());

    pks::testing::one_time_code what;
    what.user_id = w.uaa.directory().find_user("alana")->id;
    what.client_id = "browser-client";
    what.scope = {"openid"};
    auto const authorization = w.uaa.issue_code(what, w.now);
    auto const exchange =
        "grant_type=authorization_code&client_id=browser-client&client_secret=browser-secret&code=" + authorization;
    BOOST_TEST(w.member(w.post("/oauth/token", exchange), "scope") == "openid");
    BOOST_TEST(w.member(w.post("/oauth/token", exchange), "error") == "invalid_grant");
}

BOOST_DATA_TEST_CASE(memory_stays_bounded_over_ten_thousand_logins, generations, generation)
{
    world w(generation);
    std::string last;
    for (int i = 0; i < 10000; ++i)
        last = w.login("alana-password&token_format=opaque").body;
    BOOST_TEST(w.uaa.tokens_issued() == 10000u);
    BOOST_TEST(w.uaa.issuer().store().size() <= 4096u);
    auto const token = boost::json::parse(last).at("access_token").as_string();
    BOOST_TEST(w.check(std::string(token)).status == 200);
    for (int i = 0; i < 2000; ++i)
        w.uaa.handle(request("GET", "/path-" + std::to_string(i), {{"Host", "localhost"}}), w.now);
    BOOST_TEST(w.uaa.requests().size() <= 1000u);
}

BOOST_AUTO_TEST_SUITE_END()
