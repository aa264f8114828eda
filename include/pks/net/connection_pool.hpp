// The connections to the servers of one installation under one trust policy.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/client_report.hpp>
#include <pks/clock.hpp>
#include <pks/deadlines.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/net/address_cache.hpp>
#include <pks/net/connection.hpp>
#include <pks/net/deadline.hpp>
#include <pks/net/tls_sessions.hpp>
#include <pks/net/wait_step.hpp>
#include <pks/policy/pool.hpp>
#include <pks/policy/pool_settings.hpp>
#include <pks/trust.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace pks::inline v0::net {

/// What the connections of a handle have in common. Its parts are what the options of client and validator say.
class connection_settings
{
public:
    v0::trust trust;
    std::shared_ptr<name_resolver> resolver;
    net::proxy proxy;
    policy::pool_settings pool;
    v0::deadlines deadlines;
    std::shared_ptr<v0::clock const> clock;
};

class connection_pool;

/// A connection for one exchange. It is closed with this unless it was given back.
class lease
{
public:
    lease() = default;
    lease(lease const&) = delete;
    lease& operator=(lease const&) = delete;
    PKS_DECL ~lease();

    /// Precondition: connection_pool::open has succeeded.
    connection& get() const noexcept
    {
        return *connection_;
    }
    /// It has carried another exchange before.
    bool reused() const noexcept
    {
        return reused_;
    }

    /// Ends the lease: the connection may carry another request, or is closed.
    PKS_DECL void end(bool reusable);

private:
    friend class connection_pool;
    class server;

    connection_pool* pool_ = nullptr;
    server* server_ = nullptr;
    std::unique_ptr<connection> connection_;
    std::uint64_t policy_ = 0; // under which it was opened
    bool reused_ = false;
};

/// Loads the policy's certificates once, with the first connection that needs them. Sessions and connections are kept for
/// this policy alone, and go with it.
///
/// Thread safety: but for report() everything happens on its executor. Lifetime: whoever holds a lease keeps this alive.
class connection_pool
{
public:
    PKS_DECL connection_pool(asio::any_io_executor executor, connection_settings settings);
    PKS_DECL ~connection_pool();

    asio::any_io_executor const& executor() const noexcept
    {
        return executor_;
    }

    /// Takes a connection that is idle, if there is one that is still good: what open() does then, without a coroutine.
    PKS_DECL bool reuse(lease& out, endpoint const& server, deadline& ends, diagnostics& diag);

    /// Takes a connection that is idle, or opens one, or waits until there is a place for one. `fresh`: one that carried
    /// nothing yet. `diag` tells of this connection from now on.
    ///
    /// Errors: errc::ca_*, as connection::open, errc::timeout.
    PKS_DECL coroutine<error_code> open(
        lease& out, endpoint const& server, bool fresh, deadline& ends, diagnostics& diag);

    /// From now on connections are opened under this policy. Those which are idle are closed, those in use with their
    /// exchange.
    PKS_DECL void use(trust policy);

    /// Of one server. From any thread.
    PKS_DECL client_report::connections report(endpoint const& server) const;

private:
    friend class lease;

    PKS_DECL bool take(lease& out, lease::server& of, std::unique_ptr<connection> idle, deadline& ends);
    PKS_DECL lease::server& server_of(endpoint const& server);
    PKS_DECL void note_opened(lease::server& of, error_code ec, bool resumed);
    PKS_DECL error_code load(endpoint const& server, diagnostics& diag);

    asio::any_io_executor executor_;
    connection_settings settings_;
    std::uint64_t policy_ = 0; // how many there were before
    std::shared_ptr<asio::ssl::context> tls_;
    std::shared_ptr<tls_sessions> sessions_;
    address_cache addresses_;

    mutable std::mutex mutex_;               // of the chain, and of what is reported of opening connections
    std::unique_ptr<lease::server> servers_; // the first of a chain of two, as a rule
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/connection_pool.ipp>
#endif
