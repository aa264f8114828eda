// Which hosts are reached without the proxy.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/endpoint.hpp>

#include <string>
#include <string_view>

namespace pks::inline v0::net {

/// A list as the variable `NO_PROXY` holds it: separated by commas or blanks, of
/// - `*`: every host,
/// - `example.com` and `.example.com`: the name and all names below it,
/// - `10.1.2.3`, `::1`, `[::1]`: the address,
/// - `10.0.0.0/8`, `fd00::/8`: the addresses of the network,
/// names and addresses with or without `:PORT` (an IPv6 address in brackets then). What is none of these matches nothing.
/// Loopback addresses and `localhost` never go by a proxy.
///
/// Names are compared without regard to case; none is looked up.
class no_proxy
{
public:
    no_proxy() = default;
    PKS_DECL explicit no_proxy(std::string_view list);

    PKS_DECL bool matches(endpoint const& server) const;

private:
    std::string list_; // in lower case
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/no_proxy.ipp>
#endif
