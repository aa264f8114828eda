// What follows an attempt: its result, another error, or another attempt.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/error.hpp>
#include <pks/policy/repeatable.hpp>
#include <pks/policy/retry_budget.hpp>
#include <pks/policy/retry_settings.hpp>

#include <chrono>
#include <optional>

namespace pks::inline v0::policy {

/// How one attempt ended: everything that the decision needs.
class attempt_result
{
public:
    attempt_result() = default;

    /// The error of the attempt: of the transport, of a reply that cannot be read, or a server's refusal with its own
    /// typed code. None: the operation has its result.
    error_code failure;
    int http_status = 0; ///< of a reply that was read to its end; 0 without one
    /// From the reply (proto::read_retry_after); nothing without the field, or where it cannot be read.
    std::optional<std::chrono::milliseconds> retry_after;
    bool sent = false;                    ///< the transport accepted any octet of the request
    bool replied = false;                 ///< any octet of a response came
    bool reused = false;                  ///< the connection had carried another exchange before
    bool redirect_to_same_origin = false; ///< the reply sends this GET to another target of the same server

    /// An access token was sent, and a new one can be had.
    bool with_bearer = false;
    /// When that token was asked for; nothing: before the operation began.
    std::optional<clock::steady_time_point> token_from;
};

/// What is to be done next.
class retry_step
{
public:
    enum class action {
        deliver,         ///< the operation ends as the attempt did: with its result or its `failure`
        fail,            ///< the operation ends with `error` instead
        succeed,         ///< the operation has succeeded, though the attempt failed: what was to be deleted is gone
        resend,          ///< sent again when `delay` has passed
        renew_token,     ///< the token that was sent is dropped, another one is fetched, the request sent again with it
        follow_redirect, ///< sent to where the reply points, on the same server, with the same credentials
        look,            ///< a GET shows whether what was to be deleted is still there: retry::on_look() ends it then
    };

    retry_step() = default;

    action what = action::deliver;
    error_code error;                             ///< what the operation ends with, if it ends
    std::chrono::steady_clock::duration delay{0}; ///< before `resend`
    bool on_fresh_connection = false;             ///< of `resend`: not one from the pool
    /// Where the operation ends with an error, or was cancelled: what it was to change may have happened nevertheless.
    bool outcome_unknown = false;

    bool ends() const noexcept
    {
        return what == action::deliver || what == action::fail || what == action::succeed;
    }
};

/// Decides for one operation, after each attempt, whether its request is sent again.
///
/// Invariants: at most `max_attempts` counted attempts; beside them at most one resend on a fresh connection, one
/// replay with a new token, and `max_redirects`. A change and a one-time grant are never sent again once an octet of
/// them was accepted, unless the server's answer says that it did nothing: 401, 429, and 503 where the settings say so
/// (none of them for a grant). A refresh is sent again at most once after an attempt whose outcome nobody knows. No
/// step waits beyond the deadline.
///
/// Thread safety: none; the budget is used only in the constructor and in on_attempt().
class retry
{
public:
    static constexpr clock::steady_time_point never = clock::steady_time_point::max();

    /// `started`: when the operation began. `deadline`: when it has to end. `budget` outlives this.
    PKS_DECL retry(repeatable what, retry_settings const& settings, retry_budget& budget,
        clock::steady_time_point started, clock::steady_time_point deadline = never) noexcept;

    /// An attempt has ended. `random`: from [0, 1), equally distributed.
    PKS_DECL retry_step on_attempt(attempt_result const& a, clock::steady_time_point now, double random) noexcept;

    /// The GET of action::look has ended: with which status, 0 without a reply. Like every read it may have been
    /// retried on its own. 404: it is deleted.
    PKS_DECL retry_step on_look(int http_status) const noexcept;

    /// What was to change may have happened, if the operation ends before its next attempt.
    bool in_doubt() const noexcept
    {
        return changes_something(what_) && doubtful_;
    }

    /// Counted attempts that have ended.
    int attempts() const noexcept
    {
        return attempts_;
    }

private:
    enum class ending {
        good,
        refused_here, // before connecting
        untrusted,
        cancelled,
        unsent,   // no octet of the request left
        stale,    // the pooled connection had been closed
        lost,     // no answer, or a part of one
        stalled,  // the same, by a timer
        unusable, // an answer that cannot be understood
        redirected,
        unauthorized,
        too_many,    // 429
        unavailable, // 503
        gateway,     // 502, 504
        broken,      // 500 and what is to be treated like it
        refused,     // any other refusal: nothing was done
    };

    PKS_DECL static ending ending_of(attempt_result const& a) noexcept;
    PKS_DECL bool leaves_doubt(ending e, attempt_result const& a) const noexcept;
    PKS_DECL retry_step give_up(ending e, attempt_result const& a, clock::steady_time_point now) const noexcept;
    PKS_DECL bool may_resend(ending e, attempt_result const& a) const noexcept;
    PKS_DECL std::chrono::steady_clock::duration delay_of(
        ending e, attempt_result const& a, double random) const noexcept;

    repeatable what_;
    retry_settings settings_;
    retry_budget* budget_;
    clock::steady_time_point started_;
    clock::steady_time_point deadline_;

    int attempts_ = 0;
    int redirects_ = 0;
    bool stale_seen_ = false;
    bool replayed_ = false;
    bool doubtful_ = false;   // an attempt may have been executed without our knowing
    bool fresh_only_ = false; // connections have died under us: those in the pool may be dead, too
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/retry.ipp>
#endif
