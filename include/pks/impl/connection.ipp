// Bodies of net/connection.hpp.
#pragma once

#include <pks/net/certificate_check.hpp>
#include <pks/net/connect_race.hpp>
#include <pks/net/connection.hpp>
#include <pks/net/exchange.hpp>
#include <pks/net/name_lookup.hpp>
#include <pks/proto/request.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>

#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace pks::inline v0::net::connection_detail {

// Loopback whatever a resolver says, which few know (RFC 6761, section 6.3) and a system without /etc/hosts does not.
inline bool is_localhost(std::string_view host)
{
    return host == "localhost" || host.ends_with(".localhost");
}

class handshake_step final : public io_step
{
public:
    explicit handshake_step(tls_stream& stream) : stream_(stream) {}

    bool ends_at_once(error_code& ec, std::size_t&) override
    {
        return stream_.shake_hands_at_once(ec);
    }
    void start(io_handler then) override
    {
        stream_.start_handshake(std::move(then));
    }

private:
    tls_stream& stream_;
};

// Remembers the first reason against the server's chain: after a failed handshake the certificate is gone.
struct verification
{
    endpoint const* server;
    error_code refusal;
    char const* detail = nullptr;

    static int callback(int good, ::X509_STORE_CTX* store)
    {
        auto* const ssl =
            static_cast<SSL*>(::X509_STORE_CTX_get_ex_data(store, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
        auto& self = *static_cast<verification*>(SSL_get_app_data(ssl));
        if (good == 0 && !self.refusal) {
            self.refusal = reason_of_refusal(store, *self.server);
            self.detail = ::X509_verify_cert_error_string(::X509_STORE_CTX_get_error(store));
        }
        return good;
    }
};

} // namespace pks::inline v0::net::connection_detail

namespace pks::inline v0::net {

PKS_DECL connection::~connection()
{
    // An SSL that was never marked shut down takes its session with it.
    if (tls_)
        ::SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

PKS_DECL coroutine<error_code> connection::open(
    endpoint server, std::shared_ptr<asio::ssl::context> context, diagnostics& diag)
{
    auto const* const by = proxy_ ? proxy_->for_server(server) : nullptr;
    auto const& first = by ? *by : server;
    auto ec = co_await connect(first, diag);
    // A step that ends at the very moment of its deadline leaves a socket that is closed.
    if (!stopped_ && !ec && by)
        ec = co_await open_tunnel(server, diag);
    if (!stopped_ && !ec && server.secure()) {
        context_ = std::move(context);
        ec = co_await handshake(server, diag);
    }
    if (ends_)
        ends_->no_step();
    co_return stopped_.failed() ? stopped_ : ec;
}

PKS_DECL coroutine<error_code> connection::connect(endpoint const& server, diagnostics& diag)
{
    error_code ec;
    std::vector<asio::ip::address> addresses;
    if (server.host_is_address()) {
        addresses.push_back(asio::ip::make_address(server.host(), ec));
        if (ec)
            co_return ec;
    } else if (connection_detail::is_localhost(server.host())) {
        // In the order of RFC 6724; where both fail, the error is that of the family that every system has.
        addresses.push_back(asio::ip::address_v6::loopback());
        addresses.push_back(asio::ip::address_v4::loopback());
    } else if (addresses_) {
        addresses = addresses_->find(server.host(), std::chrono::steady_clock::now());
    }
    bool const unknown = addresses.empty();
    if (unknown) {
        diag.step = step::resolve;
        if (!resolver_)
            resolver_ = name_resolver::system();
        name_lookup look_up(socket_.get_executor(), resolver_, server.host());
        begin_step(each_.resolve);
        looking_up_ = &look_up;
        co_await await_step(look_up, ec);
        looking_up_ = nullptr;
        if (ec)
            co_return ec;
        addresses = look_up.found();
        if (addresses_)
            addresses_->store(server.host(), addresses, std::chrono::steady_clock::now());
    }
    diag.step = step::connect;
    begin_step(each_.connect);
    connect_race race(socket_.get_executor(), addresses, server.port());
    racing_ = &race;
    co_await await_step(race, ec);
    racing_ = nullptr;
    if (ec) {
        if (addresses_ && (ec != asio::error::operation_aborted || stopped_ == errc::timeout))
            addresses_->forget(server.host());
        co_return ec;
    }
    socket_ = race.winner();
    socket_.set_option(asio::ip::tcp::no_delay(true), ec);
    co_return error_code();
}

PKS_DECL coroutine<error_code> connection::open_tunnel(endpoint const& server, diagnostics& diag)
{
    begin_step(each_.connect);
    auto const to = (server.host().find(':') == std::string::npos ? server.host() : '[' + server.host() + ']') + ':' +
        std::to_string(server.port());
    proto::request ask("CONNECT", server, "/");
    ask.redirect(to);
    if (!proxy_->authorization().empty()) {
        ask.field("Proxy-Authorization", proxy_->authorization().reveal());
        ask.confidential(proxy_->authorization());
    }
    // Of this request nobody wants to know but whether it succeeded.
    diagnostics seen;
    exchange_progress progress;
    auto const answer = co_await exchange(*this, ask, http_limits(), seen, &progress);
    if (answer.has_error())
        co_return answer.error();
    // A server that speaks TLS does not speak first. That HTTP/1.0 keeps no connection says nothing of a tunnel.
    if (answer->status >= 200 && answer->status < 300 && progress.alone)
        co_return error_code();
    diag.http_status = answer->status;
    diag.detail =
        "the proxy " + proxy_->for_server(server)->authority() + " answered " + std::to_string(answer->status);
    co_return errc::proxy_refused;
}

PKS_DECL coroutine<error_code> connection::handshake(endpoint const& server, diagnostics& diag)
{
    diag.step = step::handshake;
    ::ERR_clear_error();
    tls_.emplace(socket_, *context_);
    auto* const ssl = tls_->native_handle();
    static constexpr unsigned char alpn[] = "\x08http/1.1";
    bool const prepared = require_host(ssl, server) && ::SSL_set_alpn_protos(ssl, alpn, sizeof alpn - 1) == 0;
    if (!prepared) {
        ::ERR_clear_error();
        co_return tls_errc::rejected;
    }
    bool const verifying = ::SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE;
    connection_detail::verification verification;
    verification.server = &server;
    if (verifying) {
        SSL_set_app_data(ssl, &verification);
        ::SSL_set_verify(ssl, ::SSL_get_verify_mode(ssl), &connection_detail::verification::callback);
    }

    if (sessions_)
        sessions_->prepare(ssl, server);

    error_code ec;
    begin_step(each_.handshake);
    connection_detail::handshake_step shake_hands(*tls_);
    co_await await_step(shake_hands, ec);
    if (verifying)
        ::SSL_set_verify(ssl, ::SSL_get_verify_mode(ssl), nullptr);
    ::ERR_clear_error();
    if (verification.refusal) {
        diag.detail = verification.detail;
        co_return verification.refusal;
    }
    if (ec)
        co_return ec;
    // A resumed session never called back: what counts is the verdict it was made with.
    if (verifying && ::SSL_get_verify_result(ssl) != X509_V_OK) {
        diag.detail = ::X509_verify_cert_error_string(::SSL_get_verify_result(ssl));
        co_return tls_errc::rejected;
    }
    co_return error_code();
}

PKS_DECL void connection::stop(error_code reason)
{
    if (!stopped_)
        stopped_ = reason;
    if (looking_up_)
        looking_up_->stop();
    if (racing_)
        racing_->stop();
    error_code ignored;
    socket_.close(ignored);
}

PKS_DECL bool connection::resumed() noexcept
{
    return tls_ && ::SSL_session_reused(tls_->native_handle()) == 1;
}

PKS_DECL bool connection::quiet()
{
    if (stopped_ || !socket_.is_open())
        return false;
    // Records that came with the last reply.
    if (tls_ && ::SSL_has_pending(tls_->native_handle()) == 1)
        return false;
    char octet;
    auto const n = ::recv(socket_.native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

PKS_DECL void connection::begin_exchange()
{
    exchanging_ = true;
}

PKS_DECL void connection::end_exchange()
{
    exchanging_ = false;
    if (ends_)
        std::exchange(ends_, nullptr)->no_step();
}

PKS_DECL void connection::begin_step(deadlines::duration d)
{
    if (ends_)
        ends_->step(*this, d);
}

PKS_DECL bool connection::read_some_at_once(asio::mutable_buffer buffer, error_code& ec, std::size_t& n)
{
    return tls_ && tls_->read_at_once(buffer, ec, n);
}

PKS_DECL bool connection::write_some_at_once(asio::const_buffer buffer, error_code& ec, std::size_t& n)
{
    return tls_ && tls_->write_at_once(buffer, ec, n);
}

PKS_DECL void connection::start_read_some(asio::mutable_buffer buffer, handler h)
{
    if (exchanging_)
        begin_step(each_.progress);
    if (tls_)
        tls_->start_read(buffer, std::move(h));
    else
        socket_.async_read_some(buffer, std::move(h));
}

PKS_DECL void connection::start_write_some(asio::const_buffer buffer, handler h)
{
    if (exchanging_)
        begin_step(each_.progress);
    if (tls_)
        tls_->start_write(buffer, std::move(h));
    else
        socket_.async_write_some(buffer, std::move(h));
}

} // namespace pks::inline v0::net
