// The verb `tls-get`: what a client gets from an HTTPS server, or why not.
#pragma once

#include <pks/jose/json_value.hpp>

#include <boost/json/object.hpp>

namespace conform {

/// See run_line_verb. Throws line_error.
boost::json::object get_over_tls(pks::jose::json_value line);

} // namespace conform
