// Runs an operation's coroutine over a stream that the caller owns.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/operation.hpp>
#include <pks/peer.hpp>

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pks::inline v0::net {

/// The body of an operation: one exchange, from arguments to result.
template <class T, class... Args>
using stream_body = task<T> (*)(any_stream&, peer const&, Args const&..., diagnostics&);

/// Keeps everything that the body refers to until it ends. Without a diagnostics object of the caller the body writes
/// to one that nobody reads.
template <class T, class... Args>
void start_stream_operation(std::unique_ptr<any_stream> stream, peer server, diagnostics* diag, handler<T> then,
    std::type_identity_t<stream_body<T, Args...>> body, Args... args)
{
    auto executor = stream->get_executor();
    auto run = [stream = std::move(stream), server = std::move(server), body, diag, unread = diagnostics(),
                   args = std::tuple<Args...>(std::move(args)...)]() mutable {
        auto& seen = diag ? *diag : unread;
        seen.clear();
        seen.endpoint = server.endpoint().authority();
        auto call = [&](Args const&... a) { return body(*stream, server, a..., seen); };
        return std::apply(call, args);
    };
    start_operation<T>(std::move(executor), std::move(run), std::move(then));
}

} // namespace pks::inline v0::net
