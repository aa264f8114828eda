// The messages between a client and the PKS API about clusters.
#pragma once

#include <pks/access_token.hpp>
#include <pks/cluster.hpp>
#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/proto/request.hpp>
#include <pks/proto/response_parser.hpp>

#include <pks/result.hpp>

namespace pks::inline v0::proto {

/// `GET /v1/clusters`. Errors: errc::missing_parameter, errc::forbidden_character.
PKS_DECL result<request> list_clusters_request(endpoint const& api, access_token const& as, diagnostics& diag);
PKS_DECL result<cluster_list> read_cluster_list_reply(response const& reply, request const& asked, diagnostics& diag);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/cluster_messages.ipp>
#endif
