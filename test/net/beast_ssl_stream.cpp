// Each operation over beast::ssl_stream<beast::tcp_stream>, against a real server on loopback.
#include <net/installation.hpp>
#include <net/loopback_server.hpp>
#include <net/outcome.hpp>
#include <net/stream_operations.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <openssl/err.h>

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using net_test::ending;
using net_test::loopback_server;
using net_test::run_until;
using net_test::stream_operation;
using net_test::stream_operations;
using pks::error_code;
using stream = beast::ssl_stream<beast::tcp_stream>;

loopback_server::options replying(std::string reply)
{
    loopback_server::options o;
    o.does = loopback_server::manner::replying;
    o.tls = net_test::authority().issue({"localhost"}, {"127.0.0.1"});
    o.reply = std::move(reply);
    return o;
}

struct fixture
{
    fixture() : trust(asio::ssl::context::tls_client)
    {
        trust.add_certificate_authority(asio::buffer(net_test::authority().root_pem()));
        trust.set_verify_mode(asio::ssl::verify_peer);
    }

    // Connected, and shaken hands with.
    std::unique_ptr<stream> connect(loopback_server const& server)
    {
        auto out = std::make_unique<stream>(asio::make_strand(ctx), trust);
        bool done = false;
        error_code failed;
        asio::ip::tcp::endpoint const to(asio::ip::address_v4::loopback(), server.port());
        beast::get_lowest_layer(*out).async_connect(to, [&](error_code ec) {
            failed = ec;
            if (ec) {
                done = true;
                return;
            }
            out->async_handshake(asio::ssl::stream_base::client, [&](error_code e) {
                failed = e;
                done = true;
            });
        });
        BOOST_TEST_REQUIRE(run_until(ctx, [&] { return done; }));
        BOOST_TEST_REQUIRE(!failed);
        return out;
    }

    asio::io_context ctx;
    asio::ssl::context trust;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(beast_ssl_stream, fixture)

BOOST_AUTO_TEST_CASE(carries_each_operation)
{
    for (auto const& what : stream_operations()) {
        BOOST_TEST_CONTEXT(what.name)
        {
            loopback_server server(ctx.get_executor(), replying(what.chunked_reply()));
            auto const s = connect(server);
            // Twice over one connection: the first said that it may carry another.
            for (int i = 0; i < 2; ++i) {
                auto const end = std::make_shared<ending>();
                net_test::start(what, *s, end);
                BOOST_TEST(end->completions == 0);
                BOOST_TEST(run_until(ctx, [&] { return end->completions != 0; }));
                BOOST_TEST(!end->ec);
                BOOST_TEST(end->value == what.value);
                BOOST_TEST(end->diag.reusable);
                BOOST_TEST(end->diag.step == pks::step::done);
                BOOST_TEST(::ERR_peek_error() == 0UL);
            }
            BOOST_TEST(server.connections() == 1U);
            BOOST_TEST(server.requests() == 2U);
            BOOST_TEST(server.last_request().starts_with(what.request_line));
        }
    }
}

BOOST_AUTO_TEST_CASE(is_awaited_and_fulfils_a_future)
{
    auto const& what = stream_operations().front();
    loopback_server server(ctx.get_executor(), replying(what.good_reply()));
    auto const s = connect(server);
    auto ask = [&]() -> asio::awaitable<std::string> {
        auto const info = co_await pks::uaa::async_target(*s, net_test::server());
        co_return net_test::summary(info);
    };
    auto awaited = asio::co_spawn(s->get_executor(), ask, asio::use_future);
    auto const ready = [](auto& future) {
        return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    BOOST_TEST_REQUIRE(run_until(ctx, [&] { return ready(awaited); }));
    BOOST_TEST(awaited.get() == what.value);
    auto future = pks::uaa::async_target(*s, net_test::server(), asio::use_future);
    BOOST_TEST_REQUIRE(run_until(ctx, [&] { return ready(future); }));
    BOOST_TEST(future.get().version == what.value);
}

// The server closes TCP without close_notify: anyone on the path can do that.
BOOST_AUTO_TEST_CASE(an_end_without_close_notify_completes_nothing)
{
    for (auto const& what : stream_operations()) {
        if (!what.may_have_a_body())
            continue;
        BOOST_TEST_CONTEXT(what.name)
        {
            auto options = replying(what.good_head() + "\r\n" + what.body);
            options.then_closes = true;
            loopback_server server(ctx.get_executor(), options);
            auto const s = connect(server);
            auto const end = std::make_shared<ending>();
            net_test::start(what, *s, end);
            BOOST_TEST(run_until(ctx, [&] { return end->completions != 0; }));
            BOOST_TEST(end->ec == pks::errc::truncated);
            BOOST_TEST(end->diag.step == pks::step::read);
            BOOST_TEST(!end->diag.reusable);
            BOOST_TEST(end->value.empty());
            BOOST_TEST(::ERR_peek_error() == 0UL);
            net_test::check_no_secret(*end);
        }
    }
    // Before the reply.
    auto options = replying("");
    options.does = loopback_server::manner::closing;
    loopback_server server(ctx.get_executor(), options);
    auto const s = connect(server);
    auto const end = std::make_shared<ending>();
    net_test::start(stream_operations().front(), *s, end);
    BOOST_TEST(run_until(ctx, [&] { return end->completions != 0; }));
    BOOST_TEST(end->ec == pks::errc::connection_closed);
    BOOST_TEST(::ERR_peek_error() == 0UL);
}

BOOST_AUTO_TEST_CASE(is_cancelled)
{
    for (auto const& what : stream_operations()) {
        for (auto const type : {asio::cancellation_type::terminal, asio::cancellation_type::partial}) {
            auto options = replying("");
            options.does = loopback_server::manner::silent;
            loopback_server server(ctx.get_executor(), options);
            auto const s = connect(server);
            auto const end = std::make_shared<ending>();
            asio::cancellation_signal signal;
            net_test::start(what, *s, end, signal.slot());
            BOOST_TEST(run_until(ctx, [&] { return server.requests() == 1; }));
            BOOST_TEST(end->completions == 0);
            signal.emit(asio::cancellation_type::total);
            signal.emit(type);
            BOOST_TEST(run_until(ctx, [&] { return end->completions != 0; }));
            BOOST_TEST(end->completions == 1);
            BOOST_TEST(end->ec == asio::error::operation_aborted);
            BOOST_TEST(end->diag.step == pks::step::read);
            BOOST_TEST(!end->diag.reusable);
            BOOST_TEST(::ERR_peek_error() == 0UL);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
