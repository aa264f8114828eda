// Bodies of testing/random_id.hpp.
#pragma once

#include <pks/testing/random_id.hpp>

#include <openssl/err.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace pks::inline v0::testing {

namespace random_id_detail {

template <std::size_t N>
std::array<unsigned char, N> octets()
{
    std::array<unsigned char, N> out;
    if (RAND_bytes(out.data(), static_cast<int>(N)) != 1) {
        ERR_clear_error();
        throw std::runtime_error("no random numbers");
    }
    return out;
}

} // namespace random_id_detail

PKS_DECL std::string random_hex_id()
{
    auto id = random_id_detail::octets<16>();
    id[6] = static_cast<unsigned char>((id[6] & 0x0f) | 0x40);
    id[8] = static_cast<unsigned char>((id[8] & 0x3f) | 0x80);
    std::string out;
    for (auto const octet : id) {
        out += "0123456789abcdef"[octet >> 4];
        out += "0123456789abcdef"[octet & 15];
    }
    return out;
}

PKS_DECL std::string random_uuid()
{
    auto out = random_hex_id();
    for (std::size_t const at : {8u, 13u, 18u, 23u})
        out.insert(at, 1, '-');
    return out;
}

PKS_DECL std::string random_text(std::size_t size)
{
    std::string out;
    while (out.size() < size)
        for (auto const octet : random_id_detail::octets<32>())
            // 248 is four times 62: larger values would favour the first letters.
            if (octet < 248 && out.size() < size)
                out += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[octet % 62];
    return out;
}

} // namespace pks::inline v0::testing
