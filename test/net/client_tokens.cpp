// The token of a client, whoever asks for it at once, and whatever the UAA does meanwhile.
#include <net/installation.hpp>
#include <net/outcome.hpp>
#include <net/scripted_uaa.hpp>

#include <pks/client.hpp>
#include <pks/testing/manual_clock.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace asio = boost::asio;
using net_test::finish;
using net_test::http_reply;
using net_test::json_reply;
using net_test::note;
using net_test::outcome;
using net_test::run_until;
using net_test::scripted_uaa;
using pks::access_token;
using pks::error_code;
using pks::secret;
using namespace std::chrono_literals;

std::string token_reply(std::string_view token, std::string_view more = R"(,"expires_in":600)")
{
    return json_reply(
        R"({"access_token":")" + std::string(token) + R"(","token_type":"bearer")" + std::string(more) + "}");
}

std::string text(access_token const& t)
{
    return std::string(t.value().reveal());
}

struct fixture
{
    fixture() : uaa(ctx), clock(std::make_shared<pks::testing::manual_clock>()) {}

    pks::client_options options(pks::credentials login = pks::client_credentials("c", secret("a-client-secret")))
    {
        pks::client_options out("localhost", pks::skip_verification);
        out.api = out.uaa = uaa.endpoint();
        out.login = std::move(login);
        out.clock = clock;
        out.retry.max_attempts = 1;
        return out;
    }
    pks::client client(pks::credentials login = pks::client_credentials("c", secret("a-client-secret")))
    {
        return pks::client(ctx.get_executor(), options(std::move(login)));
    }
    outcome<access_token> get(pks::client api)
    {
        return finish<access_token>(ctx, [&](auto const& then) { api.async_get_token(diag, then); });
    }

    asio::io_context ctx;
    scripted_uaa uaa;
    std::shared_ptr<pks::testing::manual_clock> clock;
    pks::diagnostics diag;
};

// Notes what it is given.
class shelf final : public pks::token_storage
{
public:
    access_token load() noexcept override
    {
        ++loads;
        return kept;
    }
    void save(access_token const& token) noexcept override
    {
        kept = token;
        ++saves;
    }

    access_token kept;
    int loads = 0;
    int saves = 0;
};

bool all_done(std::deque<note<access_token>> const& all)
{
    return std::all_of(all.begin(), all.end(), [](auto const& one) { return one.seen().completions != 0; });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(client_tokens, fixture)

BOOST_AUTO_TEST_CASE(ten_thousand_callers_make_one_request)
{
    uaa.reply(token_reply("t"));
    auto api = client();
    std::deque<note<access_token>> all(10'000);
    for (auto const& one : all)
        api.async_get_token(one);
    BOOST_TEST(run_until(ctx, [&] { return all_done(all); }));
    for (auto const& one : all) {
        BOOST_TEST_REQUIRE(one.seen().completions == 1);
        BOOST_TEST_REQUIRE(!one.seen().ec);
        BOOST_TEST_REQUIRE(text(one.seen().value) == "t");
    }
    BOOST_TEST(uaa.requests() == 1U);
    BOOST_TEST(uaa.connections() == 1U);
}

// O14
BOOST_AUTO_TEST_CASE(the_first_is_cancelled_and_the_others_get_it)
{
    for (auto const type :
        {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
        scripted_uaa held(ctx);
        held.hold();
        auto o = options();
        o.api = o.uaa = held.endpoint();
        pks::client api(ctx.get_executor(), o);
        asio::cancellation_signal stop;
        note<access_token> const first;
        api.async_get_token(asio::bind_cancellation_slot(stop.slot(), first));
        std::deque<note<access_token>> others(9'999);
        for (auto const& one : others)
            api.async_get_token(one);
        stop.emit(type);
        BOOST_TEST(run_until(ctx, [&] { return first.seen().completions != 0 && held.held() == 1; }));
        BOOST_TEST(first.seen().ec == asio::error::operation_aborted);
        held.answer(token_reply("t"));
        BOOST_TEST(run_until(ctx, [&] { return all_done(others); }));
        for (auto const& one : others)
            BOOST_TEST_REQUIRE(text(one.seen().value) == "t");
        BOOST_TEST(first.seen().completions == 1);
        BOOST_TEST(held.requests() == 1U);
    }
}

BOOST_AUTO_TEST_CASE(each_who_waits_has_a_deadline_of_its_own)
{
    uaa.hold();
    auto api = client();
    note<access_token> const hurried, patient;
    api.within(20ms).async_get_token(hurried);
    api.async_get_token(patient);
    BOOST_TEST(run_until(ctx, [&] { return hurried.seen().completions != 0; }));
    BOOST_TEST(hurried.seen().ec == pks::errc::timeout);
    BOOST_TEST(patient.seen().completions == 0);
    uaa.answer(token_reply("t"));
    BOOST_TEST(run_until(ctx, [&] { return patient.seen().completions != 0; }));
    BOOST_TEST(text(patient.seen().value) == "t");
    BOOST_TEST(uaa.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(renewed_ahead_without_anybody_waiting)
{
    uaa.reply(token_reply("t1"));
    auto api = client();
    BOOST_TEST(text(get(api).value) == "t1");
    for (int lifetime = 1; lifetime <= 20; ++lifetime) {
        auto const old = "t" + std::to_string(lifetime), fresh = "t" + std::to_string(lifetime + 1);
        uaa.hold();
        clock->advance(500s);
        BOOST_TEST(text(get(api).value) == old);
        BOOST_TEST(run_until(ctx, [&] { return uaa.held() == 1; }));
        BOOST_TEST(text(get(api).value) == old);
        uaa.answer(token_reply(fresh));
        BOOST_TEST(run_until(ctx, [&] { return text(*api.cached_token()) == fresh; }));
        BOOST_TEST(uaa.requests() == static_cast<std::size_t>(lifetime) + 1);
    }
    // The connection of the last one has been idle for too long each time.
    BOOST_TEST(uaa.connections() == 21U);
}

BOOST_AUTO_TEST_CASE(a_uaa_that_is_down_is_not_noticed_while_the_token_lives)
{
    uaa.reply(token_reply("t1"));
    auto api = client();
    BOOST_TEST(text(get(api).value) == "t1");
    // Down from the renewal to 1 s before the end.
    uaa.reply(http_reply(503, "application/json", "{}"));
    clock->advance(450s);
    for (auto now = 450s; now != 599s; now += 1s) {
        auto const seen = get(api);
        BOOST_TEST_REQUIRE(!seen.ec);
        BOOST_TEST_REQUIRE(text(seen.value) == "t1");
        // The renewal that this one may have started has failed.
        auto const asked = uaa.requests();
        run_until(ctx, [&] { return ctx.poll_one() == 0 && uaa.requests() == asked; });
        clock->advance(1s);
    }
    BOOST_TEST(uaa.requests() <= 12U);
    uaa.reply(token_reply("t2"));
    clock->advance(1s);
    auto const late = get(api);
    BOOST_TEST(!late.ec);
    BOOST_TEST(text(late.value) == "t2");
}

BOOST_AUTO_TEST_CASE(a_wrong_secret_is_sent_once_in_each_cool_down)
{
    uaa.reply(
        http_reply(401, "application/json", R"({"error":"invalid_client","error_description":"Bad credentials"})"));
    auto api = client();
    for (int cool_down = 1; cool_down <= 3; ++cool_down) {
        for (int i = 0; i != 100; ++i) {
            auto const seen = get(api);
            BOOST_TEST_REQUIRE(seen.ec == pks::oauth_errc::bad_credentials);
            // Everybody is told what the UAA said.
            BOOST_TEST_REQUIRE(diag.http_status == 401);
            BOOST_TEST_REQUIRE(diag.error == "invalid_client");
        }
        BOOST_TEST(uaa.requests() == static_cast<std::size_t>(cool_down));
        clock->advance(30s);
    }
}

// O8: a UAA locks an account after five.
BOOST_AUTO_TEST_CASE(a_wrong_password_is_sent_once)
{
    uaa.reply(http_reply(401, "application/json", R"({"error":"unauthorized","error_description":"Bad credentials"})"));
    auto o = options(pks::password_credentials("alana", secret("wrong-password")));
    o.retry = {};
    pks::client api(ctx.get_executor(), o);
    for (int i = 0; i != 20; ++i) {
        BOOST_TEST(get(api).ec == pks::oauth_errc::bad_credentials);
        clock->advance(600s);
    }
    BOOST_TEST(uaa.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(a_refresh_token_renews_and_the_login_when_it_is_dead)
{
    uaa.reply(token_reply("t1", R"(,"expires_in":600,"refresh_token":"the-refresh-token-r")"));
    auto api = client(pks::password_credentials("alana", secret("alana-password")));
    BOOST_TEST(text(get(api).value) == "t1");
    BOOST_TEST(uaa.last_request().find("grant_type=password") != std::string::npos);
    clock->advance(600s);
    uaa.reply(token_reply("t2"));
    BOOST_TEST(text(get(api).value) == "t2");
    BOOST_TEST(uaa.last_request().find("grant_type=refresh_token") != std::string::npos);
    BOOST_TEST(uaa.last_request().find("refresh_token=the-refresh-token-r") != std::string::npos);

    clock->advance(600s);
    uaa.hold();
    note<access_token> const third;
    api.async_get_token(third);
    BOOST_TEST(run_until(ctx, [&] { return uaa.held() == 1; }));
    uaa.answer(http_reply(401, "application/json", R"({"error":"invalid_token","error_description":"revoked"})"));
    uaa.reply(token_reply("t3"));
    BOOST_TEST(run_until(ctx, [&] { return third.seen().completions != 0; }));
    BOOST_TEST(text(third.seen().value) == "t3");
    BOOST_TEST(uaa.last_request().find("grant_type=password") != std::string::npos);
    BOOST_TEST(uaa.requests() == 4U);
}

BOOST_AUTO_TEST_CASE(o5_tokens_outlive_the_client)
{
    auto const storage = std::make_shared<shelf>();
    auto o = options(pks::password_credentials("alana", secret("alana-password")));
    o.storage = storage;
    {
        uaa.reply(token_reply("t1", R"(,"expires_in":600,"refresh_token":"the-refresh-token-1")"));
        pks::client api(ctx.get_executor(), o);
        // Kept before anybody has it.
        bool kept = false;
        api.async_get_token([&](error_code ec, access_token const&) {
            BOOST_TEST(!ec);
            kept = storage->saves == 1;
        });
        BOOST_TEST(run_until(ctx, [&] { return kept; }));
        BOOST_TEST(storage->loads == 1);
        BOOST_TEST(text(storage->kept) == "t1");
    }
    clock->advance(300s);
    {
        pks::client api(ctx.get_executor(), o);
        BOOST_TEST(text(get(api).value) == "t1");
        BOOST_TEST(uaa.requests() == 1U);
        BOOST_TEST(storage->loads == 2);
        clock->advance(300s);
        // A reply without a refresh token leaves the one that there was.
        uaa.reply(token_reply("t2"));
        BOOST_TEST(text(get(api).value) == "t2");
        BOOST_TEST(uaa.last_request().find("refresh_token=the-refresh-token-1") != std::string::npos);
        BOOST_TEST(text(storage->kept) == "t2");
        BOOST_TEST_REQUIRE(!!storage->kept.refresh_token());
        BOOST_TEST((storage->kept.refresh_token()->reveal() == "the-refresh-token-1"));
        BOOST_TEST(storage->saves == 2);
        BOOST_TEST(storage->loads == 2);
    }
    // A login is kept, too.
    pks::client api(ctx.get_executor(), o);
    uaa.reply(token_reply("t3"));
    auto const login = finish<access_token>(
        ctx, [&](auto const& then) { api.async_login(pks::client_credentials("c", secret("s")), diag, then); });
    BOOST_TEST(!login.ec);
    BOOST_TEST(text(storage->kept) == "t3");
    BOOST_TEST(!storage->kept.refresh_token());
    BOOST_TEST(text(get(api).value) == "t3");
    BOOST_TEST(storage->loads == 2);
}

BOOST_AUTO_TEST_CASE(an_observer_is_told)
{
    struct listener final : pks::observer
    {
        void on_event(pks::event const& e) noexcept override
        {
            constexpr char const* kinds[] = {"attempt", "retry", "token", "token_failed"};
            heard += kinds[static_cast<int>(e.kind)] + std::string(" ") + std::to_string(e.attempt) + ' ' +
                std::to_string(e.http_status) + (e.error ? " failed" : "") + (e.reused ? " reused" : "") + '\n';
            servers_known = servers_known && e.server.starts_with("127.0.0.1:");
        }

        std::string heard;
        bool servers_known = true;
    };
    auto const ear = std::make_shared<listener>();
    auto o = options();
    o.observer = ear;
    o.retry.max_attempts = 2;
    o.retry.first_backoff = 0ms;
    pks::client api(ctx.get_executor(), o);
    uaa.hold();
    note<access_token> const one;
    api.async_get_token(one);
    BOOST_TEST(run_until(ctx, [&] { return uaa.held() == 1; }));
    uaa.answer(http_reply(503, "application/json", "{}"));
    uaa.reply(token_reply("t"));
    BOOST_TEST(run_until(ctx, [&] { return one.seen().completions != 0; }));
    BOOST_TEST(ear->heard == "attempt 1 503 failed\nretry 2 0\nattempt 2 200 reused\ntoken 0 0\n");
    BOOST_TEST(ear->servers_known);
    auto const report = api.explain();
    BOOST_TEST(report.has_token);
    BOOST_TEST(report.logged_in);
    BOOST_TEST(!report.fetching);
    BOOST_TEST(report.attempts == 2U);
    BOOST_TEST(report.retries == 1U);
    BOOST_TEST(report.token_generation == 1U);
    BOOST_TEST(report.failed_fetches == 0U);
    BOOST_TEST_REQUIRE(!!report.token_ends_in);
    BOOST_TEST(report.token_ends_in->count() == 600'000);
    BOOST_TEST(report.last_failure == pks::oauth_errc::unavailable);
    BOOST_TEST(report.message().find("a-client-secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_at_hand_is_given_in_the_order_of_asking_and_not_at_once)
{
    uaa.reply(token_reply("t"));
    auto api = client();
    BOOST_TEST(!get(api).ec);
    std::vector<int> order;
    for (int i = 0; i != 3; ++i)
        api.async_get_token([&order, i](error_code ec, access_token const& t) {
            BOOST_TEST(!ec);
            BOOST_TEST(text(t) == "t");
            order.push_back(i);
        });
    BOOST_TEST(order.empty());
    ctx.restart();
    ctx.poll();
    BOOST_TEST(order == std::vector<int>({0, 1, 2}), boost::test_tools::per_element());
    BOOST_TEST(uaa.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(cancel_ends_the_fetch_too_and_is_no_failure)
{
    uaa.hold();
    auto api = client();
    note<access_token> const one, two;
    api.async_get_token(one);
    api.async_get_token(two);
    BOOST_TEST(run_until(ctx, [&] { return uaa.held() == 1; }));
    api.cancel();
    BOOST_TEST(run_until(ctx, [&] { return one.seen().completions != 0 && two.seen().completions != 0; }));
    BOOST_TEST(one.seen().ec == asio::error::operation_aborted);
    BOOST_TEST(two.seen().ec == asio::error::operation_aborted);
    uaa.answer(token_reply("t"));
    BOOST_TEST(text(get(api).value) == "t");
}

// The fetch that was cancelled has not ended yet.
BOOST_AUTO_TEST_CASE(what_begins_after_cancel_has_a_fetch_of_its_own)
{
    uaa.hold();
    auto api = client();
    note<access_token> const before, after;
    api.async_get_token(before);
    BOOST_TEST(run_until(ctx, [&] { return uaa.held() == 1; }));
    api.cancel();
    api.async_get_token(after);
    BOOST_TEST(run_until(ctx, [&] { return before.seen().completions != 0; }));
    BOOST_TEST(before.seen().ec == asio::error::operation_aborted);
    uaa.answer(token_reply("t"));
    BOOST_TEST(run_until(ctx, [&] { return after.seen().completions != 0; }));
    BOOST_TEST(after.seen().ec == error_code());
    BOOST_TEST(text(after.seen().value) == "t");
}

BOOST_AUTO_TEST_CASE(a_context_that_goes_takes_those_who_wait_with_it)
{
    auto alive = std::make_shared<int>();
    std::weak_ptr<int> const watched = alive;
    {
        asio::io_context other;
        scripted_uaa silent(other);
        silent.hold();
        auto o = options();
        o.api = o.uaa = silent.endpoint();
        pks::client api(other.get_executor(), o);
        for (int i = 0; i != 100; ++i)
            api.async_get_token([alive](error_code, access_token const&) { BOOST_ERROR("called"); });
        alive.reset();
        BOOST_TEST(run_until(other, [&] { return silent.held() == 1; }));
        BOOST_TEST(watched.use_count() == 100);
    }
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_SUITE_END()
