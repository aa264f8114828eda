// async_delete_cluster: begins to delete a cluster, over a stream that the caller owns.
#pragma once

#include <pks/accepted.hpp>
#include <pks/access_token.hpp>
#include <pks/diagnostics.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/initiation.hpp>
#include <pks/peer.hpp>

#include <boost/asio/deferred.hpp>

#include <memory>
#include <string>
#include <utility>

namespace pks::inline v0 {

namespace operations {

/// The operation's body: also what pks::client runs over connections of its own.
PKS_DECL net::task<accepted> delete_cluster(
    net::any_stream& stream, peer const& server, access_token const& as, std::string const& name, diagnostics& diag);

struct initiate_delete_cluster : net::initiation
{
    using net::initiation::initiation;

    template <class Handler, class Stream>
    void operator()(
        Handler&& then, Stream* stream, peer server, access_token as, std::string name, diagnostics* diag) const
    {
        net::start_stream_operation<accepted, access_token, std::string>(
            std::make_unique<net::stream_ref<Stream>>(*stream), std::move(server), diag,
            net::handler<accepted>(std::forward<Handler>(then)), &delete_cluster, std::move(as), std::move(name));
    }
};

} // namespace operations

/// Deletes a cluster: `DELETE /v1/clusters/NAME`. It takes minutes: poll async_get_cluster until there is none. Safe to
/// repeat.
///
/// @param stream  connected, for TLS after the handshake, with nothing unread; any Beast-style stream.
/// @param server  the PKS API's address (port 9021), or a peer with limits and clock of its own.
/// @param as      the access token of the identity.
/// @param name    of the cluster.
/// @param diag    filled, where given.
/// @param token   completion token, default `deferred`; signature `void(error_code, accepted)`.
///
/// Executor: the handler's associated executor; by default the stream's, on which all work is done.
/// Cancellation: terminal and partial; the connection must then not be used again.
/// Errors: errc (refused before sending, or a reply that cannot be read), api_errc (the API refused), the stream's own.
/// Lifetimes: stream and diag must outlive the operation. Not thread-safe per stream, as any stream.
/// Source: facts on the API (§4).
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_delete_cluster(Stream& stream, peer server, access_token as, std::string name, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, accepted)>(
        operations::initiate_delete_cluster(stream.get_executor()), token, &stream, std::move(server), std::move(as),
        std::move(name), static_cast<diagnostics*>(nullptr));
}

/// \overload
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_delete_cluster(
    Stream& stream, peer server, access_token as, std::string name, diagnostics& diag, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, accepted)>(
        operations::initiate_delete_cluster(stream.get_executor()), token, &stream, std::move(server), std::move(as),
        std::move(name), &diag);
}

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/async_delete_cluster.ipp>
#endif
