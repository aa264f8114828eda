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

constexpr bool is_no_control(char c) noexcept
{
    return !is_control(c);
}

/// Questions about 16 octets at once, for what each request and each reply has: tokens, values of fields. GCC and Clang
/// answer them with instructions of whatever machine; loops they vectorize only as they please.
using octets = signed char __attribute__((vector_size(16)));

inline bool any_true(octets const& verdicts) noexcept
{
    std::uint64_t halves[2];
    std::memcpy(halves, &verdicts, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/// Takes them from the beginning of the text, which has as many.
inline octets take_octets(std::string_view& text) noexcept
{
    octets out;
    std::memcpy(&out, text.data(), sizeof out);
    text.remove_prefix(sizeof out);
    return out;
}

inline bool has_control(std::string_view text) noexcept
{
    octets bad{};
    while (text.size() >= sizeof bad) {
        auto const some = take_octets(text);
        bad |= ((some >= 0) & (some < 0x20)) | (some == 0x7f);
    }
    return any_true(bad) || !all_are(is_no_control, text);
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

inline bool all_visible(std::string_view text) noexcept
{
    octets bad{};
    while (text.size() >= sizeof bad) {
        auto const some = take_octets(text);
        bad |= (some <= 0x20) | (some == 0x7f); // from 0x80 on they are negative
    }
    return !any_true(bad) && all_are(is_visible, text);
}

} // namespace pks::inline v0::detail
