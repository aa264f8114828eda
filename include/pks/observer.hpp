// Is told what a client does, as it happens: for logs, metrics and traces.
#pragma once

#include <pks/error.hpp>

#include <chrono>
#include <string_view>

namespace pks::inline v0 {

enum class event_kind {
    attempt,      ///< a request was answered, or failed
    retry,        ///< it will be sent again, after `duration`
    token,        ///< a token was fetched
    token_failed, ///< or not: `error`
};

/// What happened. Holds no secret and no text of a server; `server` is valid during the call only.
class event
{
public:
    event() = default;

    event_kind kind = event_kind::attempt;
    std::string_view server;              ///< `host:port`
    int attempt = 0;                      ///< of one operation, from 1 on
    int http_status = 0;                  ///< of an attempt, 0 without a reply
    bool reused = false;                  ///< an attempt over a connection that had carried another one
    error_code error;                     ///< what the attempt, or the fetch, ended with
    std::chrono::nanoseconds duration{0}; ///< that it took, or until the next attempt
};

/// Thread safety: called on the strand of one client, one call at a time; one observer of several clients is called by
/// each of them. What is called must neither block nor throw.
class observer
{
public:
    virtual ~observer() = default;

    virtual void on_event(event const& e) noexcept = 0;
};

} // namespace pks::inline v0
