// uaa::async_get_token: credentials in, access token out, over a stream that the caller owns.
#pragma once

#include <pks/access_token.hpp>
#include <pks/credentials.hpp>
#include <pks/diagnostics.hpp>
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
PKS_DECL net::task<access_token> get_token(
    net::any_stream& stream, peer const& server, credentials const& with, diagnostics& diag);

struct initiate_get_token : net::initiation
{
    using net::initiation::initiation;

    template <class Handler, class Stream>
    void operator()(Handler&& then, Stream* stream, peer server, credentials with, diagnostics* diag) const
    {
        net::start_stream_operation<access_token, credentials>(std::make_unique<net::stream_ref<Stream>>(*stream),
            std::move(server), diag, net::handler<access_token>(std::forward<Handler>(then)), &get_token,
            std::move(with));
    }
};

} // namespace operations

/// Gets an access token: `POST /oauth/token`.
///
/// @param stream  connected, for TLS after the handshake, with nothing unread; any Beast-style stream.
/// @param server  the UAA's address (or a peer with limits and clock of its own); its path is the target's prefix.
/// @param with    grant and client.
/// @param diag    filled, where given.
/// @param token   completion token, default `deferred`; signature `void(error_code, access_token)`.
///
/// Executor: the handler's associated executor; by default the stream's, on which all work is done.
/// Cancellation: terminal and partial; the connection must then not be used again, and a token may have been issued.
/// Errors: errc (refused before sending, or a reply that cannot be read), oauth_errc (the UAA refused), the stream's own.
/// Nothing is ever sent twice.
/// Lifetimes: stream and diag must outlive the operation. Not thread-safe per stream, as any stream.
/// Source: RFC 6749 §4, §5; RFC 7636; RFC 7523; facts on `/oauth/token` (§2.2).
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_get_token(Stream& stream, peer server, credentials with, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, access_token)>(
        operations::initiate_get_token(stream.get_executor()), token, &stream, std::move(server), std::move(with),
        static_cast<diagnostics*>(nullptr));
}

/// \overload
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_get_token(Stream& stream, peer server, credentials with, diagnostics& diag, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, access_token)>(
        operations::initiate_get_token(stream.get_executor()), token, &stream, std::move(server), std::move(with),
        &diag);
}

} // namespace pks::inline v0::uaa

#ifdef PKS_HEADER_ONLY
#include <pks/impl/async_get_token.ipp>
#endif
