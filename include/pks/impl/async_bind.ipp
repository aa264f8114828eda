// Bodies of async_bind.hpp.
#pragma once

#include <pks/async_bind.hpp>
#include <pks/net/exchange.hpp>
#include <pks/net/operation.hpp>
#include <pks/proto/bind_messages.hpp>

namespace pks::inline v0::operations {

PKS_DECL net::task<kubeconfig> bind(
    net::any_stream& stream, peer const& server, access_token const& as, binding_request const& what, diagnostics& diag)
{
    auto const request = proto::bind_request(server.endpoint(), as, what, diag);
    if (request.has_error())
        co_return request.error();
    auto const reply = co_await net::exchange(stream, *request, server.limits(), diag);
    if (reply.has_error())
        co_return reply.error();
    auto outcome = proto::read_bind_reply(*reply, *request, diag);
    if (outcome.has_value() || diag.http_status >= 400)
        diag.step = step::done;
    co_return outcome;
}

} // namespace pks::inline v0::operations

#ifdef PKS_SEPARATE_COMPILATION
namespace pks::inline v0::net {

template void start_stream_operation<kubeconfig, access_token, binding_request>(std::unique_ptr<any_stream>, peer,
    diagnostics*, handler<kubeconfig>, stream_body<kubeconfig, access_token, binding_request>, access_token,
    binding_request);

} // namespace pks::inline v0::net
#endif
