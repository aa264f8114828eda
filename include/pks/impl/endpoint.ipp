// Bodies of endpoint.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/endpoint.hpp>

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace pks::inline v0::detail {

PKS_DECL bool is_ipv4(std::string const& host) noexcept
{
    in_addr ignored{};
    return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1;
}

PKS_DECL bool is_ipv6(std::string const& host) noexcept
{
    in6_addr ignored{};
    return ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

// As inet_aton reads one: decimal, octal or hexadecimal.
PKS_DECL bool is_number(std::string_view label) noexcept
{
    bool const hexadecimal = label.starts_with("0x");
    label.remove_prefix(hexadecimal ? 2 : 0);
    return all_are(hexadecimal ? is_hex_digit : is_digit, label);
}

PKS_DECL bool is_dns_name(std::string_view host) noexcept
{
    if (host.empty() || host.size() > 253)
        return false;
    std::size_t label = 0;
    for (std::size_t i = 0; i <= host.size(); ++i) {
        char const c = i < host.size() ? host[i] : '.';
        if (c == '.') {
            if (label == 0 || label > 63 || host[i - 1] == '-')
                return false;
            label = 0;
            continue;
        }
        bool const digit = c >= '0' && c <= '9';
        if (!digit && !(c >= 'a' && c <= 'z') && c != '_' && !(c == '-' && label != 0))
            return false;
        ++label;
    }
    // A name whose last label is a number is somebody's IPv4 address in a form that resolvers read differently.
    return !is_number(host.substr(host.rfind('.') + 1));
}

// Segments of unreserved characters only: whatever else a path may hold, nobody types it as a server's prefix.
PKS_DECL bool is_plain_path(std::string_view path) noexcept
{
    std::size_t begin = 0;
    while (begin < path.size()) {
        std::size_t const end = std::min(path.find('/', begin + 1), path.size());
        auto const segment = path.substr(begin + 1, end - begin - 1);
        if (segment.empty() || segment == "." || segment == "..")
            return false;
        begin = end;
    }
    auto const plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '/' || c == '-' || c == '.' ||
            c == '_' || c == '~';
    };
    return all_are(plain, path);
}

PKS_DECL bool is_loopback(std::string const& host) noexcept
{
    return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_ipv4(host));
}

} // namespace pks::inline v0::detail

namespace pks::inline v0 {

PKS_DECL result<endpoint> endpoint::parse(std::string_view text, std::uint16_t default_port)
{
    return parse(text, default_port, false);
}

PKS_DECL result<endpoint> endpoint::parse(
    std::string_view text, std::uint16_t default_port, allow_plain_http_on_loopback_t)
{
    return parse(text, default_port, true);
}

PKS_DECL result<endpoint> endpoint::parse(std::string_view text, std::uint16_t default_port, bool plain_on_loopback)
{
    if (detail::has_control(text))
        return error_code(errc::forbidden_character);

    endpoint out;
    if (auto const scheme_end = text.find("://"); scheme_end != text.npos) {
        std::string scheme(text.substr(0, scheme_end));
        std::transform(scheme.begin(), scheme.end(), scheme.begin(),
            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
        if (scheme != "https" && scheme != "http")
            return error_code(errc::invalid_endpoint);
        out.secure_ = scheme == "https";
        text.remove_prefix(scheme_end + 3);
    }

    auto const path_begin = text.find('/');
    auto authority = text.substr(0, path_begin);
    if (path_begin != text.npos) {
        auto path = text.substr(path_begin);
        while (path.ends_with('/'))
            path.remove_suffix(1);
        if (!detail::is_plain_path(path))
            return error_code(errc::invalid_endpoint);
        out.path_ = path;
    }

    std::string_view port;
    bool has_port = false;
    if (authority.starts_with('[')) {
        auto const end = authority.find(']');
        if (end == authority.npos)
            return error_code(errc::invalid_endpoint);
        out.host_ = authority.substr(1, end - 1);
        authority.remove_prefix(end + 1);
        if (!detail::is_ipv6(out.host_) || (!authority.empty() && authority.front() != ':'))
            return error_code(errc::invalid_endpoint);
        out.address_ = true;
        has_port = !authority.empty();
        port = authority.substr(has_port ? 1 : 0);
    } else {
        auto const colon = authority.find(':');
        has_port = colon != authority.npos;
        port = has_port ? authority.substr(colon + 1) : std::string_view();
        out.host_ = authority.substr(0, colon);
    }
    std::transform(out.host_.begin(), out.host_.end(), out.host_.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    if (!out.address_) {
        out.address_ = detail::is_ipv4(out.host_);
        // The dot of a name that is complete: neither certificates nor SNI (RFC 6066, section 3) have it.
        bool const dotted = out.host_.ends_with('.');
        if (dotted)
            out.host_.pop_back();
        if (!out.address_ && (!detail::is_dns_name(out.host_) || (dotted && detail::is_ipv4(out.host_))))
            return error_code(errc::invalid_endpoint);
    }

    auto number = default_port;
    if (has_port) {
        auto const [end, ec] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (ec != std::errc() || end != port.data() + port.size() || number == 0)
            return error_code(errc::invalid_endpoint);
    }
    out.set_port(number);
    if (!out.secure_ && !(plain_on_loopback && detail::is_loopback(out.host_)))
        return error_code(errc::plain_http_refused);
    return out;
}

PKS_DECL endpoint endpoint::uaa(std::string_view text)
{
    return parse(text, uaa_port).value();
}

PKS_DECL endpoint endpoint::api(std::string_view text)
{
    return parse(text, api_port).value();
}

PKS_DECL endpoint endpoint::with_port(std::uint16_t port) const
{
    endpoint out(*this);
    out.set_port(port);
    out.path_.clear();
    return out;
}

// Host and scheme are known.
PKS_DECL void endpoint::set_port(std::uint16_t port)
{
    port_ = port;
    authority_ = host_.find(':') == host_.npos ? host_ : '[' + host_ + ']';
    if (port_ != (secure_ ? 443 : 80))
        authority_ += ':' + std::to_string(port_);
}

PKS_DECL std::string endpoint::url() const
{
    return (secure_ ? "https://" : "http://") + authority() + path_;
}

} // namespace pks::inline v0
