// How much of a reply is read before it is refused.
#pragma once

#include <cstddef>

namespace pks::inline v0 {

/// Limits of one HTTP response. Sizes are in octets; exactly at the limit is still accepted.
class http_limits
{
public:
    http_limits() = default;

    std::size_t head = 16 * 1024;            ///< status line and header section, with line ends, of each response
    std::size_t fields = 100;                ///< header and trailer fields of each response together
    std::size_t chunk_extension = 4 * 1024;  ///< chunk extensions of all chunks together
    std::size_t trailer = 4 * 1024;          ///< trailer section, with line ends
    std::size_t interim_responses = 16;      ///< 1xx responses ahead of the final one
    std::size_t body = std::size_t{8} << 20; ///< body, after the chunk framing is taken off
};

} // namespace pks::inline v0
