// What happened during an operation, for people and logs.
#pragma once

#include <pks/detail/config.hpp>

#include <string>
#include <string_view>

namespace pks::inline v0 {

/// The step an operation had reached.
enum class step {
    none,      ///< nothing was done: the input was refused
    load,      ///< loading trust or client certificate
    resolve,   ///< looking up the host name
    connect,   ///< TCP
    handshake, ///< TLS
    write,     ///< sending the request
    read,      ///< receiving the reply
    parse,     ///< understanding the reply
    done,      ///< the reply was understood; a refusal is an answer, too
};

PKS_DECL std::string_view to_string(step s) noexcept;

/// Filled by the operations' overloads that take one; cleared when the operation starts.
///
/// No member ever holds a secret or a token of this side. `error`, `error_description` and `body` are text of the
/// server, each the first 4 KiB: show them as such, and mind that a hostile server writes what it likes. What a server
/// repeats of a secret of 8 octets and more that was sent to it is replaced by `[redacted]`. A token reply that cannot
/// be read is not kept at all.
///
/// Lifetime: must live until the operation completes. Thread safety: written by the operation on its executor; read
/// it after completion.
class diagnostics
{
public:
    diagnostics() = default;

    pks::step step = pks::step::none; ///< the last step begun
    std::string endpoint;             ///< `host:port` of the exchange
    int attempts = 0;                 ///< requests sent
    int http_status = 0;              ///< of the reply, 0 without one
    std::string error;                ///< server text: OAuth `error`
    std::string error_description;    ///< server text: OAuth `error_description`, the five basic HTML escapes undone
    std::string body;                 ///< server text: the refusal's body
    std::string detail;               ///< ours: which input, which file, which part of the reply
    bool reusable = false;            ///< the connection may carry another request

    /// It failed, or was cancelled, and what it was to change may have happened nevertheless.
    bool outcome_unknown = false;

    PKS_DECL void clear();

    /// One line of UTF-8: step, endpoint, status, and the texts. Control characters of the server, and octets that are
    /// no UTF-8, are shown as `\xNN`.
    PKS_DECL std::string message() const;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/diagnostics.ipp>
#endif
