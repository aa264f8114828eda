// The verb serve-guard.
#pragma once

#include "runner/exit_status.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace conform {

struct serve_guard_options
{
    std::uint16_t port = 0;             ///< 0: any
    std::string uaa;                    ///< its address
    std::string ca_file;                ///< of its CA, PEM
    std::string issuer;                 ///< empty: what follows from the address
    std::vector<std::string> audiences; ///< one of which a token must be for; none: what follows from the scopes
    std::vector<std::string> scopes;    ///< all of which a token must have
    std::string checks = "offline";     ///< `offline`, `online` or `offline-first`
    std::string client;                 ///< which asks, but for offline; its secret is in PKS_CLIENT_SECRET
};

/// Serves until SIGTERM or SIGINT what guard_server.hpp describes; says on `out` where. The status is `usage` where the
/// options cannot be meant, `environment` where the CA cannot be read, after a line on `complaints`. Throws
/// boost::system::system_error where it cannot listen.
exit_status serve_guard(serve_guard_options const& options, std::ostream& out, std::ostream& complaints);

} // namespace conform
