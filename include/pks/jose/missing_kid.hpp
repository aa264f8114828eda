// What becomes of a token that does not name its key.
#pragma once

#include <cstdint>

namespace pks::inline v0::jose {

/// What a token without `kid` is verified with. UAA 4.30 accepts one, 77.18 refuses it.
///
/// Source: RFC 7515 §4.1.4; facts on rotation (§3.5).
enum class missing_kid : std::uint8_t {
    refused,  ///< with nothing: it is refused
    only_key, ///< with the key that fits its `alg`, if there is one alone
    any_key,  ///< with each key that fits, if there are at most 4: what a forged token costs
};

} // namespace pks::inline v0::jose
