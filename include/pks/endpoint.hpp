// The address of one server: scheme, host, port and path prefix.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>

#include <pks/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace pks::inline v0 {

/// Allows `http://` for a loopback address (`localhost`, `127.0.0.0/8`, `[::1]`), for tests and side-cars.
struct allow_plain_http_on_loopback_t
{
    explicit allow_plain_http_on_loopback_t() = default;
};
inline constexpr allow_plain_http_on_loopback_t allow_plain_http_on_loopback{};

/// Where a UAA or a PKS API listens.
///
/// Reads what people type to `uaac target` and `pks login -a`: `HOST`, `HOST:PORT`, `https://HOST[:PORT][/PATH]`, with
/// an IPv6 literal in brackets, with or without a slash at the end. The host is kept in lower case, and without the dot
/// that may stand at the end of a name. User information, query, fragment, dot segments, controls, blanks and octets
/// outside ASCII (an internationalized name is written in its A-labels) are refused, as is `http://` without
/// `allow_plain_http_on_loopback`.
///
/// Errors: errc::invalid_endpoint, errc::plain_http_refused, errc::forbidden_character.
/// Source: facts on `uaac target` (normalize_url) and `pks login -a`; RFC 3986.
class endpoint
{
public:
    static constexpr std::uint16_t uaa_port = 8443; ///< where a PKS installation's UAA listens
    static constexpr std::uint16_t api_port = 9021; ///< where the PKS API listens

    /// Reads an address; without a port it gets `default_port`.
    PKS_DECL static result<endpoint> parse(std::string_view text, std::uint16_t default_port);
    PKS_DECL static result<endpoint> parse(
        std::string_view text, std::uint16_t default_port, allow_plain_http_on_loopback_t);

    /// As parse() with port 8443. Throws boost::system::system_error.
    PKS_DECL static endpoint uaa(std::string_view text);

    /// As parse() with port 9021. Throws boost::system::system_error.
    PKS_DECL static endpoint api(std::string_view text);

    /// The same host with another port and without path: UAA's address is derived from the API's this way.
    PKS_DECL endpoint with_port(std::uint16_t port) const;

    bool secure() const noexcept ///< https
    {
        return secure_;
    }
    std::string const& host() const noexcept ///< name or address, an IPv6 address without brackets
    {
        return host_;
    }
    std::uint16_t port() const noexcept
    {
        return port_;
    }
    std::string const& path() const noexcept ///< prefix of all targets: empty, or `/uaa`
    {
        return path_;
    }
    bool host_is_address() const noexcept ///< an IPv4 or IPv6 literal: no SNI, checked against IP entries
    {
        return address_;
    }

    /// The `Host` field: `host:port`, the port left out where it is the scheme's.
    std::string const& authority() const noexcept
    {
        return authority_;
    }
    PKS_DECL std::string url() const; ///< `https://host:port/path`

    friend bool operator==(endpoint const&, endpoint const&) = default;

private:
    endpoint() = default;
    PKS_DECL static result<endpoint> parse(std::string_view text, std::uint16_t default_port, bool plain_on_loopback);
    PKS_DECL void set_port(std::uint16_t port);

    std::string host_;
    std::string authority_; // made from the others once: each request has it
    std::string path_;
    std::uint16_t port_ = 0;
    bool secure_ = true;
    bool address_ = false;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/endpoint.ipp>
#endif
