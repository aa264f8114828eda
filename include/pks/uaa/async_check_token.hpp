// uaa::async_check_token: asks the UAA what a token is worth, over a stream that the caller owns.
#pragma once

#include <pks/credentials.hpp>
#include <pks/diagnostics.hpp>
#include <pks/secret.hpp>
#include <pks/token_claims.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/initiation.hpp>
#include <pks/peer.hpp>

#include <boost/asio/deferred.hpp>

#include <memory>
#include <utility>

namespace pks::inline v0::uaa {

namespace operations {

/// The operation's body: also what pks::client runs over connections of its own.
PKS_DECL net::task<token_claims> check_token(net::any_stream& stream, peer const& server,
    client_authentication const& as, secret const& subject, diagnostics& diag);

struct initiate_check_token : net::initiation
{
    using net::initiation::initiation;

    template <class Handler, class Stream>
    void operator()(
        Handler&& then, Stream* stream, peer server, client_authentication as, secret subject, diagnostics* diag) const
    {
        net::start_stream_operation<token_claims, client_authentication, secret>(
            std::make_unique<net::stream_ref<Stream>>(*stream), std::move(server), diag,
            net::handler<token_claims>(std::forward<Handler>(then)), &check_token, std::move(as), std::move(subject));
    }
};

} // namespace operations

/// Asks the UAA about a token: `POST /check_token`.
///
/// @param stream  connected, for TLS after the handshake, with nothing unread; any Beast-style stream.
/// @param server  the UAA's address, or a peer with limits and clock of its own.
/// @param as      a client with the authority `uaa.resource`; Basic whatever the method says, since forms do not count here.
/// @param subject the token to ask about.
/// @param diag    filled, where given.
/// @param token   completion token, default `deferred`; signature `void(error_code, token_claims)`.
///
/// Executor: the handler's associated executor; by default the stream's, on which all work is done.
/// Cancellation: terminal and partial; the connection must then not be used again.
/// Errors: oauth_errc::invalid_token for a token that is not accepted; oauth_errc::bad_credentials, access_denied for the client
/// that asks; errc; the stream's own.
/// Lifetimes: stream and diag must outlive the operation. Not thread-safe per stream, as any stream.
/// Source: facts on `/check_token` (§2.3).
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_check_token(
    Stream& stream, peer server, client_authentication as, secret subject, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, token_claims)>(
        operations::initiate_check_token(stream.get_executor()), token, &stream, std::move(server), std::move(as),
        std::move(subject), static_cast<diagnostics*>(nullptr));
}

/// \overload
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_check_token(Stream& stream, peer server, client_authentication as, secret subject, diagnostics& diag,
    CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, token_claims)>(
        operations::initiate_check_token(stream.get_executor()), token, &stream, std::move(server), std::move(as),
        std::move(subject), &diag);
}

} // namespace pks::inline v0::uaa

#ifdef PKS_HEADER_ONLY
#include <pks/impl/async_check_token.ipp>
#endif
