// The messages about tokens and keys between a resource server and the UAA.
#pragma once

#include <pks/credentials.hpp>
#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/proto/request.hpp>
#include <pks/proto/response_parser.hpp>
#include <pks/token_claims.hpp>
#include <pks/token_keys.hpp>

#include <pks/result.hpp>

#include <string>

namespace pks::inline v0::proto {

/// `POST /check_token`. Always Basic: form credentials do not count there, and an assertion is refused as a missing
/// `client_secret`. Errors: errc::missing_parameter, errc::forbidden_character.
PKS_DECL result<request> check_token_request(
    endpoint const& uaa, client_authentication const& as, secret const& subject, diagnostics& diag);
PKS_DECL result<token_claims> read_check_token_reply(response const& reply, request const& asked, diagnostics& diag);

/// `POST /introspect` (RFC 7662), with the same credentials and errors. UAA from 4.9 on.
PKS_DECL result<request> introspect_request(
    endpoint const& uaa, client_authentication const& as, secret const& subject, diagnostics& diag);

/// `GET /token_keys`, with If-None-Match where there is an ETag.
PKS_DECL request token_keys_request(endpoint const& uaa, std::string const& etag);
PKS_DECL result<token_keys> read_token_keys_reply(response const& reply, request const& asked, diagnostics& diag);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/token_messages.ipp>
#endif
