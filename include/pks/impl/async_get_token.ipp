// Bodies of uaa/async_get_token.hpp.
#pragma once

#include <pks/net/exchange.hpp>
#include <pks/net/operation.hpp>
#include <pks/proto/uaa_messages.hpp>
#include <pks/uaa/async_get_token.hpp>

namespace pks::inline v0::uaa::operations {

PKS_DECL net::task<access_token> get_token(
    net::any_stream& stream, peer const& server, credentials const& with, diagnostics& diag)
{
    auto const request = proto::token_request(server.endpoint(), with, diag);
    if (request.has_error())
        co_return request.error();
    auto const reply = co_await net::exchange(stream, *request, server.limits(), diag);
    if (reply.has_error())
        co_return reply.error();
    auto outcome = proto::read_token_reply(*reply, *request, server.now(), diag);
    if (outcome.has_value() || diag.http_status >= 400)
        diag.step = step::done;
    co_return outcome;
}

PKS_DECL void start_get_token(std::unique_ptr<net::any_stream> stream, peer server, credentials with, diagnostics* diag, net::handler<access_token> then)
{
    net::start_stream_operation<access_token>(
        std::move(stream), std::move(server), diag, std::move(then), &get_token, std::move(with));
}

} // namespace pks::inline v0::uaa::operations
