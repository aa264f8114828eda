// What the initiations of the operations have in common: the executor they run on, and where they lead.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/handler.hpp>
#include <pks/peer.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace pks::inline v0::net {

class initiation
{
public:
    using executor_type = boost::asio::any_io_executor;

    explicit initiation(executor_type executor) : executor_(std::move(executor)) {}

    executor_type get_executor() const noexcept
    {
        return executor_;
    }

private:
    executor_type executor_;
};

/// The body of an operation over a stream that the caller owns: one exchange, from arguments to result.
template <class T, class... Args>
using stream_body = task<T> (*)(any_stream&, peer const&, Args const&..., diagnostics&);

/// Runs `body` on the stream's executor, and keeps everything that it refers to until it ends.
///
/// A template, so that the header-only mode compiles no operation that nobody starts. Defined where the bodies are; the
/// compiled mode instantiates it beside each.
template <class T, class... Args>
void start_stream_operation(std::unique_ptr<any_stream> stream, peer server, diagnostics* diag, handler<T> then,
    std::type_identity_t<stream_body<T, Args...>> body, Args... args);

} // namespace pks::inline v0::net
