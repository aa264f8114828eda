// Finds the access token of a request.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/result.hpp>

#include <span>
#include <string_view>

namespace pks::inline v0::policy {

/// What of a request can hold a token; refers to the request.
class bearer_request
{
public:
    bearer_request() = default;

    std::span<std::string_view const> authorization; ///< the values of all fields `Authorization`
    std::string_view target;                         ///< of the request line
    std::string_view form;                           ///< the body, if it is application/x-www-form-urlencoded
};

/// The token, a part of the request. It is taken from `Authorization` alone: as part of a target it gets into every log
/// on the way, and one beside another shows that somebody is confused, or wants to confuse.
///
/// Errors: bearer_errc.
/// Source: RFC 6750 §2, §3.1; RFC 9110 §11.6.2; RFC 9700 §4.3.2.
PKS_DECL result<std::string_view> bearer_token(bearer_request const& request);

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/bearer_token.ipp>
#endif
