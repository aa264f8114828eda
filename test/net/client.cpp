// client.hpp: identity, token, deadline and cancellation of the handle, against real servers on loopback.
#include <net/installation.hpp>
#include <net/loopback_server.hpp>
#include <net/outcome.hpp>

#include <pks/testing/manual_clock.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <openssl/err.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using net_test::automated;
using net_test::finish;
using net_test::loopback_server;
using net_test::note;
using net_test::outcome;
using net_test::run_until;
using pks::access_token;
using pks::cluster_list;
using pks::error_code;
using pks::secret;
using pks::target_info;
using namespace std::chrono_literals;

// As std::string, since a secret prints nothing.
std::string text(access_token const& t)
{
    return std::string(t.value().reveal());
}

struct fixture
{
    fixture() : clock(std::make_shared<pks::testing::manual_clock>())
    {
        auto options = net_test::plane_options();
        options.clock = clock;
        plane.emplace(ctx.get_executor(), options);
        plane->add_cluster("alpha", "automated-client");
    }

    pks::client client()
    {
        auto options = net_test::client_options(*plane);
        options.clock = clock;
        return pks::client(ctx.get_executor(), options);
    }

    template <class T, class Start>
    outcome<T> run(Start start)
    {
        auto out = finish<T>(ctx, std::move(start));
        BOOST_TEST(::ERR_peek_error() == 0UL);
        return out;
    }
    outcome<access_token> login(pks::client api, pks::credentials with)
    {
        return run<access_token>([&](auto const& then) { api.async_login(with, diag, then); });
    }
    outcome<access_token> get_token(pks::client api)
    {
        return run<access_token>([&](auto const& then) { api.async_get_token(diag, then); });
    }
    outcome<cluster_list> list(pks::client api)
    {
        return run<cluster_list>([&](auto const& then) { api.async_list_clusters(diag, then); });
    }
    outcome<target_info> target(pks::client api)
    {
        return run<target_info>([&](auto const& then) { api.async_target(diag, then); });
    }

    asio::io_context ctx;
    std::shared_ptr<pks::testing::manual_clock> clock;
    std::optional<pks::testing::control_plane> plane;
    pks::diagnostics diag;
};

// A client whose two servers are both at this port.
pks::client client_of(asio::io_context& ctx, std::uint16_t port)
{
    pks::client_options options("localhost:" + std::to_string(port), pks::trust::pem(net_test::authority().root_pem()));
    options.uaa = options.api;
    options.login = automated();
    return pks::client(ctx.get_executor(), options);
}

// As above, without TLS.
pks::client plain_client_of(asio::io_context& ctx, std::uint16_t port)
{
    pks::client_options options("localhost", pks::trust::pem(net_test::authority().root_pem()));
    options.api = pks::endpoint::parse("http://127.0.0.1", port, pks::allow_plain_http_on_loopback).value();
    options.uaa = options.api;
    options.login = automated();
    return pks::client(ctx.get_executor(), options);
}

pks::testing::server_identity good_identity()
{
    return net_test::authority().issue({"localhost"}, {"127.0.0.1", "::1"});
}

// Servers that never answer, each in another step.
struct stall
{
    std::string name;
    pks::step step;
    std::function<pks::client(asio::io_context&)> client;
};

class stalls
{
public:
    explicit stalls(asio::io_context& ctx)
        : handshake_(ctx.get_executor(), {}),
          reply_(ctx.get_executor(), {.tls = good_identity()}),
          plain_(ctx.get_executor(), {}),
          half_(ctx.get_executor(),
              {.does = loopback_server::manner::replying,
                  .tls = good_identity(),
                  .reply = "HTTP/1.1 200 \r\nContent-Le"})
    {}

    std::vector<stall> all() const
    {
        return {
            {"connect", pks::step::connect,
                [this](asio::io_context& c) {
                    pks::client_options options(
                        "127.0.0.1:" + std::to_string(unanswered_.port()), pks::skip_verification);
                    options.uaa = options.api;
                    options.login = automated();
                    return pks::client(c.get_executor(), options);
                }},
            {"TLS handshake", pks::step::handshake,
                [this](asio::io_context& c) { return client_of(c, handshake_.port()); }},
            {"reply over TLS", pks::step::read, [this](asio::io_context& c) { return client_of(c, reply_.port()); }},
            {"reply without TLS", pks::step::read,
                [this](asio::io_context& c) { return plain_client_of(c, plain_.port()); }},
            {"half a reply", pks::step::read, [this](asio::io_context& c) { return client_of(c, half_.port()); }},
        };
    }

private:
    net_test::unanswered_port unanswered_;
    loopback_server handshake_;
    loopback_server reply_;
    loopback_server plain_;
    loopback_server half_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(client, fixture)

// ---- the flow ----

BOOST_AUTO_TEST_CASE(targets_logs_in_and_lists)
{
    auto api = client();
    auto const info = target(api);
    BOOST_TEST(!info.ec);
    BOOST_TEST(info.value.version == "77.18.0");
    BOOST_TEST(diag.endpoint == "localhost:" + std::to_string(plane->uaa_port()));

    BOOST_TEST(!api.cached_token());
    auto const token = login(api, automated());
    BOOST_TEST(!token.ec);
    BOOST_TEST(!token.value.empty());
    BOOST_TEST_REQUIRE(!!api.cached_token());
    BOOST_TEST(text(*api.cached_token()) == text(token.value));

    auto const clusters = list(api);
    BOOST_TEST(!clusters.ec);
    BOOST_TEST_REQUIRE(clusters.value.size() == 1U);
    BOOST_TEST(clusters.value[0].name() == "alpha");
    BOOST_TEST(diag.endpoint == "localhost:" + std::to_string(plane->api_port()));
    BOOST_TEST(diag.http_status == 200);
    BOOST_TEST(diag.attempts == 1);
    BOOST_TEST(plane->count().tokens_issued == 1U);
}

BOOST_AUTO_TEST_CASE(gets_a_token_first_where_credentials_were_given_at_the_start)
{
    auto options = net_test::client_options(*plane);
    options.login = automated();
    pks::client api(ctx.get_executor(), options);
    auto const clusters = list(api);
    BOOST_TEST(!clusters.ec);
    BOOST_TEST(clusters.value.size() == 1U);
    BOOST_TEST(diag.attempts == 2);
    BOOST_TEST(!!api.cached_token());
}

BOOST_AUTO_TEST_CASE(a_user_sees_what_is_the_users)
{
    plane->add_cluster("beta", "alana");
    auto api = client();
    BOOST_TEST(!login(api, pks::password_credentials("alana", secret("alana-password"))).ec);
    auto const clusters = list(api);
    BOOST_TEST_REQUIRE(clusters.value.size() == 1U);
    BOOST_TEST(clusters.value[0].name() == "beta");
}

BOOST_AUTO_TEST_CASE(has_no_credentials_before_a_login)
{
    auto api = client();
    auto const token = get_token(api);
    BOOST_TEST(token.ec == pks::errc::no_credentials);
    BOOST_TEST((token.ec == pks::condition::unauthorized));
    BOOST_TEST(diag.step == pks::step::none);
    BOOST_TEST(diag.attempts == 0);
    BOOST_TEST(list(api).ec == pks::errc::no_credentials);
    BOOST_TEST(plane->count().uaa_connections == 0U);
    BOOST_TEST(plane->count().api_connections == 0U);
}

BOOST_AUTO_TEST_CASE(a_failed_login_changes_nothing)
{
    auto api = client();
    BOOST_TEST(login(api, pks::client_credentials("automated-client", secret("wrong"))).ec ==
        pks::oauth_errc::bad_credentials);
    BOOST_TEST(!api.cached_token());
    BOOST_TEST(get_token(api).ec == pks::errc::no_credentials);

    auto const first = login(api, automated());
    BOOST_TEST(login(api, pks::client_credentials("automated-client", secret("wrong"))).ec ==
        pks::oauth_errc::bad_credentials);
    BOOST_TEST(login(api, pks::password_credentials("alana", secret("wrong"))).ec == pks::oauth_errc::bad_credentials);
    BOOST_TEST_REQUIRE(!!api.cached_token());
    BOOST_TEST(text(*api.cached_token()) == text(first.value));
    // The identity is the old one, also when its token is over.
    clock->advance(24h);
    BOOST_TEST(!get_token(api).ec);
    BOOST_TEST(list(api).value.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_login_replaces_identity_and_token)
{
    auto api = client();
    auto const first = login(api, automated());
    auto const second = login(api, pks::password_credentials("alana", secret("alana-password")));
    BOOST_TEST(!second.ec);
    BOOST_TEST(text(first.value) != text(second.value));
    BOOST_TEST(text(*api.cached_token()) == text(second.value));
}

// ---- the token's life ----

BOOST_AUTO_TEST_CASE(keeps_a_token_until_it_expires)
{
    auto api = client();
    auto const first = login(api, pks::password_credentials("alana", secret("alana-password")));
    BOOST_TEST_REQUIRE(!!first.value.expires_in());
    // The plane says one second less than it gives: whatever it says is what counts.
    auto const lifetime = *first.value.expires_in();
    BOOST_TEST(lifetime.count() > 500);

    // Long before it is renewed.
    clock->advance(lifetime / 2);
    BOOST_TEST(!!api.cached_token());
    BOOST_TEST(text(get_token(api).value) == text(first.value));
    BOOST_TEST(diag.step == pks::step::done);
    BOOST_TEST(diag.attempts == 0);
    clock->advance(lifetime - lifetime / 2 - 1ms);
    BOOST_TEST(text(*api.cached_token()) == text(first.value));
    BOOST_TEST(plane->count().tokens_issued == 1U);

    clock->advance(1ms);
    BOOST_TEST(!api.cached_token());
    auto const second = get_token(api);
    BOOST_TEST(!second.ec);
    BOOST_TEST(text(second.value) != text(first.value));
    BOOST_TEST(plane->count().tokens_issued == 2U);
    BOOST_TEST(text(*api.cached_token()) == text(second.value));
}

BOOST_AUTO_TEST_CASE(a_calendar_that_is_set_back_prolongs_nothing)
{
    auto api = client();
    BOOST_TEST(!login(api, pks::password_credentials("alana", secret("alana-password"))).ec);
    clock->advance(300s);
    clock->advance(-600s);
    BOOST_TEST(!!api.cached_token());
    clock->advance(301s);
    BOOST_TEST(!api.cached_token());
}

BOOST_AUTO_TEST_CASE(a_token_that_the_api_refuses_is_replaced)
{
    auto api = client();
    auto const first = login(api, automated());
    BOOST_TEST(plane->revoke_client("automated-client"));
    auto const listed = list(api);
    BOOST_TEST(!listed.ec);
    BOOST_TEST(listed.value.size() == 1U);
    BOOST_TEST(diag.http_status == 200);
    BOOST_TEST(text(*api.cached_token()) != text(first.value));
    BOOST_TEST(plane->count().tokens_issued == 2U);
}

BOOST_AUTO_TEST_CASE(an_api_that_refuses_each_token_is_believed)
{
    loopback_server::options o;
    o.does = loopback_server::manner::replying;
    o.tls = good_identity();
    o.reply = "HTTP/1.1 401 \r\nContent-Length: 0\r\nWWW-Authenticate: Bearer error=\"invalid_token\"\r\n\r\n";
    loopback_server server(ctx.get_executor(), o);
    auto options = net_test::client_options(*plane);
    options.api = pks::endpoint::api("localhost:" + std::to_string(server.port()));
    options.clock = clock;
    pks::client api(ctx.get_executor(), options);
    auto const first = login(api, automated());
    auto const refused = list(api);
    BOOST_TEST(refused.ec == pks::api_errc::invalid_token);
    BOOST_TEST((refused.ec == pks::condition::unauthorized));
    BOOST_TEST(diag.http_status == 401);
    BOOST_TEST(server.requests() == 2U);
    BOOST_TEST(plane->count().tokens_issued == 2U);
    // Not said in any member: the token.
    for (auto const& said : {diag.message(), diag.error, diag.error_description, diag.body, diag.detail})
        BOOST_TEST(said.find(text(first.value)) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(keeps_no_token_of_unknown_lifetime)
{
    loopback_server::options o;
    o.does = loopback_server::manner::replying;
    std::string const body = R"({"access_token":"opaque","token_type":"bearer"})";
    o.reply = "HTTP/1.1 200 \r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    loopback_server server(ctx.get_executor(), o);
    auto api = plain_client_of(ctx, server.port());
    BOOST_TEST(!get_token(api).ec);
    BOOST_TEST(!api.cached_token());
    BOOST_TEST(!get_token(api).ec);
    BOOST_TEST(server.requests() == 2U);
}

// ---- handles ----

BOOST_AUTO_TEST_CASE(copies_share_one_state)
{
    auto api = client();
    auto const copy = api;
    auto const limited = api.within(20s);
    auto const token = login(api.within(20s), automated());
    BOOST_TEST_REQUIRE(!!copy.cached_token());
    BOOST_TEST_REQUIRE(!!limited.cached_token());
    BOOST_TEST(text(*copy.cached_token()) == text(token.value));
    BOOST_TEST(text(*limited.cached_token()) == text(token.value));
    BOOST_TEST(list(copy).value.size() == 1U);
    BOOST_TEST(plane->count().tokens_issued == 1U);
}

BOOST_AUTO_TEST_CASE(the_handle_need_not_outlive_its_operations)
{
    note<cluster_list> const noted;
    {
        auto options = net_test::client_options(*plane);
        options.login = automated();
        pks::client api(ctx.get_executor(), options);
        api.within(20s).async_list_clusters(noted);
    }
    BOOST_TEST(run_until(ctx, [&] { return noted.seen().completions != 0; }));
    BOOST_TEST(!noted.seen().ec);
    BOOST_TEST(noted.seen().value.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_context_that_goes_first_takes_the_operations_with_it)
{
    note<target_info> const noted;
    for (auto const steps : {0, 1, 3, 5, 8}) {
        asio::io_context own;
        loopback_server server(own.get_executor(), {.tls = good_identity()});
        {
            auto api = client_of(own, server.port());
            api.within(20s).async_target(noted);
            api.async_target(noted);
        }
        for (int i = 0; i < steps; ++i)
            own.run_one();
    }
    BOOST_TEST(noted.seen().completions == 0);
    BOOST_TEST(noted.shared().use_count() == 1);
}

BOOST_AUTO_TEST_CASE(completes_on_the_handlers_executor)
{
    asio::io_context users;
    auto api = client();
    bool there = false;
    bool done = false;
    auto look = [&](error_code ec, target_info) {
        there = users.get_executor().running_in_this_thread() && !ec;
        done = true;
    };
    api.async_target(asio::bind_executor(users, look));
    BOOST_TEST(run_until(ctx, [&] { return users.poll_one() != 0; }));
    BOOST_TEST(done);
    BOOST_TEST(there);
    BOOST_TEST((api.get_executor() == asio::any_io_executor(ctx.get_executor())));
}

BOOST_AUTO_TEST_CASE(never_completes_within_the_initiating_function)
{
    auto api = client();
    note<access_token> const noted;
    int at_return = -1;
    // In the context's own thread, and on its strand, where dispatch would run it at once.
    asio::post(ctx, [&] {
        api.async_get_token(noted);
        at_return = noted.seen().completions;
    });
    BOOST_TEST(run_until(ctx, [&] { return noted.seen().completions != 0; }));
    BOOST_TEST(at_return == 0);
    BOOST_TEST(noted.seen().ec == pks::errc::no_credentials);
}

// ---- deadline and cancellation ----

// How long a busy machine takes to reach a step nobody knows: where the deadline passes in an earlier one, the next is
// longer. Of each must hold: it ends once, not before its deadline, and no later than the handlers of that have run.
BOOST_AUTO_TEST_CASE(times_out_in_each_step)
{
    stalls const servers(ctx);
    for (auto const& s : servers.all()) {
        BOOST_TEST_CONTEXT(s.name)
        {
            auto const api = s.client(ctx);
            auto const longest = 20s;
            for (std::chrono::steady_clock::duration within = 100ms; within < longest; within *= 4) {
                note<target_info> const noted;
                auto const began = std::chrono::steady_clock::now();
                api.within(within).async_target(diag, noted);
                asio::steady_timer control(ctx, within + 50ms);
                bool over = false;
                control.async_wait([&over](error_code) { over = true; });
                BOOST_TEST(run_until(ctx, [&over] { return over; }));
                ctx.restart();
                ctx.poll();
                BOOST_TEST_REQUIRE(noted.seen().completions == 1);
                BOOST_TEST(noted.seen().ec == pks::errc::timeout);
                BOOST_TEST((noted.seen().ec == pks::condition::timeout));
                BOOST_TEST((noted.seen().at - began >= within));
                BOOST_TEST(!diag.reusable);
                BOOST_TEST(::ERR_peek_error() == 0UL);
                if (diag.step == s.step)
                    break;
            }
            BOOST_TEST(diag.step == s.step);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_operation_times_out)
{
    loopback_server server(ctx.get_executor(), {});
    auto const api = client_of(ctx, server.port()).within(40ms);
    BOOST_TEST(login(api, automated()).ec == pks::errc::timeout);
    BOOST_TEST(get_token(api).ec == pks::errc::timeout);
    BOOST_TEST(list(api).ec == pks::errc::timeout);
    BOOST_TEST(target(api).ec == pks::errc::timeout);
}

BOOST_AUTO_TEST_CASE(a_deadline_that_is_over_lets_nothing_begin)
{
    loopback_server server(ctx.get_executor(), {.tls = good_identity()});
    auto const api = client_of(ctx, server.port());
    for (auto const d : {std::chrono::steady_clock::duration(0), std::chrono::steady_clock::duration(-1s)}) {
        auto const out = target(api.within(d));
        BOOST_TEST(out.ec == pks::errc::timeout);
        BOOST_TEST(server.requests() == 0U);
    }
}

BOOST_AUTO_TEST_CASE(a_deadline_that_is_far_off_disturbs_nothing)
{
    auto const api = client();
    BOOST_TEST(!login(api.within(1h), automated()).ec);
    BOOST_TEST(!list(api.within(std::chrono::steady_clock::duration::max())).ec);
    BOOST_TEST(!list(api.within(std::chrono::steady_clock::duration::max() - 1s)).ec);
}

BOOST_AUTO_TEST_CASE(takes_every_type_of_cancellation_in_each_step)
{
    using type = asio::cancellation_type;
    stalls const servers(ctx);
    for (auto const& s : servers.all()) {
        for (auto const t : {type::terminal, type::partial, type::total}) {
            BOOST_TEST_CONTEXT(s.name << ", type " << static_cast<unsigned>(t))
            {
                auto api = s.client(ctx);
                asio::cancellation_signal signal;
                note<target_info> const noted;
                diag.clear(); // the step of the round before would be taken for this one's
                api.async_target(diag, asio::bind_cancellation_slot(signal.slot(), noted));
                BOOST_TEST(run_until(ctx, [&] { return diag.step == s.step; }));
                // Whatever the step still has to do before it waits.
                ctx.restart();
                ctx.run_for(5ms);
                BOOST_TEST(noted.seen().completions == 0);
                signal.emit(t);
                BOOST_TEST(run_until(ctx, [&] { return noted.seen().completions != 0; }));
                BOOST_TEST(noted.seen().ec == asio::error::operation_aborted);
                BOOST_TEST(diag.step == s.step);
                api.cancel();
                ctx.restart();
                ctx.poll();
                BOOST_TEST(noted.seen().completions == 1);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(one_cancelled_operation_leaves_the_others_alone)
{
    loopback_server server(ctx.get_executor(), {.tls = good_identity()});
    auto api = client_of(ctx, server.port());
    asio::cancellation_signal signal;
    note<target_info> const first;
    note<target_info> const second;
    api.async_target(asio::bind_cancellation_slot(signal.slot(), first));
    api.async_target(second);
    BOOST_TEST(run_until(ctx, [&] { return server.requests() == 2; }));
    signal.emit(asio::cancellation_type::terminal);
    BOOST_TEST(run_until(ctx, [&] { return first.seen().completions != 0; }));
    ctx.restart();
    ctx.run_for(20ms);
    BOOST_TEST(second.seen().completions == 0);
    api.cancel();
    BOOST_TEST(run_until(ctx, [&] { return second.seen().completions != 0; }));
}

BOOST_AUTO_TEST_CASE(cancel_ends_all_that_is_under_way_and_nothing_that_comes_later)
{
    stalls const servers(ctx);
    for (auto const& s : servers.all()) {
        BOOST_TEST_CONTEXT(s.name)
        {
            auto api = s.client(ctx);
            note<target_info> const targets;
            note<access_token> const tokens;
            note<cluster_list> const lists;
            pks::client copy = api;
            api.async_target(targets);
            api.within(1h).async_login(automated(), tokens);
            copy.async_get_token(tokens);
            copy.async_list_clusters(lists);
            ctx.restart();
            ctx.run_for(20ms);
            api.async_target(targets); // not begun yet
            copy.cancel();
            auto const all = [&] {
                return targets.seen().completions == 2 && tokens.seen().completions == 2 &&
                    lists.seen().completions == 1;
            };
            BOOST_TEST(run_until(ctx, all));
            BOOST_TEST(targets.seen().ec == asio::error::operation_aborted);
            BOOST_TEST(tokens.seen().ec == asio::error::operation_aborted);
            BOOST_TEST(lists.seen().ec == asio::error::operation_aborted);
            BOOST_TEST(!api.cached_token());
        }
    }
    auto api = client();
    api.cancel();
    BOOST_TEST(!login(api, automated()).ec);
    api.cancel();
    BOOST_TEST(!list(api).ec);
}

BOOST_AUTO_TEST_CASE(leaves_no_connection_behind)
{
    loopback_server server(ctx.get_executor(), {.tls = good_identity()});
    auto api = client_of(ctx, server.port());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(target(api.within(30ms)).ec == pks::errc::timeout);
    {
        auto good = client();
        BOOST_TEST(!login(good, automated()).ec);
        BOOST_TEST(!list(good).ec);
        BOOST_TEST(!list(good).ec);
        BOOST_TEST(plane->count().api_connections == 1U);
    }
    // The plane's own, for its questions to itself.
    BOOST_TEST(run_until(ctx, [&] { return plane->count().open_connections <= 1; }));
}

// What came after the reply, or instead of it, would be taken for the answer to the next request.
BOOST_AUTO_TEST_CASE(uses_no_connection_again_that_a_bad_reply_came_over)
{
    std::string const ok = "HTTP/1.1 200 \r\nContent-Type: application/json\r\n";
    struct row
    {
        std::string reply;
        pks::errc gives;
    };
    std::vector<row> const rows = {
        {ok + "X: " + std::string(20'000, 'x'), pks::errc::head_too_large},
        {ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", pks::errc::protocol_error},
        {ok + "Transfer-Encoding: chunked\r\n\r\n1;a=" + std::string(5'000, 'x'), pks::errc::chunk_extension_too_large},
        {ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(5'000, 'x'), pks::errc::trailer_too_large},
        {ok + "Content-Length: 2\r\n\r\n{}HTTP/1.1 200 ", pks::errc::unexpected_json},
    };
    for (auto const& r : rows) {
        loopback_server::options o;
        o.does = loopback_server::manner::replying;
        o.tls = good_identity();
        o.reply = r.reply;
        loopback_server server(ctx.get_executor(), o);
        auto api = client_of(ctx, server.port());
        for (std::size_t i = 1; i <= 2; ++i) {
            BOOST_TEST(target(api).ec == r.gives);
            BOOST_TEST(!diag.reusable);
            BOOST_TEST(server.connections() == i);
            BOOST_TEST(server.requests() == i);
        }
    }
}

// ---- what is refused before connecting ----

BOOST_AUTO_TEST_CASE(refuses_control_characters_before_connecting)
{
    auto const good = std::string("a-secret");
    std::vector<pks::credentials> bad;
    for (std::string const& evil :
        {std::string("x\rz"), std::string("x\nz"), std::string("x\0z", 3), std::string("x\x7fz"), std::string("\tx")}) {
        bad.push_back(pks::client_credentials(evil, secret(good)));
        bad.push_back(pks::client_credentials("id", secret(evil)));
        bad.push_back(pks::password_credentials(evil, secret(good)));
        bad.push_back(pks::password_credentials("user", secret(evil)));
        bad.push_back(pks::passcode_credentials(secret(evil)));
        bad.push_back(automated().scope({"pks.clusters.manage", evil}));
        bad.push_back(automated().response_type(evil));
        bad.push_back(automated().parameter("name", secret(evil)));
        bad.push_back(automated().parameter(evil, secret("value")));
        bad.push_back(automated().client(pks::client_authentication::basic(evil, secret(good))));
        bad.push_back(automated().client(pks::client_authentication::basic("id", secret(evil))));
        bad.push_back(automated().client(pks::client_authentication::basic_unencoded("id", secret(evil))));
        bad.push_back(automated().client(pks::client_authentication::body("id", secret(evil))));
        bad.push_back(automated().client(pks::client_authentication::none(evil)));
        bad.push_back(automated().client(pks::client_authentication::assertion(secret(evil))));
    }
    for (auto const& with : bad) {
        auto api = client();
        auto const out = login(api, with);
        BOOST_TEST(out.ec == pks::errc::forbidden_character);
        BOOST_TEST((out.ec == pks::condition::invalid_input));
        BOOST_TEST(diag.step == pks::step::none);
        BOOST_TEST(!diag.detail.empty());
        BOOST_TEST(diag.attempts == 0);

        auto options = net_test::client_options(*plane);
        options.login = with;
        pks::client from_start(ctx.get_executor(), options);
        BOOST_TEST(get_token(from_start).ec == pks::errc::forbidden_character);
        BOOST_TEST(list(from_start).ec == pks::errc::forbidden_character);
    }
    BOOST_TEST(plane->count().uaa_connections == 0U);
    BOOST_TEST(plane->count().api_connections == 0U);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_missing_and_what_is_no_login_before_connecting)
{
    auto api = client();
    BOOST_TEST(login(api, pks::client_credentials("", secret("s"))).ec == pks::errc::missing_parameter);
    BOOST_TEST(login(api, pks::password_credentials("", secret("s"))).ec == pks::errc::missing_parameter);
    BOOST_TEST(login(api, pks::passcode_credentials(secret())).ec == pks::errc::missing_parameter);
    BOOST_TEST(login(api, pks::refresh_token_credentials(secret("r"))).ec == pks::errc::unsuitable_grant);
    BOOST_TEST(plane->count().uaa_connections == 0U);
}

BOOST_AUTO_TEST_CASE(refuses_a_bad_ca_before_connecting)
{
    for (auto const& trust :
        {pks::trust::ca_file("/does/not/exist.pem"), pks::trust::pem("junk"), pks::trust::pem(" ")}) {
        auto options = net_test::client_options(*plane, trust);
        options.login = automated();
        pks::client api(ctx.get_executor(), options);
        auto const out = list(api);
        BOOST_TEST((out.ec == pks::condition::invalid_input));
        BOOST_TEST(diag.step == pks::step::load);
        BOOST_TEST(!diag.detail.empty());
        BOOST_TEST(target(api).ec == out.ec);
    }
    BOOST_TEST(plane->count().uaa_connections == 0U);
    BOOST_TEST(plane->count().api_connections == 0U);
}

// ---- failures of the network ----

BOOST_AUTO_TEST_CASE(says_where_it_failed)
{
    std::uint16_t closed = 0;
    {
        loopback_server gone(ctx.get_executor(), {});
        closed = gone.port();
    }
    // The first exchange succeeds, the second finds nobody: what is said is of the second.
    auto options = net_test::client_options(*plane);
    options.api = options.api.with_port(closed);
    options.login = automated();
    pks::client api(ctx.get_executor(), options);
    auto const out = list(api);
    BOOST_TEST(out.ec == asio::error::connection_refused);
    BOOST_TEST(diag.step == pks::step::connect);
    BOOST_TEST(diag.endpoint == "localhost:" + std::to_string(closed));
    BOOST_TEST(diag.http_status == 0);
    BOOST_TEST(!diag.reusable);
    BOOST_TEST(diag.attempts == 1);

    pks::client nowhere(ctx.get_executor(), "no-such-host.invalid", plane->trust());
    auto const lost = target(nowhere);
    BOOST_TEST(!!lost.ec);
    BOOST_TEST(diag.step == pks::step::resolve);
}

BOOST_AUTO_TEST_CASE(names_below_localhost_need_no_resolver)
{
    pks::client api(ctx.get_executor(), net_test::client_options(*plane, plane->trust(), "api.pks.localhost"));
    BOOST_TEST(!target(api).ec);
    BOOST_TEST(diag.endpoint == "api.pks.localhost:" + std::to_string(plane->uaa_port()));
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_up_gets_an_error_of_its_own)
{
    loopback_server plain(ctx.get_executor(), {.does = loopback_server::manner::closing});
    BOOST_TEST(target(plain_client_of(ctx, plain.port())).ec == pks::errc::connection_closed);
    loopback_server secure(ctx.get_executor(), {.does = loopback_server::manner::closing, .tls = good_identity()});
    auto const out = target(client_of(ctx, secure.port()));
    BOOST_TEST(out.ec == pks::errc::connection_closed);
    BOOST_TEST(diag.step == pks::step::read);
    // Not TLS at all.
    loopback_server talker(ctx.get_executor(), {});
    auto const no_tls = plain_client_of(ctx, talker.port());
    BOOST_TEST(target(no_tls.within(20ms)).ec == pks::errc::timeout);
}

BOOST_AUTO_TEST_CASE(speaks_plain_http_on_loopback_when_told_to)
{
    loopback_server::options o;
    o.does = loopback_server::manner::replying;
    o.reply = "HTTP/1.1 401 \r\nContent-Type: application/json\r\nContent-Length: 65\r\n\r\n"
              R"({"error":"unauthorized","error_description":"Bad credentials"   })";
    loopback_server server(ctx.get_executor(), o);
    auto api = plain_client_of(ctx, server.port());
    BOOST_TEST(login(api, automated()).ec == pks::oauth_errc::bad_credentials);
    BOOST_TEST(server.requests() == 1U);
    BOOST_TEST(server.last_request().starts_with("POST /oauth/token HTTP/1.1\r\nHost: 127.0.0.1:"));
    auto const refused = pks::endpoint::parse("http://example.org", 80, pks::allow_plain_http_on_loopback);
    BOOST_TEST(refused.error() == pks::errc::plain_http_refused);
    BOOST_CHECK_THROW(pks::client(ctx.get_executor(), "http://localhost", plane->trust()), boost::system::system_error);
}

BOOST_AUTO_TEST_CASE(holds_replies_to_its_limits)
{
    loopback_server::options o;
    o.does = loopback_server::manner::replying;
    o.reply = "HTTP/1.1 200 \r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
    loopback_server server(ctx.get_executor(), o);
    pks::client_options options("localhost", plane->trust());
    options.api = pks::endpoint::parse("http://localhost", server.port(), pks::allow_plain_http_on_loopback).value();
    options.uaa = options.api;
    options.limits.body = 999;
    pks::client api(ctx.get_executor(), options);
    BOOST_TEST(target(api).ec == pks::errc::body_too_large);
    BOOST_TEST(!diag.reusable);
}

BOOST_AUTO_TEST_SUITE_END()
