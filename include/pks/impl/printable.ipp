// Bodies of detail/printable.hpp.
#pragma once

#include <pks/detail/printable.hpp>

#include <algorithm>

namespace pks::inline v0::detail {

PKS_DECL std::size_t printable_size(std::string_view text) noexcept
{
    auto octet = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    auto const first = octet(0);
    if (first < 0x80)
        return first >= 0x20 && first != 0x7f ? 1 : 0;
    std::size_t const size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    auto const lowest = first == 0xc2 ? 0xa0u : first == 0xe0 ? 0xa0u : first == 0xf0 ? 0x90u : 0x80u;
    auto const highest = first == 0xed ? 0x9fu : first == 0xf4 ? 0x8fu : 0xbfu;
    if (size == 0 || octet(1) < lowest || octet(1) > highest)
        return 0;
    for (std::size_t i = 2; i < size; ++i)
        if ((octet(i) & 0xc0) != 0x80)
            return 0;
    return size;
}

PKS_DECL bool is_printable(std::string_view text) noexcept
{
    while (!text.empty()) {
        auto const size = printable_size(text);
        if (size == 0)
            return false;
        text.remove_prefix(size);
    }
    return true;
}

// Terminal escapes and line breaks of a server must not reach somebody's log.
PKS_DECL std::string printable(std::string_view text)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        auto const size = printable_size(text);
        if (size == 0) {
            auto const u = static_cast<unsigned char>(text.front());
            out += "\\x";
            out += digits[u >> 4];
            out += digits[u & 15];
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

} // namespace pks::inline v0::detail
