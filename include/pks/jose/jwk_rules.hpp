// Which keys are admitted.
#pragma once

#include <pks/jose/algorithm_set.hpp>

#include <cstddef>

namespace pks::inline v0::jose {

class jwk_rules
{
public:
    jwk_rules() = default;

    /// Admit HMAC keys (`oct`, and UAA's `MAC`). Only for keys from configuration, or from a UAA that was asked with
    /// credentials: whoever reads such a key can make tokens.
    bool symmetric = false;

    /// Admit HMAC secrets that are shorter than the digest, as UAA does. RFC 7518 §3.2 forbids them.
    bool short_secrets = false;

    /// Keep HMAC keys beside public ones in one set, as a UAA has them that changes from one kind to the other. What a
    /// token is verified with depends on its key's type in any case.
    bool mixed_set = false;

    std::size_t min_rsa_bits = 2048;
    std::size_t max_keys = 100;                  ///< of a set
    std::size_t max_size = std::size_t{1} << 20; ///< octets of a set or key in JSON
};

} // namespace pks::inline v0::jose
