// Why a token or a key was refused.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>

#include <boost/system/error_code.hpp>

#include <type_traits>

namespace pks::inline v0 {

/// What is wrong with a token, a key or a key set. Category name `pks.jose`.
///
/// Every code of a token compares equal to condition::unauthorized, every code of a key or key set to
/// condition::bad_reply, but for key_set_empty. No message holds anything of the token or the key.
enum class jose_errc {
    // the token's form
    token_too_large = 1, ///< more octets than the limit
    not_compact,         ///< not three parts: an opaque token, JSON serialization, a JWE
    invalid_base64url,   ///< padding, a character outside the alphabet, or bits that are not canonical
    malformed_json,      ///< a part is not JSON, or something follows it
    invalid_utf8,        ///< not UTF-8, a byte order mark, or half of a surrogate pair
    duplicate_member,    ///< an object holds a member twice, also if spelled with escapes
    json_too_deep,       ///< nested deeper than the limit
    too_many_values,     ///< more JSON values than the limit
    number_out_of_range, ///< a number that no finite double holds
    // the token's header
    malformed_header,      ///< no object, `alg` missing, or a parameter of the wrong type
    algorithm_not_allowed, ///< `none`, a name that is not known, or one that is not on the list
    malformed_crit,        ///< `crit` is empty, no array of names, repeats or names what it must not
    unknown_crit,          ///< `crit` names an extension: none is understood
    unencoded_payload,     ///< `b64` is false (RFC 7797)
    compressed,            ///< `zip`
    nested_token,          ///< `cty` says that the payload is a JWT again
    wrong_token_type,      ///< `typ` is not one that is expected
    // the signature
    unknown_key,            ///< no key has this `kid`, or no key fits a token without one
    missing_key_id,         ///< a token without `kid`, where that is refused
    ambiguous_key,          ///< a token without `kid`, and several keys fit
    key_mismatch,           ///< the key is of another type, curve or `alg` than the token's `alg` needs
    wrong_signature_length, ///< no signature of this key has this length
    bad_signature,          ///< the signature does not verify
    // the claims
    malformed_claims,    ///< the payload is no JSON object
    wrong_claim_type,    ///< a registered claim, or one of UAA's, has the wrong type
    time_out_of_range,   ///< a NumericDate before 1970 or after the year 9999
    forbidden_character, ///< a control character in a claim, or a space within one scope
    // keys
    malformed_key,            ///< a JWK lacks a member, or has one of the wrong type or length
    unsupported_key_type,     ///< a `kty` that is not used here
    unsupported_curve,        ///< a `crv` that is not used here
    unknown_key_algorithm,    ///< the JWK's `alg` is no signature algorithm of this library
    unsuitable_key_algorithm, ///< the JWK's `alg` contradicts its `kty` or `crv`
    wrong_key_use,            ///< `use` or `key_ops` forbid to verify with it
    weak_key,                 ///< RSA with fewer bits than the limit
    oversized_key,            ///< RSA with more than 16384 bits
    bad_exponent,             ///< an RSA exponent that is 1, even, or above 2^64; or an even modulus
    roca_key,                 ///< an RSA key made by a generator whose keys can be factored (CVE-2017-15361)
    invalid_point,            ///< a point that is not on the curve, or of small order
    short_secret,             ///< an HMAC secret that is shorter than the digest
    symmetric_key_refused,    ///< an HMAC key where none was allowed: never take one from a public address
    mixed_key_set,            ///< an HMAC key in a set that has public keys too
    duplicate_key_id,         ///< two keys of the set have the same `kid`
    malformed_key_set,        ///< no object with an array `keys` of objects
    key_set_too_large,        ///< more octets than the limit
    too_many_keys,            ///< more keys than the limit
    key_set_empty,            ///< no key of the set can be used
};

PKS_DECL boost::system::error_category const& jose_category() noexcept;

inline error_code make_error_code(jose_errc e) noexcept
{
    return {static_cast<int>(e), jose_category()};
}

} // namespace pks::inline v0

template <>
struct boost::system::is_error_code_enum<pks::jose_errc> : std::true_type
{
};

#ifdef PKS_HEADER_ONLY
#include <pks/impl/jose_errc.ipp>
#endif
