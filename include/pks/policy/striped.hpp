// One copy of something for each of the threads that run at once.
#pragma once

#include <pks/detail/config.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>

namespace pks::inline v0::policy {

/// The number of this thread: threads that were started one after the other have numbers that follow each other.
inline std::size_t thread_number() noexcept
{
    static std::atomic<std::size_t> next{0};
    static thread_local std::size_t const own = next.fetch_add(1, std::memory_order_relaxed);
    return own;
}

/// An array of T, each with a lock that only the threads of its number take: as a rule one thread, so that it costs
/// 10 ns and no thread waits for another. Unlike thread_local storage it ends with its owner.
///
/// Thread safety: every member may be called from any thread at any time.
template <class T>
class striped
{
public:
    /// Twice as many as the machine runs threads, at most 64.
    static std::size_t usual_count() noexcept
    {
        return std::clamp<std::size_t>(2 * std::thread::hardware_concurrency(), 4, 64);
    }

    explicit striped(std::size_t count = usual_count())
        : count_(std::max<std::size_t>(count, 1)), stripes_(std::make_unique<stripe[]>(count_))
    {}

    std::size_t count() const noexcept
    {
        return count_;
    }

    /// Calls `f` with this thread's own, unless another thread uses it right now: then false, without waiting.
    template <class F>
    bool try_own(F&& f)
    {
        auto& own = stripes_[thread_number() % count_];
        std::unique_lock const lock(own.mutex, std::try_to_lock);
        if (!lock.owns_lock())
            return false;
        f(own.value);
        return true;
    }

    /// Calls `f` with this thread's own, after those who use it.
    template <class F>
    void own(F&& f)
    {
        auto& own = stripes_[thread_number() % count_];
        std::lock_guard const lock(own.mutex);
        f(own.value);
    }

    /// Calls `f` with the one of an index, after those who use it.
    template <class F>
    void at(std::size_t index, F&& f)
    {
        auto& chosen = stripes_[index % count_];
        std::lock_guard const lock(chosen.mutex);
        f(chosen.value);
    }

    /// Calls `f` with each in turn.
    template <class F>
    void each(F&& f)
    {
        for (std::size_t i = 0; i != count_; ++i) {
            std::lock_guard const lock(stripes_[i].mutex);
            f(stripes_[i].value);
        }
    }

private:
    // Two cache lines: processors fetch them in pairs.
    struct alignas(128) stripe
    {
        std::mutex mutex;
        T value;
    };

    std::size_t count_;
    std::unique_ptr<stripe[]> stripes_;
};

} // namespace pks::inline v0::policy
