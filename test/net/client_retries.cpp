// What a client does between two attempts, and what it refuses before the first.
#include <net/outcome.hpp>
#include <net/scripted_uaa.hpp>

#include <pks/client.hpp>
#include <pks/client_operations.hpp>
#include <pks/observer.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace {

namespace asio = boost::asio;
using net_test::finish;
using net_test::http_reply;
using net_test::note;
using net_test::run_until;
using pks::cluster;
using pks::error_code;
using pks::secret;
using pks::server_request;
using pks::server_role;
using pks::target_info;
using pks::proto::response;
using namespace std::chrono_literals;

class counting_observer final : public pks::observer
{
public:
    void on_event(pks::event const& e) noexcept override
    {
        if (e.kind != pks::event_kind::retry)
            return;
        ++retries;
        if (on_retry)
            on_retry();
    }

    int retries = 0;
    std::function<void()> on_retry;
};

struct fixture
{
    fixture() : uaa(ctx), seen(std::make_shared<counting_observer>()) {}

    pks::client_options options()
    {
        pks::client_options out("localhost", pks::skip_verification);
        out.api = out.uaa = uaa.endpoint();
        out.login = pks::client_credentials("c", secret("a-client-secret"));
        out.observer = seen;
        return out;
    }
    pks::client client(pks::client_options with)
    {
        return pks::client(ctx.get_executor(), std::move(with));
    }
    // Waits until it has failed once, and pauses.
    void until_it_pauses()
    {
        BOOST_TEST(run_until(ctx, [this] { return seen->retries == 1; }));
        ctx.restart();
        ctx.poll();
    }

    asio::io_context ctx;
    net_test::scripted_uaa uaa;
    std::shared_ptr<counting_observer> seen;
    pks::diagnostics diag;
};

std::string const busy = http_reply(503, "text/plain", "later", "Retry-After: 20\r\n");

} // namespace

BOOST_FIXTURE_TEST_SUITE(client_retries, fixture)

BOOST_AUTO_TEST_CASE(a_pause_is_cancelled_as_any_step_is)
{
    for (bool const by_slot : {true, false}) {
        uaa.reply(busy);
        seen->retries = 0;
        auto api = client(options());
        asio::cancellation_signal stop;
        note<target_info> const noted;
        api.async_target(diag, asio::bind_cancellation_slot(stop.slot(), noted));
        until_it_pauses();
        auto const requests = uaa.requests();
        auto const begun = std::chrono::steady_clock::now();
        if (by_slot)
            stop.emit(asio::cancellation_type::total);
        else
            api.cancel();
        BOOST_TEST(run_until(ctx, [&] { return noted.seen().completions != 0; }));
        BOOST_TEST((std::chrono::steady_clock::now() - begun < 10s));
        BOOST_TEST(noted.seen().completions == 1);
        BOOST_TEST(noted.seen().ec == asio::error::operation_aborted);
        BOOST_TEST(uaa.requests() == requests);
    }
}

// The timer of both comes late.
BOOST_AUTO_TEST_CASE(a_pause_whose_end_and_deadline_have_both_passed_ends)
{
    uaa.reply(http_reply(503, "text/plain", "later"));
    auto with = options();
    with.retry.first_backoff = with.retry.longest_backoff = 20ms;
    auto api = client(with).within(500ms);
    note<target_info> const noted;
    api.async_target(diag, noted);
    until_it_pauses();
    std::this_thread::sleep_for(550ms);
    BOOST_TEST(run_until(ctx, [&] { return noted.seen().completions != 0; }));
    BOOST_TEST(noted.seen().ec == pks::errc::timeout);
}

// H8
BOOST_AUTO_TEST_CASE(nobody_logs_in_or_connects_for_what_cannot_be_sent)
{
    auto api = client(options());
    auto const refused = [&](auto start) {
        auto const out = finish<response>(ctx, start);
        BOOST_TEST(out.ec == pks::errc::forbidden_character);
        BOOST_TEST(diag.attempts == 0);
    };
    auto const named = finish<cluster>(ctx, [&](auto const& then) { api.async_get_cluster("a\r\nX: y", diag, then); });
    BOOST_TEST(named.ec == pks::errc::forbidden_character);
    for (bool const with_token : {true, false}) {
        server_request bad_field(server_role::api, "GET", "/v1/quotas");
        bad_field.field("X-A", "b\r\nX-C: d");
        server_request bad_name(server_role::api, "GET", "/v1/quotas");
        bad_name.field("X A", "b");
        server_request bad_target(server_role::api, "GET", "/v1 /quotas");
        server_request bad_method(server_role::api, "G T", "/v1/quotas");
        server_request bad_type(server_role::api, "POST", "/v1/quotas");
        bad_type.body("{}", "a\nb");
        for (auto* const each : {&bad_field, &bad_name, &bad_target, &bad_method, &bad_type}) {
            if (!with_token)
                each->without_token();
            refused([&](auto const& then) { api.async_request(*each, diag, then); });
        }
    }
    BOOST_TEST(uaa.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(a_signed_assertion_is_not_sent_as_a_password)
{
    auto api = client(options());
    auto const ask = [&](pks::client_authentication as) {
        server_request what(server_role::uaa, "POST", "/check_token");
        what.as(std::move(as));
        return finish<response>(ctx, [&](auto const& then) { api.async_request(what, diag, then); }).ec;
    };
    BOOST_TEST(ask(pks::client_authentication::assertion(secret("j.w.t"), "a")) == pks::errc::missing_parameter);
    BOOST_TEST(diag.detail == "client_secret");
    BOOST_TEST(ask(pks::client_authentication::basic_unencoded("a:b", secret("s"))) == pks::errc::forbidden_character);
    BOOST_TEST(ask(pks::client_authentication::basic("a\n", secret("s"))) == pks::errc::forbidden_character);
    BOOST_TEST(ask(pks::client_authentication::basic("a", secret("s\n"))) == pks::errc::forbidden_character);
    BOOST_TEST(uaa.connections() == 0U);
}

server_request deletion()
{
    server_request out(server_role::uaa, "DELETE", "/oauth/clients/x");
    out.without_token();
    return out;
}

// The first one has done it, and its reply was lost.
BOOST_AUTO_TEST_CASE(a_deletion_that_is_repeated_ends_with_the_reply_that_says_so)
{
    uaa.reply("", true);
    auto with = options();
    with.retry.first_backoff = 1ms;
    seen->on_retry = [this] { uaa.reply(http_reply(404, "text/plain", "gone")); };
    auto api = client(with);
    auto const out = finish<response>(ctx, [&](auto const& then) { api.async_request(deletion(), diag, then); });
    BOOST_TEST(out.ec == error_code());
    BOOST_TEST(out.value.status == 404);
    BOOST_TEST((out.value.body == "gone"));
    BOOST_TEST(uaa.requests() == 2U);
}

// It asks whether the deletion has happened.
BOOST_AUTO_TEST_CASE(a_look_that_is_cancelled_is_cancelled)
{
    uaa.hold();
    auto with = options();
    with.deadlines.progress = 50ms;
    auto api = client(with);
    note<response> const noted;
    api.async_request(deletion(), diag, noted);
    BOOST_TEST(run_until(ctx, [&] { return uaa.requests() == 2; }));
    BOOST_TEST(uaa.last_request().starts_with("GET "));
    api.cancel();
    BOOST_TEST(run_until(ctx, [&] { return noted.seen().completions != 0; }));
    BOOST_TEST(noted.seen().ec == asio::error::operation_aborted);
    BOOST_TEST(diag.outcome_unknown);
}

// Whatever a field of the caller's holds may be a secret.
BOOST_AUTO_TEST_CASE(what_a_server_repeats_of_the_callers_fields_is_redacted)
{
    uaa.reply(http_reply(400, "text/plain", "bad key: my-secret-api-key"));
    auto api = client(options());
    server_request what(server_role::api, "GET", "/v1/x");
    what.without_token();
    what.field("X-Api-Key", "my-secret-api-key");
    auto const out = finish<response>(ctx, [&](auto const& then) { api.async_request(what, diag, then); });
    BOOST_TEST(out.ec.failed());
    BOOST_TEST(diag.http_status == 400);
    BOOST_TEST(diag.message().find("my-secret-api-key") == std::string::npos);
    BOOST_TEST(diag.body.find("my-secret-api-key") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
