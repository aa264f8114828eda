// application/x-www-form-urlencoded, out and in.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/detail/wiped_string.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0::proto {

/// Appends the encoding of a text: unreserved octets are `A-Z a-z 0-9 * - . _`, a space is `+`.
/// Source: URL Living Standard, application/x-www-form-urlencoded; what uaac sends.
PKS_DECL void append_form_encoded(std::string& out, std::string_view text);
PKS_DECL void append_form_encoded(pks::detail::wiped_string& out, std::string_view text);

/// The encoding changes nothing.
PKS_DECL bool form_encodes_to_itself(std::string_view text) noexcept;

/// Appends `name=value`, after an `&` where something stands before it.
PKS_DECL void append_form_field(pks::detail::wiped_string& out, std::string_view name, std::string_view value);

/// Decodes one text. Nothing for a `%` without two hex digits.
PKS_DECL std::optional<std::string> form_decode(std::string_view text);

/// Decodes a form or query, in order, repeated names kept. A field that cannot be decoded is left out, as Tomcat does.
PKS_DECL std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/form.ipp>
#endif
