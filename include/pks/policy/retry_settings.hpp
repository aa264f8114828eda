// How often, and after what time, a request is sent again.
#pragma once

#include <chrono>

namespace pks::inline v0::policy {

/// How much load retries may add, all operations of a client together.
class retry_budget_settings
{
public:
    retry_budget_settings() = default;

    double per_request = 0.2; ///< retries that each operation adds to what may be spent; 0.2: a fifth more load
    double per_second = 10;   ///< retries that each second adds, so that a client with few operations may retry, too
    double most = 100;        ///< retries that can be saved up, and that a client begins with
    bool limited = true;      ///< false: as many as the operations want
};

class retry_settings
{
public:
    retry_settings() = default;

    /// Attempts of one operation, the first one included. Not counted: what is sent again because an idle connection
    /// turned out to be closed, and the replay after a 401, each at most once.
    int max_attempts = 3;

    /// Before the n-th retry passes a random part of `first_backoff` * 2^(n-1), or of `longest_backoff` if that is
    /// less.
    std::chrono::milliseconds first_backoff{100};
    std::chrono::milliseconds longest_backoff{5000};

    /// A longer `Retry-After` is taken for this.
    std::chrono::milliseconds longest_retry_after{30000};

    /// A change that was answered with 503 and a `Retry-After` is sent again: for servers which are known to say so
    /// only where they have done nothing.
    bool resend_after_503_with_retry_after = false;

    /// A deletion whose first answer is 404 has reached its aim. False: 404 is success only after an attempt that may
    /// have deleted it.
    bool absent_is_deleted = true;

    /// Redirects within the origin that a read follows.
    int max_redirects = 5;

    retry_budget_settings budget;
};

} // namespace pks::inline v0::policy
