// The messages between a client and the UAA: requests out, replies in.
#pragma once

#include <pks/access_token.hpp>
#include <pks/credentials.hpp>
#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/peer.hpp>
#include <pks/proto/request.hpp>
#include <pks/proto/response_parser.hpp>
#include <pks/target_info.hpp>

#include <pks/result.hpp>

namespace pks::inline v0::proto {

/// `GET /login`.
PKS_DECL request target_request(endpoint const& uaa);
PKS_DECL result<target_info> read_target_reply(response const& reply, request const& asked, diagnostics& diag);

/// `POST /oauth/token`. Errors: errc::missing_parameter, errc::forbidden_character.
PKS_DECL result<request> token_request(endpoint const& uaa, credentials const& with, diagnostics& diag);

/// The token of a reply. `expires_in` may be a number or a text of digits; without it the token has no known lifetime,
/// and beyond 2147483647 seconds it is taken as that many.
PKS_DECL result<access_token> read_token_reply(
    response const& reply, request const& asked, clock::time_point now, diagnostics& diag);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/uaa_messages.ipp>
#endif
