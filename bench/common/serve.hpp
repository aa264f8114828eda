// How a program is measured by contest.py: a line of JSON about itself, then one for each line that it reads.
#pragma once

#include <boost/json/object.hpp>

#include <functional>
#include <optional>
#include <sstream>
#include <string>

namespace bench {

/// What the program was built with.
boost::json::object machine();

/// That of pks.
std::string version();

/// The words of a line, from `order` on; nothing where they make no sense.
using measurement = std::function<std::optional<boost::json::object>(std::istringstream& order)>;

/// Until the end of standard input. The exit status.
int serve(boost::json::object const& about, measurement const& measure);

} // namespace bench
