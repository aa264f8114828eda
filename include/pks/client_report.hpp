// How a client is doing, for people, logs and metrics.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace pks::inline v0 {

/// What client::explain() tells: a moment's view, without secrets or text of a server.
class client_report
{
public:
    client_report() = default;

    /// Connections to one server.
    class connections
    {
    public:
        connections() = default;

        std::string server;   ///< `host:port`
        std::size_t used = 0; ///< by operations under way
        std::size_t idle = 0; ///< open, and to be used next
        std::uint64_t opened = 0;
        std::uint64_t resumed = 0; ///< of these with a TLS session that was known
        std::uint64_t reused = 0;  ///< exchanges over one that had carried another
        error_code last_failure;   ///< of opening one
    };

    bool logged_in = false; ///< there are credentials to get a token with
    bool has_token = false; ///< that has not expired
    bool fetching = false;  ///< a token, now
    std::optional<std::chrono::milliseconds> token_ends_in;
    std::uint64_t token_generation = 0; ///< tokens so far
    std::uint64_t failed_fetches = 0;   ///< in a row
    error_code last_fetch;              ///< why the last fetch failed; success where it did not

    connections api;
    connections uaa;

    std::uint64_t attempts = 0; ///< requests sent, or tried to
    std::uint64_t retries = 0;  ///< of these again
    error_code last_failure;    ///< of an attempt

    /// A few lines of text.
    PKS_DECL std::string message() const;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/client_report.ipp>
#endif
