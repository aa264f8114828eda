// Bodies of jose/algorithm.hpp.
#pragma once

#include <pks/jose/algorithm.hpp>

#include <cstddef>

namespace pks::inline v0::jose {

namespace algorithm_detail {

inline constexpr std::string_view names[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
    "ES512", "EdDSA", "HS256", "HS384", "HS512"};

} // namespace algorithm_detail

PKS_DECL std::optional<algorithm> parse_algorithm(std::string_view name) noexcept
{
    for (std::size_t i = 0; i != std::size(algorithm_detail::names); ++i)
        if (algorithm_detail::names[i] == name)
            return static_cast<algorithm>(i);
    return std::nullopt;
}

PKS_DECL std::string_view name_of(algorithm a) noexcept
{
    return algorithm_detail::names[static_cast<std::size_t>(a)];
}

} // namespace pks::inline v0::jose
