// The time, injectable.
#pragma once

#include <chrono>

namespace pks::inline v0 {

/// Where the library reads the time. Tests and replays pass their own (`testing::manual_clock`).
///
/// Thread safety: the members are called from any thread at once.
class clock
{
public:
    using time_point = std::chrono::system_clock::time_point;
    using steady_time_point = std::chrono::steady_clock::time_point;

    virtual ~clock() = default;

    /// Calendar time: for `access_token::expires_at()` and for claims.
    virtual time_point now() const
    {
        return std::chrono::system_clock::now();
    }

    /// Monotonic time: decides how long a token is kept.
    virtual steady_time_point steady_now() const
    {
        return std::chrono::steady_clock::now();
    }
};

} // namespace pks::inline v0
