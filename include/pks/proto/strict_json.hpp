// Parses JSON that comes from outside, and refuses what parsers disagree about.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>

#include <boost/json/fwd.hpp>
#include <pks/result.hpp>

#include <cstddef>
#include <string_view>

namespace pks::inline v0::proto {

class json_limits
{
public:
    json_limits() = default;

    std::size_t depth = 32; ///< arrays and objects within each other; `[]` has depth 1
};

/// Parses one JSON text (RFC 8259), which must be all there is but for whitespace around it.
///
/// Refused with malformed_json: a byte order mark, text that is not UTF-8, lone surrogates, comments, trailing commas,
/// numbers that no finite double holds, anything after the text. Refused with duplicate_member: an object with two
/// members whose names are the same after escapes are resolved. Refused with json_too_deep: more depth than the limit.
/// Integers beyond 64 bits become doubles.
///
/// `where`, if given, receives the offset of the octet at which an error was noticed (of a duplicate: the end of the
/// text). Errors carry no text of the input, which may be a secret.
PKS_DECL result<boost::json::value> parse_json(
    std::string_view text, json_limits const& limits = {}, std::size_t* where = nullptr);

/// The same, with the value and all working storage taken from `storage`.
PKS_DECL result<boost::json::value> parse_json(
    std::string_view text, json_limits const& limits, boost::json::storage_ptr storage, std::size_t* where = nullptr);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/strict_json.ipp>
#endif
