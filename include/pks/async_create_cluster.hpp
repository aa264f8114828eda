// async_create_cluster: begins to create a cluster, over a stream that the caller owns.
#pragma once

#include <pks/access_token.hpp>
#include <pks/cluster.hpp>
#include <pks/cluster_request.hpp>
#include <pks/diagnostics.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/initiation.hpp>
#include <pks/peer.hpp>

#include <boost/asio/deferred.hpp>

#include <memory>
#include <utility>

namespace pks::inline v0 {

namespace operations {

/// The operation's body: also what pks::client runs over connections of its own.
PKS_DECL net::task<cluster> create_cluster(net::any_stream& stream, peer const& server, access_token const& as,
    cluster_request const& what, diagnostics& diag);

struct initiate_create_cluster : net::initiation
{
    using net::initiation::initiation;

    template <class Handler, class Stream>
    void operator()(
        Handler&& then, Stream* stream, peer server, access_token as, cluster_request what, diagnostics* diag) const
    {
        net::start_stream_operation<cluster, access_token, cluster_request>(
            std::make_unique<net::stream_ref<Stream>>(*stream), std::move(server), diag,
            net::handler<cluster>(std::forward<Handler>(then)), &create_cluster, std::move(as), std::move(what));
    }
};

} // namespace operations

/// Creates a cluster: `POST /v1/clusters`. The reply shows it in progress; it takes minutes, and may fail in the end:
/// poll async_get_cluster. A name that exists is api_errc::conflict.
///
/// @param stream  connected, for TLS after the handshake, with nothing unread; any Beast-style stream.
/// @param server  the PKS API's address (port 9021), or a peer with limits and clock of its own.
/// @param as      the access token of the identity.
/// @param what    the cluster.
/// @param diag    filled, where given.
/// @param token   completion token, default `deferred`; signature `void(error_code, cluster)`.
///
/// Executor: the handler's associated executor; by default the stream's, on which all work is done.
/// Cancellation: terminal and partial; the connection must then not be used again.
/// After a failure that is no answer of the API nobody knows whether the change was made: look before it is repeated.
/// Errors: errc (refused before sending, or a reply that cannot be read), api_errc (the API refused), the stream's own.
/// Lifetimes: stream and diag must outlive the operation. Not thread-safe per stream, as any stream.
/// Source: facts on the API (§4).
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_create_cluster(
    Stream& stream, peer server, access_token as, cluster_request what, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, cluster)>(
        operations::initiate_create_cluster(stream.get_executor()), token, &stream, std::move(server), std::move(as),
        std::move(what), static_cast<diagnostics*>(nullptr));
}

/// \overload
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_create_cluster(
    Stream& stream, peer server, access_token as, cluster_request what, diagnostics& diag, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, cluster)>(
        operations::initiate_create_cluster(stream.get_executor()), token, &stream, std::move(server), std::move(as),
        std::move(what), &diag);
}

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/async_create_cluster.ipp>
#endif
