// One request and its response over a stream.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/detail/wiped_string.hpp>
#include <pks/diagnostics.hpp>
#include <pks/limits.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/handler.hpp>
#include <pks/proto/request.hpp>
#include <pks/proto/response_parser.hpp>

namespace pks::inline v0::net {

/// How far an exchange came, also if it failed.
class exchange_progress
{
public:
    exchange_progress() = default;

    bool sent = false;    ///< octets of the request may have left
    bool replied = false; ///< octets of a response came
    bool alone = false;   ///< nothing came behind the response, not even the end of the connection
};

/// Sends the request and reads the final response, within the limits. The request is checked before its first octet is
/// sent. `diag.reusable` tells whether the connection may carry another exchange; after an error it never may.
///
/// A server may refuse a request before it has read it, and then read no more of it: where a write fails, a refusal that
/// has come is the response.
///
/// Errors: errc::forbidden_character, those of proto::response_parser, the stream's own.
PKS_DECL task<proto::response> exchange(any_stream& stream, proto::request const& request, http_limits const& limits,
    diagnostics& diag, exchange_progress* progress = nullptr);

/// The same for a request that was serialized before. `without_body`: the response has none, whatever it says.
PKS_DECL task<proto::response> exchange(any_stream& stream, pks::detail::wiped_string const& message, bool without_body,
    http_limits const& limits, diagnostics& diag, exchange_progress* progress = nullptr);

/// Whether the response to it has no body, whatever it says.
PKS_DECL bool is_answered_without_body(proto::request const& request) noexcept;

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/exchange.ipp>
#endif
