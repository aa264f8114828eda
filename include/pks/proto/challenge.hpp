// What a server asks for in a field WWW-Authenticate.
#pragma once

#include <pks/detail/config.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace pks::inline v0::proto {

/// A parameter of a challenge of that scheme, quotes and escapes resolved: the first of that name, where a field has
/// several. Nothing if there is none, or if the field cannot be read up to it.
///
/// Source: RFC 9110 §11.2, §11.3, §11.6.1.
PKS_DECL std::optional<std::string> challenge_parameter(
    std::string_view field, std::string_view scheme, std::string_view name);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/challenge.ipp>
#endif
