// An HTTP reply as a value, with the framing that it goes out in.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/testing/request.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::testing {

/// What a server writes, to the octet: the fields that frame it are among `fields`, at their place.
///
/// Thread safety: as a value.
class reply
{
public:
    enum class framing {
        none,           ///< no body follows: HEAD, 204, 304
        content_length, ///< the body as it is
        chunked,        ///< the body in the chunks named
        until_close,    ///< the body as it is, then the end of the connection
    };

    int status = 200;
    std::string reason; ///< empty with UAA: its status line ends in a blank
    header_fields fields;
    std::string body;
    framing frame = framing::none;
    std::vector<std::size_t> chunks; ///< sizes in order; what is left of the body is one more
    bool close = false;              ///< the connection ends after it

    PKS_DECL std::string const* find(std::string_view name) const;

    /// The whole reply as it stands on the wire.
    PKS_DECL std::string to_octets() const;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/reply.ipp>
#endif
