// A connection to one server: TCP, and TLS where the endpoint says so, verified.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/deadlines.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/net/address_cache.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/deadline.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/name_resolver.hpp>
#include <pks/net/proxy.hpp>
#include <pks/net/tls_sessions.hpp>
#include <pks/net/tls_stream.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace pks::inline v0::net {

class connect_race;
class name_lookup;

class connection final : public any_stream, public stoppable
{
public:
    /// `executor`: that of whoever uses it. `resolver`: what the host is looked up with; null: the system's.
    explicit connection(asio::any_io_executor executor, std::shared_ptr<name_resolver> resolver = {})
        : socket_(std::move(executor)), resolver_(std::move(resolver))
    {}

    /// How long each step may take; `ends` belongs to the operation that uses the connection from now on.
    void limit(deadlines const& each, deadline& ends) noexcept
    {
        each_ = each;
        ends_ = &ends;
    }
    /// Offers a session in the handshake, and keeps new ones there.
    void resume(std::shared_ptr<tls_sessions> sessions) noexcept
    {
        sessions_ = std::move(sessions);
    }

    /// Takes addresses from there, and keeps them there.
    void remember(address_cache& addresses) noexcept
    {
        addresses_ = &addresses;
    }

    /// Goes by it where it is meant for the server.
    void go_by(proxy const& p) noexcept
    {
        proxy_ = &p;
    }

    /// Looks the host up, connects to the first address that answers, and shakes hands. The certificate must be valid
    /// for the endpoint's host under the policy that `context` was made from; nothing is sent to a server that fails.
    ///
    /// Errors: tls_errc, errc::proxy_refused, errc::timeout, the resolver's and the system's. The thread's OpenSSL error queue is left empty.
    PKS_DECL coroutine<error_code> open(
        endpoint server, std::shared_ptr<asio::ssl::context> context, diagnostics& diag);

    PKS_DECL ~connection() override;

    /// The TLS session was known. After open() has succeeded.
    PKS_DECL bool resumed() noexcept;

    /// Closes it: what is under way ends with an error, for this reason.
    PKS_DECL void stop(error_code reason) override;

    /// What an operation over this connection ended with, in the light of why it was stopped.
    error_code cause(error_code ec) const noexcept
    {
        return ec && stopped_ ? stopped_ : ec;
    }

    /// Nothing has come that nobody asked for, not even the end of the connection. For one that is idle.
    PKS_DECL bool quiet();

    /// An exchange begins, or has ended: meanwhile each read and write has its deadline.
    PKS_DECL void begin_exchange();
    PKS_DECL void end_exchange();

    asio::any_io_executor get_executor() override
    {
        return socket_.get_executor();
    }

    PKS_DECL bool read_some_at_once(asio::mutable_buffer buffer, error_code& ec, std::size_t& n) override;
    PKS_DECL bool write_some_at_once(asio::const_buffer buffer, error_code& ec, std::size_t& n) override;
    PKS_DECL void start_read_some(asio::mutable_buffer buffer, handler h) override;
    PKS_DECL void start_write_some(asio::const_buffer buffer, handler h) override;

    std::unique_ptr<connection> idle_next;
    clock::steady_time_point idle_until;

private:
    PKS_DECL coroutine<error_code> connect(endpoint const& server, diagnostics& diag);
    PKS_DECL coroutine<error_code> open_tunnel(endpoint const& server, diagnostics& diag);
    PKS_DECL coroutine<error_code> handshake(endpoint const& server, diagnostics& diag);

    PKS_DECL void begin_step(deadlines::duration d);

    asio::ip::tcp::socket socket_;
    std::shared_ptr<name_resolver> resolver_;
    std::shared_ptr<asio::ssl::context> context_;
    std::shared_ptr<tls_sessions> sessions_; // which the stream refers to
    std::optional<tls_stream> tls_;
    deadlines each_;
    deadline* ends_ = nullptr; // of the operation that uses it; null where there is none
    bool exchanging_ = false;
    proxy const* proxy_ = nullptr;
    address_cache* addresses_ = nullptr;
    name_lookup* looking_up_ = nullptr;
    connect_race* racing_ = nullptr;
    error_code stopped_; // why, if it was
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/connection.ipp>
#endif
