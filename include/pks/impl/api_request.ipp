// Bodies of proto/api_request.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/proto/api_request.hpp>

namespace pks::inline v0::proto {

PKS_DECL result<request> api_request(
    std::string_view method, endpoint const& api, std::string_view target, access_token const& as, diagnostics& diag)
{
    auto const token = as.value().reveal();
    bool const visible = pks::detail::all_visible(token);
    if (token.empty() || !visible) {
        diag.detail = "access token";
        return error_code(token.empty() ? errc::missing_parameter : errc::forbidden_character);
    }
    request out(method, api, target);
    out.field("Accept", "application/json");
    pks::detail::wiped_string authorization("Bearer ");
    authorization.append(token);
    out.field("Authorization", authorization);
    return out;
}

} // namespace pks::inline v0::proto
