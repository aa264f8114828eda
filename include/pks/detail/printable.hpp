// Which characters may be shown to people and sent in names.
#pragma once

#include <pks/detail/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace pks::inline v0::detail {

/// The size of the character that a text begins with, if it is well-formed UTF-8 (RFC 3629 §4) and no control of C0 or
/// C1; 0 otherwise. Many terminals take C1 for escape sequences, too.
PKS_DECL std::size_t printable_size(std::string_view text) noexcept;

/// Of printable characters only.
PKS_DECL bool is_printable(std::string_view text) noexcept;

/// With `\xNN` in place of every octet of what is not.
PKS_DECL std::string printable(std::string_view text);

} // namespace pks::inline v0::detail

#ifdef PKS_HEADER_ONLY
#include <pks/impl/printable.ipp>
#endif
