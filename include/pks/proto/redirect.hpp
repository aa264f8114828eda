// Where a redirect leads, if it leads to the same server.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/endpoint.hpp>
#include <pks/proto/response_parser.hpp>

#include <optional>
#include <string>

namespace pks::inline v0::proto {

/// The target, path and query, that a 301, 302, 303, 307 or 308 names on the server that sent it. Nothing where there is
/// another scheme, host or port, user information, no `Location` or several, or a path that is not absolute.
/// Source: RFC 9110 §10.2.2, §15.4.
PKS_DECL std::optional<std::string> same_origin_target(response const& reply, endpoint const& server);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/redirect.ipp>
#endif
