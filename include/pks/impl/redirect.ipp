// Bodies of proto/redirect.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/proto/redirect.hpp>

#include <string_view>

namespace pks::inline v0::proto {

PKS_DECL std::optional<std::string> same_origin_target(response const& reply, endpoint const& server)
{
    bool const redirects =
        reply.status == 301 || reply.status == 302 || reply.status == 303 || reply.status == 307 || reply.status == 308;
    if (!redirects || reply.count("Location") != 1)
        return {};
    auto location = *reply.find("Location");
    location = location.substr(0, location.find('#'));
    if (!pks::detail::all_are(pks::detail::is_visible, location))
        return {};
    if (!location.starts_with('/')) {
        // Read by the one parser of addresses: it refuses what it does not know, user information among it.
        auto const scheme = location.find("://");
        auto const path = scheme == location.npos ? location.npos : location.find_first_of("/?", scheme + 3);
        auto const origin = location.substr(0, path);
        std::uint16_t const port = server.secure() ? 443 : 80;
        auto const to = scheme == location.npos ? result<endpoint>(error_code(errc::invalid_endpoint))
            : server.secure()                   ? endpoint::parse(origin, port)
                                                : endpoint::parse(origin, port, allow_plain_http_on_loopback);
        bool const same = to.has_value() && to->secure() == server.secure() && to->host() == server.host() &&
            to->port() == server.port();
        if (!same)
            return {};
        location = path == location.npos ? std::string_view() : location.substr(path);
    }
    if (location.starts_with("//"))
        return {};
    std::string out(location);
    if (!out.starts_with('/'))
        out.insert(out.begin(), '/');
    return out;
}

} // namespace pks::inline v0::proto
