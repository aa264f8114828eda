// How many retries all operations of a client may still make.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/policy/retry_settings.hpp>

#include <cstdint>

namespace pks::inline v0::policy {

/// A bucket that each operation and each second fills and each retry empties: when a server is down, the load on it
/// grows by a part of what it was, not to a multiple.
///
/// Thread safety: none. Whoever owns it guards it, together with the retries that use it.
class retry_budget
{
public:
    /// Full at the start.
    PKS_DECL explicit retry_budget(retry_budget_settings const& settings = {}) noexcept;

    /// An operation begins.
    PKS_DECL void add_request() noexcept;

    /// A retry is about to be made. False: there is nothing left for it. A time before that of an earlier call counts
    /// as that one.
    PKS_DECL bool take_retry(clock::steady_time_point now) noexcept;

    /// Whole retries that are left, as of the last call.
    int left() const noexcept
    {
        return static_cast<int>(level_ / one);
    }

private:
    // The parts of a retry: whole numbers, so that five fifths are one.
    static constexpr std::int64_t one = 1'000'000'000;

    PKS_DECL static std::int64_t parts_of(double retries) noexcept;

    PKS_DECL void fill(std::int64_t parts) noexcept;

    std::int64_t per_request_;
    std::int64_t per_second_;
    std::int64_t most_;
    bool limited_;
    std::int64_t level_;
    bool started_ = false;
    clock::steady_time_point filled_{}; // up to when `per_second_` was added
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/retry_budget.ipp>
#endif
