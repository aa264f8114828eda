// Bodies of net/tls_sessions.hpp.
#pragma once

#include <pks/net/tls_sessions.hpp>

#include <ctime>

namespace pks::inline v0::net {

// Of the pointer to a slot in each SSL.
PKS_DECL int tls_sessions::index()
{
    static int const own = ::SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return own;
}

PKS_DECL int tls_sessions::keep(SSL* ssl, SSL_SESSION* session)
{
    auto* const kept = static_cast<slot*>(::SSL_get_ex_data(ssl, index()));
    if (!kept || ::SSL_SESSION_is_resumable(session) != 1)
        return 0;
    kept->session.reset(session);
    return 1;
}

PKS_DECL void tls_sessions::watch(boost::asio::ssl::context& context)
{
    auto* const native = context.native_handle();
    ::SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    ::SSL_CTX_sess_set_new_cb(native, &tls_sessions::keep);
}

PKS_DECL void tls_sessions::prepare(SSL* ssl, endpoint const& server)
{
    for (auto& own : slots_) {
        bool const is_free = own.host.empty();
        if (!is_free && (own.host != server.host() || own.port != server.port()))
            continue;
        if (is_free) {
            own.host = server.host();
            own.port = server.port();
        }
        ::SSL_set_ex_data(ssl, index(), &own);
        auto* const session = own.session.get();
        if (session && std::time(nullptr) - static_cast<std::time_t>(::SSL_SESSION_get_time(session)) <= most_seconds)
            ::SSL_set_session(ssl, session);
        return;
    }
}

} // namespace pks::inline v0::net
