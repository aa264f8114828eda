// Bodies of net/name_resolver.hpp.
#pragma once

#include <pks/net/name_resolver.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace pks::inline v0::net::name_resolver_detail {

inline error_code error_of(int failure, int number) noexcept
{
    namespace error = boost::asio::error;
    switch (failure) {
    case 0:
        return {};
    case EAI_AGAIN:
        return error::host_not_found_try_again;
    case EAI_FAIL:
        return error::no_recovery;
    case EAI_MEMORY:
        return error::no_memory;
    case EAI_SYSTEM:
        return {number, boost::system::system_category()};
    default:
        return error::host_not_found;
    }
}

inline void append(::sockaddr const& from, std::vector<boost::asio::ip::address>& found)
{
    namespace ip = boost::asio::ip;
    if (from.sa_family == AF_INET) {
        ::sockaddr_in v4;
        std::memcpy(&v4, &from, sizeof v4);
        found.push_back(ip::address_v4(ntohl(v4.sin_addr.s_addr)));
    } else if (from.sa_family == AF_INET6) {
        ::sockaddr_in6 v6;
        std::memcpy(&v6, &from, sizeof v6);
        ip::address_v6::bytes_type octets;
        std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
        found.push_back(ip::address_v6(octets, v6.sin6_scope_id));
    }
}

class system_resolver final : public name_resolver
{
public:
    error_code look_up(std::string const& host, std::vector<boost::asio::ip::address>& found) override
    {
        ::addrinfo hints = {};
        // Of one kind, or each address would come once for every kind of socket.
        hints.ai_socktype = SOCK_STREAM;
        ::addrinfo* all = nullptr;
        int const failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &all);
        int const number = errno;
        if (failure != 0)
            return error_of(failure, number);
        for (auto const* one = all; one; one = one->ai_next)
            append(*one->ai_addr, found);
        ::freeaddrinfo(all);
        return found.empty() ? error_code(boost::asio::error::host_not_found) : error_code();
    }
};

} // namespace pks::inline v0::net::name_resolver_detail

namespace pks::inline v0::net {

PKS_DECL std::shared_ptr<name_resolver> name_resolver::system()
{
    // Never destroyed: a thread may still be in it when the program ends.
    static auto* const instance = new name_resolver_detail::system_resolver();
    return {std::shared_ptr<void>(), instance};
}

} // namespace pks::inline v0::net
