// Bodies of uaa/async_token_keys.hpp.
#pragma once

#include <pks/net/exchange.hpp>
#include <pks/net/operation.hpp>
#include <pks/proto/token_messages.hpp>
#include <pks/uaa/async_token_keys.hpp>

namespace pks::inline v0::uaa::operations {

PKS_DECL net::task<token_keys> get_token_keys(
    net::any_stream& stream, peer const& server, std::string const& etag, diagnostics& diag)
{
    auto const request = proto::token_keys_request(server.endpoint(), etag);
    auto const reply = co_await net::exchange(stream, request, server.limits(), diag);
    if (reply.has_error())
        co_return reply.error();
    auto outcome = proto::read_token_keys_reply(*reply, request, diag);
    if (outcome.has_value() || diag.http_status >= 400)
        diag.step = step::done;
    co_return outcome;
}

PKS_DECL void start_token_keys(std::unique_ptr<net::any_stream> stream, peer server, std::string etag, diagnostics* diag, net::handler<token_keys> then)
{
    net::start_stream_operation<token_keys>(
        std::move(stream), std::move(server), diag, std::move(then), &get_token_keys, std::move(etag));
}

} // namespace pks::inline v0::uaa::operations
