// Ways in which an attempt ends, and steps as text, for the tests of retry.
#pragma once

#include <pks/clock.hpp>
#include <pks/error.hpp>
#include <pks/policy/retry.hpp>

#include <boost/system/error_category.hpp>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>

namespace retry_test {

using pks::error_code;
using pks::policy::attempt_result;
using pks::policy::retry_step;
using action = retry_step::action;
using time_point = pks::clock::steady_time_point;

/// Of each operation.
inline constexpr time_point start = time_point(std::chrono::seconds(1000));

/// As Asio reports what a socket says.
inline error_code of_system(int value)
{
    return {value, boost::system::system_category()};
}

inline attempt_result success()
{
    attempt_result out;
    out.http_status = 200;
    out.sent = out.replied = true;
    return out;
}

/// Nothing of the request left: no name, no connection, no TLS.
inline attempt_result unsent(error_code why = of_system(ECONNREFUSED))
{
    attempt_result out;
    out.failure = why;
    return out;
}

/// Sent, and no answer, or the beginning of one.
inline attempt_result lost(error_code why = of_system(ECONNRESET), bool replied = false)
{
    attempt_result out;
    out.failure = why;
    out.sent = true;
    out.replied = replied;
    return out;
}

/// An idle connection that turned out to be closed.
inline attempt_result stale(bool sent)
{
    attempt_result out = lost(pks::errc::connection_closed);
    out.sent = sent;
    out.reused = true;
    return out;
}

inline attempt_result stalled(bool replied = false)
{
    return lost(pks::errc::timeout, replied);
}

/// A reply that was read to its end, with the error that was made of it.
inline attempt_result answered(int status, error_code failure)
{
    attempt_result out = success();
    out.http_status = status;
    out.failure = failure;
    return out;
}

inline attempt_result answered(int status, error_code failure, std::chrono::milliseconds retry_after)
{
    auto out = answered(status, failure);
    out.retry_after = retry_after;
    return out;
}

/// The same, sent with an access token that can be renewed.
inline attempt_result with_bearer(attempt_result out)
{
    out.with_bearer = true;
    return out;
}

/// For example `resend in 50000 us, fresh`, `fail pks:16, unknown`, `deliver`.
inline std::string text_of(retry_step const& step)
{
    auto const error = [&] {
        return step.error ? " " + std::string(step.error.category().name()) + ":" + std::to_string(step.error.value())
                          : std::string();
    };
    std::string const unknown = step.outcome_unknown ? ", unknown" : "";
    switch (step.what) {
    case action::deliver:
        return "deliver" + error() + unknown;
    case action::fail:
        return "fail" + error() + unknown;
    case action::succeed:
        return "succeed" + error() + unknown;
    case action::renew_token:
        return "renew" + error() + unknown;
    case action::follow_redirect:
        return "follow" + error() + unknown;
    case action::look:
        return "look" + error() + unknown;
    case action::resend:
        break;
    }
    auto const delay = std::chrono::duration_cast<std::chrono::microseconds>(step.delay).count();
    return "resend in " + std::to_string(delay) + " us" + (step.on_fresh_connection ? ", fresh" : "") + error() +
        unknown;
}

/// What text_of() says of an operation that ends as its attempt did.
inline std::string delivered(error_code ec, bool unknown = false)
{
    retry_step step;
    step.error = ec;
    step.outcome_unknown = unknown;
    return text_of(step);
}

inline std::string resend(std::chrono::steady_clock::duration delay, bool fresh)
{
    retry_step step;
    step.what = action::resend;
    step.delay = delay;
    step.on_fresh_connection = fresh;
    return text_of(step);
}

inline std::string failed(error_code ec, bool unknown = false)
{
    retry_step step;
    step.what = action::fail;
    step.error = ec;
    step.outcome_unknown = unknown;
    return text_of(step);
}

} // namespace retry_test
