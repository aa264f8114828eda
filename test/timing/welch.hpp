// Whether two kinds of input take different times: Welch's t over many samples, as dudect has it.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace timing_test {

/// Mean and variance, one sample after the other.
class moments
{
public:
    void add(double x) noexcept
    {
        ++count_;
        auto const from_mean = x - mean_;
        mean_ += from_mean / static_cast<double>(count_);
        squares_ += from_mean * (x - mean_);
    }
    double mean() const noexcept
    {
        return mean_;
    }
    double error() const noexcept // of the mean, squared
    {
        return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1) / static_cast<double>(count_);
    }

private:
    std::size_t count_ = 0;
    double mean_ = 0;
    double squares_ = 0;
};

inline std::uint64_t ticks() noexcept
{
#if defined(__x86_64__)
    // What was stored before has reached the cache, what comes after has not begun.
    __builtin_ia32_mfence();
    __builtin_ia32_lfence();
    auto const out = __builtin_ia32_rdtsc();
    __builtin_ia32_lfence();
    return out;
#else
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// Lets `f` handle inputs of two kinds in an order that nobody can foresee, `samples` times in all, and compares the
/// times. `prepare(kind)` puts the input in its place, which is the same for both kinds, so that no address makes the
/// difference. What took longer than nine tenths of all samples was interrupted, and does not count.
///
/// Returns t: beyond 4.5 the kinds differ by more than chance, above 0 if those of kind 0 take longer.
template <class Prepare, class F>
double welch_t(std::mt19937_64& random, std::size_t samples, Prepare&& prepare, F&& f)
{
    std::vector<std::uint64_t> taken(samples);
    std::vector<std::uint8_t> kinds(samples);
    for (std::size_t i = 0; i != samples; ++i) {
        kinds[i] = random() & 1;
        prepare(kinds[i]);
        auto const before = ticks();
        f();
        taken[i] = ticks() - before;
    }
    auto sorted = taken;
    auto const limit = sorted.begin() + static_cast<std::ptrdiff_t>(samples / 10 * 9);
    std::nth_element(sorted.begin(), limit, sorted.end());
    std::array<moments, 2> of;
    for (std::size_t i = 0; i != samples; ++i)
        if (taken[i] <= *limit)
            of[kinds[i]].add(static_cast<double>(taken[i]));
    auto const error = std::sqrt(of[0].error() + of[1].error());
    return error == 0 ? 0 : (of[0].mean() - of[1].mean()) / error;
}

} // namespace timing_test
