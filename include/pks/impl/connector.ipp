// Bodies of net/connector.hpp.
#pragma once

#include <pks/net/connector.hpp>
#include <pks/net/tls_context.hpp>

#include <utility>

namespace pks::inline v0::net {

PKS_DECL asio::awaitable<error_code> connector::connect(connection& to_open, endpoint const& server, diagnostics& diag)
{
    // What an earlier exchange of the same operation left says nothing of this one.
    auto const attempts = diag.attempts;
    diag.clear();
    diag.attempts = attempts;
    diag.endpoint = server.authority();
    diag.step = step::load;
    if (server.secure() && !tls_) {
        auto made = make_tls_context(trust_, &diag.detail);
        if (made.has_error())
            co_return made.error();
        tls_ = std::move(*made);
    }
    auto const ec = co_await to_open.open(server, tls_, diag);
    co_return ec;
}

} // namespace pks::inline v0::net
