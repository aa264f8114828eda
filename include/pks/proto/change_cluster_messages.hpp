// The messages between a client and the PKS API that make, change and remove one cluster.
#pragma once

#include <pks/accepted.hpp>
#include <pks/access_token.hpp>
#include <pks/cluster.hpp>
#include <pks/cluster_request.hpp>
#include <pks/cluster_update.hpp>
#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/proto/request.hpp>
#include <pks/proto/response_parser.hpp>

#include <pks/result.hpp>

#include <string_view>

namespace pks::inline v0::proto {

// Errors of all requests: errc::missing_parameter, errc::forbidden_character. Every reply has one status that means
// success, as the API's model says: a page with another one is none.

/// `POST /v1/clusters`, and 202 with the cluster.
PKS_DECL result<request> create_cluster_request(
    endpoint const& api, access_token const& as, cluster_request const& what, diagnostics& diag);
PKS_DECL result<cluster> read_create_cluster_reply(response const& reply, request const& asked, diagnostics& diag);

/// `PATCH /v1/clusters/NAME`, and 202 without a body. A change that changes nothing is not sent.
PKS_DECL result<request> update_cluster_request(
    endpoint const& api, access_token const& as, std::string_view name, cluster_update const& what, diagnostics& diag);
PKS_DECL result<accepted> read_update_cluster_reply(response const& reply, request const& asked, diagnostics& diag);

/// `DELETE /v1/clusters/NAME`, and 204.
PKS_DECL result<request> delete_cluster_request(
    endpoint const& api, access_token const& as, std::string_view name, diagnostics& diag);
PKS_DECL result<accepted> read_delete_cluster_reply(response const& reply, request const& asked, diagnostics& diag);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/change_cluster_messages.ipp>
#endif
