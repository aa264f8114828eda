// Bodies of testing/uaa_token_endpoint.hpp: password, passcode, assertion, authorization code and user token.
#pragma once

#include <pks/testing/impl/uaa_token_endpoint.ipp>

#include <pks/error.hpp>
#include <pks/jose/base64url.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <chrono>

namespace pks::inline v0::testing {

namespace uaa_token_endpoint_detail {

// Source: RFC 7636 §4.6.
inline std::string s256(std::string_view verifier)
{
    unsigned char digest[32];
    if (EVP_Digest(verifier.data(), verifier.size(), digest, nullptr, EVP_sha256(), nullptr) != 1) {
        ERR_clear_error();
        return {};
    }
    return jose::base64url_encode({reinterpret_cast<char const*>(digest), sizeof digest});
}

} // namespace uaa_token_endpoint_detail

PKS_DECL uaa_user& uaa_token_endpoint::log_in_user()
{
    bool const old = server_.old();
    if (auto const hint = parameters_.get("login_hint"); !hint.empty()) {
        error_code ec;
        auto const value = boost::json::parse(hint, ec);
        auto const* const object = ec ? nullptr : value.if_object();
        auto const* const origin = object ? object->if_contains("origin") : nullptr;
        if (origin && origin->is_string() && origin->get_string() != "uaa")
            refuse_login(
                "The origin provided in the login_hint does not match an active Identity Provider, that supports password grant.",
                old, false);
    }
    auto const* const secret = parameters_.find("password");
    if (!secret)
        refuse_login("No password supplied", old);
    auto* const user = server_.directory().find_user(parameters_.get("username"));
    if (!user)
        refuse_login("Bad credentials", old);
    if (server_.locked(*user, now_))
        refuse_login("Your account has been locked because of too many failed attempts to login.", old, false);
    if (secret->empty() || *secret != user->password) {
        user->failures.push_back(now_);
        if (user->failures.size() > static_cast<std::size_t>(server_.options().lockout_failures))
            user->failures.erase(user->failures.begin());
        refuse_login("Bad credentials", old);
    }
    if (!user->active)
        refuse_login("Bad credentials", old);
    if (!user->verified)
        throw uaa_refusal{.status = 403,
            .error = "access_denied",
            .description = "Account not verified",
            .challenge = "Basic realm=\"UAA/client\"",
            .filter = true};
    user->failures.clear();
    session_ = true;
    if (user->password_change_required)
        throw uaa_refusal{.status = 401,
            .error = "unauthorized",
            .description = "password change required",
            .challenge =
                "Basic realm=\"UAA/client\", error=\"unauthorized\", error_description=\"password change required\"",
            .filter = true,
            .session = true};
    user->previous_logon = user->last_logon;
    user->last_logon = std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()).count();
    return *user;
}

PKS_DECL std::vector<std::string> uaa_token_endpoint::scope_of_user(uaa_user const& user, char const* challenge)
{
    using namespace uaa_token_endpoint_detail;
    auto const refuse = [this, challenge](std::string description) {
        throw uaa_refusal{.status = 400,
            .error = "invalid_scope",
            .description = std::move(description),
            .challenge = challenge,
            .filter = true,
            .session = session_};
    };
    auto const& registered = caller_.client->scope;
    auto scope = requested_scope();
    for (auto const& s : scope)
        if (!contains(registered, s))
            refuse(s + " is invalid. Please use a valid scope name in the request");
    if (scope.empty())
        scope = registered;
    auto const asked = scope;
    std::erase_if(scope, [&](std::string const& s) { return !uaa_directory::is_member(user, s); });
    if (scope.empty())
        refuse('[' + joined(asked, ", ") + "] is invalid. This user is not allowed any of the requested scopes");
    for (auto const& group : caller_.client->required_user_groups)
        if (!uaa_directory::is_member(user, group))
            refuse("User does not meet the client's required group criteria.");
    return scope;
}

PKS_DECL reply uaa_token_endpoint::grant_to(
    uaa_user const& user, std::vector<std::string> scope, std::string grant_type, bool password_shown)
{
    require_own_client_id();
    require_grant(grant_type);
    accepted what;
    what.user = &user;
    what.scope = std::move(scope);
    what.grant_type = std::move(grant_type);
    what.previous_logon = user.previous_logon;
    if (session_ || what.grant_type == "authorization_code")
        what.auth_time = seconds_;
    what.password_shown = session_ || password_shown;
    return grant(what);
}

PKS_DECL reply uaa_token_endpoint::password()
{
    auto const& user = log_in_user();
    auto scope = scope_of_user(user, "Basic realm=\"UAA/client\"");
    return grant_to(user, std::move(scope), "password");
}

PKS_DECL reply uaa_token_endpoint::passcode()
{
    auto const refuse = [](std::string const& description) {
        throw uaa_refusal{.status = 401,
            .error = "unauthorized",
            .description = description,
            .challenge = "Bearer realm=\"oauth\", error=\"unauthorized\", error_description=\"" + description + '"',
            .filter = true};
    };
    auto const code = parameters_.get("passcode");
    if (code.empty())
        refuse("Passcode information is missing.");
    auto const found = server_.codes().take(code);
    auto const* const user = found ? server_.directory().find_user_by_id(found->user_id) : nullptr;
    if (!user || !user->active || !found->client_id.empty() || found->expires <= seconds_)
        refuse("Invalid passcode");
    auto scope = scope_of_user(*user, "Bearer realm=\"oauth\"");
    return grant_to(*user, std::move(scope), "password");
}

PKS_DECL reply uaa_token_endpoint::jwt_bearer()
{
    using namespace uaa_token_endpoint_detail;
    bool const old = server_.old();
    auto const refuse = [](std::string const& error, std::string const& description) {
        throw uaa_refusal{.status = 401,
            .error = error,
            .description = description,
            .challenge =
                "Basic realm=\"UAA/client\", error=\"" + error + "\", error_description=\"" + description + '"',
            .filter = true};
    };
    auto const assertion = parameters_.get("assertion");
    if (assertion.empty())
        refuse("unauthorized", "Assertion is missing");
    // The one identity provider is this UAA itself.
    auto const verdict = server_.issuer().check(assertion, false, seconds_);
    auto const text = [&verdict](char const* name) {
        auto const* const value = verdict.claims.if_contains(name);
        return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    if (verdict.claims.empty())
        refuse(old ? "unauthorized" : "invalid_token", old ? "Unable to decode expected id_token" : "Invalid token");
    if (text("iss") != server_.issuer().issuer())
        refuse("unauthorized", "Unable to map issuer, " + text("iss") + " , to a single registered provider");
    auto const* const user = server_.directory().find_user_by_id(text("user_id"));
    if (!verdict.good() || !user)
        refuse("invalid_token", verdict.good() ? "Invalid token" : verdict.error);
    auto scope = scope_of_user(*user, "Basic realm=\"UAA/client\"");
    return grant_to(*user, std::move(scope), jwt_bearer_grant);
}

PKS_DECL reply uaa_token_endpoint::authorization_code()
{
    using namespace uaa_token_endpoint_detail;
    require_grant("authorization_code");
    auto const code = parameters_.get("code");
    if (code.empty())
        refuse_plainly("invalid_request", "An authorization code must be supplied.");
    auto const found = server_.codes().take(code);
    if (!found || found->client_id.empty())
        refuse_plainly("invalid_grant", "Invalid authorization code: " + code);
    if (found->expires <= seconds_)
        refuse_plainly("invalid_grant", "Authorization code expired.");
    if (!found->redirect_uri.empty() && parameters_.get("redirect_uri") != found->redirect_uri)
        refuse_plainly("invalid_grant", "Redirect URI mismatch.");
    if (found->client_id != caller_.client->id)
        refuse_bearer("invalid_client", "Client ID mismatch");
    // 4.30.0 has no PKCE and passes every verifier.
    auto const verifier = parameters_.get("code_verifier");
    if (!server_.old() && found->code_challenge.empty() && !verifier.empty())
        refuse_plainly("invalid_grant", "PKCE error: Code verifier not required for this authorization code.");
    if (!server_.old() && !found->code_challenge.empty() &&
        (found->plain_challenge ? verifier : s256(verifier)) != found->code_challenge)
        refuse_plainly("invalid_grant", "Invalid code verifier: " + verifier);
    auto const* const user = server_.directory().find_user_by_id(found->user_id);
    if (!user)
        refuse_plainly("invalid_grant", "Invalid authorization code: " + code);
    return grant_to(*user, found->scope, "authorization_code", found->password_shown);
}

PKS_DECL reply uaa_token_endpoint::user_token()
{
    using namespace uaa_token_endpoint_detail;
    auto const token = request_.field("Authorization").substr(7);
    auto const verdict = server_.issuer().check(token, false, seconds_);
    if (!verdict.good()) {
        throw uaa_refusal{.status = 401,
            .error = "invalid_token",
            .description = verdict.error,
            .challenge = "Bearer realm=\"oauth\", error=\"invalid_token\", error_description=\"" + verdict.error + '"',
            .filter = true};
    }
    // Nothing of a PKS installation uses this grant: what remains is the refusal of tokens without uaa.user.
    boost::json::object more;
    more["scope"] = "uaa.admin uaa.user";
    throw uaa_refusal{.status = 403,
        .error = "insufficient_scope",
        .description = "Insufficient scope for this resource",
        .challenge =
            "Bearer error=\"insufficient_scope\", error_description=\"Insufficient scope for this resource\", scope=\"uaa.admin uaa.user\"",
        .more = std::move(more)};
}

} // namespace pks::inline v0::testing
