// A name as a segment of a path.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/diagnostics.hpp>
#include <pks/error.hpp>

#include <string>
#include <string_view>

namespace pks::inline v0::proto {

/// Whether a name may become a segment of a path. `what` is the parameter's name, for `diag`.
///
/// Errors: errc::missing_parameter where it is empty; errc::forbidden_character for controls, for what is no UTF-8, and
/// for whatever a server or a proxy on the way could take for more or less than one segment, encoded or not: slashes,
/// backslashes, `.` and `..`.
PKS_DECL error_code check_path_segment(std::string_view name, std::string_view what, diagnostics& diag);

/// Appends a slash and the percent-encoded name. Unreserved octets are `A-Z a-z 0-9 - . _ ~` (RFC 3986 §2.3).
PKS_DECL void append_path_segment(std::string& path, std::string_view name);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/path_segment.ipp>
#endif
