// What differs between what should be and what was seen.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace conform {

struct difference
{
    std::string field; ///< `request: Authorization`, `result.expires_in`
    std::string expected;
    std::string seen;

    friend bool operator==(difference const&, difference const&) = default;
};

using differences = std::vector<difference>;

/// Compares two values member by member. Members that only one side has differ, too.
void compare_json(
    std::string const& path, boost::json::value const& expected, boost::json::value const& seen, differences& out);

/// For reports: quoted where blanks would mislead, cut where it is long.
std::string shown(std::string_view text);

} // namespace conform
