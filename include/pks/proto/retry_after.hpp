// When a server wants to be asked again.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/proto/response_parser.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace pks::inline v0::proto {

/// A calendar time as HTTP writes it, in any of its three forms:
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
///
/// `now` tells the century of the second form: a year more than 50 years ahead is a past one. The name of the day is
/// not compared with the date. Nothing for any other text.
/// Source: RFC 9110 §5.6.7.
PKS_DECL std::optional<std::chrono::sys_seconds> read_http_date(std::string_view text, clock::time_point now) noexcept;

/// The value of `Retry-After`: seconds, or a time of which the distance from `now` is taken. Zero for a time that has
/// passed; at most 2^31 seconds; nothing for any other text, a negative number among them.
/// Source: RFC 9110 §10.2.3.
PKS_DECL std::optional<std::chrono::milliseconds> read_retry_after(
    std::string_view value, clock::time_point now) noexcept;

/// The same for a reply. Nothing where it has no such field, or more than one.
PKS_DECL std::optional<std::chrono::milliseconds> read_retry_after(
    response const& reply, clock::time_point now) noexcept;

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/retry_after.ipp>
#endif
