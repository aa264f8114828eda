// A clock that stands still until it is moved.
#pragma once

#include <pks/clock.hpp>

#include <chrono>
#include <mutex>

namespace pks::inline v0::testing {

/// The time of a test or a replay. Calendar and monotonic time move together.
///
/// Thread safety: every member may be called from any thread at any time.
class manual_clock : public pks::clock
{
public:
    /// Starts at the present, or at a given time.
    explicit manual_clock(time_point start = std::chrono::system_clock::now()) : now_(start) {}

    time_point now() const override
    {
        std::lock_guard const lock(mutex_);
        return now_;
    }

    steady_time_point steady_now() const override
    {
        std::lock_guard const lock(mutex_);
        return steady_;
    }

    /// Moves both times on. A negative duration moves the calendar time back and leaves the monotonic time alone.
    void advance(std::chrono::system_clock::duration d)
    {
        std::lock_guard const lock(mutex_);
        now_ += d;
        if (d > d.zero())
            steady_ += std::chrono::duration_cast<std::chrono::steady_clock::duration>(d);
    }

    /// Sets the calendar time; the monotonic time moves on by the difference, never back.
    void set(time_point t)
    {
        std::lock_guard const lock(mutex_);
        if (t > now_)
            steady_ += std::chrono::duration_cast<std::chrono::steady_clock::duration>(t - now_);
        now_ = t;
    }

private:
    mutable std::mutex mutex_;
    time_point now_;
    steady_time_point steady_{std::chrono::hours(1)};
};

} // namespace pks::inline v0::testing
