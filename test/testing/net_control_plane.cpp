// The control plane over TLS, through the library's own client.
#include <pks/async_bind.hpp>
#include <pks/async_create_cluster.hpp>
#include <pks/async_delete_cluster.hpp>
#include <pks/async_get_cluster.hpp>
#include <pks/async_update_cluster.hpp>
#include <pks/client.hpp>
#include <pks/testing/control_plane.hpp>
#include <pks/testing/manual_clock.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/object.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using pks::testing::control_plane;
using pks::testing::control_plane_options;
using pks::testing::uaa_generation;

pks::testing::signing_key shared_key()
{
    static auto const key = pks::testing::signing_key::generate("key-1");
    return key;
}

control_plane_options options(uaa_generation generation = uaa_generation::v77_18)
{
    control_plane_options out;
    out.generation = generation;
    out.key = shared_key();
    return out;
}

pks::client client_of(asio::any_io_executor ex, control_plane const& plane)
{
    pks::client_options how(plane.api_url(), plane.trust());
    how.uaa = plane.uaa();
    return {ex, how};
}

// Runs a coroutine to its end, then stops the plane and lets everything else end, too.
template <class Body>
void run(asio::io_context& context, control_plane& plane, Body body)
{
    std::exception_ptr failure;
    auto first = body();
    asio::co_spawn(context, std::move(first), [&](std::exception_ptr e) {
        failure = e;
        plane.stop();
    });
    context.run();
    if (failure)
        std::rethrow_exception(failure);
    BOOST_TEST(plane.count().open_connections == 0u);
}

asio::awaitable<std::vector<std::string>> names(pks::client api, pks::credentials with)
{
    co_await api.async_login(std::move(with), asio::use_awaitable);
    auto const clusters = co_await api.async_list_clusters(asio::use_awaitable);
    std::vector<std::string> out;
    for (auto const& c : clusters)
        out.emplace_back(c.name());
    co_return out;
}

std::vector<std::string> list(std::initializer_list<std::string> all)
{
    return all;
}

auto const generations = boost::unit_test::data::make({0, 1});

uaa_generation generation_of(int i)
{
    return i == 0 ? uaa_generation::v4_30 : uaa_generation::v77_18;
}

} // namespace

BOOST_AUTO_TEST_SUITE(testing_control_plane)

BOOST_DATA_TEST_CASE(each_identity_gets_its_clusters, generations, which)
{
    asio::io_context context;
    control_plane plane(context.get_executor(), options(generation_of(which)));
    plane.add_cluster("alpha", "alana");
    plane.add_cluster("beta", "cody");
    auto const ex = asio::any_io_executor(context.get_executor());
    auto body = [&]() -> asio::awaitable<void> {
        auto const by = [&] { return client_of(ex, plane); };
        auto alana = co_await names(by(), pks::password_credentials("alana", pks::secret("alana-password")));
        BOOST_TEST(alana == list({"alpha"}));
        auto cody = co_await names(by(), pks::password_credentials("cody", pks::secret("cody-password")));
        BOOST_TEST(cody == list({"alpha", "beta"}));
        auto rory = co_await names(by(), pks::password_credentials("rory", pks::secret("rory-password")));
        BOOST_TEST(rory == list({"alpha", "beta"}));
        auto automated =
            co_await names(by(), pks::client_credentials("automated-client", pks::secret("automated-secret")));
        BOOST_TEST(automated == list({"alpha", "beta"}));
    };
    run(context, plane, body);
    BOOST_TEST(plane.uaa_requests("/check_token") == 4u);
    BOOST_TEST(plane.api_requests("/v1/clusters") == 4u);
    BOOST_TEST(plane.count().tokens_issued == 4u);
    BOOST_TEST(plane.uaa_requests("/nothing") == 0u);
}

// The operations over one stream of the caller, from creation to deletion.
BOOST_AUTO_TEST_CASE(a_cluster_lives_and_its_effects_are_counted)
{
    asio::io_context context;
    auto how = options();
    auto const clock = std::make_shared<pks::testing::manual_clock>(std::chrono::system_clock::now());
    how.clock = clock;
    how.broker.provisioning = 60s;
    how.broker.update = 30s;
    how.broker.deletion = 20s;
    control_plane plane(context.get_executor(), how);
    auto body = [&]() -> asio::awaitable<void> {
        auto api = client_of(asio::any_io_executor(context.get_executor()), plane);
        auto const users = co_await api.async_login(
            pks::password_credentials("alana", pks::secret("alana-password")), asio::use_awaitable);
        asio::ssl::context trusting(asio::ssl::context::tls_client);
        trusting.add_certificate_authority(asio::buffer(plane.ca_pem()));
        asio::ssl::stream<asio::ip::tcp::socket> stream(context, trusting);
        asio::ip::tcp::endpoint const at(asio::ip::address_v4::loopback(), plane.api_port());
        co_await stream.lowest_layer().async_connect(at, asio::use_awaitable);
        co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
        auto const server = plane.api();

        auto const made = co_await pks::async_create_cluster(stream, server, users,
            pks::cluster_request("alpha", "small", "alpha.example.com").kubernetes_worker_instances(3));
        BOOST_TEST((made.last_action_state() == pks::cluster_state::in_progress));
        BOOST_TEST(made.kubernetes_master_ips().at(0) == "In Progress");
        pks::error_code ec;
        pks::diagnostics diag;
        auto again = asio::redirect_error(asio::use_awaitable, ec);
        auto const same = pks::cluster_request("alpha", "small", "other.example.com");
        co_await pks::async_create_cluster(stream, server, users, same, diag, again);
        BOOST_TEST((ec == pks::api_errc::conflict));
        BOOST_TEST(diag.error_description == "Cluster with that name already exists");
        co_await pks::async_bind(stream, server, users, "alpha", diag, again);
        BOOST_TEST((ec == pks::api_errc::server_error));
        clock->advance(60s);
        auto const there = co_await pks::async_get_cluster(stream, server, users, "alpha");
        BOOST_TEST((there.last_action_state() == pks::cluster_state::succeeded));

        co_await pks::async_update_cluster(
            stream, server, users, "alpha", pks::cluster_update().kubernetes_worker_instances(5), diag);
        BOOST_TEST(diag.http_status == 202);
        BOOST_TEST(diag.reusable);
        clock->advance(30s);
        auto const larger = co_await pks::async_get_cluster(stream, server, users, "alpha");
        BOOST_TEST((larger.last_action() == pks::cluster_action::update));
        BOOST_TEST(larger.parameters().kubernetes_worker_instances().value_or(0) == 5);

        auto const config = co_await pks::async_bind(stream, server, users, "alpha", diag);
        BOOST_TEST(diag.http_status == 201);
        BOOST_TEST(config.clusters().at(0).server == "https://alpha.example.com:8443");
        BOOST_TEST(config.users().at(0).token.reveal().size() == 64U);
        auto const shown =
            co_await pks::async_bind(stream, server, users, pks::binding_request("alpha").user("alana"), diag);
        BOOST_TEST(diag.http_status == 200);
        BOOST_TEST((shown.text() == config.text()));

        co_await pks::async_delete_cluster(stream, server, users, "alpha", diag);
        BOOST_TEST(diag.http_status == 204);
        BOOST_TEST(diag.reusable);
        clock->advance(20s);
        co_await pks::async_get_cluster(stream, server, users, "alpha", diag, again);
        BOOST_TEST((ec == pks::api_errc::not_found));
        BOOST_TEST(diag.error_description == "Cluster alpha not found");
        co_await pks::async_delete_cluster(stream, server, users, "alpha", diag, again);
        BOOST_TEST((ec == pks::api_errc::not_found));
    };
    run(context, plane, body);
    BOOST_TEST((plane.effects("alpha") == pks::testing::cluster_effects{1, 1, 1, 1}));
    BOOST_TEST((plane.effects() == pks::testing::cluster_effects{1, 1, 1, 1}));
    BOOST_TEST((plane.effects("beta") == pks::testing::cluster_effects{}));
    BOOST_TEST(plane.count().api_connections == 1u);
}

BOOST_AUTO_TEST_CASE(the_api_asks_the_uaa_each_time)
{
    asio::io_context context;
    control_plane plane(context.get_executor(), options());
    auto const ex = asio::any_io_executor(context.get_executor());
    auto body = [&]() -> asio::awaitable<void> {
        auto api = client_of(ex, plane);
        co_await api.async_login(
            pks::password_credentials("alana", pks::secret("alana-password")), asio::use_awaitable);
        co_await api.async_list_clusters(asio::use_awaitable);
        plane.revoke_user("alana");
        // The client replaces the token that is refused.
        co_await api.async_list_clusters(asio::use_awaitable);
    };
    run(context, plane, body);
    BOOST_TEST(plane.uaa_requests("/check_token") == 3u);
    BOOST_TEST(plane.count().tokens_issued == 2u);
}

BOOST_AUTO_TEST_CASE(the_api_errs_when_the_uaa_does_not_know_it)
{
    asio::io_context context;
    auto how = options();
    how.api_secret = pks::secret("wrong");
    control_plane plane(context.get_executor(), std::move(how));
    auto const ex = asio::any_io_executor(context.get_executor());
    auto body = [&]() -> asio::awaitable<void> {
        auto api = client_of(ex, plane);
        co_await api.async_login(
            pks::password_credentials("alana", pks::secret("alana-password")), asio::use_awaitable);
        pks::error_code ec;
        co_await api.async_list_clusters(asio::redirect_error(asio::use_awaitable, ec));
        BOOST_TEST((ec == pks::api_errc::server_error));
    };
    run(context, plane, body);
}

BOOST_AUTO_TEST_CASE(told_to_check_offline_it_asks_for_the_keys_alone)
{
    asio::io_context context;
    auto how = options();
    how.checks = pks::validation::offline;
    control_plane plane(context.get_executor(), std::move(how));
    plane.add_cluster("alpha", "alana");
    auto const ex = asio::any_io_executor(context.get_executor());
    auto body = [&]() -> asio::awaitable<void> {
        auto const alana = pks::password_credentials("alana", pks::secret("alana-password"));
        auto api = client_of(ex, plane);
        auto const own = co_await names(api, alana);
        BOOST_TEST(own == list({"alpha"}));
        auto const job = pks::client_credentials("automated-client", pks::secret("automated-secret"));
        auto const all = co_await names(client_of(ex, plane), job);
        BOOST_TEST(all == list({"alpha"}));

        plane.revoke_user("alana");
        auto const clusters = co_await api.async_list_clusters(asio::use_awaitable);
        BOOST_TEST(clusters.size() == 1u, "a revoked token is accepted until it expires");

        plane.rotate_key(pks::testing::signing_key::generate("key-2"));
        auto const by_new_key = co_await names(client_of(ex, plane), job);
        BOOST_TEST(by_new_key == list({"alpha"}));

        auto opaque = job;
        opaque.token_format(pks::token_format::opaque);
        auto other = client_of(ex, plane);
        co_await other.async_login(opaque, asio::use_awaitable);
        pks::error_code ec;
        co_await other.async_list_clusters(asio::redirect_error(asio::use_awaitable, ec));
        BOOST_TEST((ec == pks::api_errc::invalid_token));
    };
    run(context, plane, body);
    BOOST_TEST(plane.uaa_requests("/check_token") == 0u);
    BOOST_TEST(plane.uaa_requests("/token_keys") == 2u);
}

// Sent as it stands, because no client of this library would.
asio::awaitable<std::string> raw_exchange(asio::any_io_executor ex, control_plane const& plane, std::string octets)
{
    asio::ssl::context trust(asio::ssl::context::tls_client);
    trust.add_certificate_authority(asio::buffer(plane.ca_pem()));
    asio::ssl::stream<asio::ip::tcp::socket> stream(ex, trust);
    asio::ip::tcp::endpoint const where(asio::ip::address_v4::loopback(), plane.api_port());
    co_await stream.next_layer().async_connect(where, asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_await asio::async_write(stream, asio::buffer(octets), asio::use_awaitable);
    std::string reply;
    pks::error_code ec;
    co_await asio::async_read(stream, asio::dynamic_buffer(reply), asio::redirect_error(asio::use_awaitable, ec));
    co_return reply;
}

BOOST_AUTO_TEST_CASE(o13_what_is_no_bearer_request_is_refused)
{
    asio::io_context context;
    control_plane plane(context.get_executor(), options());
    auto const ex = asio::any_io_executor(context.get_executor());
    auto body = [&]() -> asio::awaitable<void> {
        std::string const rest = "Host: localhost\r\nConnection: close\r\n";
        std::string const bearer = "Authorization: Bearer abc\r\n";
        auto const none = co_await raw_exchange(ex, plane, "GET /v1/clusters HTTP/1.1\r\n" + rest + "\r\n");
        BOOST_TEST(none.starts_with("HTTP/1.1 401 Unauthorized\r\n"), none);
        auto const twice =
            co_await raw_exchange(ex, plane, "GET /v1/clusters HTTP/1.1\r\n" + rest + bearer + bearer + "\r\n");
        BOOST_TEST(twice.starts_with("HTTP/1.1 400 Bad Request\r\n"), twice);
        auto const query =
            co_await raw_exchange(ex, plane, "GET /v1/clusters?access_token=abc HTTP/1.1\r\n" + rest + bearer + "\r\n");
        BOOST_TEST(query.starts_with("HTTP/1.1 400 Bad Request\r\n"), query);
        auto const basic = co_await raw_exchange(
            ex, plane, "GET /v1/clusters HTTP/1.1\r\n" + rest + "Authorization: Basic YTpi\r\n\r\n");
        BOOST_TEST(basic.starts_with("HTTP/1.1 401 Unauthorized\r\n"), basic);
        auto const open =
            co_await raw_exchange(ex, plane, "GET /actuator/health HTTP/1.1\r\n" + rest + bearer + bearer + "\r\n");
        BOOST_TEST(open.starts_with("HTTP/1.1 200 OK\r\n"), open);
    };
    run(context, plane, body);
    BOOST_TEST(plane.uaa_requests("/check_token") == 0u);
}

BOOST_AUTO_TEST_CASE(the_injected_clock_decides)
{
    asio::io_context context;
    auto const clock = std::make_shared<pks::testing::manual_clock>();
    auto how = options();
    how.clock = clock;
    control_plane plane(context.get_executor(), std::move(how));
    auto const ex = asio::any_io_executor(context.get_executor());
    auto body = [&]() -> asio::awaitable<void> {
        auto api = client_of(ex, plane);
        co_await api.async_login(
            pks::password_credentials("alana", pks::secret("alana-password")), asio::use_awaitable);
        auto const token = api.cached_token();
        BOOST_TEST_REQUIRE(!!token);
        clock->advance(600s);
        auto const said = co_await raw_exchange(ex, plane,
            "GET /v1/clusters HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " +
                std::string(token->value().reveal()) + "\r\n\r\n");
        BOOST_TEST(said.starts_with("HTTP/1.1 401 "), said);
        BOOST_TEST(said.find("Token has expired") != std::string::npos, said);
    };
    run(context, plane, body);
}

BOOST_AUTO_TEST_CASE(people_and_clients_come_and_go)
{
    asio::io_context context;
    control_plane plane(context.get_executor(), options());
    plane.add_user({.name = "new", .password = "pw", .email = "new@example.org", .groups = {"pks.clusters.manage"}});
    plane.add_client(
        {.id = "job", .secrets = {"s"}, .grants = {"client_credentials"}, .authorities = {"pks.clusters.admin"}});
    auto const ex = asio::any_io_executor(context.get_executor());
    auto body = [&]() -> asio::awaitable<void> {
        auto api = client_of(ex, plane);
        co_await api.async_login(pks::password_credentials("new", pks::secret("pw")), asio::use_awaitable);
        co_await api.async_login(pks::client_credentials("job", pks::secret("s")), asio::use_awaitable);
        BOOST_TEST(plane.remove_user("new"));
        BOOST_TEST(plane.remove_client("job"));
        pks::error_code ec;
        co_await api.async_login(
            pks::password_credentials("new", pks::secret("pw")), asio::redirect_error(asio::use_awaitable, ec));
        BOOST_TEST((ec == pks::condition::unauthorized));
        plane.lock_user("alana");
        auto with = pks::password_credentials("alana", pks::secret("alana-password"));
        co_await api.async_login(std::move(with), asio::redirect_error(asio::use_awaitable, ec));
        BOOST_TEST((ec == pks::oauth_errc::account_locked));
    };
    run(context, plane, body);
}

BOOST_DATA_TEST_CASE(every_grant_of_the_library_is_there, generations, which)
{
    using pks::client_authentication;
    using pks::secret;
    asio::io_context context;
    control_plane plane(context.get_executor(), options(generation_of(which)));
    plane.add_client({.id = "app",
        .secrets = {"s"},
        .grants = {"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
        .scope = {"openid", "pks.clusters.manage"}});
    plane.add_client({.id = "signing",
        .secrets = {},
        .grants = {"client_credentials"},
        .authorities = {"pks.clusters.admin"},
        .assertion_keys = {shared_key()}});
    auto const ex = asio::any_io_executor(context.get_executor());
    auto const now = std::chrono::system_clock::now();
    auto body = [&]() -> asio::awaitable<void> {
        auto const get = [&](pks::credentials with) {
            pks::client_options how(plane.api_url(), plane.trust());
            how.uaa = plane.uaa();
            how.login = std::move(with);
            return pks::client(ex, how);
        };
        auto const app = client_authentication::automatic("app", secret("s"));

        auto user = get(pks::password_credentials("alana", secret("alana-password")));
        auto const token = co_await user.async_get_token(asio::use_awaitable);
        auto refreshing = get(pks::refresh_token_credentials(*token.refresh_token()));
        auto const refreshed = co_await refreshing.async_get_token(asio::use_awaitable);
        BOOST_TEST(refreshed.scope() == token.scope());

        std::string code;
        std::string passcode;
        plane.with_uaa([&](pks::testing::uaa_server& uaa) {
            pks::testing::one_time_code what;
            what.user_id = uaa.directory().find_user("alana")->id;
            what.client_id = "app";
            what.scope = {"pks.clusters.manage"};
            // RFC 7636, appendix B.
            what.code_challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
            code = uaa.issue_code(what, now);
            passcode = uaa.issue_passcode("alana", now);
        });
        auto coded = get(pks::authorization_code_credentials(
            app, secret(code), "", secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")));
        auto const by_code = co_await coded.async_get_token(asio::use_awaitable);
        BOOST_TEST(by_code.scope() == token.scope());

        auto single = get(pks::passcode_credentials(secret(passcode)));
        auto const by_passcode = co_await single.async_get_token(asio::use_awaitable);
        BOOST_TEST(by_passcode.scope() == token.scope());

        auto bearing = get(pks::jwt_bearer_credentials(app, token.value()));
        auto const by_assertion = co_await bearing.async_get_token(asio::use_awaitable);
        BOOST_TEST(by_assertion.scope().size() == 2u);

        boost::json::object const header{{"alg", "RS256"}, {"kid", shared_key().kid()}, {"typ", "JWT"}};
        auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
        boost::json::object const claims{
            {"iss", "signing"}, {"sub", "signing"}, {"aud", plane.uaa_url() + "/oauth/token"}, {"exp", seconds + 60}};
        auto const assertion = pks::testing::token_issuer::sign(header, claims, shared_key());
        auto with = pks::client_credentials("", secret(""));
        with.client(client_authentication::assertion(secret(assertion)));
        auto signing = get(std::move(with));
        pks::error_code ec;
        auto const by_key = co_await signing.async_get_token(asio::redirect_error(asio::use_awaitable, ec));
        // 4.30.0 knows no client assertions.
        BOOST_TEST((which == 0 ? ec == pks::condition::unauthorized : !ec), ec.message());
        BOOST_TEST(by_key.scope().size() == (which == 0 ? 0u : 1u));
    };
    run(context, plane, body);
}

BOOST_AUTO_TEST_CASE(another_authority_is_not_trusted)
{
    asio::io_context context;
    control_plane plane(context.get_executor(), options());
    auto const ex = asio::any_io_executor(context.get_executor());
    auto body = [&]() -> asio::awaitable<void> {
        pks::testing::certificate_authority const other;
        pks::client_options how(plane.api_url(), pks::trust::pem(other.root_pem()));
        how.uaa = plane.uaa();
        pks::client api(ex, how);
        pks::error_code ec;
        co_await api.async_target(asio::redirect_error(asio::use_awaitable, ec));
        BOOST_TEST((ec == pks::condition::untrusted));
    };
    run(context, plane, body);
    BOOST_TEST(plane.uaa_requests("/login") == 0u);
}

BOOST_AUTO_TEST_CASE(many_threads_may_use_it_at_once)
{
    asio::io_context context(4);
    control_plane plane(context.get_executor(), options());
    plane.add_cluster("alpha", "alana");
    auto const ex = asio::any_io_executor(context.get_executor());
    std::atomic<int> left{40};
    std::atomic<int> failed{0};
    auto one = [&]() -> asio::awaitable<void> {
        auto api = client_of(ex, plane);
        auto got = co_await names(std::move(api), pks::password_credentials("alana", pks::secret("alana-password")));
        if (got.size() != 1)
            ++failed;
    };
    for (int i = 0; i < 40; ++i) {
        auto work = one();
        asio::co_spawn(ex, std::move(work), [&](std::exception_ptr e) {
            failed += e ? 1 : 0;
            if (--left == 0)
                plane.stop();
        });
    }
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&context] { context.run(); });
    for (int i = 0; i < 100; ++i) {
        plane.count();
        plane.add_cluster("other", "cody");
    }
    threads.clear();
    BOOST_TEST(failed == 0);
    BOOST_TEST(plane.count().open_connections == 0u);
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_refused)
{
    asio::io_context context;
    control_plane plane(context.get_executor(), options());
    auto how = options();
    how.uaa_port = plane.uaa_port();
    BOOST_CHECK_THROW(control_plane(context.get_executor(), how), boost::system::system_error);
    plane.stop();
    context.run();
}

// However far the server has got with its connection, a client of the replica is reset; one of the other is not.
BOOST_AUTO_TEST_CASE(a_replica_is_cut_off)
{
    asio::io_context context;
    control_plane plane(context.get_executor(), options());
    auto const number = plane.add_replica();
    auto const run_until = [&](auto const& done) {
        for (auto const end = std::chrono::steady_clock::now() + 20s;
            !done() && std::chrono::steady_clock::now() < end;)
            context.run_one_until(end);
        BOOST_TEST_REQUIRE(done());
    };
    auto const connected_to = [&](std::uint16_t port) {
        asio::ip::tcp::socket out(context);
        out.connect({asio::ip::make_address("127.0.0.1"), port});
        return out;
    };
    auto other = connected_to(plane.api_port());
    auto served = connected_to(plane.uaa_port(number));
    run_until([&] { return plane.count().open_connections == 2u; });
    // When the first of these is served, the next is accepted already, and the last waits for that.
    asio::ip::tcp::socket late[] = {connected_to(plane.api_port(number)), connected_to(plane.api_port(number)),
        connected_to(plane.api_port(number))};
    run_until([&] { return plane.count().api_connections >= 2u; });
    BOOST_TEST_REQUIRE(plane.count().api_connections == 2u);

    plane.cut_off(number);
    char octet = 0;
    for (auto* const socket : {&served, &late[0], &late[1], &late[2]}) {
        pks::error_code got;
        socket->async_read_some(asio::buffer(&octet, 1), [&got](pks::error_code ec, std::size_t) { got = ec; });
        run_until([&got] { return got.failed(); });
        BOOST_TEST(got == asio::error::connection_reset);
    }
    run_until([&] { return plane.count().open_connections == 1u; });
    pks::error_code got;
    served = asio::ip::tcp::socket(context);
    served.connect({asio::ip::make_address("127.0.0.1"), plane.uaa_port(number)}, got);
    BOOST_TEST(got == asio::error::connection_refused);
    context.poll();
    other.non_blocking(true);
    other.read_some(asio::buffer(&octet, 1), got);
    BOOST_TEST(got == asio::error::would_block);

    plane.stop();
    context.run();
    BOOST_TEST(plane.count().open_connections == 0u);
}

BOOST_AUTO_TEST_CASE(it_may_go_before_its_sessions_end)
{
    asio::io_context context;
    auto plane = std::make_unique<control_plane>(context.get_executor(), options());
    auto const address = plane->uaa_url();
    pks::client_options how(plane->api_url(), plane->trust());
    how.uaa = plane->uaa();
    pks::client api(context.get_executor(), how);
    pks::error_code got;
    auto body = [&]() -> asio::awaitable<void> {
        co_await api.async_target(asio::redirect_error(asio::use_awaitable, got));
        plane.reset();
        co_await api.async_target(asio::redirect_error(asio::use_awaitable, got));
    };
    auto first = body();
    asio::co_spawn(context, std::move(first), asio::detached);
    context.run();
    BOOST_TEST((got == asio::error::connection_refused || got == asio::error::connection_reset ||
        got == asio::error::eof || got == pks::errc::connection_closed));
}

BOOST_AUTO_TEST_SUITE_END()
