// Bodies of net/connection.hpp.
#pragma once

#include <pks/net/certificate_check.hpp>
#include <pks/net/connection.hpp>
#include <pks/net/name_lookup.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/verify_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace pks::inline v0::net::connection_detail {

inline asio::awaitable<bool> cancelled()
{
    auto const state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

// Loopback whatever a resolver says, which few know (RFC 6761, section 6.3) and a system without /etc/hosts does not.
inline bool is_localhost(std::string_view host)
{
    return host == "localhost" || host.ends_with(".localhost");
}

class connect_step final : public io_step
{
public:
    connect_step(asio::ip::tcp::socket& socket, asio::ip::tcp::endpoint const& to) : socket_(socket), to_(to) {}

    void start(io_handler then) override
    {
        plain_handler handler{std::move(then)};
        socket_.async_connect(to_, std::move(handler));
    }

private:
    asio::ip::tcp::socket& socket_;
    asio::ip::tcp::endpoint to_;
};

class handshake_step final : public io_step
{
public:
    explicit handshake_step(asio::ssl::stream<asio::ip::tcp::socket&>& stream) : stream_(stream) {}

    void start(io_handler then) override
    {
        // The form that takes octets read before counts them for its handler, as every other step does.
        stream_.async_handshake(asio::ssl::stream_base::client, asio::const_buffer(), std::move(then));
    }

private:
    asio::ssl::stream<asio::ip::tcp::socket&>& stream_;
};

// Remembers the first reason against the server's chain: after a failed handshake the certificate is gone.
struct verification
{
    endpoint const* server;
    error_code refusal;
    std::string detail;

    bool operator()(bool good, asio::ssl::verify_context& verified)
    {
        if (!good && !refusal) {
            auto* const store = verified.native_handle();
            refusal = reason_of_refusal(store, *server);
            detail = ::X509_verify_cert_error_string(::X509_STORE_CTX_get_error(store));
        }
        return good;
    }
};

inline bool keep_verdict(bool good, asio::ssl::verify_context&)
{
    return good;
}

} // namespace pks::inline v0::net::connection_detail

namespace pks::inline v0::net {

PKS_DECL connection::~connection()
{
    // An SSL that was never marked shut down takes its session with it.
    if (tls_)
        ::SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

PKS_DECL asio::awaitable<error_code> connection::open(
    endpoint server, std::shared_ptr<asio::ssl::context> context, diagnostics& diag)
{
    auto ec = co_await connect(server, diag);
    if (ec || !server.secure())
        co_return ec;
    context_ = std::move(context);
    ec = co_await handshake(server, diag);
    co_return ec;
}

PKS_DECL asio::awaitable<error_code> connection::connect(endpoint const& server, diagnostics& diag)
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
    } else {
        diag.step = step::resolve;
        if (!resolver_)
            resolver_ = name_resolver::system();
        name_lookup look_up(socket_.get_executor(), resolver_, server.host());
        co_await await_step(look_up, ec);
        if (ec)
            co_return ec;
        addresses = look_up.found();
    }
    bool const stop = co_await connection_detail::cancelled();
    if (stop)
        co_return asio::error::operation_aborted;
    diag.step = step::connect;
    ec = asio::error::host_not_found;
    for (auto const& address : addresses) {
        // Opens the socket anew for each family; that it is closed already is no error.
        error_code ignored;
        socket_.close(ignored);
        connection_detail::connect_step connect(socket_, asio::ip::tcp::endpoint(address, server.port()));
        co_await await_step(connect, ec);
        if (!ec || ec == asio::error::operation_aborted)
            break;
    }
    if (ec)
        co_return ec;
    socket_.set_option(asio::ip::tcp::no_delay(true), ec);
    co_return error_code();
}

PKS_DECL asio::awaitable<error_code> connection::handshake(endpoint const& server, diagnostics& diag)
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
    if (verifying)
        tls_->set_verify_callback(std::ref(verification));

    error_code ec;
    bool const stop = co_await connection_detail::cancelled();
    if (stop)
        co_return asio::error::operation_aborted;
    connection_detail::handshake_step shake_hands(*tls_);
    co_await await_step(shake_hands, ec);
    if (verifying)
        tls_->set_verify_callback(&connection_detail::keep_verdict);
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

PKS_DECL void connection::start_read_some(asio::mutable_buffer buffer, handler h)
{
    if (tls_)
        tls_->async_read_some(buffer, std::move(h));
    else
        socket_.async_read_some(buffer, std::move(h));
}

PKS_DECL void connection::start_write_some(asio::const_buffer buffer, handler h)
{
    if (tls_)
        tls_->async_write_some(buffer, std::move(h));
    else
        socket_.async_write_some(buffer, std::move(h));
}

} // namespace pks::inline v0::net
