// What a server's refusal means: status, media type and body in, a typed error out.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/error.hpp>
#include <pks/proto/request.hpp>
#include <pks/proto/response_parser.hpp>

#include <boost/json/fwd.hpp>
#include <pks/result.hpp>

#include <string>
#include <string_view>

namespace pks::inline v0::proto {

/// What the UAA's `error` and `error_description`, with the status, mean. Two generations say the same thing
/// differently: `unauthorized` before 76.26.0 is `invalid_client` since.
/// Source: facts on errors of `/oauth/token` (§2.2.4).
PKS_DECL oauth_errc classify_oauth_error(int status, std::string_view error, std::string_view description) noexcept;

/// The error for a reply of the UAA that is not the success asked for. Fills status and texts of `diag`.
PKS_DECL error_code read_uaa_refusal(response const& reply, request const& asked, diagnostics& diag);

/// The error for a reply of the PKS API that is not the success asked for. Fills status and texts of `diag`.
/// Source: facts on the API's errors (§5).
PKS_DECL error_code read_api_refusal(response const& reply, request const& asked, diagnostics& diag);

/// Undoes the HTML escapes that UAA 4.x puts on `error_description`: `&quot; &#39; &lt; &gt; &amp;`.
PKS_DECL std::string unescape_html(std::string_view text);

/// The JSON of a successful reply. `diag.detail` says where it is malformed, never with a part of the body: a
/// malformed token reply is still a secret. A media type of JSON is required, but `text/plain` or none is taken if JSON
/// is inside, since old servers label it so.
PKS_DECL result<boost::json::value> read_json(
    response const& reply, diagnostics& diag, boost::json::storage_ptr storage);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/refusal.ipp>
#endif
