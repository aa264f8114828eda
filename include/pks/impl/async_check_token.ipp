// Bodies of uaa/async_check_token.hpp.
#pragma once

#include <pks/net/exchange.hpp>
#include <pks/net/operation.hpp>
#include <pks/proto/token_messages.hpp>
#include <pks/uaa/async_check_token.hpp>

namespace pks::inline v0::uaa::operations {

PKS_DECL net::task<token_claims> check_token(net::any_stream& stream, peer const& server,
    client_authentication const& as, secret const& subject, diagnostics& diag)
{
    auto const request = proto::check_token_request(server.endpoint(), as, subject, diag);
    if (request.has_error())
        co_return request.error();
    auto const reply = co_await net::exchange(stream, *request, server.limits(), diag);
    if (reply.has_error())
        co_return reply.error();
    auto outcome = proto::read_check_token_reply(*reply, *request, diag);
    if (outcome.has_value() || diag.http_status >= 400)
        diag.step = step::done;
    co_return outcome;
}

} // namespace pks::inline v0::uaa::operations

#ifdef PKS_SEPARATE_COMPILATION
namespace pks::inline v0::net {

template void start_stream_operation<token_claims, client_authentication, secret>(std::unique_ptr<any_stream>, peer,
    diagnostics*, handler<token_claims>, stream_body<token_claims, client_authentication, secret>,
    client_authentication, secret);

} // namespace pks::inline v0::net
#endif
