// The HTTP proxy that servers are reached by.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/endpoint.hpp>
#include <pks/net/no_proxy.hpp>
#include <pks/secret.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace pks::inline v0::net {

/// TLS goes through it by `CONNECT`: it sees the name of the server, and nothing of what is said. An `http://` server is
/// never reached by it.
///
/// Thread safety: as a value.
/// Source: RFC 9110 §9.3.6.
class proxy
{
public:
    /// None.
    proxy() = default;

    /// @param url      `[http://][USER:PASSWORD@]HOST[:PORT]`; without a port 80. USER and PASSWORD percent-encoded.
    /// @param without  hosts that are reached directly, as in `NO_PROXY`: see no_proxy.
    ///
    /// Throws boost::system::system_error: errc::invalid_endpoint, errc::forbidden_character; for a proxy that is itself
    /// to be reached by TLS or SOCKS, too.
    PKS_DECL explicit proxy(std::string_view url, std::string_view without = {});

    /// As the variables HTTPS_PROXY or https_proxy, and NO_PROXY or no_proxy say; none where they are not set. Throws as
    /// the constructor. Reads the environment, which nobody may change meanwhile.
    PKS_DECL static proxy from_environment();

    /// The proxy's address if this server is reached by it, or null.
    PKS_DECL endpoint const* for_server(endpoint const& server) const;

    /// The value of `Proxy-Authorization`; empty without a user.
    secret const& authorization() const noexcept
    {
        return authorization_;
    }

private:
    std::optional<endpoint> address_;
    secret authorization_;
    no_proxy without_;
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/proxy.ipp>
#endif
