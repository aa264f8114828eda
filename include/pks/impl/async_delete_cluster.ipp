// Bodies of async_delete_cluster.hpp.
#pragma once

#include <pks/async_delete_cluster.hpp>
#include <pks/net/exchange.hpp>
#include <pks/net/operation.hpp>
#include <pks/proto/change_cluster_messages.hpp>

namespace pks::inline v0::operations {

PKS_DECL net::task<accepted> delete_cluster(
    net::any_stream& stream, peer const& server, access_token const& as, std::string const& name, diagnostics& diag)
{
    auto const request = proto::delete_cluster_request(server.endpoint(), as, name, diag);
    if (request.has_error())
        co_return request.error();
    auto const reply = co_await net::exchange(stream, *request, server.limits(), diag);
    if (reply.has_error())
        co_return reply.error();
    auto outcome = proto::read_delete_cluster_reply(*reply, *request, diag);
    if (outcome.has_value() || diag.http_status >= 400)
        diag.step = step::done;
    co_return outcome;
}

} // namespace pks::inline v0::operations

#ifdef PKS_SEPARATE_COMPILATION
namespace pks::inline v0::net {

template void start_stream_operation<accepted, access_token, std::string>(std::unique_ptr<any_stream>, peer,
    diagnostics*, handler<accepted>, stream_body<accepted, access_token, std::string>, access_token, std::string);

} // namespace pks::inline v0::net
#endif
