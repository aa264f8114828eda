// Bodies of jose/base64url.hpp.
#pragma once

#include <pks/jose/base64url.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace pks::inline v0::jose {

namespace base64url_detail {

inline constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

inline constexpr std::uint32_t no_character = 0xff000000;

// For each of the four characters of a group, its six bits in their place among the 24.
inline constexpr std::array<std::array<std::uint32_t, 256>, 4> places = [] {
    std::array<std::array<std::uint32_t, 256>, 4> out{};
    for (unsigned place = 0; place < 4; ++place) {
        out[place].fill(no_character);
        for (std::uint32_t i = 0; i < 64; ++i)
            out[place][static_cast<unsigned char>(alphabet[i])] = i << (18 - 6 * place);
    }
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
    std::string out(base64url_decoded_size(text.size()), '\0');
    if (!base64url_decode(text, std::span<char>(out)))
        return std::nullopt;
    return out;
}

PKS_DECL std::optional<std::size_t> base64url_decode(std::string_view text, std::span<char> out) noexcept
{
    using base64url_detail::places;
    if (text.size() % 4 == 1 || out.size() < base64url_decoded_size(text.size()))
        return std::nullopt;
    auto from = reinterpret_cast<unsigned char const*>(text.data());
    auto to = out.data();
    std::uint32_t seen = 0;
    auto const group = [](unsigned char const* four) {
        return places[0][four[0]] | places[1][four[1]] | places[2][four[2]] | places[3][four[3]];
    };
    auto groups = text.size() / 4;
    if constexpr (std::endian::native == std::endian::little) {
        // Two groups with one store, as long as the two octets that it writes too many are inside.
        for (; groups > 2; groups -= 2) {
            auto const high = group(from), low = group(from + 4);
            seen |= high | low;
            auto const bits = __builtin_bswap64(std::uint64_t{high} << 40 | std::uint64_t{low & 0xffffff} << 16);
            std::memcpy(to, &bits, sizeof bits);
            from += 8;
            to += 6;
        }
    }
    for (; groups != 0; --groups) {
        auto const bits = group(from);
        seen |= bits;
        to[0] = static_cast<char>(bits >> 16 & 0xff);
        to[1] = static_cast<char>(bits >> 8 & 0xff);
        to[2] = static_cast<char>(bits & 0xff);
        from += 4;
        to += 3;
    }
    auto const left = text.size() % 4;
    if (left != 0) {
        auto bits = places[0][from[0]] | places[1][from[1]];
        if (left == 3)
            bits |= places[2][from[2]];
        seen |= bits;
        *to++ = static_cast<char>(bits >> 16 & 0xff);
        if (left == 3)
            *to++ = static_cast<char>(bits >> 8 & 0xff);
        if ((bits & (left == 3 ? 0xffu : 0xffffu)) != 0)
            return std::nullopt;
    }
    if ((seen & base64url_detail::no_character) != 0)
        return std::nullopt;
    return static_cast<std::size_t>(to - out.data());
}

} // namespace pks::inline v0::jose
