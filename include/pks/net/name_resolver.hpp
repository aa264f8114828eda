// Finds the addresses of a host.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>

#include <boost/asio/ip/address.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pks::inline v0::net {

/// What names are looked up with. Implement it for tests, or for other ways than the system's.
///
/// Thread safety: `look_up` is called from several threads at once.
class name_resolver
{
public:
    name_resolver() = default;
    name_resolver(name_resolver const&) = delete;
    name_resolver& operator=(name_resolver const&) = delete;
    virtual ~name_resolver() = default;

    /// Appends the addresses of `host` in the order in which they are to be tried. May block for as long as it takes,
    /// also after everybody who asked has gone.
    ///
    /// Errors: what it likes; the system's are boost::asio::error::host_not_found, host_not_found_try_again, no_recovery
    /// and those of the system.
    virtual error_code look_up(std::string const& host, std::vector<boost::asio::ip::address>& found) = 0;

    /// getaddrinfo.
    PKS_DECL static std::shared_ptr<name_resolver> system();
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/name_resolver.ipp>
#endif
