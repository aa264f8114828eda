// uaa::async_target: asks a UAA what it is, over a stream that the caller owns.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/target_info.hpp>
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
PKS_DECL net::task<target_info> target(net::any_stream& stream, peer const& server, diagnostics& diag);

struct initiate_target : net::initiation
{
    using net::initiation::initiation;

    template <class Handler, class Stream>
    void operator()(Handler&& then, Stream* stream, peer server, diagnostics* diag) const
    {
        net::start_stream_operation<target_info>(std::make_unique<net::stream_ref<Stream>>(*stream), std::move(server),
            diag, net::handler<target_info>(std::forward<Handler>(then)), &target);
    }
};

} // namespace operations

/// Asks a UAA what it is: `GET /login`, as `uaac target` does.
///
/// @param stream  connected, for TLS after the handshake, with nothing unread; any Beast-style stream.
/// @param server  the UAA's address, or a peer with limits and clock of its own.
/// @param diag    filled, where given.
/// @param token   completion token, default `deferred`; signature `void(error_code, target_info)`.
///
/// Executor: the handler's associated executor; by default the stream's, on which all work is done.
/// Cancellation: terminal and partial; the connection must then not be used again.
/// Errors: errc (refused before sending, or a reply that cannot be read), oauth_errc (the UAA refused), the stream's own.
/// Lifetimes: stream and diag must outlive the operation. Not thread-safe per stream, as any stream.
/// Source: facts on `uaac target` (§1.2) and `GET /login` (§2.1).
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_target(Stream& stream, peer server, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, target_info)>(
        operations::initiate_target(stream.get_executor()), token, &stream, std::move(server),
        static_cast<diagnostics*>(nullptr));
}

/// \overload
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_target(Stream& stream, peer server, diagnostics& diag, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, target_info)>(
        operations::initiate_target(stream.get_executor()), token, &stream, std::move(server), &diag);
}

} // namespace pks::inline v0::uaa

#ifdef PKS_HEADER_ONLY
#include <pks/impl/async_target.ipp>
#endif
