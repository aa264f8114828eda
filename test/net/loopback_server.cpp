// Bodies of loopback_server.hpp.
#include <net/loopback_server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <utility>

namespace net_test {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using tls_stream = asio::ssl::stream<tcp::socket&>;

struct connection
{
    explicit connection(tcp::socket s) : socket(std::move(s)) {}

    tcp::socket socket;
    std::optional<tls_stream> tls;
};

struct loopback_server::state
{
    explicit state(asio::any_io_executor ex, loopback_server::options o)
        : options(std::move(o)),
          acceptor(ex, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          context(asio::ssl::context::tls_server)
    {
        if (!options.tls)
            return;
        context.use_certificate_chain(asio::buffer(options.tls->certificate));
        context.use_private_key(asio::buffer(options.tls->private_key), asio::ssl::context::pem);
        if (options.tls_1_2_only)
            ::SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_2_VERSION);
        if (!options.client_ca.empty()) {
            context.add_certificate_authority(asio::buffer(options.client_ca));
            context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
        }
    }

    loopback_server::options const options;
    tcp::acceptor acceptor;
    asio::ssl::context context;
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> requests{0};
    mutable std::mutex mutex;
    std::string last_request;
    std::list<std::weak_ptr<connection>> open;
};

namespace {

using state_ptr = std::shared_ptr<loopback_server::state>;

template <class Stream>
asio::awaitable<void> talk(state_ptr s, Stream& stream)
{
    std::string got;
    std::array<char, 4096> piece;
    boost::system::error_code ec;
    while (!ec) {
        auto const n =
            co_await stream.async_read_some(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, ec));
        got.append(piece.data(), n);
        if (got.find("\r\n\r\n") == got.npos)
            continue;
        ++s->requests;
        {
            std::lock_guard const lock(s->mutex);
            s->last_request = std::exchange(got, std::string());
        }
        if (s->options.does == loopback_server::manner::closing)
            co_return;
        if (s->options.does == loopback_server::manner::replying)
            co_await asio::async_write(
                stream, asio::buffer(s->options.reply), asio::redirect_error(asio::use_awaitable, ec));
        if (s->options.then_closes)
            co_return;
    }
}

asio::awaitable<void> serve(state_ptr s, std::shared_ptr<connection> c)
{
    boost::system::error_code ec;
    if (s->options.tls) {
        c->tls.emplace(c->socket, s->context);
        co_await c->tls->async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
        if (!ec)
            co_await talk(s, *c->tls);
    } else {
        co_await talk(s, c->socket);
    }
}

asio::awaitable<void> accept(state_ptr s)
{
    boost::system::error_code ec;
    while (!ec) {
        auto socket = co_await s->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            co_return;
        ++s->connections;
        auto const c = std::make_shared<connection>(std::move(socket));
        {
            std::lock_guard const lock(s->mutex);
            s->open.push_back(c);
        }
        asio::co_spawn(s->acceptor.get_executor(), serve(s, c), asio::detached);
    }
}

} // namespace

loopback_server::loopback_server(asio::any_io_executor executor, options o)
    : state_(std::make_shared<state>(executor, std::move(o)))
{
    asio::co_spawn(executor, accept(state_), asio::detached);
}

loopback_server::~loopback_server()
{
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    std::lock_guard const lock(state_->mutex);
    for (auto const& weak : state_->open)
        if (auto const c = weak.lock())
            c->socket.close(ignored);
}

std::uint16_t loopback_server::port() const noexcept
{
    return state_->acceptor.local_endpoint().port();
}

std::size_t loopback_server::connections() const noexcept
{
    return state_->connections;
}

std::size_t loopback_server::requests() const noexcept
{
    return state_->requests;
}

std::string loopback_server::last_request() const
{
    std::lock_guard const lock(state_->mutex);
    return state_->last_request;
}

// Linux drops the SYN of whoever comes when a listener's queue is full; the first ones fill it.
struct unanswered_port::state
{
    asio::io_context context;
    tcp::acceptor acceptor{context};
    std::list<tcp::socket> fill;
};

unanswered_port::unanswered_port() : state_(std::make_unique<state>())
{
    tcp::endpoint const any(asio::ip::address_v4::loopback(), 0);
    state_->acceptor.open(any.protocol());
    state_->acceptor.bind(any);
    state_->acceptor.listen(0);
    auto const where = state_->acceptor.local_endpoint();
    for (int i = 0; i < 4; ++i) {
        auto& one = state_->fill.emplace_back(state_->context);
        // Sends its SYN at once; asio's connect() would wait for the answer, also on a non-blocking socket.
        one.async_connect(where, [](boost::system::error_code) {});
    }
}

unanswered_port::~unanswered_port() = default;

std::uint16_t unanswered_port::port() const noexcept
{
    return state_->acceptor.local_endpoint().port();
}

} // namespace net_test
