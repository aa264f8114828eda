// The messages between a client and the PKS API about credentials of a cluster.
#pragma once

#include <pks/access_token.hpp>
#include <pks/binding_request.hpp>
#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/kubeconfig.hpp>
#include <pks/proto/request.hpp>
#include <pks/proto/response_parser.hpp>

#include <pks/result.hpp>

namespace pks::inline v0::proto {

/// `POST /v1/clusters/NAME/binds`, or `GET /v1/clusters/NAME/binds/USER`. Errors: errc::missing_parameter,
/// errc::forbidden_character.
PKS_DECL result<request> bind_request(
    endpoint const& api, access_token const& as, binding_request const& what, diagnostics& diag);

/// 201, or 200, and a kubeconfig. Nothing of one that cannot be read gets into `diag`.
PKS_DECL result<kubeconfig> read_bind_reply(response const& reply, request const& asked, diagnostics& diag);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/bind_messages.ipp>
#endif
