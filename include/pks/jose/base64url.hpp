// base64url without padding, as JOSE uses it.
#pragma once

#include <pks/detail/config.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pks::inline v0::jose {

/// Encodes octets. Source: RFC 7515 §2, RFC 4648 §5.
PKS_DECL std::string base64url_encode(std::string_view octets);

/// Decodes strictly: no padding, no white space, no octet outside the alphabet, and the unused low bits of the last
/// character are zero, so that each octet sequence has exactly one text. Nothing where a rule is broken.
PKS_DECL std::optional<std::string> base64url_decode(std::string_view text);

/// How many octets a text of that length holds, if it is one.
constexpr std::size_t base64url_decoded_size(std::size_t text) noexcept
{
    return text / 4 * 3 + text % 4 * 3 / 4;
}

/// Decodes into storage of the caller, at least base64url_decoded_size octets, as strictly; how many octets it were.
/// After a failure, and behind the octets, the storage may hold anything.
PKS_DECL std::optional<std::size_t> base64url_decode(std::string_view text, std::span<char> out) noexcept;

} // namespace pks::inline v0::jose

#ifdef PKS_HEADER_ONLY
#include <pks/impl/base64url.ipp>
#endif
