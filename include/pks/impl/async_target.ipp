// Bodies of uaa/async_target.hpp.
#pragma once

#include <pks/net/exchange.hpp>
#include <pks/net/operation.hpp>
#include <pks/proto/uaa_messages.hpp>
#include <pks/uaa/async_target.hpp>

namespace pks::inline v0::uaa::operations {

PKS_DECL net::task<target_info> target(net::any_stream& stream, peer const& server, diagnostics& diag)
{
    auto const request = proto::target_request(server.endpoint());
    auto const reply = co_await net::exchange(stream, request, server.limits(), diag);
    if (reply.has_error())
        co_return reply.error();
    auto outcome = proto::read_target_reply(*reply, request, diag);
    if (outcome.has_value() || diag.http_status >= 400)
        diag.step = step::done;
    co_return outcome;
}

} // namespace pks::inline v0::uaa::operations

#ifdef PKS_SEPARATE_COMPILATION
namespace pks::inline v0::net {

template void start_stream_operation<target_info>(
    std::unique_ptr<any_stream>, peer, diagnostics*, handler<target_info>, stream_body<target_info>);

} // namespace pks::inline v0::net
#endif
