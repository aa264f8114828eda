// Each operation over beast::test::stream: with each kind of completion token, on the handler's executor, with its
// allocator.
#include <net/counting_allocator.hpp>
#include <net/outcome.hpp>
#include <net/stream_operations.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
using boost::beast::test::connect;
using net_test::balance;
using net_test::counting_allocator;
using net_test::summary;
using pks::error_code;
using test_stream = boost::beast::test::stream;

pks::client_authentication as()
{
    return pks::client_authentication::basic("automated-client", pks::secret(net_test::client_secret));
}

pks::credentials automated()
{
    return pks::client_credentials("automated-client", pks::secret(net_test::client_secret));
}

pks::credentials alana()
{
    return pks::password_credentials("alana", pks::secret(net_test::users_password));
}

// A stream whose peer has answered already, and sees what was sent.
struct fixture
{
    std::string const& good(std::size_t operation)
    {
        auto const& what = net_test::stream_operations()[operation];
        stream.append(what.chunked_reply());
        value = what.value;
        request_line = what.request_line;
        return value;
    }
    void check_sent()
    {
        auto const sent = peer.str();
        BOOST_TEST(sent.starts_with(request_line));
        peer.clear();
    }

    asio::io_context ctx;
    test_stream stream{ctx};
    test_stream peer{connect(stream)};
    std::string value;
    std::string request_line;
};

// The order of net_test::stream_operations().
enum operation : std::size_t {
    target,
    get_token,
    check_token,
    token_keys,
    login,
    list_clusters,
    get_cluster,
    create_cluster,
    update_cluster,
    delete_cluster,
    binding,
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(beast_test_stream, fixture)

BOOST_AUTO_TEST_CASE(is_awaited)
{
    auto const subject = pks::secret(net_test::subject_token);
    auto const& server = net_test::server();
    int done = 0;
    auto run = [&]() -> asio::awaitable<void> {
        good(target);
        auto const info = co_await pks::uaa::async_target(stream, server);
        BOOST_TEST(summary(info) == value);
        check_sent();
        good(get_token);
        auto const with = automated();
        auto const token = co_await pks::uaa::async_get_token(stream, server, with);
        BOOST_TEST(summary(token) == value);
        check_sent();
        good(check_token);
        auto const client = as();
        auto const claims = co_await pks::uaa::async_check_token(stream, server, client, subject);
        BOOST_TEST(summary(claims) == value);
        check_sent();
        good(token_keys);
        auto const keys = co_await pks::uaa::async_token_keys(stream, server, std::string());
        BOOST_TEST(summary(keys) == value);
        check_sent();
        good(login);
        auto const user = alana();
        auto const users = co_await pks::async_login(stream, server, user);
        BOOST_TEST(summary(users) == value);
        check_sent();
        good(list_clusters);
        auto const clusters = co_await pks::async_list_clusters(stream, server, users);
        BOOST_TEST(summary(clusters) == value);
        check_sent();
        good(get_cluster);
        auto const one = co_await pks::async_get_cluster(stream, server, users, "my cluster");
        BOOST_TEST(summary(one) == value);
        check_sent();
        good(create_cluster);
        auto const request = net_test::alpha();
        auto const made = co_await pks::async_create_cluster(stream, server, users, request);
        BOOST_TEST(summary(made) == value);
        check_sent();
        // Temporaries that are no aggregates are safe.
        good(create_cluster);
        auto const other = co_await pks::async_create_cluster(stream, server, users,
            pks::cluster_request("alpha", "small", "h").kubernetes_worker_instances(3).network_profile_name("np"));
        BOOST_TEST(summary(other) == value);
        check_sent();
        good(update_cluster);
        co_await pks::async_update_cluster(
            stream, server, users, "alpha", pks::cluster_update().kubernetes_worker_instances(5));
        check_sent();
        good(delete_cluster);
        co_await pks::async_delete_cluster(stream, server, users, "alpha");
        check_sent();
        good(binding);
        auto const config = co_await pks::async_bind(stream, server, users, "alpha");
        BOOST_TEST(summary(config) == value);
        check_sent();
        ++done;
    };
    asio::co_spawn(ctx, run, asio::detached);
    ctx.run();
    BOOST_TEST(done == 1);
}

BOOST_AUTO_TEST_CASE(is_awaited_with_diagnostics)
{
    pks::diagnostics diag;
    error_code seen;
    auto run = [&]() -> asio::awaitable<void> {
        stream.append("HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n");
        try {
            co_await pks::uaa::async_target(stream, net_test::server(), diag);
        } catch (boost::system::system_error const& e) {
            seen = e.code();
        }
    };
    asio::co_spawn(ctx, run, asio::detached);
    ctx.run();
    BOOST_TEST(seen == pks::oauth_errc::not_found);
    BOOST_TEST(diag.http_status == 404);
    BOOST_TEST(diag.step == pks::step::done);
}

BOOST_AUTO_TEST_CASE(fulfils_a_future)
{
    auto const run = [this] {
        ctx.restart();
        ctx.run();
    };
    auto const& server = net_test::server();
    good(target);
    auto info = pks::uaa::async_target(stream, server, asio::use_future);
    run();
    BOOST_TEST(summary(info.get()) == value);
    good(get_token);
    auto token = pks::uaa::async_get_token(stream, server, automated(), asio::use_future);
    run();
    BOOST_TEST(summary(token.get()) == value);
    good(check_token);
    auto claims =
        pks::uaa::async_check_token(stream, server, as(), pks::secret(net_test::subject_token), asio::use_future);
    run();
    BOOST_TEST(summary(claims.get()) == value);
    good(token_keys);
    auto keys = pks::uaa::async_token_keys(stream, server, std::string(), asio::use_future);
    run();
    BOOST_TEST(summary(keys.get()) == value);
    good(login);
    auto users = pks::async_login(stream, server, alana(), asio::use_future);
    run();
    BOOST_TEST(summary(users.get()) == value);
    good(list_clusters);
    auto clusters = pks::async_list_clusters(stream, server, net_test::bearer(), asio::use_future);
    run();
    BOOST_TEST(summary(clusters.get()) == value);
    good(get_cluster);
    auto one = pks::async_get_cluster(stream, server, net_test::bearer(), "my cluster", asio::use_future);
    run();
    BOOST_TEST(summary(one.get()) == value);
    good(create_cluster);
    auto made = pks::async_create_cluster(stream, server, net_test::bearer(), net_test::alpha(), asio::use_future);
    run();
    BOOST_TEST(summary(made.get()) == value);
    good(update_cluster);
    auto changed = pks::async_update_cluster(
        stream, server, net_test::bearer(), "alpha", net_test::five_workers(), asio::use_future);
    run();
    BOOST_TEST(summary(changed.get()) == value);
    good(delete_cluster);
    auto removed = pks::async_delete_cluster(stream, server, net_test::bearer(), "alpha", asio::use_future);
    run();
    BOOST_TEST(summary(removed.get()) == value);
    good(binding);
    auto config = pks::async_bind(stream, server, net_test::bearer(), "alpha", asio::use_future);
    run();
    BOOST_TEST(summary(config.get()) == value);

    stream.append("HTTP/1.1 401 \r\nContent-Length: 0\r\n\r\n");
    auto refused = pks::async_list_clusters(stream, server, net_test::bearer(), asio::use_future);
    run();
    auto const is_refusal = [](boost::system::system_error const& e) {
        return e.code() == pks::api_errc::unauthorized;
    };
    BOOST_CHECK_EXCEPTION(refused.get(), boost::system::system_error, is_refusal);
}

BOOST_AUTO_TEST_CASE(completes_on_the_handlers_executor_with_its_allocator)
{
    asio::io_context users;
    balance b;
    int completions = 0;
    auto const note = [&](auto const& got) {
        ++completions;
        BOOST_TEST(users.get_executor().running_in_this_thread());
        BOOST_TEST(b.live == 0U);
        BOOST_TEST(summary(got) == value);
    };
    auto const bound = [&](auto handler) {
        return asio::bind_executor(users, asio::bind_allocator(counting_allocator<void*>(&b), std::move(handler)));
    };
    auto const run = [&] {
        BOOST_TEST(b.allocations > 0U);
        ctx.restart();
        ctx.run();
        users.restart();
        BOOST_TEST(users.run() != 0U);
        check_sent();
        b = balance();
    };
    auto const& server = net_test::server();
    good(target);
    pks::uaa::async_target(stream, server, bound([&](error_code, pks::target_info got) { note(got); }));
    run();
    good(get_token);
    pks::uaa::async_get_token(
        stream, server, automated(), bound([&](error_code, pks::access_token got) { note(got); }));
    run();
    good(check_token);
    pks::uaa::async_check_token(stream, server, as(), pks::secret(net_test::subject_token),
        bound([&](error_code, pks::token_claims got) { note(got); }));
    run();
    good(token_keys);
    pks::uaa::async_token_keys(
        stream, server, std::string(), bound([&](error_code, pks::token_keys got) { note(got); }));
    run();
    good(login);
    pks::async_login(stream, server, alana(), bound([&](error_code, pks::access_token got) { note(got); }));
    run();
    good(list_clusters);
    pks::async_list_clusters(
        stream, server, net_test::bearer(), bound([&](error_code, pks::cluster_list got) { note(got); }));
    run();
    auto const token = net_test::bearer();
    good(get_cluster);
    pks::async_get_cluster(
        stream, server, token, "my cluster", bound([&](error_code, pks::cluster got) { note(got); }));
    run();
    good(create_cluster);
    pks::async_create_cluster(
        stream, server, token, net_test::alpha(), bound([&](error_code, pks::cluster got) { note(got); }));
    run();
    good(update_cluster);
    pks::async_update_cluster(stream, server, token, "alpha", net_test::five_workers(),
        bound([&](error_code, pks::accepted got) { note(got); }));
    run();
    good(delete_cluster);
    pks::async_delete_cluster(stream, server, token, "alpha", bound([&](error_code, pks::accepted got) { note(got); }));
    run();
    good(binding);
    pks::async_bind(stream, server, token, "alpha", bound([&](error_code, pks::kubeconfig got) { note(got); }));
    run();
    BOOST_TEST(completions == 11);
}

BOOST_AUTO_TEST_CASE(sees_the_end_that_the_peer_makes)
{
    auto const end = std::make_shared<net_test::ending>();
    net_test::start(net_test::stream_operations()[target], stream, end);
    ctx.poll();
    BOOST_TEST(end->completions == 0);
    peer.close();
    ctx.restart();
    ctx.run();
    BOOST_TEST(end->completions == 1);
    BOOST_TEST(end->ec == pks::errc::connection_closed);
}

// Beast's own way to fail: the n-th step.
BOOST_AUTO_TEST_CASE(fails_at_each_step_that_beast_counts)
{
    for (std::size_t n = 1; n < 4; ++n) {
        asio::io_context own;
        boost::beast::test::fail_count count(n);
        test_stream failing(own, count);
        auto const other = connect(failing);
        failing.append(net_test::stream_operations()[target].good_reply());
        auto const end = std::make_shared<net_test::ending>();
        net_test::start(net_test::stream_operations()[target], failing, end);
        own.run();
        BOOST_TEST(end->completions == 1);
        if (n < 3)
            BOOST_TEST(end->ec == error_code(boost::beast::test::error::test_failure));
        else
            BOOST_TEST(!end->ec);
        BOOST_TEST(end->diag.step == (n == 1 ? pks::step::write : n == 2 ? pks::step::read : pks::step::done));
    }
}

BOOST_AUTO_TEST_SUITE_END()
