// Bodies of policy/retry_budget.hpp.
#pragma once

#include <pks/policy/retry_budget.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace pks::inline v0::policy {

PKS_DECL retry_budget::retry_budget(retry_budget_settings const& settings) noexcept
    : per_request_(parts_of(settings.per_request)),
      per_second_(parts_of(settings.per_second)),
      most_(parts_of(settings.most)),
      limited_(settings.limited),
      level_(most_)
{}

// Clamped, so that no sum of two overflows. What is no number counts as nothing.
PKS_DECL std::int64_t retry_budget::parts_of(double retries) noexcept
{
    constexpr double most = 1e9;
    return retries > 0 ? std::llround(std::min(retries, most) * static_cast<double>(one)) : 0;
}

PKS_DECL void retry_budget::fill(std::int64_t parts) noexcept
{
    level_ = std::min(level_ + parts, most_);
}

PKS_DECL void retry_budget::add_request() noexcept
{
    fill(per_request_);
}

PKS_DECL bool retry_budget::take_retry(clock::steady_time_point now) noexcept
{
    if (!limited_)
        return true;
    if (!started_) {
        started_ = true;
        filled_ = now;
    } else if (now > filled_) {
        auto const seconds = std::chrono::duration<double>(now - filled_).count();
        auto const parts = std::min(seconds * static_cast<double>(per_second_), static_cast<double>(most_));
        fill(std::llround(parts));
        filled_ = now;
    }
    if (level_ < one)
        return false;
    level_ -= one;
    return true;
}

} // namespace pks::inline v0::policy
