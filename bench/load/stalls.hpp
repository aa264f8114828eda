// The places where a server, or what leads to it, can fall silent.
#pragma once

#include <pks/testing/fault_script.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace bench {

/// What the client does so that it comes to a stall.
enum class way {
    timer,   ///< waits for a timer of its own: no client, and what the machine adds to all others
    look_up, ///< logs in to a name whose look-up never ends
    direct,  ///< logs in
    proxy,   ///< logs in through a proxy, which is what stalls
    upload,  ///< sends a request larger than what all the buffers on the way hold
    place,   ///< has but one connection, over which another login stalls
    token,   ///< waits for a token that another operation fetches
};

/// What the server sees of an operation, in this order.
enum class sight { nothing, connection, handshake, request };

/// One stall.
class stall
{
public:
    std::string_view name;
    std::string_view what; ///< for people
    bench::way way;
    sight last;      ///< what the server sees at most, and of each operation unless `way` says otherwise
    int tls_version; ///< as OpenSSL names it; 0: none
    /// The fault, for so many operations. Null: there is no server.
    void (*plan)(pks::testing::fault_script& script, std::size_t times);
    bool answers_syn = true;
    double share = 1; ///< of the usual rate, where each operation is work for the machine
};

std::vector<stall> const& stalls();

/// Null where there is none of this name.
stall const* find_stall(std::string_view name);

} // namespace bench
