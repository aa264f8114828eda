// Bodies of net/proxy.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/detail/wiped_string.hpp>
#include <pks/proto/basic_credentials.hpp>
#include <pks/net/proxy.hpp>

#include <cstdlib>

namespace pks::inline v0::net {

namespace proxy_detail {

inline int digit(char c) noexcept
{
    return c >= '0' && c <= '9' ? c - '0'
        : c >= 'a' && c <= 'f'  ? c - 'a' + 10
        : c >= 'A' && c <= 'F'  ? c - 'A' + 10
                                : -1;
}

// Throws where it is no percent-encoded text without controls.
inline pks::detail::wiped_string decode(std::string_view text)
{
    pks::detail::wiped_string out;
    for (std::size_t i = 0; i != text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        int const high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
        int const low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            throw boost::system::system_error(errc::invalid_endpoint, "the proxy's user");
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (pks::detail::has_control(out))
        throw boost::system::system_error(errc::forbidden_character, "the proxy's user");
    return out;
}

inline std::string_view variable(char const* name, char const* other) noexcept
{
    auto const* const value = std::getenv(name);
    auto const* const found = value && *value ? value : std::getenv(other);
    return found ? found : "";
}

} // namespace proxy_detail

PKS_DECL proxy::proxy(std::string_view url, std::string_view without) : without_(without)
{
    constexpr std::string_view scheme = "http://";
    if (url.starts_with(scheme))
        url.remove_prefix(scheme.size());
    else if (url.find("://") != url.npos)
        throw boost::system::system_error(errc::invalid_endpoint, "the proxy's scheme");
    while (url.ends_with('/'))
        url.remove_suffix(1);
    auto const at = url.rfind('@');
    if (at != url.npos) {
        auto const user = url.substr(0, at);
        auto const colon = user.find(':');
        auto const name = proxy_detail::decode(user.substr(0, colon));
        auto const password = proxy_detail::decode(colon == user.npos ? std::string_view() : user.substr(colon + 1));
        if (std::string_view(name).find(':') != std::string_view::npos)
            throw boost::system::system_error(errc::forbidden_character, "the proxy's user");
        authorization_ = secret(proto::basic_credentials(name, password));
        url.remove_prefix(at + 1);
    }
    // No prefix, and no TLS: the parser of addresses is used for host and port alone.
    auto const read = endpoint::parse(url, 80);
    if (read.has_error())
        throw boost::system::system_error(read.error(), "the proxy's address");
    if (!read->path().empty())
        throw boost::system::system_error(errc::invalid_endpoint, "the proxy's address");
    address_ = *read;
}

PKS_DECL proxy proxy::from_environment()
{
    auto const url = proxy_detail::variable("HTTPS_PROXY", "https_proxy");
    if (url.empty())
        return proxy();
    return proxy(url, proxy_detail::variable("NO_PROXY", "no_proxy"));
}

PKS_DECL endpoint const* proxy::for_server(endpoint const& server) const
{
    bool const direct = !address_ || !server.secure() || without_.matches(server);
    return direct ? nullptr : &*address_;
}

} // namespace pks::inline v0::net
