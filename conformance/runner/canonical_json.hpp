// One text for each JSON value, to compare readers by.
#pragma once

#include <pks/jose/json_value.hpp>

#include <string>

namespace conform {

/// Without white space, members in the order of their names' octets, each character spelled in the shortest way, and
/// numbers as they are written.
std::string canonical_json(pks::jose::json_value value);

} // namespace conform
