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

} // namespace pks::inline v0::uaa::operations

#ifdef PKS_SEPARATE_COMPILATION
namespace pks::inline v0::net {

template void start_stream_operation<access_token, credentials>(std::unique_ptr<any_stream>, peer, diagnostics*,
    handler<access_token>, stream_body<access_token, credentials>, credentials);

} // namespace pks::inline v0::net
#endif
