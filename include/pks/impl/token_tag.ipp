// Bodies of policy/token_tag.hpp.
#pragma once

#include <pks/policy/token_tag.hpp>

#include <array>
#include <atomic>
#include <cstring>
#include <limits>

#include <openssl/rand.h>

namespace pks::inline v0::policy {

namespace token_tag_detail {

__extension__ using wide = unsigned __int128;

inline constexpr std::size_t longest = 64 * 1024;

/// A word for each of the longest token, and two more for the second hash, whose key is the first one's shifted.
class key_words : public std::array<std::uint64_t, longest / 8 + 2>
{
public:
    key_words() noexcept
        : good(::RAND_priv_bytes(reinterpret_cast<unsigned char*>(data()), static_cast<int>(size() * 8)) == 1)
    {}

    static key_words const& instance() noexcept
    {
        static key_words const made;
        return made;
    }

    bool good;
};

inline std::uint64_t word(char const* at) noexcept
{
    std::uint64_t out;
    std::memcpy(&out, at, sizeof out);
    return out;
}

/// NH, twice. Source: Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC: Fast and Secure Message Authentication, 1999,
/// §4.
class sums
{
public:
    void add(char const* two_words, std::uint64_t const* key) noexcept
    {
        auto const a = word(two_words), b = word(two_words + 8);
        first += static_cast<wide>(a + key[0]) * (b + key[1]);
        second += static_cast<wide>(a + key[2]) * (b + key[3]);
    }

    wide first = 0;
    wide second = 0;
};

} // namespace token_tag_detail

PKS_DECL token_tag token_tag::of(std::string_view token) noexcept
{
    using namespace token_tag_detail;
    token_tag out;
    auto const& key = key_words::instance();
    if (!key.good || token.size() > longest) {
        // No other tag is equal to it: such a token is never remembered.
        static std::atomic<std::uint64_t> next{0};
        out.words_[0] = next.fetch_add(1, std::memory_order_relaxed);
        out.end_ = std::numeric_limits<std::size_t>::max();
        return out;
    }
    sums of;
    auto const* at = token.data();
    auto const* words = key.data();
    auto left = token.size();
    for (; left >= 16; left -= 16, at += 16, words += 2)
        of.add(at, words);
    if (left != 0) {
        // Zeroes behind it make no other token: the size counts too.
        char rest[16] = {};
        std::memcpy(rest, at, left);
        of.add(rest, words);
    }
    out.words_ = {static_cast<std::uint64_t>(of.first >> 64), static_cast<std::uint64_t>(of.first),
        static_cast<std::uint64_t>(of.second >> 64), static_cast<std::uint64_t>(of.second)};
    out.end_ = token.size() + 1;
    return out;
}

} // namespace pks::inline v0::policy
