// Why a token whose signature holds was refused, and what can be wrong with the settings that say so.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>

#include <boost/system/error_code.hpp>

#include <type_traits>

namespace pks::inline v0 {

/// What policy refuses. Category name `pks.token`.
///
/// The codes of a token equal condition::unauthorized, but for insufficient_scope: condition::forbidden.
/// Those of the UAA equal condition::unavailable and, but for question_refused, condition::retryable, those of settings
/// and of a saved key set condition::invalid_input. No message holds anything of the token.
enum class token_errc {
    // the token
    issuer_missing = 1,   ///< no `iss`
    wrong_issuer,         ///< `iss` is not, octet for octet, the issuer that is expected
    refresh_token,        ///< a refresh token: `jti` ends in `-r`, or there are `granted_scopes`
    id_token,             ///< an ID token: it says who somebody is, and grants nothing
    token_id_missing,     ///< no `jti`: without it a refresh token could not be told apart
    scope_missing,        ///< no `scope`, as every access token of a UAA has it
    client_missing,       ///< neither `client_id` nor `cid`
    conflicting_clients,  ///< `client_id` and `cid` are two clients
    user_missing,         ///< no `user_id`, and by `grant_type` it is a user's: it would pass for the client's own
    zone_missing,         ///< no `zid`, and a zone is expected
    wrong_zone,           ///< `zid` is not the zone that is expected
    expiry_missing,       ///< no `exp`
    expired,              ///< `exp` has been reached
    not_yet_valid,        ///< `nbf` lies ahead
    issued_in_the_future, ///< `iat` lies ahead
    issue_time_missing,   ///< no `iat`, and there is an age limit
    too_old,              ///< issued longer ago than the age limit
    audience_missing,     ///< no `aud`, or one that is empty
    wrong_audience,       ///< `aud` holds none of the accepted audiences
    inactive,             ///< the UAA says that the token is not active
    insufficient_scope,   ///< the token is good and lacks a scope
    // the UAA
    keys_unavailable,   ///< no key is known for the token, and none can be had from the UAA at the moment
    too_many_questions, ///< as many introspections as are allowed at once are under way
    question_refused,   ///< the UAA does not accept the client that asks about tokens
    // settings
    no_issuer_set,         ///< rules without an issuer
    no_audience_set,       ///< rules without an accepted audience, and without a scope that one follows from
    leeway_out_of_range,   ///< a leeway below 0 or above 300 s
    age_out_of_range,      ///< an age limit that is not positive
    malformed_scope,       ///< a required scope that is empty, has an empty segment, or a `*` that is not a whole one
    malformed_saved_keys,  ///< no saved key set
    saved_keys_of_another, ///< a key set that was saved for another UAA
    saved_keys_too_old,    ///< a key set that was saved longer ago than keys are kept
};

PKS_DECL boost::system::error_category const& token_category() noexcept;

inline error_code make_error_code(token_errc e) noexcept
{
    return {static_cast<int>(e), token_category()};
}

} // namespace pks::inline v0

template <>
struct boost::system::is_error_code_enum<pks::token_errc> : std::true_type
{
};

#ifdef PKS_HEADER_ONLY
#include <pks/impl/token_errc.ipp>
#endif
