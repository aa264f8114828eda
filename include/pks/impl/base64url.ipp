// Bodies of jose/base64url.hpp.
#pragma once

#include <pks/jose/base64url.hpp>

#include <array>
#include <cstdint>

namespace pks::inline v0::jose {

namespace base64url_detail {

inline constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

inline constexpr std::array<std::uint8_t, 256> values = [] {
    std::array<std::uint8_t, 256> out{};
    out.fill(0xff);
    for (std::uint8_t i = 0; i < 64; ++i)
        out[static_cast<unsigned char>(alphabet[i])] = i;
    return out;
}();

} // namespace base64url_detail

PKS_DECL std::string base64url_encode(std::string_view octets)
{
    std::string out;
    out.reserve((octets.size() * 4 + 2) / 3);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (char const c : octets) {
        pending = (pending << 8) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out += base64url_detail::alphabet[(pending >> bits) & 63];
        }
    }
    if (bits != 0)
        out += base64url_detail::alphabet[(pending << (6 - bits)) & 63];
    return out;
}

PKS_DECL std::optional<std::string> base64url_decode(std::string_view text)
{
    if (text.size() % 4 == 1)
        return std::nullopt;
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (char const c : text) {
        auto const value = base64url_detail::values[static_cast<unsigned char>(c)];
        if (value == 0xff)
            return std::nullopt;
        pending = ((pending << 6) | value) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>((pending >> bits) & 0xff);
        }
    }
    if ((pending & ((1u << bits) - 1)) != 0)
        return std::nullopt;
    return out;
}

} // namespace pks::inline v0::jose
