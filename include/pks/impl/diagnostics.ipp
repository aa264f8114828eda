// Bodies of diagnostics.hpp.
#pragma once

#include <pks/diagnostics.hpp>

#include <algorithm>
#include <cstddef>

namespace pks::inline v0::detail {

// The size of the character that a text begins with, if it is well-formed UTF-8 (RFC 3629 §4) and no control of C0 or
// C1; 0 otherwise. Many terminals take C1 for escape sequences, too.
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

namespace pks::inline v0 {

PKS_DECL std::string_view to_string(step s) noexcept
{
    switch (s) {
    case step::none:
        return "none";
    case step::load:
        return "load";
    case step::resolve:
        return "resolve";
    case step::connect:
        return "connect";
    case step::handshake:
        return "handshake";
    case step::write:
        return "write";
    case step::read:
        return "read";
    case step::parse:
        return "parse";
    case step::done:
        return "done";
    }
    return "unknown";
}

PKS_DECL void diagnostics::clear()
{
    *this = diagnostics();
}

PKS_DECL std::string diagnostics::message() const
{
    std::string out(to_string(step));
    if (!endpoint.empty())
        out += " at " + endpoint;
    if (http_status != 0)
        out += ", status " + std::to_string(http_status);
    if (!detail.empty())
        out += ", " + v0::detail::printable(detail);
    if (!error.empty())
        out += ", server says error=" + v0::detail::printable(error);
    if (!error_description.empty())
        out += ", server says: " + v0::detail::printable(error_description);
    else if (!body.empty())
        out += ", server says: " + v0::detail::printable(std::string_view(body).substr(0, 200));
    return out;
}

} // namespace pks::inline v0
