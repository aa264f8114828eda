// Bodies of testing/uaa_token_endpoint.hpp: clients, refreshing, and the making of tokens. The grants of users are in
// uaa_user_grants.ipp.
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

inline constexpr char jwt_bearer_grant[] = "urn:ietf:params:oauth:grant-type:jwt-bearer";

[[noreturn]] inline void refuse_plainly(std::string error, std::string description, boost::json::object more = {})
{
    throw uaa_refusal{
        .status = 400, .error = std::move(error), .description = std::move(description), .more = std::move(more)};
}

} // namespace uaa_token_endpoint_detail

PKS_DECL uaa_token_endpoint::uaa_token_endpoint(
    uaa_server& server, request const& req, uaa_replies const& replies, clock::time_point now)
    : server_(server),
      request_(req),
      replies_(replies),
      now_(now),
      seconds_(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()),
      parameters_(req)
{}

PKS_DECL reply uaa_token_endpoint::answer()
{
    using namespace uaa_token_endpoint_detail;
    bool const old = server_.old();
    auto const grant_type = parameters_.get("grant_type");
    if (grant_type == "user_token" && request_.field("Authorization").substr(0, 7) == "Bearer ")
        return user_token();
    bool const by_assertion = !old && parameters_.form() && !request_.find("Authorization") &&
        parameters_.find("client_assertion") != nullptr;
    caller_ = by_assertion
        ? log_in_with_assertion(parameters_, server_.directory(), server_.issuer().issuer(), seconds_)
        : log_in_client(request_, parameters_, server_.directory(), old, true);
    if (request_.method != "POST" && request_.method != "GET" && request_.method != "HEAD")
        throw uaa_refusal{.status = 405,
            .error = "method_not_allowed",
            .description = "Request method '" + request_.method + "' not supported"};
    if (grant_type == "password")
        return parameters_.find("passcode") ? passcode() : password();
    if (grant_type == jwt_bearer_grant)
        return jwt_bearer();

    require_own_client_id();
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
    if (grant_type == "urn:ietf:params:oauth:grant-type:saml2-bearer")
        require_grant(grant_type);
    refuse_plainly("unsupported_grant_type", old ? "Unsupported grant type: " + grant_type : "Unsupported grant type");
}

PKS_DECL void uaa_token_endpoint::require_own_client_id() const
{
    if (auto const* const id = parameters_.find("client_id"); id && *id != caller_.client->id)
        uaa_token_endpoint_detail::refuse_bearer(
            "invalid_client", "Given client ID does not match authenticated client");
}

PKS_DECL void uaa_token_endpoint::require_grant(std::string_view name) const
{
    if (!uaa_token_endpoint_detail::contains(caller_.client->grants, name))
        uaa_token_endpoint_detail::refuse_bearer("invalid_client",
            server_.old() ? "Unauthorized grant type: " + std::string(name) : "Unauthorized grant type");
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
    // UAA keeps it as a map of texts.
    boost::json::object out;
    if (auto const* const given = value.at("az_attr").if_object())
        for (auto const& member : *given)
            out[member.key()] = member.value().is_string() ? member.value()
                                                           : boost::json::value(boost::json::serialize(member.value()));
    return boost::json::serialize(out);
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
            refuse_plainly("invalid_scope", "Invalid scope: " + s, std::move(more));
        }
    require_grant("client_credentials");
    accepted what;
    what.scope = scope.empty() ? allowed : std::move(scope);
    what.grant_type = "client_credentials";
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
        throw uaa_refusal{.status = 500, .error = "server_error", .description = "Internal Server Error"};
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
            std::sort(scope.begin(), scope.end());
            refuse_plainly("invalid_scope",
                "Unable to narrow the scope of the client authentication to [" + joined(scope, ", ") + "].",
                std::move(more));
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

    used.password_shown = claims.contains("amr");
    used.revocable = !token_issuer::looks_like_jwt(text);

    accepted what;
    what.password_shown = used.password_shown;
    what.user = server_.directory().find_user_by_id(used.user_id);
    what.scope = scope.empty() ? granted : std::move(scope);
    what.grant_type = used.grant_type;
    what.auth_time = used.auth_time;
    what.previous_logon = what.user ? what.user->previous_logon : 0;
    what.refreshed = &used;
    what.refresh_text = text;
    return grant(what);
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
    out.password_shown = what.password_shown;
    out.client_auth_method = what.user || caller_.auth_method == "private_key_jwt" ? caller_.auth_method : "";
    out.rev_sig = token_issuer::revocation_signature(client, caller_.secret, what.user);
    return out;
}

PKS_DECL std::string uaa_token_endpoint::refresh_token(accepted const& what)
{
    auto& issuer = server_.issuer();
    bool const opaque = !server_.old() || parameters_.get("token_format") == "opaque";
    // A public client gets a new one each time, and the old one dies.
    bool const rotate = what.refreshed && caller_.is_public;
    if (rotate)
        issuer.store().remove(what.refreshed->jti);
    auto token = what.refreshed && !rotate ? *what.refreshed : content(token_content::kind::refresh, what);
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
    // A JWT got for an opaque refresh token is stored, and dies with its entry.
    access.revocable = opaque || (what.refreshed && !token_issuer::looks_like_jwt(what.refresh_text));
    auto const claims = issuer.claims(access);

    boost::json::object body;
    body["access_token"] = opaque ? access.jti : issuer.sign(claims);
    body["token_type"] = "bearer";
    if (what.user && contains(what.scope, "openid") && what.grant_type != jwt_bearer_grant) {
        auto id = content(token_content::kind::id, what);
        if (!what.refreshed)
            id.jti = access.jti;
        id.previous_logon = what.previous_logon;
        id.client_auth_method.clear();
        body["id_token"] = issuer.sign(issuer.claims(id));
    }
    bool const by_assertion = what.grant_type == jwt_bearer_grant;
    if (what.user && contains(caller_.client->grants, "refresh_token") && !(server_.old() && by_assertion))
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
    auto const access_jti = access.jti;
    if (access.revocable)
        issuer.store().add(std::move(access), seconds_);
    ++server_.tokens_issued_;

    uaa_head head;
    head.caching = uaa_head::cache::oauth;
    head.session_cookie = session_ && !server_.old();
    head.media_type = uaa_replies::fixed_json_type;
    auto out = replies_.make(200, head, boost::json::serialize(body));
    // The writer flushes where it closes an object.
    auto const tail = std::string(",\"jti\":\"").size() + access_jti.size() + 1;
    if (out.frame == reply::framing::chunked && body.contains("az_attr"))
        out.chunks = {out.body.size() - 1 - tail, tail, 1};
    else if (out.frame == reply::framing::chunked)
        out.chunks = {out.body.size() - 1, 1};
    return out;
}

} // namespace pks::inline v0::testing

#include <pks/testing/impl/uaa_user_grants.ipp>
