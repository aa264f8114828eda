// What a client does where the policy of its trust changes, and what of its connections and sessions is used again.
#include <net/installation.hpp>
#include <net/loopback_server.hpp>
#include <net/outcome.hpp>
#include <net/scripted_uaa.hpp>

#include <pks/client.hpp>
#include <pks/clock.hpp>
#include <pks/net/name_resolver.hpp>
#include <pks/testing/certificate_authority.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using net_test::finish;
using net_test::loopback_server;
using net_test::note;
using net_test::run_until;
using pks::error_code;
using pks::target_info;

std::string const info = net_test::json_reply(R"({"app":{"version":"77.18.0"},"prompts":{}})");

// The pool asks it for the time while a connection is being given back: too late to refuse it, too early for whoever waits
// for one to have been told.
class intrusive_clock : public pks::clock
{
public:
    explicit intrusive_clock(std::function<void()> hook) : hook_(std::move(hook)) {}

    steady_time_point steady_now() const override
    {
        hook_();
        return clock::steady_now();
    }

private:
    std::function<void()> hook_;
};

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
    pks::client client_of_one_connection(loopback_server const& server, std::function<void()> hook)
    {
        pks::client_options o("localhost:" + std::to_string(server.port()), good);
        o.uaa = o.api;
        o.retry.max_attempts = 1;
        o.pool.connections = 1;
        o.clock = std::make_shared<intrusive_clock>(std::move(hook));
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

// The second operation waits for the connection of the first, which ends its exchange under the old policy.
BOOST_AUTO_TEST_CASE(a_connection_that_is_handed_over_while_the_policy_changes_is_not_used)
{
    for (bool const tls_1_2 : {false, true}) {
        loopback_server server(ctx.get_executor(), options_of(false, tls_1_2));
        std::function<void()> hook = [] {};
        auto api = client_of_one_connection(server, [&hook] { hook(); });
        note<target_info> const first;
        note<target_info> const second;
        int changes = 0;
        hook = [&] {
            if (server.requests() == 1 && changes++ == 0) {
                BOOST_TEST(first.seen().completions == 0);
                api.use_trust(wrong);
            }
        };
        api.async_target(first);
        api.async_target(second);
        BOOST_TEST(run_until(ctx, [&] { return second.seen().completions != 0; }));
        BOOST_TEST(changes >= 1);
        BOOST_TEST(first.seen().completions == 1);
        BOOST_TEST(!first.seen().ec);
        BOOST_TEST((second.seen().ec == pks::condition::untrusted));
        BOOST_TEST(server.requests() == 1U);
        BOOST_TEST(server.connections() == 2U);
        BOOST_TEST(api.explain().uaa.reused == 0U);
        hook = [] {};
    }
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_in_use_while_the_policy_changes_is_not_handed_over)
{
    for (bool const tls_1_2 : {false, true}) {
        loopback_server server(ctx.get_executor(), options_of(false, tls_1_2));
        auto api = client_of_one_connection(server, [] {});
        note<target_info> const first;
        note<target_info> const second;
        api.async_target(first);
        api.async_target(second);
        BOOST_TEST(run_until(ctx, [&] { return server.requests() == 1; }));
        BOOST_TEST(first.seen().completions == 0);
        api.use_trust(wrong);
        BOOST_TEST(run_until(ctx, [&] { return second.seen().completions != 0; }));
        BOOST_TEST(!first.seen().ec);
        BOOST_TEST((second.seen().ec == pks::condition::untrusted));
        BOOST_TEST(server.requests() == 1U);
        BOOST_TEST(api.explain().uaa.reused == 0U);
    }
}

// Looks names up when it is told to.
class patient_resolver : public pks::net::name_resolver
{
public:
    error_code look_up(std::string const&, std::vector<asio::ip::address>& found) override
    {
        ++asked_;
        go_on_.get_future().wait();
        go_on_ = {};
        found.push_back(asio::ip::address_v4::loopback());
        return {};
    }
    void go_on()
    {
        go_on_.set_value();
    }
    int asked() const noexcept
    {
        return asked_;
    }

private:
    std::atomic<int> asked_ = 0;
    std::promise<void> go_on_;
};

// What is being opened was to be verified by the old policy.
BOOST_AUTO_TEST_CASE(a_connection_that_is_opened_while_the_policy_changes_is_opened_again)
{
    for (bool const to_worse : {true, false}) {
        loopback_server::options how = options_of(false);
        how.tls = net_test::authority().issue({"pks.example"}, {});
        loopback_server server(ctx.get_executor(), how);
        auto const resolver = std::make_shared<patient_resolver>();
        pks::client_options o("pks.example:" + std::to_string(server.port()), to_worse ? good : wrong);
        o.uaa = o.api;
        o.retry.max_attempts = 1;
        o.resolver = resolver;
        pks::client api(ctx.get_executor(), o);
        note<target_info> const noted;
        api.async_target(noted);
        ctx.restart();
        ctx.poll();
        // In its own thread.
        while (resolver->asked() == 0)
            std::this_thread::yield();
        api.use_trust(to_worse ? wrong : good);
        ctx.restart();
        ctx.poll();
        resolver->go_on();
        BOOST_TEST(run_until(ctx, [&] { return noted.seen().completions != 0; }));
        if (to_worse)
            BOOST_TEST((noted.seen().ec == pks::condition::untrusted));
        else
            BOOST_TEST(noted.seen().ec == error_code());
        BOOST_TEST(server.requests() == (to_worse ? 0U : 1U));
        BOOST_TEST(server.connections() == 2U);
        BOOST_TEST(resolver->asked() == 1, "the address is still known");
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
