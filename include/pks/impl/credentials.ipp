// Bodies of credentials.hpp.
#pragma once

#include <pks/credentials.hpp>

namespace pks::inline v0 {

PKS_DECL client_authentication client_authentication::automatic(std::string client_id, secret client_secret)
{
    return {authentication_method::automatic, std::move(client_id), std::move(client_secret)};
}

PKS_DECL client_authentication client_authentication::basic(std::string client_id, secret client_secret)
{
    return {authentication_method::basic, std::move(client_id), std::move(client_secret)};
}

PKS_DECL client_authentication client_authentication::basic_unencoded(std::string client_id, secret client_secret)
{
    return {authentication_method::basic_unencoded, std::move(client_id), std::move(client_secret)};
}

PKS_DECL client_authentication client_authentication::body(std::string client_id, secret client_secret)
{
    return {authentication_method::body, std::move(client_id), std::move(client_secret)};
}

PKS_DECL client_authentication client_authentication::none(std::string client_id)
{
    return {authentication_method::none, std::move(client_id), {}};
}

PKS_DECL client_authentication client_authentication::assertion(secret jwt, std::string client_id)
{
    return {authentication_method::assertion, std::move(client_id), std::move(jwt)};
}

PKS_DECL credentials::credentials(
    grant_type grant, client_authentication client, std::vector<parameter_type> parameters)
    : grant_(grant), client_(std::move(client)), parameters_(std::move(parameters))
{}

PKS_DECL credentials& credentials::client(client_authentication client)
{
    client_ = std::move(client);
    return *this;
}

PKS_DECL credentials& credentials::scope(std::vector<std::string> scopes)
{
    scope_ = std::move(scopes);
    return *this;
}

PKS_DECL credentials& credentials::token_format(v0::token_format format)
{
    format_ = format;
    return *this;
}

PKS_DECL credentials& credentials::response_type(std::string type)
{
    response_type_ = std::move(type);
    return *this;
}

PKS_DECL credentials& credentials::origin(std::string const& origin)
{
    std::string hint = "{\"origin\":\"";
    for (char const c : origin) {
        if (c == '"' || c == '\\')
            hint += '\\';
        hint += c;
    }
    return parameter("login_hint", secret(hint + "\"}"));
}

PKS_DECL credentials& credentials::parameter(std::string name, secret value)
{
    parameters_.emplace_back(std::move(name), std::move(value));
    return *this;
}

PKS_DECL credentials client_credentials(std::string client_id, secret client_secret)
{
    return {grant_type::client_credentials,
        client_authentication::automatic(std::move(client_id), std::move(client_secret)), {}};
}

} // namespace pks::inline v0

namespace pks::inline v0::detail {

// pks_cli is sent in the form, as pks login does: an empty secret in a Basic header is easily lost.
PKS_DECL credentials through_pks_cli(grant_type grant)
{
    credentials out(grant, client_authentication::body("pks_cli", secret()), {});
    out.response_type("token");
    return out;
}

} // namespace pks::inline v0::detail

namespace pks::inline v0 {

PKS_DECL credentials password_credentials(std::string username, secret password)
{
    auto out = detail::through_pks_cli(grant_type::password);
    out.parameter("username", secret(username));
    out.parameter("password", std::move(password));
    return out;
}

PKS_DECL credentials passcode_credentials(secret passcode)
{
    auto out = detail::through_pks_cli(grant_type::passcode);
    out.parameter("passcode", std::move(passcode));
    return out;
}

PKS_DECL credentials refresh_token_credentials(secret refresh_token)
{
    auto out = detail::through_pks_cli(grant_type::refresh_token);
    out.parameter("refresh_token", std::move(refresh_token));
    return out;
}

PKS_DECL credentials authorization_code_credentials(
    client_authentication client, secret code, std::string redirect_uri, secret code_verifier)
{
    credentials out(grant_type::authorization_code, std::move(client), {});
    out.parameter("code", std::move(code));
    if (!redirect_uri.empty())
        out.parameter("redirect_uri", secret(redirect_uri));
    if (!code_verifier.empty())
        out.parameter("code_verifier", std::move(code_verifier));
    return out;
}

PKS_DECL credentials jwt_bearer_credentials(client_authentication client, secret assertion)
{
    credentials out(grant_type::jwt_bearer, std::move(client), {});
    out.parameter("assertion", std::move(assertion));
    return out;
}

} // namespace pks::inline v0
