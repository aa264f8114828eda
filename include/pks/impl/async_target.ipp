// Bodies of uaa/async_target.hpp.
#pragma once

#include <pks/net/exchange.hpp>
#include <pks/net/operation.hpp>
#include <pks/proto/uaa_messages.hpp>
#include <pks/uaa/async_target.hpp>

namespace pks::inline v0::uaa::operations {

PKS_DECL net::task<target_info> target(
    net::any_stream& stream, peer const& server, diagnostics& diag)
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

PKS_DECL void start_target(std::unique_ptr<net::any_stream> stream, peer server, diagnostics* diag, net::handler<target_info> then)
{
    net::start_stream_operation<target_info>(
        std::move(stream), std::move(server), diag, std::move(then), &target);
}

} // namespace pks::inline v0::uaa::operations
