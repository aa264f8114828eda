// How to get a token: a grant, and the client that asks for it.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/secret.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pks::inline v0 {

enum class authentication_method {
    automatic,
    basic,
    basic_unencoded,
    body,
    none,
    assertion,
};

/// How a client proves itself to the UAA.
///
/// UAA decodes Basic credentials in three different ways, by version and configuration; credentials in the body are
/// right everywhere. `automatic()` therefore uses Basic where encoding changes nothing, and the body for every other id
/// or secret. The other methods are for servers that insist.
/// Source: facts on client authentication (§2.2.1); RFC 6749 §2.3.1; RFC 7523.
class client_authentication
{
public:
    /// Basic or body, whichever every UAA reads alike.
    PKS_DECL static client_authentication automatic(std::string client_id, secret client_secret);

    /// Basic with form-encoded id and secret and `X-CF-ENCODED-CREDENTIALS: true`: UAA from 74.1 on.
    PKS_DECL static client_authentication basic(std::string client_id, secret client_secret);

    /// Basic with id and secret as they are: UAA up to 74.0. The id must not hold a colon.
    PKS_DECL static client_authentication basic_unencoded(std::string client_id, secret client_secret);

    /// `client_id` and `client_secret` in the form. An empty secret is sent as such. Not for /check_token.
    PKS_DECL static client_authentication body(std::string client_id, secret client_secret);

    /// `client_id` alone: a public client with PKCE.
    PKS_DECL static client_authentication none(std::string client_id);

    /// A signed JWT (`private_key_jwt`), UAA from 76.23 on. The client id may be left out: the JWT names it.
    PKS_DECL static client_authentication assertion(secret jwt, std::string client_id = {});

    authentication_method method() const noexcept
    {
        return method_;
    }
    std::string const& client_id() const noexcept
    {
        return client_id_;
    }
    secret const& client_secret() const noexcept ///< the assertion, for authentication_method::assertion
    {
        return secret_;
    }

private:
    client_authentication(authentication_method m, std::string id, secret s)
        : method_(m), client_id_(std::move(id)), secret_(std::move(s))
    {}

    authentication_method method_;
    std::string client_id_;
    secret secret_;
};

enum class token_format {
    jwt,
    opaque,
};

enum class grant_type {
    client_credentials,
    password,
    passcode, ///< `password` on the wire, with a one-time passcode for user name and password
    refresh_token,
    authorization_code,
    jwt_bearer,
};

/// A grant with everything its token request needs. Made by the functions below.
///
/// Nothing is checked here; an operation that gets credentials it cannot send completes with errc::missing_parameter or
/// errc::forbidden_character, and sends nothing.
/// Thread safety: as a value.
class credentials
{
public:
    /// A form parameter of the token request.
    using parameter_type = std::pair<std::string, secret>;

    PKS_DECL credentials(grant_type grant, client_authentication client, std::vector<parameter_type> parameters);

    /// Another client than the grant's default.
    PKS_DECL credentials& client(client_authentication client);

    /// Asks for these scopes only. Default: all that the client and the user have.
    PKS_DECL credentials& scope(std::vector<std::string> scopes);

    /// Asks for a kind of access token. Default: the server's, which is a JWT.
    PKS_DECL credentials& token_format(v0::token_format format);

    /// Sets `response_type`. `password_credentials` and its kin send `token`, as `pks login` does; an empty text sends
    /// none.
    PKS_DECL credentials& response_type(std::string type);

    /// The identity provider to ask, as `login_hint={"origin":…}`: password grant only.
    PKS_DECL credentials& origin(std::string const& origin);

    /// Adds any other form parameter, at the end.
    PKS_DECL credentials& parameter(std::string name, secret value);

    grant_type grant() const noexcept
    {
        return grant_;
    }
    client_authentication const& client() const noexcept
    {
        return client_;
    }
    std::vector<parameter_type> const& parameters() const noexcept
    {
        return parameters_;
    }
    std::vector<std::string> const& scope() const noexcept
    {
        return scope_;
    }
    std::optional<v0::token_format> token_format() const noexcept
    {
        return format_;
    }
    std::string const& response_type() const noexcept
    {
        return response_type_;
    }

private:
    grant_type grant_;
    client_authentication client_;
    std::vector<parameter_type> parameters_;
    std::vector<std::string> scope_;
    std::optional<v0::token_format> format_;
    std::string response_type_;
};

/// An automated client: `uaac token client get ID -s SECRET`, `pks login --client-name ID --client-secret SECRET`.
PKS_DECL credentials client_credentials(std::string client_id, secret client_secret);

/// A user, through the client `pks_cli` with its empty secret: `pks login -u USER -p PASSWORD`.
PKS_DECL credentials password_credentials(std::string username, secret password);

/// A one-time passcode from the UAA's `/passcode` page, through `pks_cli`: `pks login --sso-passcode CODE`.
PKS_DECL credentials passcode_credentials(secret passcode);

/// A refresh token, through `pks_cli`.
PKS_DECL credentials refresh_token_credentials(secret refresh_token);

/// An authorization code. `redirect_uri` as in the authorization request, empty if it had none; `code_verifier` of PKCE,
/// empty without. Source: RFC 6749 §4.1.3, RFC 7636 §4.5.
PKS_DECL credentials authorization_code_credentials(
    client_authentication client, secret code, std::string redirect_uri, secret code_verifier = {});

/// A token of an issuer that the UAA trusts. Source: RFC 7523 §2.1.
PKS_DECL credentials jwt_bearer_credentials(client_authentication client, secret assertion);

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/credentials.ipp>
#endif
