// Unpredictable identifiers.
#pragma once

#include <pks/detail/config.hpp>

#include <cstddef>
#include <string>

namespace pks::inline v0::testing {

/// 32 lower-case hex digits: a UUID without its dashes, as UAA makes a `jti`.
PKS_DECL std::string random_hex_id();

/// A UUID (RFC 4122 version 4) in its usual form.
PKS_DECL std::string random_uuid();

/// `size` characters of `A-Z a-z 0-9`.
PKS_DECL std::string random_text(std::size_t size);

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/random_id.ipp>
#endif
