// Questions about the characters of a text.
#pragma once

#include <cstdint>
#include <cstring>
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

/// Eight at a time: most of what is sent is a token.
inline bool has_control(std::string_view text) noexcept
{
    constexpr std::uint64_t each = 0x0101010101010101;
    std::uint64_t found = 0;
    for (; text.size() >= sizeof found; text.remove_prefix(sizeof found)) {
        std::uint64_t octets = 0;
        std::memcpy(&octets, text.data(), sizeof octets);
        auto const low = octets & (0x7f * each);
        // In the upper bit of each: less than 0x20, or 0x7f, and that bit itself is clear.
        found |= (~(low + 0x60 * each) | (low + each)) & ~octets;
    }
    if ((found & (0x80 * each)) != 0)
        return true;
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

/// all_are(is_visible, text), eight at a time: for a token, which is looked at with each request.
inline bool all_visible(std::string_view text) noexcept
{
    constexpr std::uint64_t each = 0x0101010101010101;
    std::uint64_t high = 0; // the upper bit of each octet: something was out of range
    for (; text.size() >= sizeof high; text.remove_prefix(sizeof high)) {
        std::uint64_t octets = 0;
        std::memcpy(&octets, text.data(), sizeof octets);
        auto const low = octets & (0x7f * each);
        // 0x21 + 0x5f is the first sum with the upper bit; 0x7f + 1 is another one.
        high |= octets | ~(low + 0x5f * each) | (low + each);
    }
    return (high & (0x80 * each)) == 0 && all_are(is_visible, text);
}

} // namespace pks::inline v0::detail
