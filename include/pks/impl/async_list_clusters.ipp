// Bodies of async_list_clusters.hpp.
#pragma once

#include <pks/async_list_clusters.hpp>
#include <pks/net/exchange.hpp>
#include <pks/net/operation.hpp>
#include <pks/proto/cluster_messages.hpp>

namespace pks::inline v0::operations {

PKS_DECL net::task<cluster_list> list_clusters(
    net::any_stream& stream, peer const& server, access_token const& as, diagnostics& diag)
{
    auto const request = proto::list_clusters_request(server.endpoint(), as, diag);
    if (request.has_error())
        co_return request.error();
    auto const reply = co_await net::exchange(stream, *request, server.limits(), diag);
    if (reply.has_error())
        co_return reply.error();
    auto outcome = proto::read_cluster_list_reply(*reply, *request, diag);
    if (outcome.has_value() || diag.http_status >= 400)
        diag.step = step::done;
    co_return outcome;
}

} // namespace pks::inline v0::operations

#ifdef PKS_SEPARATE_COMPILATION
namespace pks::inline v0::net {

template void start_stream_operation<cluster_list, access_token>(std::unique_ptr<any_stream>, peer, diagnostics*,
    handler<cluster_list>, stream_body<cluster_list, access_token>, access_token);

} // namespace pks::inline v0::net
#endif
