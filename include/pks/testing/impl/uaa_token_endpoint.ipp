// Bodies of testing/uaa_token_endpoint.hpp.
#pragma once

#include <pks/testing/uaa_token_endpoint.hpp>

#include <pks/error.hpp>
#include <pks/testing/random_id.hpp>
#include <pks/testing/uaa_server.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>

namespace pks::inline v0::testing {

namespace uaa_token_endpoint_detail {

inline std::vector<std::string> words(std::string_view text, std::string_view separators)
{
    std::vector<std::string> out;
    while (!text.empty()) {
        auto const end = std::min(text.find_first_of(separators), text.size());
        if (end != 0)
            out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

inline std::string joined(std::vector<std::string> const& all, std::string_view separator)
{
    std::string out;
    for (auto const& s : all) {
        if (!out.empty())
            out += separator;
        out += s;
    }
    return out;
}

inline bool contains(std::vector<std::string> const& all, std::string_view one)
{
    return std::find(all.begin(), all.end(), one) != all.end();
}

// What a granter refuses, after client and user are known.
[[noreturn]] inline void refuse_bearer(std::string const& error, std::string const& description)
{
    throw uaa_refusal{.status = 401,
        .error = error,
        .description = description,
        .challenge = "Bearer error=\"" + error + "\", error_description=\"" + description + '"'};
}

[[noreturn]] inline void refuse_plainly(std::string error, std::string description, boost::json::object more = {})
{
    throw uaa_refusal{
        .status = 400, .error = std::move(error), .description = std::move(description), .more = std::move(more)};
}

} // namespace uaa_token_endpoint_detail

PKS_DECL uaa_token_endpoint::uaa_token_endpoint(
    uaa_server& server, request const& req, uaa_replies const& replies, clock::time_point now)
    : server_(server), request_(req), replies_(replies), now_(now),
      seconds_(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()), parameters_(req)
{
}

PKS_DECL reply uaa_token_endpoint::answer()
{
    using namespace uaa_token_endpoint_detail;
    bool const old = server_.old();
    auto const grant_type = parameters_.get("grant_type");
    if (grant_type == "user_token" && !request_.field("Authorization").empty() && request_.field("Authorization")[0] != 'B')
        return user_token();
    if (grant_type == "user_token" && request_.field("Authorization").substr(0, 7) == "Bearer ")
        return user_token();
    caller_ = log_in_client(request_, parameters_, server_.directory(), old, true);
    if (request_.method != "POST" && request_.method != "GET" && request_.method != "HEAD")
        throw uaa_refusal{.status = 405,
            .error = "method_not_allowed",
            .description = "Request method '" + request_.method + "' not supported"};
    if (grant_type == "password" && request_.method == "POST")
        return password();

    if (auto const* const id = parameters_.find("client_id"); id && *id != caller_.client->id)
        refuse_bearer("invalid_client", "Given client ID does not match authenticated client");
    if (grant_type.empty())
        refuse_plainly("invalid_request", "Missing grant type");
    if (grant_type == "client_credentials")
        return client_credentials();
    if (grant_type == "refresh_token")
        return refresh();
    if (grant_type == "authorization_code")
        return authorization_code();
    if (grant_type == "implicit")
        refuse_plainly("invalid_grant", "Implicit grant type not supported from token endpoint");
    if (grant_type == "urn:ietf:params:oauth:grant-type:jwt-bearer" ||
        grant_type == "urn:ietf:params:oauth:grant-type:saml2-bearer")
        require_grant(grant_type);
    refuse_plainly("unsupported_grant_type", old ? "Unsupported grant type: " + grant_type : "Unsupported grant type");
}

PKS_DECL void uaa_token_endpoint::require_grant(std::string_view name) const
{
    if (!uaa_token_endpoint_detail::contains(caller_.client->grants, name))
        uaa_token_endpoint_detail::refuse_bearer(
            "invalid_client", server_.old() ? "Unauthorized grant type: " + std::string(name) : "Unauthorized grant type");
}

PKS_DECL std::vector<std::string> uaa_token_endpoint::requested_scope() const
{
    return uaa_token_endpoint_detail::words(parameters_.get("scope"), " ,");
}

PKS_DECL std::string uaa_token_endpoint::az_attr() const
{
    auto const text = parameters_.get("authorities");
    error_code ec;
    auto const value = boost::json::parse(text, ec);
    if (ec || !value.is_object() || !value.get_object().contains("az_attr"))
        return {};
    return boost::json::serialize(value.at("az_attr"));
}

PKS_DECL reply uaa_token_endpoint::client_credentials()
{
    using namespace uaa_token_endpoint_detail;
    auto const& allowed = caller_.client->authorities;
    auto scope = requested_scope();
    for (auto const& s : scope)
        if (!contains(allowed, s)) {
            boost::json::object more;
            more["scope"] = joined(allowed, " ");
            if (server_.old())
                refuse_plainly("invalid_scope", "Invalid scope: " + s, std::move(more));
            refuse_plainly("invalid_scope", s + " is invalid. Please use a valid scope name in the request");
        }
    require_grant("client_credentials");
    accepted what;
    what.scope = scope.empty() ? allowed : std::move(scope);
    what.grant_type = "client_credentials";
    return grant(what);
}

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
            .challenge = "Basic realm=\"UAA/client\", error=\"unauthorized\", error_description=\"password change required\"",
            .filter = true,
            .session = true};
    user->previous_logon = user->last_logon;
    user->last_logon = std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()).count();
    return *user;
}

PKS_DECL std::vector<std::string> uaa_token_endpoint::scope_of_user(uaa_user const& user, bool session)
{
    using namespace uaa_token_endpoint_detail;
    auto const refuse = [session](std::string description) {
        throw uaa_refusal{.status = 400,
            .error = "invalid_scope",
            .description = std::move(description),
            .challenge = "Basic realm=\"UAA/client\"",
            .filter = true,
            .session = session};
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

PKS_DECL reply uaa_token_endpoint::password()
{
    using namespace uaa_token_endpoint_detail;
    if (parameters_.find("passcode"))
        throw uaa_refusal{.status = 401,
            .error = "unauthorized",
            .description = "Invalid passcode",
            .challenge = "Bearer realm=\"oauth\", error=\"unauthorized\", error_description=\"Invalid passcode\"",
            .filter = true};
    auto const& user = log_in_user();
    auto scope = scope_of_user(user, true);
    if (auto const* const id = parameters_.find("client_id"); id && *id != caller_.client->id)
        refuse_bearer("invalid_client", "Given client ID does not match authenticated client");
    require_grant("password");
    accepted what;
    what.user = &user;
    what.scope = std::move(scope);
    what.grant_type = "password";
    what.auth_time = seconds_;
    what.previous_logon = user.previous_logon;
    return grant(what);
}

PKS_DECL reply uaa_token_endpoint::refresh()
{
    using namespace uaa_token_endpoint_detail;
    bool const old = server_.old();
    auto const text = parameters_.get("refresh_token");
    if (!old && text.empty())
        refuse_plainly("invalid_request", "refresh_token parameter not provided");
    require_grant("refresh_token");
    if (!parameters_.find("refresh_token"))
        refuse_bearer("invalid_token", "Invalid refresh token (empty token)");
    auto const verdict = server_.issuer().check(text, true, seconds_);
    if (verdict.internal_error)
        throw uaa_refusal{
            .status = 500, .error = "server_error", .description = "Internal Server Error"};
    if (!verdict.good())
        refuse_bearer("invalid_token", verdict.error);
    auto const& claims = verdict.claims;
    auto const text_claim = [&claims](char const* name) {
        auto const* const value = claims.if_contains(name);
        return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    if (auto const cid = text_claim("cid"); cid != caller_.client->id)
        refuse_plainly("invalid_grant", "Wrong client for this refresh token: " + cid);

    std::vector<std::string> granted;
    for (auto const& s : claims.at("granted_scopes").as_array())
        granted.emplace_back(s.as_string());
    auto scope = requested_scope();
    for (auto const& s : scope)
        if (!contains(granted, s)) {
            boost::json::object more;
            more["scope"] = joined(granted, " ");
            refuse_plainly("invalid_scope",
                "Unable to narrow the scope of the client authentication to [" + joined(scope, ", ") + "].", std::move(more));
        }

    token_content used;
    used.what = token_content::kind::refresh;
    used.jti = text_claim("jti");
    used.client_id = caller_.client->id;
    used.user_id = text_claim("user_id");
    used.scope = granted;
    used.grant_type = text_claim("grant_type");
    used.issued = claims.at("iat").to_number<std::int64_t>();
    used.expires = claims.at("exp").to_number<std::int64_t>();
    used.rev_sig = text_claim("rev_sig");
    used.client_auth_method = text_claim("client_auth_method");
    if (auto const* const time = claims.if_contains("auth_time"))
        used.auth_time = time->to_number<std::int64_t>();

    accepted what;
    what.user = server_.directory().find_user_by_id(used.user_id);
    what.scope = scope.empty() ? granted : std::move(scope);
    what.grant_type = used.grant_type;
    what.auth_time = used.auth_time;
    what.previous_logon = what.user ? what.user->previous_logon : 0;
    what.refreshed = &used;
    what.refresh_text = text;
    return grant(what);
}

PKS_DECL reply uaa_token_endpoint::authorization_code()
{
    using namespace uaa_token_endpoint_detail;
    require_grant("authorization_code");
    auto const* const code = parameters_.find("code");
    if (!code || code->empty())
        refuse_plainly("invalid_request", "An authorization code must be supplied.");
    refuse_plainly("invalid_grant", "Invalid authorization code: " + *code);
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

PKS_DECL token_content uaa_token_endpoint::content(token_content::kind kind, accepted const& what) const
{
    auto const& client = *caller_.client;
    bool const refresh = kind == token_content::kind::refresh;
    token_content out;
    out.what = kind;
    out.jti = random_hex_id() + (refresh ? "-r" : "");
    out.client_id = client.id;
    out.user_id = what.user ? what.user->id : "";
    out.scope = what.scope;
    out.grant_type = what.grant_type;
    out.issued = seconds_;
    out.expires = seconds_ + (refresh ? client.refresh_validity : client.access_validity).count();
    out.auth_time = what.auth_time;
    out.client_auth_method = what.user ? caller_.auth_method : "";
    out.rev_sig = token_issuer::revocation_signature(client, caller_.secret, what.user);
    return out;
}

PKS_DECL std::string uaa_token_endpoint::refresh_token(accepted const& what)
{
    auto& issuer = server_.issuer();
    bool const opaque = !server_.old() || parameters_.get("token_format") == "opaque";
    auto token = what.refreshed ? *what.refreshed : content(token_content::kind::refresh, what);
    if (opaque) {
        token.revocable = true;
        auto id = token.jti;
        issuer.store().add(std::move(token), seconds_);
        return id;
    }
    if (what.refreshed && token_issuer::looks_like_jwt(what.refresh_text))
        return what.refresh_text;
    return issuer.sign(issuer.claims(token));
}

PKS_DECL reply uaa_token_endpoint::grant(accepted const& what)
{
    using namespace uaa_token_endpoint_detail;
    auto& issuer = server_.issuer();
    bool const opaque = parameters_.get("token_format") == "opaque";
    auto access = content(token_content::kind::access, what);
    access.az_attr = what.user ? std::string() : az_attr();
    // From 77.18.0 on a JWT got for an opaque refresh token is stored, and dies with its entry.
    access.revocable =
        opaque || (!server_.old() && what.refreshed && !token_issuer::looks_like_jwt(what.refresh_text));
    auto const claims = issuer.claims(access);

    boost::json::object body;
    body["access_token"] = opaque ? access.jti : issuer.sign(claims);
    body["token_type"] = "bearer";
    if (what.user && contains(what.scope, "openid")) {
        auto id = content(token_content::kind::id, what);
        if (!what.refreshed)
            id.jti = access.jti;
        id.previous_logon = what.previous_logon;
        id.client_auth_method.clear();
        body["id_token"] = issuer.sign(issuer.claims(id));
    }
    if (what.user && contains(caller_.client->grants, "refresh_token"))
        body["refresh_token"] = refresh_token(what);
    // UAA counts from a moment later than iat, and cuts off.
    body["expires_in"] = caller_.client->access_validity.count() - 1;
    std::string scope;
    for (auto const& s : claims.at("scope").as_array())
        scope += (scope.empty() ? "" : " ") + std::string(s.as_string());
    body["scope"] = scope;
    if (!access.az_attr.empty())
        body["az_attr"] = boost::json::parse(access.az_attr);
    body["jti"] = access.jti;
    if (access.revocable)
        issuer.store().add(std::move(access), seconds_);
    ++server_.tokens_issued_;

    uaa_head head;
    head.caching = uaa_head::cache::oauth;
    head.session_cookie = session_ && !server_.old();
    head.media_type = uaa_replies::fixed_json_type;
    auto out = replies_.make(200, head, boost::json::serialize(body));
    if (out.frame == reply::framing::chunked)
        out.chunks = {out.body.size() - 1, 1};
    return out;
}

} // namespace pks::inline v0::testing
