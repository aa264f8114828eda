// The character classes and small productions of HTTP/1.1 messages (RFC 9110 §5, RFC 9112 §7).
#pragma once

#include <pks/detail/characters.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace pks::inline v0::proto::http_grammar {

constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool same_text(std::string_view a, std::string_view b) noexcept
{
    return std::ranges::equal(a, b, {}, lower, lower);
}

constexpr bool is_space(char c) noexcept
{
    return c == ' ' || c == '\t';
}

constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

inline constexpr auto token_chars = [] {
    std::array<bool, 256> table{};
    for (char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

constexpr bool is_token_char(char c) noexcept
{
    return token_chars[static_cast<unsigned char>(c)];
}

// What a field value, a reason phrase and a quoted string may hold: HTAB, SP, VCHAR, obs-text.
constexpr bool is_text_char(char c) noexcept
{
    auto const octet = static_cast<unsigned char>(c);
    return octet == '\t' || (octet >= 0x20 && octet != 0x7f);
}

inline bool is_text(std::string_view text) noexcept
{
    return !pks::detail::has_control(text) || pks::detail::all_are(is_text_char, text);
}

constexpr void skip_spaces(std::string_view& text) noexcept
{
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
}

constexpr std::string_view trimmed(std::string_view text) noexcept
{
    skip_spaces(text);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

constexpr bool skip_char(std::string_view& text, char c) noexcept
{
    if (!text.starts_with(c))
        return false;
    text.remove_prefix(1);
    return true;
}

constexpr bool skip_token(std::string_view& text) noexcept
{
    auto const end = std::ranges::find_if_not(text, is_token_char);
    auto const size = static_cast<std::size_t>(end - text.begin());
    text.remove_prefix(size);
    return size != 0;
}

constexpr bool skip_quoted_string(std::string_view& text) noexcept
{
    if (!skip_char(text, '"'))
        return false;
    while (!text.empty()) {
        if (skip_char(text, '"'))
            return true;
        skip_char(text, '\\');
        if (text.empty() || !is_text_char(text.front()))
            return false;
        text.remove_prefix(1);
    }
    return false;
}

// RFC 9112 §7.1.1: *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
constexpr bool is_chunk_extension(std::string_view text) noexcept
{
    while (!text.empty()) {
        skip_spaces(text);
        if (!skip_char(text, ';'))
            return false;
        skip_spaces(text);
        if (!skip_token(text))
            return false;
        auto value = text;
        skip_spaces(value);
        if (skip_char(value, '=')) {
            skip_spaces(value);
            if (!skip_token(value) && !skip_quoted_string(value))
                return false;
            text = value;
        }
    }
    return true;
}

constexpr int hex_value(char c) noexcept
{
    if (is_digit(c))
        return c - '0';
    auto const letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// Calls f with every element of a comma-separated list, trimmed, until it returns false.
template <class F>
constexpr bool each_element(std::string_view list, F f)
{
    while (true) {
        auto const comma = list.find(',');
        if (!f(trimmed(list.substr(0, comma))))
            return false;
        if (comma == std::string_view::npos)
            return true;
        list.remove_prefix(comma + 1);
    }
}

} // namespace pks::inline v0::proto::http_grammar
