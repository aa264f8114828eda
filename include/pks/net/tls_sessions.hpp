// The last TLS session with each server, to shake hands with less work the next time.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/endpoint.hpp>

#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace pks::inline v0::net {

/// OpenSSL does not verify a server again whose session is resumed. Therefore these belong to one context, made from one
/// trust policy, and a session is used for the host and port alone that it was made with, and for an hour at most.
///
/// Thread safety: none; handshakes of its context included. Must outlive every connection that was prepared.
class tls_sessions
{
public:
    tls_sessions() = default;
    tls_sessions(tls_sessions const&) = delete;
    tls_sessions& operator=(tls_sessions const&) = delete;

    static constexpr std::size_t most_servers = 16;
    static constexpr long most_seconds = 3600;

    /// Has the context tell of new sessions. Once.
    PKS_DECL void watch(boost::asio::ssl::context& context);

    /// Before a handshake: offers the session, if there is one, and keeps the new ones.
    PKS_DECL void prepare(SSL* ssl, endpoint const& server);

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
        std::string host; // empty: free
        std::uint16_t port = 0;
        std::unique_ptr<SSL_SESSION, release> session;
    };

    PKS_DECL static int index();
    PKS_DECL static int keep(SSL* ssl, SSL_SESSION* session);

    slot slots_[most_servers]; // connections refer to them
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/tls_sessions.ipp>
#endif
