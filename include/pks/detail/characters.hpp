// Questions about the characters of a text.
#pragma once

#include <string_view>

namespace pks::inline v0::detail {

/// Takes a function and no template parameter: the standard's algorithms, unrolled for each predicate, made 2 % of a
/// header-only program.
constexpr bool all_are(bool (*of_class)(char), std::string_view text) noexcept
{
    for (char const c : text)
        if (!of_class(c))
            return false;
    return true;
}

constexpr bool is_control(char c) noexcept
{
    auto const octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7f;
}

constexpr bool has_control(std::string_view text) noexcept
{
    for (char const c : text)
        if (is_control(c))
            return true;
    return false;
}

constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

constexpr bool is_hex_digit(char c) noexcept
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

/// VCHAR of RFC 5234.
constexpr bool is_visible(char c) noexcept
{
    return c > 0x20 && c < 0x7f;
}

} // namespace pks::inline v0::detail
