// JSON that a caller put together, as the body of a request.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/error.hpp>
#include <pks/proto/request.hpp>

#include <boost/json/fwd.hpp>

namespace pks::inline v0::proto {

/// Whether every text in it may be sent: UTF-8 without controls; line breaks and tabs are taken in certificates, keys
/// and JSON that stands in a string. JSON would escape them all; what a log or a shell behind the server makes of them
/// is another matter. Errors: errc::forbidden_character; `diag.detail` is the path of the member.
PKS_DECL error_code check_json_texts(boost::json::object const& body, diagnostics& diag);

/// Makes it the body, and marks the passwords and keys of the API's model as confidential.
PKS_DECL void set_json_body(request& out, boost::json::object const& body);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/json_request_body.ipp>
#endif
