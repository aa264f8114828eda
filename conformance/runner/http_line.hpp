// The verb `http-parse`: what becomes of the octets of a response.
#pragma once

#include <pks/jose/json_value.hpp>

#include <boost/json/object.hpp>

namespace conform {

/// See run_line_verb. Throws line_error.
boost::json::object parse_response(pks::jose::json_value line);

} // namespace conform
