// HTTP Basic authentication.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/detail/wiped_string.hpp>

#include <string_view>

namespace pks::inline v0::proto {

/// `Basic ` and the base64 of `id:secret`, as they are. Source: RFC 7617 §2.
PKS_DECL pks::detail::wiped_string basic_credentials(std::string_view id, std::string_view secret);

/// The same with id and secret form-encoded. Source: RFC 6749 §2.3.1.
PKS_DECL pks::detail::wiped_string form_encoded_basic_credentials(std::string_view id, std::string_view secret);

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/basic_credentials.ipp>
#endif
