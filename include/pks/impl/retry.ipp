// Bodies of policy/retry.hpp.
#pragma once

#include <pks/policy/retry.hpp>

#include <boost/system/errc.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace pks::inline v0::policy {

PKS_DECL retry::retry(repeatable what, retry_settings const& settings, retry_budget& budget,
    clock::steady_time_point started, clock::steady_time_point deadline) noexcept
    : what_(what), settings_(settings), budget_(&budget), started_(started), deadline_(deadline)
{
    budget.add_request();
}

PKS_DECL retry::ending retry::ending_of(attempt_result const& a) noexcept
{
    auto const& ec = a.failure;
    if (!ec.failed())
        return ending::good;
    if (ec == boost::system::errc::operation_canceled)
        return ending::cancelled;
    if (a.http_status != 0) {
        switch (a.http_status) {
        case 304:
            return ending::unusable;
        case 401:
            return ending::unauthorized;
        case 408: // a gateway may say so after it has passed the request on
            return ending::lost;
        case 429:
            return ending::too_many;
        case 501:
        case 505: // the server cannot do such a thing: it has not done it
            return ending::refused;
        case 502:
        case 504:
            return ending::gateway;
        case 503:
            return ending::unavailable;
        default:
            break;
        }
        if (a.http_status < 100 || a.http_status >= 500) // RFC 9110, section 15
            return ending::broken;
        if (a.http_status >= 400)
            return ending::refused;
        return a.http_status >= 300 ? ending::redirected : ending::unusable;
    }
    if (ec == condition::invalid_input)
        return ending::refused_here;
    if (ec == condition::untrusted)
        return ending::untrusted;
    if (ec == condition::timeout)
        return a.sent ? ending::stalled : ending::unsent;
    bool const ours = std::string_view(ec.category().name()).starts_with("pks");
    if (ours && ec != condition::connection_lost)
        return a.sent ? ending::unusable : ending::refused;
    if (a.reused && !a.replied)
        return ending::stale;
    return a.sent ? ending::lost : ending::unsent;
}

// Whether the server may have executed the request.
PKS_DECL bool retry::leaves_doubt(ending e, attempt_result const& a) const noexcept
{
    switch (e) {
    case ending::cancelled:
    case ending::stale:
        return a.sent;
    case ending::lost:
    case ending::stalled:
    case ending::unusable:
    case ending::gateway:
    case ending::broken:
        return true;
    case ending::unavailable:
        if (what_ == repeatable::change)
            return !settings_.resend_after_503_with_retry_after || !a.retry_after;
        return what_ != repeatable::refresh_grant;
    default:
        return false;
    }
}

PKS_DECL bool retry::may_resend(ending e, attempt_result const& a) const noexcept
{
    switch (e) {
    case ending::unsent:
        return true;
    case ending::too_many:
        return what_ != repeatable::one_time_grant;
    case ending::unavailable:
        if (what_ == repeatable::change)
            return !leaves_doubt(e, a);
        return what_ != repeatable::one_time_grant;
    case ending::stale:
    case ending::lost:
    case ending::stalled:
    case ending::unusable:
    case ending::gateway:
    case ending::broken:
        break;
    default:
        return false;
    }
    switch (what_) {
    case repeatable::read:
    case repeatable::client_grant:
        return e != ending::unusable;
    case repeatable::refresh_grant:
        return !doubtful_;
    case repeatable::deletion:
        // What hangs or answers nonsense to this request is asked another question instead.
        return e != ending::unusable && e != ending::stalled;
    case repeatable::one_time_grant:
    case repeatable::change:
        break;
    }
    return false;
}

PKS_DECL std::chrono::steady_clock::duration retry::delay_of(
    ending e, attempt_result const& a, double random) const noexcept
{
    using duration = std::chrono::steady_clock::duration;
    using std::chrono::milliseconds;
    // Nanoseconds of a longer time, such as the largest of a setting, overflow.
    constexpr milliseconds year = std::chrono::hours(24 * 365);
    bool const by_status =
        e == ending::too_many || e == ending::unavailable || e == ending::gateway || e == ending::broken;
    if (by_status && a.retry_after) {
        auto const most = std::clamp(settings_.longest_retry_after, milliseconds::zero(), year);
        return std::clamp(*a.retry_after, milliseconds::zero(), most);
    }
    using seconds = std::chrono::duration<double>;
    seconds const most = std::clamp(settings_.longest_backoff, milliseconds::zero(), year);
    seconds const doubled(std::ldexp(seconds(settings_.first_backoff).count(), attempts_ - 1));
    return std::chrono::round<duration>(std::clamp(random, 0.0, 1.0) * std::clamp(doubled, seconds::zero(), most));
}

PKS_DECL retry_step retry::on_attempt(attempt_result const& a, clock::steady_time_point now, double random) noexcept
{
    using action = retry_step::action;
    retry_step out;
    auto e = ending_of(a);
    if (e == ending::good)
        return out;
    bool const time_left = now < deadline_;

    if (e == ending::stale) {
        // The server closed an idle connection: nothing that counts, unless it has read a request that must not be
        // read twice.
        bool const harmless = !a.sent || may_resend(e, a);
        if (harmless && !stale_seen_ && time_left) {
            stale_seen_ = true;
            fresh_only_ = true;
            doubtful_ = doubtful_ || a.sent;
            out.what = action::resend;
            out.on_fresh_connection = true;
            return out;
        }
        e = a.sent ? ending::lost : ending::unsent;
    }

    bool const of_api = what_ == repeatable::read || changes_something(what_);
    if (e == ending::unauthorized && of_api && a.with_bearer && !replayed_ && time_left) {
        // A token that was fetched for this very operation is no better than the next one.
        bool const renewable = !a.token_from || *a.token_from <= started_;
        if (renewable) {
            replayed_ = true;
            out.what = action::renew_token;
            return out;
        }
    }

    if (e == ending::redirected && what_ == repeatable::read && a.redirect_to_same_origin &&
        redirects_ < settings_.max_redirects && time_left) {
        ++redirects_;
        out.what = action::follow_redirect;
        return out;
    }

    ++attempts_;
    if (may_resend(e, a) && attempts_ < settings_.max_attempts) {
        auto const delay = delay_of(e, a, random);
        bool const in_time = deadline_ == never || delay < deadline_ - now;
        if (in_time && budget_->take_retry(now)) {
            doubtful_ = doubtful_ || leaves_doubt(e, a);
            fresh_only_ = fresh_only_ || e == ending::unsent || e == ending::lost || e == ending::stalled;
            out.what = action::resend;
            out.delay = delay;
            out.on_fresh_connection = fresh_only_;
            return out;
        }
    }
    return give_up(e, a, now);
}

PKS_DECL retry_step retry::give_up(ending e, attempt_result const& a, clock::steady_time_point now) const noexcept
{
    using action = retry_step::action;
    retry_step out;
    out.what = action::fail;
    out.outcome_unknown = changes_something(what_) && (doubtful_ || leaves_doubt(e, a));
    switch (what_) {
    case repeatable::refresh_grant:
        // The answer that was lost held the token that replaced this one.
        if (doubtful_ && (a.failure == oauth_errc::invalid_grant || a.failure == oauth_errc::invalid_token)) {
            out.error = errc::reauthentication_required;
            return out;
        }
        break;
    case repeatable::change:
        if (e != ending::cancelled && leaves_doubt(e, a)) {
            out.error =
                e == ending::stalled && now >= deadline_ ? errc::timeout_outcome_unknown : errc::outcome_unknown;
            return out;
        }
        break;
    case repeatable::deletion:
        if (a.http_status == 404 && (doubtful_ || settings_.absent_is_deleted)) {
            out.what = action::succeed;
            out.outcome_unknown = false;
            return out;
        }
        if ((e == ending::stalled || e == ending::unusable) && now < deadline_) {
            out.what = action::look;
            out.outcome_unknown = false;
            return out;
        }
        break;
    default:
        break;
    }
    if (a.http_status == 408) {
        out.error = errc::connection_closed;
        return out;
    }
    out.what = action::deliver;
    out.error = a.failure;
    return out;
}

PKS_DECL retry_step retry::on_look(int http_status) const noexcept
{
    using action = retry_step::action;
    retry_step out;
    out.what = http_status == 404 ? action::succeed : action::fail;
    if (out.what == action::fail) {
        out.error = errc::outcome_unknown;
        out.outcome_unknown = true;
    }
    return out;
}

} // namespace pks::inline v0::policy
