// The error codes of this library, one category per origin, and the conditions to compare them with.
#pragma once

#include <pks/detail/config.hpp>

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/error_condition.hpp>

#include <string_view>
#include <type_traits>

namespace pks::inline v0 {

using boost::system::error_code;

/// What went wrong on this side: input that was refused before anything was sent, replies that cannot be read.
/// Category name `pks`.
enum class errc {
    invalid_endpoint = 1,       ///< the address of a server cannot be read
    plain_http_refused,         ///< `http://` where TLS is required
    forbidden_character,        ///< CR, LF, NUL or another control in a text that reaches a request
    missing_parameter,          ///< the grant lacks what it needs (a user name, a client id …)
    unsuitable_grant,           ///< the credentials are no login: user, automated client or passcode
    no_credentials,             ///< the client has nothing to get a token with: log in first
    ca_not_found,               ///< the CA file or directory does not exist
    ca_unreadable,              ///< the CA file exists but cannot be read
    ca_empty,                   ///< the CA file or text is empty
    ca_malformed,               ///< the CA file or text holds no certificate in PEM form, or a damaged one
    ca_is_directory,            ///< the CA file is a directory (trust::directory() takes one)
    ca_not_directory,           ///< the CA directory is a file
    client_certificate_invalid, ///< client certificate or key cannot be loaded, or do not belong together
    timeout,                    ///< the deadline of `within()` passed
    proxy_refused,              ///< the proxy opens no way to the server
    connection_closed,          ///< the peer closed the connection before an answer began
    outcome_unknown,            ///< no answer that tells whether a change happened, which must not be sent twice
    timeout_outcome_unknown,    ///< the same, where the deadline of `within()` passed meanwhile
    reauthentication_required,  ///< the refresh token is dead: its successor was lost with an answer
    protocol_error,             ///< the reply is not valid HTTP/1.1, or its framing conflicts
    head_too_large,             ///< status line and header fields exceed the limit
    body_too_large,             ///< the body exceeds the limit
    chunk_extension_too_large,  ///< chunk extensions exceed the limit
    trailer_too_large,          ///< the trailer section exceeds the limit
    too_many_interim_responses, ///< more 1xx responses than the limit
    truncated,                  ///< the connection ended within the reply
    unexpected_status,          ///< a 1xx, 2xx or 3xx status that means nothing for this request
    redirected,                 ///< a redirect: never followed
    not_json,                   ///< the media type of a successful reply is not JSON (a login page, a proxy)
    malformed_json,             ///< the body is not JSON, or cut off
    duplicate_member,           ///< a JSON object holds a member twice
    json_too_deep,              ///< JSON nested deeper than the limit
    unexpected_json,            ///< JSON of another shape than the reply has: a missing member, a wrong type
    missing_access_token,       ///< a token reply without `access_token`
    unsupported_token_type,     ///< `token_type` missing or not `bearer`
    invalid_expires_in,         ///< `expires_in` negative, fractional, or no number
};

/// What the UAA refused: the `error` member of its reply (RFC 6749 §5.2, UAA's own codes). Category name `pks.oauth`.
enum class oauth_errc {
    unauthorized = 1,         ///< `unauthorized`: wrong client or user (UAA before 76.26.0), and its kin
    invalid_client,           ///< `invalid_client`: wrong client or user (UAA from 76.26.0 on), grant not allowed
    bad_credentials,          ///< either of the two above with the text `Bad credentials`
    account_locked,           ///< too many failed logins: no further try helps for a while
    password_expired,         ///< `password change required`
    account_unverified,       ///< 403 `Account not verified`
    invalid_passcode,         ///< the one-time passcode is wrong, used or superseded
    invalid_grant,            ///< `invalid_grant`: code, refresh token or assertion not accepted
    invalid_token,            ///< `invalid_token`: the refresh token, or the token asked about, is dead
    invalid_scope,            ///< `invalid_scope`
    insufficient_scope,       ///< `insufficient_scope`
    invalid_request,          ///< `invalid_request`
    unauthorized_grant,       ///< `invalid_client` with `Unauthorized grant type`, or RFC 6749's `unauthorized_client`
    unsupported_grant_type,   ///< `unsupported_grant_type`
    access_denied,            ///< `access_denied`
    method_not_allowed,       ///< `method_not_allowed`
    query_string_not_allowed, ///< `query_string_not_allowed`
    too_many_requests,        ///< 429 of the rate limiter
    unavailable,              ///< 503, `uaa_unavailable`
    server_error,             ///< 5xx, `server_error`
    not_found,                ///< 404: no such zone or path
    other,                    ///< any other refusal; `diagnostics` has the code and the text
};

/// What the PKS API refused, by HTTP status. Category name `pks.api`.
enum class api_errc {
    unauthorized = 1,   ///< 401 without a dead token: none was sent, or none of ours
    invalid_token,      ///< `invalid_token`: the access token expired, was revoked or is not accepted
    forbidden,          ///< 403: the identity lacks the scope, or the quota is used up
    not_found,          ///< 404: no such object, or one that belongs to somebody else
    conflict,           ///< 409: that name exists
    unprocessable,      ///< 422
    bad_request,        ///< 400
    method_not_allowed, ///< 405
    too_many_requests,  ///< 429
    server_error,       ///< 500
    bad_gateway,        ///< 502, usually of a load balancer
    unavailable,        ///< 503
    gateway_timeout,    ///< 504
    other,              ///< any other 4xx or 5xx
};

/// Why a server's certificate was refused. Category name `pks.tls`.
enum class tls_errc {
    unknown_issuer = 1,   ///< no chain to a CA that is trusted here: the wrong CA
    self_signed,          ///< the certificate signed itself and is not trusted
    self_signed_in_chain, ///< the chain ends in a root that is not trusted
    expired,              ///< a certificate of the chain has expired
    not_yet_valid,        ///< a certificate of the chain is not valid yet
    host_mismatch,        ///< valid for other names than the one connected to
    common_name_only,     ///< the name stands in the subject only; a SAN is required
    ip_as_dns_name,       ///< the address stands in the certificate as a DNS name; an IP SAN is required
    bad_signature,        ///< a signature of the chain does not verify
    weak,                 ///< key or digest below the security level
    invalid_purpose,      ///< not a server certificate, or an issuer that is no CA
    revoked,              ///< revoked
    rejected,             ///< refused for another reason, which `diagnostics` tells
    no_certificate,       ///< the server presented none
    name_not_permitted,   ///< a name that the constraints of an issuer do not permit
    malformed,            ///< a certificate of the chain breaks a rule of RFC 5280, which `diagnostics` tells
};

/// Classes of failures to compare an error_code with: `if (ec == pks::condition::unauthorized)`.
enum class condition {
    invalid_input = 1, ///< refused here, before anything was sent: the call needs changing
    timeout,           ///< a deadline passed
    untrusted,         ///< the server could not be authenticated
    unauthorized,      ///< the identity was not accepted: log in again, or with other credentials
    forbidden,         ///< the identity is known and may not do this
    not_found,         ///< no such thing, or not for this identity
    conflict,          ///< it exists already
    unavailable,       ///< the server is there but cannot answer now
    retryable,         ///< the same request may succeed later, and repeating it is safe as far as the answer tells
    bad_reply,         ///< the reply broke a rule of HTTP, JSON or OAuth
    connection_lost,   ///< the connection ended before the reply was complete
    outcome_unknown,   ///< the change that was asked for may have happened, or not: look before repeating it
};

PKS_DECL boost::system::error_category const& client_category() noexcept;
PKS_DECL boost::system::error_category const& oauth_category() noexcept;
PKS_DECL boost::system::error_category const& api_category() noexcept;
PKS_DECL boost::system::error_category const& tls_category() noexcept;
PKS_DECL boost::system::error_category const& condition_category() noexcept;

inline error_code make_error_code(errc e) noexcept
{
    return {static_cast<int>(e), client_category()};
}
inline error_code make_error_code(oauth_errc e) noexcept
{
    return {static_cast<int>(e), oauth_category()};
}
inline error_code make_error_code(api_errc e) noexcept
{
    return {static_cast<int>(e), api_category()};
}
inline error_code make_error_code(tls_errc e) noexcept
{
    return {static_cast<int>(e), tls_category()};
}
inline boost::system::error_condition make_error_condition(condition c) noexcept
{
    return {static_cast<int>(c), condition_category()};
}

} // namespace pks::inline v0

template <>
struct boost::system::is_error_code_enum<pks::errc> : std::true_type
{
};
template <>
struct boost::system::is_error_code_enum<pks::oauth_errc> : std::true_type
{
};
template <>
struct boost::system::is_error_code_enum<pks::api_errc> : std::true_type
{
};
template <>
struct boost::system::is_error_code_enum<pks::tls_errc> : std::true_type
{
};
template <>
struct boost::system::is_error_condition_enum<pks::condition> : std::true_type
{
};

#ifdef PKS_HEADER_ONLY
#include <pks/impl/error.ipp>
#endif
