// Bodies of jose/jose_errc.hpp.
#pragma once

#include <pks/jose/jose_errc.hpp>

#include <string>

namespace pks::inline v0::detail {

PKS_DECL char const* text_of_jose(jose_errc e) noexcept
{
    switch (e) {
    case jose_errc::token_too_large:
        return "the token is larger than the limit";
    case jose_errc::not_compact:
        return "the token has not the three parts of a signed JWT";
    case jose_errc::invalid_base64url:
        return "a text that should be base64url without padding is not, or not in its canonical form";
    case jose_errc::malformed_json:
        return "a part of the token or key is not JSON";
    case jose_errc::invalid_utf8:
        return "JSON that is not UTF-8, begins with a byte order mark, or holds half of a surrogate pair";
    case jose_errc::duplicate_member:
        return "a JSON object holds a member twice";
    case jose_errc::json_too_deep:
        return "JSON that is nested deeper than the limit";
    case jose_errc::too_many_values:
        return "JSON with more values than the limit";
    case jose_errc::number_out_of_range:
        return "JSON with a number that is too large";
    case jose_errc::malformed_header:
        return "the token's header is no object, has no alg, or a parameter of the wrong type";
    case jose_errc::algorithm_not_allowed:
        return "the token's signature algorithm is not one that is accepted";
    case jose_errc::malformed_crit:
        return "the token's crit is empty, no array of names, or names what it must not";
    case jose_errc::unknown_crit:
        return "the token demands an extension that is not understood";
    case jose_errc::unencoded_payload:
        return "the token's payload is not encoded (b64 is false)";
    case jose_errc::compressed:
        return "the token's payload is compressed";
    case jose_errc::nested_token:
        return "the token holds another token";
    case jose_errc::wrong_token_type:
        return "the token is of another type (typ) than is expected";
    case jose_errc::unknown_key:
        return "no key is known for the token";
    case jose_errc::missing_key_id:
        return "the token names no key (kid)";
    case jose_errc::ambiguous_key:
        return "the token names no key, and several fit";
    case jose_errc::key_mismatch:
        return "the token's algorithm is not one of its key";
    case jose_errc::wrong_signature_length:
        return "the token's signature is shorter or longer than its algorithm and key make it";
    case jose_errc::bad_signature:
        return "the token's signature does not verify";
    case jose_errc::malformed_claims:
        return "the token's payload is no JSON object";
    case jose_errc::wrong_claim_type:
        return "a claim of the token has the wrong type";
    case jose_errc::time_out_of_range:
        return "a time in the token lies before 1970 or after 9999";
    case jose_errc::forbidden_character:
        return "a claim of the token holds a control character, or one of its scopes a space";
    case jose_errc::malformed_key:
        return "a key lacks a member, or has one of the wrong type or length";
    case jose_errc::unsupported_key_type:
        return "a key of a type (kty) that is not supported";
    case jose_errc::unsupported_curve:
        return "a key on a curve (crv) that is not supported";
    case jose_errc::unknown_key_algorithm:
        return "a key for an algorithm (alg) that is not supported";
    case jose_errc::unsuitable_key_algorithm:
        return "a key whose algorithm (alg) does not go with its type or curve";
    case jose_errc::wrong_key_use:
        return "a key that is not for verifying signatures (use, key_ops)";
    case jose_errc::weak_key:
        return "an RSA key with too few bits";
    case jose_errc::oversized_key:
        return "an RSA key with more than 16384 bits";
    case jose_errc::bad_exponent:
        return "an RSA key with an unsafe exponent or an even modulus";
    case jose_errc::roca_key:
        return "an RSA key that can be factored (CVE-2017-15361)";
    case jose_errc::invalid_point:
        return "a key whose point is not on its curve";
    case jose_errc::short_secret:
        return "an HMAC key that is shorter than its digest";
    case jose_errc::symmetric_key_refused:
        return "an HMAC key where only public keys are accepted";
    case jose_errc::mixed_key_set:
        return "an HMAC key in one set with public keys";
    case jose_errc::duplicate_key_id:
        return "a key whose key id (kid) another one of the set has too";
    case jose_errc::malformed_key_set:
        return "the key set is no object with an array of keys";
    case jose_errc::key_set_too_large:
        return "the key or key set is larger than the limit";
    case jose_errc::too_many_keys:
        return "the key set holds more keys than the limit";
    case jose_errc::key_set_empty:
        return "the key set holds no key that can be used";
    }
    return "unknown JOSE error";
}

class jose_category_type final : public boost::system::error_category
{
public:
    char const* name() const noexcept override
    {
        return "pks.jose";
    }
    std::string message(int value) const override
    {
        return text_of_jose(static_cast<jose_errc>(value));
    }
    bool equivalent(int value, boost::system::error_condition const& wanted) const noexcept override
    {
        if (wanted.category() != condition_category())
            return default_error_condition(value) == wanted;
        auto const of_keys = static_cast<jose_errc>(value) >= jose_errc::malformed_key;
        return wanted == make_error_condition(of_keys ? condition::bad_reply : condition::unauthorized);
    }
};

} // namespace pks::inline v0::detail

namespace pks::inline v0 {

PKS_DECL boost::system::error_category const& jose_category() noexcept
{
    static detail::jose_category_type const instance;
    return instance;
}

} // namespace pks::inline v0
