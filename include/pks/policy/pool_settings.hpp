// How many connections to one server there are, and how long they stay.
#pragma once

#include <chrono>
#include <cstddef>

namespace pks::inline v0::policy {

class pool_settings
{
public:
    pool_settings() = default;

    std::size_t connections = 64; ///< to one server at once, those in use and those that are idle; at least 1
    std::size_t idle = 16;        ///< of these; 0: each exchange has a connection of its own

    /// How long one may be idle. A UAA closes after 20 s, and whoever is first to close gets no request lost.
    std::chrono::milliseconds idle_for = std::chrono::seconds(15);
};

} // namespace pks::inline v0::policy
