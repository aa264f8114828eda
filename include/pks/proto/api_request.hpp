// What every request to the PKS API has: a target, and the token of whoever asks.
#pragma once

#include <pks/access_token.hpp>
#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/proto/request.hpp>

#include <pks/result.hpp>

#include <string_view>

namespace pks::inline v0::proto {

/// A request without a body. Errors: errc::missing_parameter, errc::forbidden_character, of the token.
PKS_DECL result<request> api_request(
    std::string_view method, endpoint const& api, std::string_view target, access_token const& as, diagnostics& diag);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/api_request.ipp>
#endif
