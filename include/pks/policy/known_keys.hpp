// The keys as they are known at one time: what validations read.
#pragma once

#include <pks/clock.hpp>
#include <pks/jose/jwk_set.hpp>

#include <cstdint>
#include <utility>

namespace pks::inline v0::policy {

/// A value that is never changed after it was published.
class known_keys
{
public:
    known_keys() = default;

    /// Keys from configuration, which nobody is ever asked about.
    static known_keys fixed(jose::jwk_set set)
    {
        known_keys out;
        out.keys = std::move(set);
        out.quiet_until = clock::steady_time_point::max();
        return out;
    }

    jose::jwk_set keys;

    /// Until then the key cache needs not be asked about a token whose key is here.
    clock::steady_time_point quiet_until = clock::steady_time_point::min();

    /// Another number after a key has gone or changed: what was verified before then no longer counts.
    std::uint64_t epoch = 0;
};

} // namespace pks::inline v0::policy
