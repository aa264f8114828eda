// HTTP Basic authentication.
#pragma once

#include <pks/credentials.hpp>
#include <pks/detail/config.hpp>
#include <pks/detail/wiped_string.hpp>
#include <pks/error.hpp>
#include <pks/proto/request.hpp>

#include <string>
#include <string_view>

namespace pks::inline v0::proto {

/// `Basic ` and the base64 of `id:secret`, as they are. Source: RFC 7617 §2.
PKS_DECL pks::detail::wiped_string basic_credentials(std::string_view id, std::string_view secret);

/// The same with id and secret form-encoded. Source: RFC 6749 §2.3.1.
PKS_DECL pks::detail::wiped_string form_encoded_basic_credentials(std::string_view id, std::string_view secret);

/// Adds the credentials of a client, by which method it says. Errors: errc::missing_parameter, forbidden_character, where
/// `detail` names the parameter. A signed assertion is no password, and is not sent as one.
PKS_DECL error_code authenticate_client(request& out, client_authentication const& as, std::string& detail);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/basic_credentials.ipp>
#endif
