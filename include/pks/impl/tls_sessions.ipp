// Bodies of net/tls_sessions.hpp.
#pragma once

#include <pks/net/tls_sessions.hpp>

#include <algorithm>
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
    auto const known = std::find_if(slots_.begin(), slots_.end(), [&server](std::unique_ptr<slot> const& s) {
        return s->server.host() == server.host() && s->server.port() == server.port();
    });
    if (known == slots_.end() && slots_.size() == most_servers)
        return;
    auto* const own = known != slots_.end() ? known->get() : slots_.emplace_back(new slot{server, nullptr}).get();
    ::SSL_set_ex_data(ssl, index(), own);
    auto* const session = own->session.get();
    if (session && std::time(nullptr) - static_cast<std::time_t>(::SSL_SESSION_get_time(session)) <= most_seconds)
        ::SSL_set_session(ssl, session);
}

PKS_DECL void tls_sessions::clear() noexcept
{
    // Connections point to the slots.
    for (auto const& s : slots_)
        s->session.reset();
}

} // namespace pks::inline v0::net
