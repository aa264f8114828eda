// The addresses of host names that were looked up lately.
#pragma once

#include <pks/clock.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
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
    static constexpr std::size_t most_names = 16;

    /// Empty where nothing is known. Good until the next call.
    addresses const& find(std::string_view host, clock::steady_time_point now)
    {
        static addresses const none;
        std::erase_if(entries_, [now](entry const& e) { return now >= e.until; });
        auto const known = look_up(host);
        return known == entries_.end() ? none : known->found;
    }

    void store(std::string_view host, addresses found, clock::steady_time_point now)
    {
        forget(host);
        if (entries_.size() < most_names)
            entries_.push_back({std::string(host), std::move(found), now + lifetime});
    }

    /// None of them answered.
    void forget(std::string_view host)
    {
        auto const known = look_up(host);
        if (known != entries_.end())
            entries_.erase(known);
    }

private:
    struct entry
    {
        std::string host;
        addresses found;
        clock::steady_time_point until;
    };

    std::vector<entry>::iterator look_up(std::string_view host)
    {
        return std::find_if(entries_.begin(), entries_.end(), [host](entry const& e) { return e.host == host; });
    }

    std::vector<entry> entries_;
};

} // namespace pks::inline v0::net
