// Bodies of net/no_proxy.hpp.
#pragma once

#include <pks/net/no_proxy.hpp>

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace pks::inline v0::net {

namespace no_proxy_detail {

// An IPv4 one mapped into IPv6.
class address
{
public:
    // Whether that is one.
    bool read(std::string_view text)
    {
        std::string const terminated(text);
        if (::inet_pton(AF_INET6, terminated.c_str(), octets_) == 1)
            return true;
        std::fill(octets_, octets_ + 10, static_cast<unsigned char>(0));
        octets_[10] = octets_[11] = 0xff;
        return ::inet_pton(AF_INET, terminated.c_str(), octets_ + 12) == 1;
    }

    bool has_first_bits_of(address const& other, unsigned bits) const noexcept
    {
        auto const whole = bits / 8, rest = bits % 8;
        auto const mask = static_cast<unsigned char>(0xff00u >> rest);
        return std::equal(octets_, octets_ + whole, other.octets_) &&
            (rest == 0 || (octets_[whole] & mask) == (other.octets_[whole] & mask));
    }

    bool is_loopback() const noexcept
    {
        address one, block;
        one.octets_[15] = 1;
        block.octets_[10] = block.octets_[11] = 0xff;
        block.octets_[12] = 127;
        return has_first_bits_of(one, 128) || has_first_bits_of(block, 104);
    }

private:
    unsigned char octets_[16] = {};
};

// False where the text is no number up to the most.
inline bool read_number(std::string_view text, unsigned most, unsigned& out) noexcept
{
    auto const end = text.data() + text.size();
    auto const read = std::from_chars(text.data(), end, out);
    return !text.empty() && read.ec == std::errc() && read.ptr == end && out <= most;
}

// `own`: the server's address, null where it has a name.
inline bool matches_network(std::string_view text, std::size_t slash, address const* own)
{
    auto const network = text.substr(0, slash);
    bool const v6 = network.find(':') != network.npos;
    address first;
    unsigned bits = 0;
    return own && first.read(network) && read_number(text.substr(slash + 1), v6 ? 128 : 32, bits) &&
        own->has_first_bits_of(first, bits + (v6 ? 0 : 96));
}

inline bool matches_entry(std::string_view text, endpoint const& server, address const* own)
{
    auto const slash = text.find('/');
    if (slash != text.npos)
        return matches_network(text, slash, own);
    address one;
    if (one.read(text))
        return own && own->has_first_bits_of(one, 128);
    bool const bracketed = text.starts_with('[');
    auto const colon = text.find(bracketed ? "]:" : ":");
    if (colon != text.npos) {
        unsigned port = 0;
        if (!read_number(text.substr(colon + (bracketed ? 2 : 1)), 65535, port) || port != server.port())
            return false;
        text = text.substr(0, colon + (bracketed ? 1 : 0));
    }
    if (bracketed)
        text = text.ends_with(']') ? text.substr(1, text.size() - 2) : std::string_view();
    if (one.read(text))
        return own && own->has_first_bits_of(one, 128);
    if (text.starts_with('.'))
        text.remove_prefix(1);
    std::string_view const host = server.host();
    bool const below = host.size() > text.size() && host.ends_with(text) && host[host.size() - text.size() - 1] == '.';
    return !bracketed && !text.empty() && (host == text || below);
}

} // namespace no_proxy_detail

PKS_DECL no_proxy::no_proxy(std::string_view list) : list_(list)
{
    std::transform(list_.begin(), list_.end(), list_.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
}

PKS_DECL bool no_proxy::matches(endpoint const& server) const
{
    std::string_view const host = server.host();
    no_proxy_detail::address address;
    auto const* const own = server.host_is_address() && address.read(host) ? &address : nullptr;
    if (host == "localhost" || host.ends_with(".localhost") || (own && own->is_loopback()))
        return true;
    std::string_view left = list_;
    while (!left.empty()) {
        auto const size = std::min(left.find_first_of(", \t"), left.size());
        auto const entry = left.substr(0, size);
        left.remove_prefix(std::min(size + 1, left.size()));
        if (entry == "*" || no_proxy_detail::matches_entry(entry, server, own))
            return true;
    }
    return false;
}

} // namespace pks::inline v0::net
