// Bodies of policy/token_errc.hpp.
#pragma once

#include <pks/policy/token_errc.hpp>

#include <string>

namespace pks::inline v0::detail {

PKS_DECL char const* text_of_token(token_errc e) noexcept
{
    switch (e) {
    case token_errc::issuer_missing:
        return "the token names no issuer (iss)";
    case token_errc::wrong_issuer:
        return "the token is of another issuer (iss) than the one that is expected";
    case token_errc::refresh_token:
        return "a refresh token where an access token is required";
    case token_errc::id_token:
        return "an ID token where an access token is required";
    case token_errc::token_id_missing:
        return "the token has no id (jti)";
    case token_errc::scope_missing:
        return "the token has no scope claim";
    case token_errc::client_missing:
        return "the token names no client (client_id)";
    case token_errc::conflicting_clients:
        return "the token names two clients (client_id and cid)";
    case token_errc::user_missing:
        return "the token was granted to a user and names none (user_id)";
    case token_errc::zone_missing:
        return "the token names no identity zone (zid)";
    case token_errc::wrong_zone:
        return "the token is of another identity zone (zid) than the one that is expected";
    case token_errc::expiry_missing:
        return "the token has no expiry (exp)";
    case token_errc::expired:
        return "the token has expired";
    case token_errc::not_yet_valid:
        return "the token is not valid yet (nbf)";
    case token_errc::issued_in_the_future:
        return "the token was issued in the future (iat): compare the clocks of this machine and the UAA";
    case token_errc::issue_time_missing:
        return "the token does not say when it was issued (iat), and its age is limited";
    case token_errc::too_old:
        return "the token was issued too long ago";
    case token_errc::audience_missing:
        return "the token names no audience (aud)";
    case token_errc::wrong_audience:
        return "the token is for another audience (aud)";
    case token_errc::inactive:
        return "the UAA says that the token is not active";
    case token_errc::insufficient_scope:
        return "the token lacks a scope that is required";
    case token_errc::keys_unavailable:
        return "the UAA's keys cannot be had at the moment";
    case token_errc::too_many_questions:
        return "the UAA is being asked about as many tokens as are allowed at once";
    case token_errc::question_refused:
        return "the UAA refuses the client that asks about tokens: it needs its secret, and the authority uaa.resource";
    case token_errc::no_issuer_set:
        return "the rules name no issuer: without one a token of any UAA that shares a key is accepted";
    case token_errc::no_audience_set:
        return "the rules name no audience, and no scope that one follows from: set one, or any_audience";
    case token_errc::leeway_out_of_range:
        return "a leeway is below 0 or above 300 seconds";
    case token_errc::age_out_of_range:
        return "an age limit is not above 0 seconds";
    case token_errc::malformed_scope:
        return "a required scope is empty, has an empty segment, or a * that is not a whole segment";
    case token_errc::malformed_saved_keys:
        return "the saved key set cannot be read";
    case token_errc::saved_keys_of_another:
        return "the saved key set is of another UAA";
    case token_errc::saved_keys_too_old:
        return "the saved key set is older than keys are kept";
    }
    return "unknown token error";
}

class token_category_type final : public boost::system::error_category
{
public:
    char const* name() const noexcept override
    {
        return "pks.token";
    }
    std::string message(int value) const override
    {
        return text_of_token(static_cast<token_errc>(value));
    }
    bool equivalent(int value, boost::system::error_condition const& wanted) const noexcept override
    {
        if (wanted.category() != condition_category())
            return default_error_condition(value) == wanted;
        auto const code = static_cast<token_errc>(value);
        auto const is = [&wanted](condition c) { return wanted == make_error_condition(c); };
        if (code < token_errc::insufficient_scope)
            return is(condition::unauthorized);
        if (code == token_errc::insufficient_scope)
            return is(condition::forbidden);
        if (code < token_errc::no_issuer_set)
            return is(condition::unavailable) || (code != token_errc::question_refused && is(condition::retryable));
        return is(condition::invalid_input);
    }
};

} // namespace pks::inline v0::detail

namespace pks::inline v0 {

PKS_DECL boost::system::error_category const& token_category() noexcept
{
    static detail::token_category_type const instance;
    return instance;
}

} // namespace pks::inline v0
