// Bodies of policy/token_source.hpp.
#pragma once

#include <pks/policy/token_source.hpp>

#include <algorithm>
#include <utility>

namespace pks::inline v0::policy {

namespace token_source_detail {

// Sent twice, these are refused at best.
inline bool is_for_one_use(grant_type grant) noexcept
{
    return grant == grant_type::passcode || grant == grant_type::authorization_code;
}

// The UAA looked at what was sent and does not want it. A router's 404 while the UAA restarts is none.
inline bool is_refusal(error_code ec) noexcept
{
    return ec.category() == oauth_category() && (ec == condition::unauthorized || ec == condition::forbidden);
}

} // namespace token_source_detail

PKS_DECL credentials token_fetch::next() const
{
    if (!refresh_token_)
        return login_;
    credentials out(grant_type::refresh_token, login_.client(), {{"refresh_token", *refresh_token_}});
    out.scope(login_.scope());
    if (auto const format = login_.token_format())
        out.token_format(*format);
    return out;
}

PKS_DECL token_source::token_source(token_settings settings, std::optional<credentials> login)
    : settings_(settings), login_(std::move(login))
{
    // Nanoseconds of a longer time overflow.
    constexpr std::chrono::milliseconds year = std::chrono::hours(24 * 365);
    settings_.cool_down = std::min(settings_.cool_down, year);
    settings_.longest_cool_down = std::min(settings_.longest_cool_down, year);
}

PKS_DECL token_source::step token_source::ask(waiter& who, clock::steady_time_point now)
{
    step out;
    if (good(now)) {
        out.what = action::serve;
        out.token = *token_;
        out.generation = generation_;
        bool const due = now >= renew_at_ && now >= retry_at_;
        if (due && !fetch_ && (refresh_token_ || !spent_))
            out.start = begin();
        return out;
    }
    if (!fetch_) {
        if (!login_)
            out.refusal = errc::no_credentials;
        else if (!refresh_token_ && spent_)
            out.refusal = token_source_detail::is_refusal(failure_) ? failure_ : errc::reauthentication_required;
        else if (now < retry_at_)
            out.refusal = failure_;
        if (out.refusal)
            return out;
        out.start = begin();
    }
    fetch_->waiting.add(who);
    out.what = action::wait;
    return out;
}

PKS_DECL access_token const* token_source::peek(clock::steady_time_point now) const noexcept
{
    bool const quiet = now < renew_at_ || now < retry_at_ || fetch_;
    return quiet && good(now) ? &*token_ : nullptr;
}

PKS_DECL access_token const* token_source::current(clock::steady_time_point now) const noexcept
{
    return good(now) ? &*token_ : nullptr;
}

PKS_DECL std::uint64_t token_source::on_token(std::shared_ptr<token_fetch> const& fetch, access_token const& token,
    clock::steady_time_point asked_at, double random)
{
    if (fetch != fetch_)
        return 0;
    fetch_.reset();
    // A UAA that does not rotate refresh tokens names none, and the old one stays good (RFC 6749 §6).
    if (!fetch->refreshing() || token.refresh_token())
        refresh_token_ = token.refresh_token();
    spent_ = spent_ || token_source_detail::is_for_one_use(login_->grant());
    keep(token, asked_at, random);
    return token_ ? generation_ : 0;
}

PKS_DECL bool token_source::goes_on(std::shared_ptr<token_fetch> const& fetch, error_code& failure)
{
    bool const dead = failure == errc::reauthentication_required || token_source_detail::is_refusal(failure);
    if (!fetch->refreshing() || !dead)
        return false;
    if (fetch == fetch_)
        refresh_token_.reset();
    if (token_source_detail::is_for_one_use(fetch->login_.grant())) {
        failure = errc::reauthentication_required;
        return false;
    }
    fetch->refresh_token_.reset();
    return true;
}

PKS_DECL void token_source::on_failure(
    std::shared_ptr<token_fetch> const& fetch, error_code failure, bool sent, clock::steady_time_point now)
{
    if (fetch != fetch_)
        return;
    fetch_.reset();
    // Whether a code that was lost on its way has been used up nobody knows; a refused password counts for a lockout.
    auto const grant = login_->grant();
    if (!fetch->refreshing())
        spent_ = (sent && token_source_detail::is_for_one_use(grant)) ||
            (grant == grant_type::password && token_source_detail::is_refusal(failure));
    if (failure != boost::system::errc::operation_canceled)
        cool_down(failure, now);
}

PKS_DECL void token_source::drop(std::uint64_t generation, error_code refusal, clock::steady_time_point now)
{
    if (!token_ || generation != generation_)
        return;
    token_.reset();
    bool const again = replaces_refused_ && now < asked_at_ + settings_.cool_down;
    replaces_refused_ = true;
    if (again)
        cool_down(refusal, now);
}

PKS_DECL void token_source::become(
    credentials const& login, access_token const& token, clock::steady_time_point asked_at, double random)
{
    login_ = login;
    refresh_token_ = token.refresh_token();
    spent_ = token_source_detail::is_for_one_use(login.grant());
    // A fetch for the identity before has those who wait for it, and no place here any more.
    fetch_.reset();
    replaces_refused_ = false;
    keep(token, asked_at, random);
}

PKS_DECL void token_source::adopt(
    access_token const& token, std::optional<clock::steady_time_point::duration> left, clock::steady_time_point now)
{
    if (!login_ || token_ || generation_ != 0)
        return;
    refresh_token_ = token.refresh_token();
    // Spent in that life.
    spent_ = token_source_detail::is_for_one_use(login_->grant()) && !token.empty();
    if (!left || *left <= left->zero() || token.empty())
        return;
    ++generation_;
    token_ = token;
    asked_at_ = now;
    until_ = now + *left;
    // How long it has lived nobody knows.
    renew_at_ = now + std::chrono::duration_cast<clock::steady_time_point::duration>(*left * settings_.renew_after);
}

PKS_DECL void token_source::keep(access_token const& token, clock::steady_time_point asked_at, double random)
{
    failure_ = {};
    failures_ = 0;
    retry_at_ = {};
    asked_at_ = asked_at;
    if (token_)
        replaces_refused_ = false;
    token_.reset();
    ++generation_;
    if (!token.expires_in())
        return;
    token_ = token;
    using seconds = std::chrono::duration<double>;
    auto const part = std::clamp(settings_.renew_after - settings_.jitter * random, 0.0, 1.0);
    auto const ahead = seconds(*token.expires_in()) * part;
    renew_at_ = asked_at + std::chrono::duration_cast<clock::steady_time_point::duration>(ahead);
    until_ = asked_at + *token.expires_in();
}

PKS_DECL void token_source::cool_down(error_code failure, clock::steady_time_point now)
{
    failure_ = failure;
    ++failures_;
    auto wait = settings_.longest_cool_down;
    if (!token_source_detail::is_refusal(failure)) {
        auto const doublings = std::min<std::uint64_t>(failures_ - 1, 20);
        wait = std::min(wait, settings_.cool_down * (std::int64_t{1} << doublings));
    }
    retry_at_ = now + wait;
    // While the token lives a failure hurts nobody; when it ends there has to be another try.
    if (good(now))
        retry_at_ = std::min(retry_at_, until_);
}

PKS_DECL bool token_source::good(clock::steady_time_point now) const noexcept
{
    return token_ && now < until_;
}

PKS_DECL std::shared_ptr<token_fetch> token_source::begin()
{
    auto refresh_token = refresh_token_;
    fetch_ = std::shared_ptr<token_fetch>(new token_fetch(*login_, std::move(refresh_token)));
    return fetch_;
}

} // namespace pks::inline v0::policy
