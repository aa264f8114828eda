// The verb `x509-verify`: whether a client takes a server's chain.
#pragma once

#include <pks/jose/json_value.hpp>

#include <boost/json/object.hpp>

namespace conform {

/// See run_line_verb. Throw line_error.
boost::json::object verify_certificates(pks::jose::json_value line);
boost::json::object verify_limbo_case(pks::jose::json_value line);

} // namespace conform
