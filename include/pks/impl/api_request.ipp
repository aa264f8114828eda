// Bodies of proto/api_request.hpp.
#pragma once

#include <pks/proto/api_request.hpp>

namespace pks::inline v0::proto {

PKS_DECL result<request> api_request(
    std::string_view method, endpoint const& api, std::string_view target, access_token const& as, diagnostics& diag)
{
    request out(method, api, target);
    out.field("Accept", "application/json");
    if (auto const refused = out.authorize(as)) {
        diag.detail = "access token";
        return refused;
    }
    return out;
}

} // namespace pks::inline v0::proto
