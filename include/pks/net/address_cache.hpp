// The addresses of host names that were looked up lately.
#pragma once

#include <pks/clock.hpp>

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0::net {

/// For so short a time that a change of the name is noticed when its connections are: what it spares is a look-up for
/// each of the connections that are opened in a row.
///
/// Thread safety: none.
class address_cache
{
public:
    using addresses = std::vector<boost::asio::ip::address>;

    static constexpr std::chrono::seconds lifetime{10};
    static constexpr std::size_t most_names = 8;

    /// Empty where nothing is known.
    addresses find(std::string_view host, clock::steady_time_point now) const
    {
        for (auto const& e : entries_)
            if (e.host == host && now < e.until)
                return e.found;
        return {};
    }

    void store(std::string_view host, addresses found, clock::steady_time_point now)
    {
        auto* into = &entries_[0];
        for (auto& e : entries_) {
            if (e.host == host) {
                into = &e;
                break;
            }
            if (e.until < into->until)
                into = &e;
        }
        into->host = host;
        into->found = std::move(found);
        into->until = now + lifetime;
    }

    /// None of them answered.
    void forget(std::string_view host)
    {
        for (auto& e : entries_)
            if (e.host == host)
                e.until = {};
    }

private:
    struct entry
    {
        std::string host;
        addresses found;
        clock::steady_time_point until{};
    };

    entry entries_[most_names]; // the one that ends first gives way
};

} // namespace pks::inline v0::net
