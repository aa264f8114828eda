// One request and its response over a stream.
#pragma once

#include <pks/detail/config.hpp>
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
};

/// Sends the request and reads the final response, within the limits. The request is checked before its first octet is
/// sent. `diag.reusable` tells whether the connection may carry another exchange; after an error it never may.
///
/// Errors: errc::forbidden_character, those of proto::response_parser, the stream's own.
PKS_DECL task<proto::response> exchange(any_stream& stream, proto::request const& request, http_limits const& limits,
    diagnostics& diag, exchange_progress* progress = nullptr);

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/exchange.ipp>
#endif
