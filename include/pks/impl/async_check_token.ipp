// Bodies of uaa/async_check_token.hpp.
#pragma once

#include <pks/net/exchange.hpp>
#include <pks/net/operation.hpp>
#include <pks/proto/token_messages.hpp>
#include <pks/uaa/async_check_token.hpp>

namespace pks::inline v0::uaa::operations {

PKS_DECL net::task<token_claims> check_token(
    net::any_stream& stream, peer const& server, client_authentication const& as, secret const& subject, diagnostics& diag)
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

PKS_DECL void start_check_token(std::unique_ptr<net::any_stream> stream, peer server, client_authentication as, secret subject, diagnostics* diag, net::handler<token_claims> then)
{
    net::start_stream_operation<token_claims>(
        std::move(stream), std::move(server), diag, std::move(then), &check_token, std::move(as), std::move(subject));
}

} // namespace pks::inline v0::uaa::operations
