// Why a request brings no access token that could be judged.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>

#include <boost/system/error_code.hpp>

#include <type_traits>

namespace pks::inline v0 {

/// What is wrong with the way in which a request carries its token. Category name `pks.bearer`.
///
/// no_token equals condition::unauthorized, the others condition::invalid_input. No message holds anything of the request.
enum class bearer_errc {
    no_token = 1,            ///< no `Authorization`, or of another scheme than Bearer
    several_tokens,          ///< more than one, in one field or in several
    token_in_target,         ///< `access_token` in the query of the request's target
    token_in_form,           ///< `access_token` in a form
    malformed_authorization, ///< `Bearer` without a token, or with characters that no token has
};

PKS_DECL boost::system::error_category const& bearer_category() noexcept;

inline error_code make_error_code(bearer_errc e) noexcept
{
    return {static_cast<int>(e), bearer_category()};
}

} // namespace pks::inline v0

template <>
struct boost::system::is_error_code_enum<pks::bearer_errc> : std::true_type
{
};

#ifdef PKS_HEADER_ONLY
#include <pks/impl/bearer_errc.ipp>
#endif
