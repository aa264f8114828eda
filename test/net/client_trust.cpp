// What a client does where the policy of its trust changes, and what of its connections and sessions is used again.
#include <net/installation.hpp>
#include <net/loopback_server.hpp>
#include <net/outcome.hpp>
#include <net/scripted_uaa.hpp>

#include <pks/client.hpp>
#include <pks/testing/certificate_authority.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace {

namespace asio = boost::asio;
using net_test::finish;
using net_test::loopback_server;
using pks::error_code;
using pks::target_info;

std::string const info = net_test::json_reply(R"({"app":{"version":"77.18.0"},"prompts":{}})");

struct fixture
{
    loopback_server::options options_of(bool closes, bool tls_1_2 = false) const
    {
        loopback_server::options o;
        o.does = loopback_server::manner::replying;
        o.tls = net_test::authority().issue({"localhost"}, {"127.0.0.1"});
        o.reply = info;
        o.then_closes = closes;
        o.tls_1_2_only = tls_1_2;
        return o;
    }
    pks::client client(loopback_server const& server, pks::trust trust)
    {
        pks::client_options o("localhost:" + std::to_string(server.port()), std::move(trust));
        o.uaa = o.api;
        o.retry.max_attempts = 1;
        return pks::client(ctx.get_executor(), o);
    }
    error_code target(pks::client api)
    {
        return finish<target_info>(ctx, [&](auto const& then) { api.async_target(diag, then); }).ec;
    }

    pks::trust const good = pks::trust::pem(net_test::authority().root_pem());
    pks::testing::certificate_authority const other;
    pks::trust const wrong = pks::trust::pem(other.root_pem());
    asio::io_context ctx;
    pks::diagnostics diag;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(client_trust, fixture)

BOOST_AUTO_TEST_CASE(a_connection_is_used_again)
{
    loopback_server server(ctx.get_executor(), options_of(false));
    auto api = client(server, good);
    for (int i = 0; i != 5; ++i)
        BOOST_TEST(!target(api));
    BOOST_TEST(server.connections() == 1U);
    auto const report = api.explain();
    BOOST_TEST(report.uaa.opened == 1U);
    BOOST_TEST(report.uaa.reused == 4U);
    BOOST_TEST(report.uaa.idle == 1U);
    BOOST_TEST(report.uaa.used == 0U);
    BOOST_TEST(report.attempts == 5U);
    BOOST_TEST(report.message().find("used again 4 times") != std::string::npos);
}

// F6
BOOST_AUTO_TEST_CASE(one_that_the_server_closed_is_replaced_unnoticed)
{
    loopback_server server(ctx.get_executor(), options_of(true));
    auto api = client(server, good);
    for (std::size_t i = 1; i <= 5; ++i) {
        BOOST_TEST(!target(api));
        BOOST_TEST(diag.attempts <= 2);
        BOOST_TEST(server.requests() == i);
    }
}

// Each exchange closes its connection, so that each has to shake hands.
BOOST_AUTO_TEST_CASE(sessions_are_resumed)
{
    for (bool const tls_1_2 : {false, true}) {
        loopback_server server(ctx.get_executor(), options_of(true, tls_1_2));
        auto api = client(server, good);
        for (int i = 0; i != 4; ++i)
            BOOST_TEST(!target(api));
        auto const before = api.explain().uaa;
        BOOST_TEST(before.opened >= 4U);
        BOOST_TEST(before.resumed >= 3U);
        // None of another policy, the same though it says.
        api.use_trust(good);
        BOOST_TEST(!target(api));
        auto const after = api.explain().uaa;
        BOOST_TEST(after.opened == before.opened + 1);
        BOOST_TEST(after.resumed == before.resumed);
    }
}

// T7
BOOST_AUTO_TEST_CASE(nothing_of_the_old_policy_is_used_again)
{
    for (bool const tls_1_2 : {false, true})
        for (bool const closes : {false, true}) {
            loopback_server server(ctx.get_executor(), options_of(closes, tls_1_2));
            auto api = client(server, good);
            BOOST_TEST(!target(api));
            BOOST_TEST(!target(api));
            api.use_trust(wrong);
            auto const requests = server.requests();
            BOOST_TEST((target(api) == pks::condition::untrusted));
            BOOST_TEST((target(api) == pks::condition::untrusted));
            BOOST_TEST(server.requests() == requests);
            api.use_trust(good);
            BOOST_TEST(!target(api));
        }
}

// T6
BOOST_AUTO_TEST_CASE(a_policy_belongs_to_one_client)
{
    loopback_server server(ctx.get_executor(), options_of(false));
    auto careless = client(server, pks::skip_verification);
    BOOST_TEST(!target(careless));
    BOOST_TEST(!target(careless));
    auto strict = client(server, wrong);
    BOOST_TEST((target(strict) == pks::condition::untrusted));
    BOOST_TEST(!target(careless));
    // Also where it was careless before.
    careless.use_trust(wrong);
    BOOST_TEST((target(careless) == pks::condition::untrusted));
}

// T4
BOOST_AUTO_TEST_CASE(a_policy_that_cannot_be_loaded_says_so)
{
    loopback_server server(ctx.get_executor(), options_of(false));
    auto api = client(server, good);
    BOOST_TEST(!target(api));
    api.use_trust(pks::trust::ca_file("/nonexistent/ca.pem"));
    BOOST_TEST(target(api) == pks::errc::ca_not_found);
    BOOST_TEST(server.connections() == 1U);
    api.use_trust(good);
    BOOST_TEST(!target(api));
    BOOST_TEST(server.connections() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
