// A connection to one server: TCP, and TLS where the endpoint says so, verified.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/name_resolver.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <optional>

namespace pks::inline v0::net {

class connection final : public any_stream
{
public:
    /// `resolver`: what the host is looked up with; null: the system's.
    explicit connection(asio::any_io_executor executor, std::shared_ptr<name_resolver> resolver = {})
        : socket_(std::move(executor)), resolver_(std::move(resolver))
    {}

    /// Looks the host up, connects to the first address that answers, and shakes hands. The certificate must be valid
    /// for the endpoint's host under the policy that `context` was made from; nothing is sent to a server that fails.
    ///
    /// Errors: tls_errc, the resolver's and the system's. The thread's OpenSSL error queue is left empty.
    PKS_DECL asio::awaitable<error_code> open(
        endpoint server, std::shared_ptr<asio::ssl::context> context, diagnostics& diag);

    PKS_DECL ~connection() override;

    asio::any_io_executor get_executor() override
    {
        return socket_.get_executor();
    }

    PKS_DECL void start_read_some(asio::mutable_buffer buffer, handler h) override;
    PKS_DECL void start_write_some(asio::const_buffer buffer, handler h) override;

private:
    PKS_DECL asio::awaitable<error_code> connect(endpoint const& server, diagnostics& diag);
    PKS_DECL asio::awaitable<error_code> handshake(endpoint const& server, diagnostics& diag);

    asio::ip::tcp::socket socket_;
    std::shared_ptr<name_resolver> resolver_;
    std::shared_ptr<asio::ssl::context> context_;
    std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/connection.ipp>
#endif
