// async_bind: credentials of a cluster, over a stream that the caller owns.
#pragma once

#include <pks/access_token.hpp>
#include <pks/binding_request.hpp>
#include <pks/diagnostics.hpp>
#include <pks/kubeconfig.hpp>
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
PKS_DECL net::task<kubeconfig> bind(net::any_stream& stream, peer const& server, access_token const& as,
    binding_request const& what, diagnostics& diag);

struct initiate_bind : net::initiation
{
    using net::initiation::initiation;

    template <class Handler, class Stream>
    void operator()(
        Handler&& then, Stream* stream, peer server, access_token as, binding_request what, diagnostics* diag) const
    {
        net::start_stream_operation<kubeconfig, access_token, binding_request>(
            std::make_unique<net::stream_ref<Stream>>(*stream), std::move(server), diag,
            net::handler<kubeconfig>(std::forward<Handler>(then)), &bind, std::move(as), std::move(what));
    }
};

} // namespace operations

/// Asks for the credentials of a cluster: `POST /v1/clusters/NAME/binds`, which makes new ones for the caller each
/// time, or `GET /v1/clusters/NAME/binds/USER`. A cluster's name alone converts to a request for the caller.
///
/// @param stream  connected, for TLS after the handshake, with nothing unread; any Beast-style stream.
/// @param server  the PKS API's address (port 9021), or a peer with limits and clock of its own.
/// @param as      the access token of the identity.
/// @param what    which cluster, and for whom.
/// @param diag    filled, where given.
/// @param token   completion token, default `deferred`; signature `void(error_code, kubeconfig)`.
///
/// Executor: the handler's associated executor; by default the stream's, on which all work is done.
/// Cancellation: terminal and partial; the connection must then not be used again.
/// After a failure that is no answer of the API nobody knows whether credentials were made.
/// Errors: errc (refused before sending, or a reply that cannot be read), api_errc (the API refused), the stream's own.
/// Lifetimes: stream and diag must outlive the operation. Not thread-safe per stream, as any stream.
/// Source: facts on the API (§4).
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_bind(Stream& stream, peer server, access_token as, binding_request what, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, kubeconfig)>(
        operations::initiate_bind(stream.get_executor()), token, &stream, std::move(server), std::move(as),
        std::move(what), static_cast<diagnostics*>(nullptr));
}

/// \overload
template <class Stream, class CompletionToken = boost::asio::deferred_t>
auto async_bind(
    Stream& stream, peer server, access_token as, binding_request what, diagnostics& diag, CompletionToken&& token = {})
{
    return boost::asio::async_initiate<CompletionToken, void(error_code, kubeconfig)>(
        operations::initiate_bind(stream.get_executor()), token, &stream, std::move(server), std::move(as),
        std::move(what), &diag);
}

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/async_bind.ipp>
#endif
