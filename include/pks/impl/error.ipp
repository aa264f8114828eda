// Bodies of error.hpp.
#pragma once

#include <pks/error.hpp>

#include <cerrno>
#include <string>
#include <string_view>

namespace pks::inline v0::detail {

PKS_DECL char const* text_of(errc e) noexcept
{
    switch (e) {
    case errc::invalid_endpoint:
        return "the server's address cannot be read: write HOST, HOST:PORT or https://HOST[:PORT]";
    case errc::plain_http_refused:
        return "http:// is refused: use https://, or ask for plain HTTP on loopback by name";
    case errc::forbidden_character:
        return "a text for the request holds a control character (CR, LF, NUL …): nothing was sent";
    case errc::missing_parameter:
        return "the grant lacks a parameter it needs: nothing was sent";
    case errc::unsuitable_grant:
        return "these credentials are no login: give a user, an automated client or a passcode";
    case errc::no_credentials:
        return "no credentials: call async_login first, or construct the client with some";
    case errc::ca_not_found:
        return "the CA file or directory does not exist";
    case errc::ca_unreadable:
        return "the CA file or directory cannot be read: check its permissions";
    case errc::ca_empty:
        return "the CA holds nothing: it must contain at least one certificate in PEM form";
    case errc::ca_malformed:
        return "the CA holds no valid certificate in PEM form";
    case errc::ca_is_directory:
        return "the CA file is a directory: give the file, or use trust::directory()";
    case errc::ca_not_directory:
        return "the CA directory is not a directory: give the directory, or use trust::ca_file()";
    case errc::client_certificate_invalid:
        return "client certificate or key cannot be used, or do not belong together";
    case errc::timeout:
        return "the deadline passed";
    case errc::proxy_refused:
        return "the proxy refused to connect to the server";
    case errc::connection_closed:
        return "the server closed the connection before it answered";
    case errc::outcome_unknown:
        return "no clear answer, so the change may have happened: look with a GET before repeating it";
    case errc::timeout_outcome_unknown:
        return "the deadline passed without an answer, so the change may have happened: look with a GET before "
               "repeating it";
    case errc::reauthentication_required:
        return "the refresh token is used up and its successor was lost: log in again";
    case errc::protocol_error:
        return "the reply is not valid HTTP/1.1";
    case errc::head_too_large:
        return "the reply's header section is larger than the limit";
    case errc::body_too_large:
        return "the reply's body is larger than the limit";
    case errc::chunk_extension_too_large:
        return "the reply's chunk extensions are larger than the limit";
    case errc::trailer_too_large:
        return "the reply's trailer section is larger than the limit";
    case errc::too_many_interim_responses:
        return "more interim (1xx) responses than the limit";
    case errc::truncated:
        return "the connection ended before the reply was complete";
    case errc::unexpected_status:
        return "a status that means nothing for this request";
    case errc::redirected:
        return "the server answered with a redirect that is not followed: is the address right?";
    case errc::not_json:
        return "the reply is not JSON: a proxy or another service may have answered";
    case errc::malformed_json:
        return "the reply's JSON is malformed or cut off";
    case errc::duplicate_member:
        return "the reply's JSON holds a member twice";
    case errc::json_too_deep:
        return "the reply's JSON is nested deeper than the limit";
    case errc::unexpected_json:
        return "the reply's JSON lacks a member, or has one of a wrong type";
    case errc::missing_access_token:
        return "the token reply holds no access_token";
    case errc::unsupported_token_type:
        return "the token reply's token_type is not bearer";
    case errc::invalid_expires_in:
        return "the token reply's expires_in is not a number of seconds";
    }
    return "unknown error";
}

PKS_DECL char const* text_of(oauth_errc e) noexcept
{
    switch (e) {
    case oauth_errc::unauthorized:
        return "the UAA refused: unauthorized";
    case oauth_errc::invalid_client:
        return "the UAA refused: invalid_client";
    case oauth_errc::bad_credentials:
        return "the UAA refused the credentials: client id, client secret, user name or password is wrong";
    case oauth_errc::account_locked:
        return "the account is locked after too many failed logins: wait, do not retry";
    case oauth_errc::password_expired:
        return "the user's password has expired and must be changed";
    case oauth_errc::account_unverified:
        return "the user's account is not verified";
    case oauth_errc::invalid_passcode:
        return "the one-time passcode is wrong, used or superseded: get a new one";
    case oauth_errc::invalid_grant:
        return "the UAA refused the grant: invalid_grant";
    case oauth_errc::invalid_token:
        return "the token is expired, revoked or not accepted: invalid_token";
    case oauth_errc::invalid_scope:
        return "a scope is unknown, or not allowed for this identity: invalid_scope";
    case oauth_errc::insufficient_scope:
        return "the token lacks a scope: insufficient_scope";
    case oauth_errc::invalid_request:
        return "the UAA could not use the request: invalid_request";
    case oauth_errc::unauthorized_grant:
        return "the client may not use this grant type";
    case oauth_errc::unsupported_grant_type:
        return "the UAA does not know this grant type";
    case oauth_errc::access_denied:
        return "the UAA denied access";
    case oauth_errc::method_not_allowed:
        return "the UAA does not allow this method here";
    case oauth_errc::query_string_not_allowed:
        return "the UAA takes no parameters in the query string";
    case oauth_errc::too_many_requests:
        return "the UAA's rate limiter refused the request";
    case oauth_errc::unavailable:
        return "the UAA is unavailable, or in limited mode";
    case oauth_errc::server_error:
        return "the UAA failed";
    case oauth_errc::not_found:
        return "the UAA knows no such zone or path";
    case oauth_errc::other:
        return "the UAA refused the request";
    }
    return "unknown OAuth error";
}

PKS_DECL char const* text_of(api_errc e) noexcept
{
    switch (e) {
    case api_errc::unauthorized:
        return "the PKS API demands a token: 401";
    case api_errc::invalid_token:
        return "the PKS API did not accept the access token: invalid_token";
    case api_errc::forbidden:
        return "the identity may not do this, or its quota is used up: 403";
    case api_errc::not_found:
        return "no such object, or none that this identity manages: 404";
    case api_errc::conflict:
        return "an object of that name exists: 409";
    case api_errc::unprocessable:
        return "the PKS API cannot process the request: 422";
    case api_errc::bad_request:
        return "the PKS API cannot use the request: 400";
    case api_errc::method_not_allowed:
        return "the PKS API does not allow this method here: 405";
    case api_errc::too_many_requests:
        return "too many requests: 429";
    case api_errc::server_error:
        return "the PKS API failed: 500";
    case api_errc::bad_gateway:
        return "a gateway got no valid answer from the PKS API: 502";
    case api_errc::unavailable:
        return "the PKS API is unavailable: 503";
    case api_errc::gateway_timeout:
        return "a gateway got no answer from the PKS API in time: 504";
    case api_errc::other:
        return "the PKS API refused the request";
    }
    return "unknown API error";
}

PKS_DECL char const* text_of(tls_errc e) noexcept
{
    switch (e) {
    case tls_errc::unknown_issuer:
        return "the server's certificate comes from a CA that is not trusted here: is it the right CA?";
    case tls_errc::self_signed:
        return "the server's certificate is self-signed and not trusted";
    case tls_errc::self_signed_in_chain:
        return "the server's chain ends in a root certificate that is not trusted here: is it the right CA?";
    case tls_errc::expired:
        return "a certificate of the server's chain has expired";
    case tls_errc::not_yet_valid:
        return "a certificate of the server's chain is not valid yet: check the clock";
    case tls_errc::host_mismatch:
        return "the server's certificate is not for this host name";
    case tls_errc::common_name_only:
        return "the server's certificate names the host in its subject only: it needs a subject alternative name";
    case tls_errc::ip_as_dns_name:
        return "the server's certificate holds the IP address as a DNS name: it needs an IP address entry";
    case tls_errc::bad_signature:
        return "a signature in the server's chain does not verify";
    case tls_errc::weak:
        return "the server's certificate has a key or digest that is too weak";
    case tls_errc::invalid_purpose:
        return "a certificate of the server's chain is not made for this purpose";
    case tls_errc::revoked:
        return "a certificate of the server's chain is revoked";
    case tls_errc::rejected:
        return "the server's certificate was refused";
    case tls_errc::no_certificate:
        return "the server presented no certificate";
    case tls_errc::name_not_permitted:
        return "an issuer in the server's chain may not vouch for a name in its certificate";
    case tls_errc::malformed:
        return "a certificate of the server's chain breaks a rule for certificates (where it lacks an extension: "
               "trust::allow_missing_extensions)";
    }
    return "unknown TLS error";
}

template <class Enum>
class enum_category final : public boost::system::error_category
{
public:
    explicit constexpr enum_category(char const* name) noexcept : name_(name) {}

    char const* name() const noexcept override
    {
        return name_;
    }
    std::string message(int value) const override
    {
        return text_of(static_cast<Enum>(value));
    }

private:
    char const* name_;
};

PKS_DECL bool matches(errc e, condition c) noexcept
{
    switch (c) {
    case condition::invalid_input:
        return e <= errc::client_certificate_invalid;
    case condition::timeout:
        return e == errc::timeout || e == errc::timeout_outcome_unknown;
    case condition::unauthorized:
        return e == errc::no_credentials || e == errc::reauthentication_required;
    case condition::retryable:
        return e == errc::timeout || e == errc::connection_closed || e == errc::truncated;
    case condition::bad_reply:
        return e >= errc::protocol_error;
    case condition::connection_lost:
        return e == errc::connection_closed || e == errc::truncated;
    case condition::outcome_unknown:
        return e == errc::outcome_unknown || e == errc::timeout_outcome_unknown;
    default:
        return false;
    }
}

PKS_DECL bool matches(oauth_errc e, condition c) noexcept
{
    switch (c) {
    case condition::unauthorized:
        return e <= oauth_errc::bad_credentials || e == oauth_errc::account_locked ||
            e == oauth_errc::password_expired || e == oauth_errc::account_unverified ||
            e == oauth_errc::invalid_passcode || e == oauth_errc::invalid_token || e == oauth_errc::invalid_grant;
    case condition::forbidden:
        return e == oauth_errc::access_denied || e == oauth_errc::insufficient_scope ||
            e == oauth_errc::invalid_scope || e == oauth_errc::unauthorized_grant;
    case condition::not_found:
        return e == oauth_errc::not_found;
    case condition::unavailable:
        return e == oauth_errc::unavailable || e == oauth_errc::server_error;
    case condition::retryable:
        return e == oauth_errc::too_many_requests || e == oauth_errc::unavailable;
    default:
        return false;
    }
}

PKS_DECL bool matches(api_errc e, condition c) noexcept
{
    switch (c) {
    case condition::unauthorized:
        return e == api_errc::unauthorized || e == api_errc::invalid_token;
    case condition::forbidden:
        return e == api_errc::forbidden;
    case condition::not_found:
        return e == api_errc::not_found;
    case condition::conflict:
        return e == api_errc::conflict;
    case condition::unavailable:
        return e >= api_errc::server_error && e <= api_errc::gateway_timeout;
    case condition::retryable:
        return e == api_errc::too_many_requests || e == api_errc::unavailable;
    default:
        return false;
    }
}

// asio::error::eof and asio::ssl::error::stream_truncated.
inline constexpr int asio_eof = 2;
inline constexpr int asio_stream_truncated = 1;

inline bool is_loss(int system_error) noexcept
{
    return system_error == ECONNRESET || system_error == ECONNABORTED || system_error == EPIPE;
}

class condition_category_type final : public boost::system::error_category
{
public:
    char const* name() const noexcept override
    {
        return "pks.condition";
    }
    std::string message(int value) const override
    {
        switch (static_cast<condition>(value)) {
        case condition::invalid_input:
            return "invalid input";
        case condition::timeout:
            return "timeout";
        case condition::untrusted:
            return "untrusted server";
        case condition::unauthorized:
            return "unauthorized";
        case condition::forbidden:
            return "forbidden";
        case condition::not_found:
            return "not found";
        case condition::conflict:
            return "conflict";
        case condition::unavailable:
            return "unavailable";
        case condition::retryable:
            return "retryable";
        case condition::bad_reply:
            return "bad reply";
        case condition::connection_lost:
            return "connection lost";
        case condition::outcome_unknown:
            return "outcome unknown";
        }
        return "unknown condition";
    }
    bool equivalent(error_code const& code, int value) const noexcept override
    {
        auto const wanted = static_cast<condition>(value);
        if (!code.failed())
            return false;
        if (code.category() == client_category())
            return matches(static_cast<errc>(code.value()), wanted);
        if (code.category() == oauth_category())
            return matches(static_cast<oauth_errc>(code.value()), wanted);
        if (code.category() == api_category())
            return matches(static_cast<api_errc>(code.value()), wanted);
        if (code.category() == tls_category())
            return wanted == condition::untrusted;
        if (code.category() == boost::system::system_category())
            return (wanted == condition::timeout && code.value() == ETIMEDOUT) ||
                (wanted == condition::retryable &&
                    (code.value() == ETIMEDOUT || code.value() == ECONNREFUSED || code.value() == ECONNRESET)) ||
                (wanted == condition::connection_lost && is_loss(code.value()));
        // Asio's own, by name: this file knows no Asio.
        std::string_view const category = code.category().name();
        if (category == "asio.misc")
            return wanted == condition::connection_lost && code.value() == asio_eof;
        if (category == "asio.ssl.stream")
            return wanted == condition::connection_lost && code.value() == asio_stream_truncated;
        return false;
    }
};

} // namespace pks::inline v0::detail

namespace pks::inline v0 {

PKS_DECL boost::system::error_category const& client_category() noexcept
{
    static constexpr detail::enum_category<errc> instance("pks");
    return instance;
}

PKS_DECL boost::system::error_category const& oauth_category() noexcept
{
    static constexpr detail::enum_category<oauth_errc> instance("pks.oauth");
    return instance;
}

PKS_DECL boost::system::error_category const& api_category() noexcept
{
    static constexpr detail::enum_category<api_errc> instance("pks.api");
    return instance;
}

PKS_DECL boost::system::error_category const& tls_category() noexcept
{
    static constexpr detail::enum_category<tls_errc> instance("pks.tls");
    return instance;
}

PKS_DECL boost::system::error_category const& condition_category() noexcept
{
    static detail::condition_category_type const instance;
    return instance;
}

} // namespace pks::inline v0
