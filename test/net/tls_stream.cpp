// net/tls_stream.hpp, against Asio's stream as the server.
#include <net/awaiting.hpp>
#include <net/installation.hpp>

#include <pks/net/tls_stream.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace net = pks::net;
using asio::ip::tcp;
using net_test::awaiting;
using pks::error_code;

enum class action {
    handshake,
    write,
    read,
};

class step final : public net::io_step
{
public:
    step(net::tls_stream& stream, action what, asio::const_buffer from, asio::mutable_buffer into)
        : stream_(stream), what_(what), from_(from), into_(into)
    {}

    bool ends_at_once(error_code& ec, std::size_t& n) override
    {
        switch (what_) {
        case action::handshake:
            return stream_.shake_hands_at_once(ec);
        case action::write:
            return stream_.write_at_once(from_, ec, n);
        default:
            return stream_.read_at_once(into_, ec, n);
        }
    }
    void start(net::io_handler then) override
    {
        switch (what_) {
        case action::handshake:
            return stream_.start_handshake(std::move(then));
        case action::write:
            return stream_.start_write(from_, std::move(then));
        default:
            return stream_.start_read(into_, std::move(then));
        }
    }

private:
    net::tls_stream& stream_;
    action what_;
    asio::const_buffer from_;
    asio::mutable_buffer into_;
};

// A client that has shaken hands with a server on the same context, unless it was asked not to.
struct pair
{
    explicit pair(bool with_handshake = true, int version = TLS1_3_VERSION)
        : served(ctx, server_context()), socket(ctx), trusting(asio::ssl::context::tls_client)
    {
        tcp::acceptor acceptor(ctx, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        socket.connect(acceptor.local_endpoint());
        acceptor.accept(served.next_layer());
        ::SSL_set_min_proto_version(served.native_handle(), version);
        ::SSL_set_max_proto_version(served.native_handle(), version);
        trusting.add_certificate_authority(asio::buffer(net_test::authority().root_pem()));
        trusting.set_verify_mode(asio::ssl::verify_peer);
        client.emplace(socket, trusting);
        if (!with_handshake)
            return;
        bool accepted = false;
        served.async_handshake(asio::ssl::stream_base::server, [&accepted](error_code e) { accepted = !e; });
        BOOST_TEST(!at_once(action::handshake));
        ctx.run();
        BOOST_TEST_REQUIRE(accepted);
        BOOST_TEST_REQUIRE(who.completions == 1);
        BOOST_TEST_REQUIRE(!who.outcome);
        who.completions = 0;
        ctx.restart();
    }

    static asio::ssl::context& server_context()
    {
        static asio::ssl::context one = [] {
            pks::testing::certificate_request what;
            what.ip_addresses = {"127.0.0.1"};
            auto const identity = net_test::authority().issue(what);
            asio::ssl::context made(asio::ssl::context::tls_server);
            made.use_certificate_chain(asio::buffer(identity.certificate));
            made.use_private_key(asio::buffer(identity.private_key), asio::ssl::context::pem);
            return made;
        }();
        return one;
    }

    // Whether it ended so. If not, `who` awaits it.
    bool at_once(action what, asio::const_buffer from = {}, asio::mutable_buffer into = {})
    {
        under_way.emplace(*client, what, from, into);
        count = 0;
        if (under_way->ends_at_once(ec, count))
            return true;
        who.start(*under_way);
        return false;
    }
    bool read_at_once()
    {
        return at_once(action::read, {}, asio::buffer(piece));
    }
    void serve(std::string const& text)
    {
        asio::write(served, asio::buffer(text));
    }
    // What `who` gets, once.
    error_code finish()
    {
        ctx.run();
        ctx.restart();
        BOOST_TEST(who.completions == 1);
        who.completions = 0;
        return who.outcome;
    }

    asio::io_context ctx;
    asio::ssl::stream<tcp::socket> served;
    tcp::socket socket;
    asio::ssl::context trusting;
    std::optional<net::tls_stream> client;
    std::optional<step> under_way;
    awaiting who;
    error_code ec;
    std::size_t count = 0;
    char piece[1024] = {};
};

// For whoever shares the thread.
void check_queue_is_empty()
{
    BOOST_TEST(::ERR_peek_error() == 0UL);
}

} // namespace

BOOST_AUTO_TEST_SUITE(net_tls_stream)

BOOST_AUTO_TEST_CASE(a_short_write_waits_for_nothing)
{
    pair p;
    std::string const text = "GET / HTTP/1.1\r\n\r\n";
    BOOST_TEST(p.at_once(action::write, asio::buffer(text)));
    BOOST_TEST(!p.ec);
    BOOST_TEST(p.count == text.size());
    std::string got(text.size(), '\0');
    asio::read(p.served, asio::buffer(got));
    BOOST_TEST(got == text);
}

BOOST_AUTO_TEST_CASE(of_two_records_that_come_together_nobody_waits_for_the_second)
{
    pair p;
    BOOST_TEST(!p.read_at_once());
    p.serve("first");
    p.serve("second");
    BOOST_TEST(!p.finish());
    BOOST_TEST(std::string(p.piece, p.who.count) == "first");
    BOOST_TEST(p.read_at_once());
    BOOST_TEST(!p.ec);
    BOOST_TEST(std::string(p.piece, p.count) == "second");
    BOOST_TEST(!p.read_at_once());
    p.who.stop.emit(asio::cancellation_type::terminal);
    BOOST_TEST(p.finish() == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(whatever_is_started_need_not_be_asked_for_before)
{
    pair p(false);
    auto const start = [&p](action what, asio::const_buffer from = {}) {
        p.who.start(p.under_way.emplace(*p.client, what, from, asio::buffer(p.piece)));
    };
    bool accepted = false;
    p.served.async_handshake(asio::ssl::stream_base::server, [&accepted](error_code e) { accepted = !e; });
    start(action::handshake);
    BOOST_TEST(p.who.completions == 0);
    BOOST_TEST(!p.finish());
    BOOST_TEST(accepted);

    start(action::write, asio::buffer("question", 8));
    BOOST_TEST(p.who.completions == 0);
    BOOST_TEST(!p.finish());
    BOOST_TEST(p.who.count == 8U);
    std::string got(8, '\0');
    asio::read(p.served, asio::buffer(got));
    BOOST_TEST(got == "question");

    // The second is at hand when it is started.
    p.serve("first");
    p.serve("second");
    for (std::string const text : {"first", "second"}) {
        start(action::read);
        BOOST_TEST(p.who.completions == 0);
        BOOST_TEST(!p.finish());
        BOOST_TEST(std::string(p.piece, p.who.count) == text);
    }

    // What was asked for last, and not started, is nothing to what is started now.
    p.serve("third");
    error_code ec;
    std::size_t n = 0;
    BOOST_TEST(!p.client->read_at_once(asio::buffer(p.piece), ec, n));
    start(action::write, asio::buffer("another", 7));
    BOOST_TEST(!p.finish());
    BOOST_TEST(p.who.count == 7U);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_the_socket_waits_and_arrives_whole)
{
    pair p;
    std::string text(std::size_t(8) << 20, '\0');
    for (std::size_t i = 0; i != text.size(); ++i)
        text[i] = static_cast<char>(i * 31 + i / 251);
    std::string got(text.size(), '\0');
    std::size_t received = 0;
    bool waited = false;
    for (std::size_t sent = 0; sent != text.size();) {
        if (p.at_once(action::write, asio::buffer(text) + sent)) {
            BOOST_TEST_REQUIRE(!p.ec);
            sent += p.count;
            continue;
        }
        // Only now, so that the socket was full.
        if (!std::exchange(waited, true))
            asio::async_read(p.served, asio::buffer(got), [&received](error_code, std::size_t n) { received = n; });
        while (p.who.completions == 0)
            p.ctx.run_one();
        p.who.completions = 0;
        BOOST_TEST_REQUIRE(!p.who.outcome);
        sent += p.who.count;
    }
    p.ctx.run();
    BOOST_TEST(waited);
    BOOST_TEST(received == text.size());
    BOOST_TEST((got == text));
}

BOOST_AUTO_TEST_CASE(an_end_with_close_notify_is_one)
{
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        pair p(true, version);
        BOOST_TEST(!p.read_at_once());
        p.served.async_shutdown([](error_code) {});
        while (p.who.completions == 0)
            p.ctx.run_one();
        p.who.completions = 0;
        BOOST_TEST(p.who.outcome == asio::error::eof);
        check_queue_is_empty();
    }
}

BOOST_AUTO_TEST_CASE(an_end_without_is_a_truncation)
{
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        pair p(true, version);
        BOOST_TEST(!p.read_at_once());
        p.served.next_layer().shutdown(tcp::socket::shutdown_send);
        BOOST_TEST(p.finish() == asio::ssl::error::stream_truncated);
        check_queue_is_empty();
    }
}

BOOST_AUTO_TEST_CASE(so_it_is_in_the_handshake)
{
    pair p(false);
    BOOST_TEST(!p.at_once(action::handshake));
    p.served.next_layer().shutdown(tcp::socket::shutdown_send);
    BOOST_TEST(p.finish() == asio::ssl::error::stream_truncated);
    check_queue_is_empty();
}

BOOST_AUTO_TEST_CASE(a_reset_is_the_sockets_own_error)
{
    for (bool const shaken : {false, true}) {
        pair p(shaken);
        if (shaken)
            BOOST_TEST(!p.read_at_once());
        else
            BOOST_TEST(!p.at_once(action::handshake));
        p.served.next_layer().set_option(tcp::socket::linger(true, 0));
        p.served.next_layer().close();
        BOOST_TEST(p.finish() == asio::error::connection_reset);
        check_queue_is_empty();
    }
}

BOOST_AUTO_TEST_CASE(after_a_write_that_fails_what_came_can_be_read)
{
    pair p;
    p.serve("refused");
    p.socket.shutdown(tcp::socket::shutdown_send);
    BOOST_TEST(p.at_once(action::write, asio::buffer("request", 7)));
    BOOST_TEST(p.ec == asio::error::broken_pipe);
    BOOST_TEST(p.count == 0U);
    check_queue_is_empty();
    BOOST_TEST(!p.read_at_once());
    BOOST_TEST(!p.finish());
    BOOST_TEST(std::string(p.piece, p.who.count) == "refused");
}

BOOST_AUTO_TEST_CASE(what_is_no_record_is_an_error_of_openssl)
{
    pair p;
    BOOST_TEST(!p.read_at_once());
    asio::write(p.served.next_layer(), asio::buffer("HTTP/1.1 400 Bad Request\r\n\r\n", 28));
    BOOST_TEST((p.finish().category() == asio::error::get_ssl_category()));
    check_queue_is_empty();
}

BOOST_AUTO_TEST_CASE(what_others_left_in_the_queue_is_no_failure_of_this)
{
    pair p;
    BOOST_TEST(!p.read_at_once());
    p.serve("text");
    ERR_raise(ERR_LIB_USER, 1);
    BOOST_TEST(!p.finish());
    ERR_raise(ERR_LIB_USER, 1);
    BOOST_TEST(!p.read_at_once());
    p.who.stop.emit(asio::cancellation_type::terminal);
    BOOST_TEST(p.finish() == asio::error::operation_aborted);
    ::ERR_clear_error();
}

BOOST_AUTO_TEST_CASE(a_server_may_change_its_keys)
{
    pair p;
    BOOST_TEST(!p.read_at_once());
    BOOST_TEST(::SSL_key_update(p.served.native_handle(), SSL_KEY_UPDATE_REQUESTED) == 1);
    p.serve("with new keys");
    BOOST_TEST(!p.finish());
    BOOST_TEST(std::string(p.piece, p.who.count) == "with new keys");
    BOOST_TEST(p.at_once(action::write, asio::buffer("so are these", 12)));
    std::string got(12, '\0');
    asio::read(p.served, asio::buffer(got));
    BOOST_TEST(got == "so are these");
}

// What is emitted when a wait has ended, and its handler has not run, reaches no wait.
BOOST_AUTO_TEST_CASE(who_was_told_to_end_does_not_wait_again)
{
    pair p;
    // Of the server's tickets, which have nothing for whoever reads.
    BOOST_TEST(!p.read_at_once());
    p.who.told_to_end = true;
    BOOST_TEST(p.finish() == asio::error::operation_aborted);
    BOOST_TEST(p.who.count == 0U);
}

BOOST_AUTO_TEST_CASE(a_wait_ends_with_the_socket)
{
    pair p;
    BOOST_TEST(!p.read_at_once());
    p.socket.close();
    BOOST_TEST(p.finish() == asio::error::operation_aborted);
    BOOST_TEST(p.at_once(action::write, asio::buffer("late", 4)));
    BOOST_TEST(p.ec == asio::error::bad_descriptor);
    check_queue_is_empty();
}

// What a coroutine that waits would hold.
struct held
{
    explicit held(asio::io_context& ctx)
        : acceptor(ctx, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          socket(ctx),
          trusting(asio::ssl::context::tls_client)
    {
        socket.connect(acceptor.local_endpoint());
        client.emplace(socket, trusting);
        shake_hands.emplace(*client, action::handshake, asio::const_buffer(), asio::mutable_buffer());
    }

    tcp::acceptor acceptor;
    tcp::socket socket;
    asio::ssl::context trusting;
    std::optional<net::tls_stream> client;
    std::optional<step> shake_hands;
};

BOOST_AUTO_TEST_CASE(who_waits_goes_with_the_context)
{
    awaiting who;
    {
        asio::io_context ctx;
        auto one = std::make_shared<held>(ctx);
        who.frame = one;
        error_code ec;
        std::size_t none = 0;
        BOOST_TEST(!one->shake_hands->ends_at_once(ec, none));
        who.start(*std::exchange(one, nullptr)->shake_hands);
    }
    BOOST_TEST(who.completions == 0);
    BOOST_TEST(who.abandoned == 1);
    BOOST_TEST(!who.frame);
}

BOOST_AUTO_TEST_SUITE_END()
