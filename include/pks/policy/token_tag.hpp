// What caches know a token by: a keyed digest of all its octets.
#pragma once

#include <pks/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pks::inline v0::policy {

/// A digest under a key that is made in each process and never leaves it. Whoever does not know the key cannot make two
/// tokens of one tag, nor fill one place of a table; and nobody can make the token from its tag, so that a cache holds
/// no token. All octets count, the signature too: a token with another signature is another token.
class token_tag
{
public:
    constexpr token_tag() noexcept = default;

    PKS_DECL static token_tag of(std::string_view token) noexcept;

    /// Evenly distributed, for a table.
    std::size_t hash() const noexcept
    {
        return static_cast<std::size_t>(low_);
    }

    friend constexpr bool operator==(token_tag const&, token_tag const&) noexcept = default;

private:
    std::uint64_t low_ = 0;
    std::uint64_t high_ = 0;
    std::size_t size_ = 0;
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/token_tag.ipp>
#endif
