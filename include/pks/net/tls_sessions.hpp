// The last TLS session with each server, to shake hands with less work the next time.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/endpoint.hpp>

#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <memory>
#include <vector>

#include <openssl/ssl.h>

namespace pks::inline v0::net {

/// OpenSSL does not verify a server again whose session is resumed. Therefore these belong to one context, made from one
/// trust policy, and a session is used for the host and port alone that it was made with, and for an hour at most.
///
/// Thread safety: none; handshakes of its context included. Must outlive every connection that was prepared.
class tls_sessions
{
public:
    static constexpr std::size_t most_servers = 16;
    static constexpr long most_seconds = 3600;

    /// Has the context tell of new sessions. Once.
    PKS_DECL void watch(boost::asio::ssl::context& context);

    /// Before a handshake: offers the session, if there is one, and keeps the new ones.
    PKS_DECL void prepare(SSL* ssl, endpoint const& server);

    /// Nothing is resumed any more.
    PKS_DECL void clear() noexcept;

private:
    struct release
    {
        void operator()(SSL_SESSION* s) const noexcept
        {
            ::SSL_SESSION_free(s);
        }
    };

    struct slot
    {
        endpoint server;
        std::unique_ptr<SSL_SESSION, release> session;
    };

    PKS_DECL static int index();
    PKS_DECL static int keep(SSL* ssl, SSL_SESSION* session);

    std::vector<std::unique_ptr<slot>> slots_;
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/tls_sessions.ipp>
#endif
