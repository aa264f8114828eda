// One moment, by both clocks.
#pragma once

#include <pks/clock.hpp>

namespace pks::inline v0::policy {

/// Calendar time, which claims are compared with, and monotonic time, which decides how long something is kept: a wall
/// clock that jumps neither revives what was dropped nor drops what is fresh.
class instant
{
public:
    constexpr instant() noexcept = default;
    constexpr instant(clock::time_point calendar_time, clock::steady_time_point steady_time) noexcept
        : calendar(calendar_time), steady(steady_time)
    {}

    static instant of(clock const& c)
    {
        return {c.now(), c.steady_now()};
    }

    clock::time_point calendar;
    clock::steady_time_point steady;
};

} // namespace pks::inline v0::policy
