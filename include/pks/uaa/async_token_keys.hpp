// uaa::async_token_keys: fetches the keys that a UAA signs with, over a stream that the caller owns.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/token_keys.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/initiation.hpp>
#include <pks/peer.hpp>

#include <boost/asio/deferred.hpp>

#include <memory>
#include <string>
#include <utility>

namespace pks::inline v0::uaa {

namespace operations {

/// The operation's body: also what pks::client runs over connections of its own.
PKS_DECL net::task<token_keys> get_token_keys(
    net::any_stream& stream, peer const& server, std::string const& etag, diagnostics& diag);

struct initiate_token_keys : net::initiation
{
    using net::initiation::initiation;

    template <class Handler, class Stream>
    void operator()(Handler&& then, Stream* stream, peer server, std::string etag, diagnostics* diag) const
    {
        net::start_stream_operation<token_keys, std::string>(std::make_unique<net::stream_ref<Stream>>(*stream),
            std::move(server), diag, net::handler<token_keys>(std::forward<Handler>(then)), &get_token_keys,
            std::move(etag));
    }
};

} // namespace operations

/// Fetches the UAA's keys: `GET /token_keys`.
///
/// @param stream  connected, for TLS after the handshake, with nothing unread; any Beast-style stream.
/// @param server  the UAA's address, or a peer with limits and clock of its own.
/// @param etag    of the set at hand, octet for octet, or empty; if it still holds, the answer is not_modified.
/// @param diag    filled, where given.
/// @param token   completion token, default `deferred`; signature `void(error_code, token_keys)`.
///
/// Executor: the handler's associated executor; by default the stream's, on which all work is done.
/// Cancellation: terminal and partial; the connection must then not be used again.
/// Errors: errc (refused before sending, or a reply that cannot be read), oauth_errc (the UAA refused), the stream's own.
/// Lifetimes: stream and diag must outlive the operation. Not thread-safe per stream, as any stream.
/// Source: RFC 7517 §5; RFC 9110 §13.1.2; facts on `/token_keys` (§2.5).
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_token_keys(Stream& stream, peer server, std::string etag, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, token_keys)>(
        operations::initiate_token_keys(stream.get_executor()), token, &stream, std::move(server), std::move(etag),
        static_cast<diagnostics*>(nullptr));
}

/// \overload
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_token_keys(Stream& stream, peer server, std::string etag, diagnostics& diag, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, token_keys)>(
        operations::initiate_token_keys(stream.get_executor()), token, &stream, std::move(server), std::move(etag),
        &diag);
}

} // namespace pks::inline v0::uaa

#ifdef PKS_HEADER_ONLY
#include <pks/impl/async_token_keys.ipp>
#endif
