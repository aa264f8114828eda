// Which algorithms are accepted.
#pragma once

#include <pks/jose/algorithm.hpp>

#include <cstdint>
#include <initializer_list>

namespace pks::inline v0::jose {

/// A set of algorithms, as a value.
class algorithm_set
{
public:
    /// The empty set.
    constexpr algorithm_set() noexcept = default;

    constexpr algorithm_set(std::initializer_list<algorithm> members) noexcept
    {
        for (auto const a : members)
            insert(a);
    }

    /// Everything that public keys verify: RS, PS, ES, EdDSA.
    static constexpr algorithm_set asymmetric() noexcept
    {
        algorithm_set out;
        for (auto a = algorithm::rs256; !is_symmetric(a); a = static_cast<algorithm>(static_cast<int>(a) + 1))
            out.insert(a);
        return out;
    }

    /// HS256, HS384, HS512.
    static constexpr algorithm_set symmetric() noexcept
    {
        return {algorithm::hs256, algorithm::hs384, algorithm::hs512};
    }

    constexpr void insert(algorithm a) noexcept
    {
        bits_ = static_cast<std::uint16_t>(bits_ | 1u << static_cast<unsigned>(a));
    }

    constexpr bool contains(algorithm a) const noexcept
    {
        return (bits_ >> static_cast<unsigned>(a) & 1u) != 0;
    }

    constexpr bool empty() const noexcept
    {
        return bits_ == 0;
    }

    friend constexpr algorithm_set operator|(algorithm_set a, algorithm_set b) noexcept
    {
        a.bits_ = static_cast<std::uint16_t>(a.bits_ | b.bits_);
        return a;
    }

    friend constexpr bool operator==(algorithm_set, algorithm_set) noexcept = default;

private:
    std::uint16_t bits_ = 0;
};

} // namespace pks::inline v0::jose
