// How long each step of an operation may take, and the whole.
#pragma once

#include <chrono>

namespace pks::inline v0 {

/// Where one passes, the attempt under way ends with errc::timeout, and its connection with it; whether there is
/// another attempt is up to the retry rules. Where that of the whole passes, the operation ends.
class deadlines
{
public:
    using duration = std::chrono::steady_clock::duration;

    deadlines() = default;

    duration resolve = std::chrono::seconds(5);    ///< looking the host name up
    duration connect = std::chrono::seconds(10);   ///< TCP, over all addresses of the host
    duration handshake = std::chrono::seconds(10); ///< TLS
    duration progress = std::chrono::seconds(30);  ///< until the next octets are sent, or come
    duration whole = std::chrono::seconds(60); ///< an operation with all its attempts, unless within() says otherwise
};

} // namespace pks::inline v0
