// The messages between a client and the PKS API that ask for one cluster.
#pragma once

#include <pks/access_token.hpp>
#include <pks/cluster.hpp>
#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/proto/request.hpp>
#include <pks/proto/response_parser.hpp>

#include <pks/result.hpp>

#include <string_view>

namespace pks::inline v0::proto {

/// `GET /v1/clusters/NAME`. Errors: errc::missing_parameter, errc::forbidden_character.
PKS_DECL result<request> get_cluster_request(
    endpoint const& api, access_token const& as, std::string_view name, diagnostics& diag);

/// A cluster in a reply that says `success`.
PKS_DECL result<cluster> read_cluster_reply(
    response const& reply, request const& asked, diagnostics& diag, int success = 200);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/get_cluster_messages.ipp>
#endif
