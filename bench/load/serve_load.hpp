// A contestant of bench/load that is a program of ours, as drive.py asks for it.
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// What is to be done, over how many connections at once.
class load
{
public:
    std::string contestant;
    std::string kind; ///< get, login …
    std::uint16_t port = 0;
    std::size_t connections = 0;
    double rate = 0;
    double seconds = 0;
};

/// The token request of all contestants.
inline constexpr char login_form[] =
    "grant_type=client_credentials&client_id=automated-client&client_secret=automated-secret";

/// Reads orders `NAME KIND PORT CONNECTIONS RATE SECONDS`. The exit status.
int serve_load(std::vector<std::string> const& names, std::string const& version, std::vector<std::string> const& kinds,
    std::function<boost::json::object(load const&)> const& run);

} // namespace bench
