// Connects to the servers of one installation under one trust policy.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/net/connection.hpp>
#include <pks/trust.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <utility>

namespace pks::inline v0::net {

/// Loads the policy's certificates once, with the first connection that needs them.
///
/// Thread safety: everything happens on its executor.
class connector
{
public:
    connector(asio::any_io_executor executor, trust policy, std::shared_ptr<name_resolver> resolver)
        : executor_(std::move(executor)), trust_(std::move(policy)), resolver_(std::move(resolver))
    {}

    asio::any_io_executor const& executor() const noexcept
    {
        return executor_;
    }
    std::shared_ptr<name_resolver> const& resolver() const noexcept
    {
        return resolver_;
    }

    /// Errors: errc::ca_*, and as connection::open.
    PKS_DECL asio::awaitable<error_code> connect(connection& to_open, endpoint const& server, diagnostics& diag);

private:
    asio::any_io_executor executor_;
    trust trust_;
    std::shared_ptr<name_resolver> resolver_;
    std::shared_ptr<asio::ssl::context> tls_;
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/connector.ipp>
#endif
