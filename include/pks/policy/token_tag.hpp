// What caches know a token by: a keyed hash of all its octets.
#pragma once

#include <pks/detail/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pks::inline v0::policy {

/// A hash under a random key that is made in each process and never leaves it, as no tag does.
///
/// Two different tokens, chosen by whoever does not know the key, have the same tag with a probability of 2^-128. That
/// is proved and rests on no assumption: the hash is universal (NH), and nobody sees the tags, from which the key could
/// be computed. All octets count, the signature too. A cache of tags holds no token.
///
/// A tag costs 0.1 µs for a usual token; Poly1305 takes 0.21, GMAC 0.33, HMAC-SHA-256 1.0 (OpenSSL 3.0, x86-64).
class token_tag
{
public:
    constexpr token_tag() noexcept = default;

    /// Of a token of more than 64 KiB: one that equals no other, also not its own of another time.
    PKS_DECL static token_tag of(std::string_view token) noexcept;

    /// Evenly distributed, for a table: tokens that are alike have words that follow each other, which is mixed here.
    std::size_t hash() const noexcept
    {
        auto out = words_[0] ^ words_[3];
        out = (out ^ out >> 32) * 0x9e3779b97f4a7c15u;
        out = (out ^ out >> 29) * 0xbf58476d1ce4e5b9u;
        return static_cast<std::size_t>(out ^ out >> 32);
    }

    /// Takes the same time wherever they differ: a tag that is learned from times would tell of the key.
    friend constexpr bool operator==(token_tag const& a, token_tag const& b) noexcept
    {
        std::uint64_t different = a.end_ ^ b.end_;
        for (std::size_t i = 0; i != a.words_.size(); ++i)
            different |= a.words_[i] ^ b.words_[i];
        return different == 0;
    }

private:
    std::array<std::uint64_t, 4> words_ = {};
    std::size_t end_ = 0; // one more than the size; 0: of no token
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/token_tag.ipp>
#endif
