// When a token is renewed, and how long nobody asks again after a failure.
#pragma once

#include <chrono>

namespace pks::inline v0::policy {

class token_settings
{
public:
    token_settings() = default;

    /// The part of its lifetime after which a token is renewed while it is still used. TKGI's tokens live 600 s, others
    /// 12 h: no fixed time before the end fits both.
    double renew_after = 0.75;

    /// How much earlier at most, in parts of the lifetime, at random: clients that were started together drift apart.
    double jitter = 0.15;

    /// From a fetch that failed to the next one; doubled with each failure in a row, up to `longest_cool_down`, which
    /// is also how long a UAA that refused the credentials is not asked again.
    std::chrono::milliseconds cool_down = std::chrono::seconds(1);
    std::chrono::milliseconds longest_cool_down = std::chrono::seconds(30);
};

} // namespace pks::inline v0::policy
