// base64url without padding, as JOSE uses it.
#pragma once

#include <pks/detail/config.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace pks::inline v0::jose {

/// Encodes octets. Source: RFC 7515 §2, RFC 4648 §5.
PKS_DECL std::string base64url_encode(std::string_view octets);

/// Decodes strictly: no padding, no white space, no octet outside the alphabet, and the unused low bits of the last
/// character are zero, so that each octet sequence has exactly one text. Nothing where a rule is broken.
PKS_DECL std::optional<std::string> base64url_decode(std::string_view text);

} // namespace pks::inline v0::jose

#ifdef PKS_HEADER_ONLY
#include <pks/impl/base64url.ipp>
#endif
