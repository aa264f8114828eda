// Bodies of async_login.hpp.
#pragma once

#include <pks/async_login.hpp>
#include <pks/net/operation.hpp>
#include <pks/uaa/async_get_token.hpp>

namespace pks::inline v0::operations {

PKS_DECL error_code check_login(credentials const& with, diagnostics& diag)
{
    bool const suitable = with.grant() == grant_type::password || with.grant() == grant_type::client_credentials ||
        with.grant() == grant_type::passcode;
    if (suitable)
        return {};
    diag.detail = "grant";
    return errc::unsuitable_grant;
}

PKS_DECL net::task<access_token> login(
    net::any_stream& stream, peer const& server, credentials const& with, diagnostics& diag)
{
    auto const refused = check_login(with, diag);
    if (refused)
        co_return refused;
    co_return co_await uaa::operations::get_token(stream, server, with, diag);
}

} // namespace pks::inline v0::operations
