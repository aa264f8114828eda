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

} // namespace pks::inline v0::uaa::operations

#ifdef PKS_SEPARATE_COMPILATION
namespace pks::inline v0::net {

template void start_stream_operation<token_keys, std::string>(std::unique_ptr<any_stream>, peer, diagnostics*,
    handler<token_keys>, stream_body<token_keys, std::string>, std::string);

} // namespace pks::inline v0::net
#endif
