// The signature algorithms of JOSE that are used here.
#pragma once

#include <pks/detail/config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace pks::inline v0::jose {

/// A digital signature or MAC algorithm. Source: RFC 7518 §3.1, RFC 8037 §3.1. `none` is not one.
enum class algorithm : std::uint8_t {
    rs256,
    rs384,
    rs512,
    ps256,
    ps384,
    ps512,
    es256,
    es384,
    es512,
    eddsa, ///< with Ed25519
    hs256,
    hs384,
    hs512,
};

/// Reads the value of `alg`: exact, in its case. Nothing for `none` and for every other name.
PKS_DECL std::optional<algorithm> parse_algorithm(std::string_view name) noexcept;

/// The value of `alg`.
PKS_DECL std::string_view name_of(algorithm a) noexcept;

/// Whether the key that verifies is a secret that could sign as well.
constexpr bool is_symmetric(algorithm a) noexcept
{
    return a >= algorithm::hs256;
}

} // namespace pks::inline v0::jose

#ifdef PKS_HEADER_ONLY
#include <pks/impl/algorithm.ipp>
#endif
