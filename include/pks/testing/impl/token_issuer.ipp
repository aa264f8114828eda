// Bodies of testing/token_issuer.hpp: keys, claims and signatures. The checks are in token_checks.ipp.
#pragma once

#include <pks/testing/token_issuer.hpp>

#include <pks/jose/base64url.hpp>
#include <pks/testing/impl/signing_key.ipp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace pks::inline v0::testing {

namespace token_issuer_detail {

namespace json = boost::json;

// The orders in which the two generations write claims. A claim that a token lacks is passed over.
inline constexpr std::string_view old_access[] = {"jti", "az_attr", "sub", "authorities", "scope", "client_id", "cid",
    "azp", "revocable", "grant_type", "user_id", "origin", "user_name", "email", "auth_time", "rev_sig", "iat", "exp",
    "iss", "zid", "aud"};
inline constexpr std::string_view old_refresh[] = {"jti", "sub", "iat", "exp", "cid", "client_id", "iss", "zid", "aud",
    "granted_scopes", "amr", "auth_time", "grant_type", "user_name", "origin", "user_id", "revocable", "rev_sig"};
inline constexpr std::string_view old_id[] = {"sub", "aud", "iss", "exp", "iat", "amr", "azp", "scope", "email", "zid",
    "origin", "jti", "previous_logon_time", "user_attributes", "given_name", "family_name", "email_verified",
    "client_id", "cid", "grant_type", "user_name", "rev_sig", "user_id", "auth_time"};
inline constexpr std::string_view new_access[] = {"sub", "user_name", "origin", "az_attr", "iss", "revocable",
    "authorities", "client_id", "aud", "zid", "grant_type", "user_id", "azp", "scope", "auth_time", "exp", "iat", "jti",
    "email", "rev_sig", "client_auth_method", "cid"};
inline constexpr std::string_view new_refresh[] = {"sub", "user_name", "origin", "iss", "revocable", "client_id", "aud",
    "zid", "grant_type", "user_id", "auth_time", "amr", "exp", "iat", "jti", "granted_scopes", "rev_sig",
    "client_auth_method", "cid"};
inline constexpr std::string_view new_id[] = {"sub", "previous_logon_time", "email_verified", "given_name",
    "family_name", "user_name", "amr", "origin", "iss", "user_attributes", "client_id", "aud", "zid", "grant_type",
    "user_id", "azp", "scope", "auth_time", "exp", "iat", "email", "jti", "rev_sig", "cid"};

template <std::size_t N>
std::pair<std::string_view const*, std::size_t> span(std::string_view const (&names)[N])
{
    return {names, N};
}

inline json::array texts(std::vector<std::string> const& all)
{
    json::array out;
    for (auto const& text : all)
        out.emplace_back(text);
    return out;
}

inline json::array text(std::string_view one)
{
    json::array out;
    out.emplace_back(one);
    return out;
}

// UAA keeps scopes and audiences in Java's hash sets and writes them in that order.
inline std::vector<std::string> java_set_order(std::vector<std::string> all)
{
    std::size_t capacity = 16;
    while (all.size() * 4 > capacity * 3)
        capacity *= 2;
    auto const bucket = [capacity](std::string const& s) {
        std::uint32_t hash = 0;
        for (char const c : s)
            hash = hash * 31 + static_cast<unsigned char>(c);
        return (hash ^ (hash >> 16)) & (capacity - 1);
    };
    std::vector<std::pair<std::size_t, std::size_t>> order;
    for (std::size_t i = 0; i < all.size(); ++i)
        order.emplace_back(bucket(all[i]), i);
    std::sort(order.begin(), order.end());
    std::vector<std::string> out;
    for (auto const& [b, i] : order)
        out.push_back(std::move(all[i]));
    return out;
}

} // namespace token_issuer_detail

PKS_DECL token_issuer::token_issuer(uaa_generation generation, std::string issuer_url, signing_key key)
    : generation_(generation), issuer_url_(std::move(issuer_url))
{
    keys_.push_back(std::move(key));
}

PKS_DECL std::string token_issuer::issuer() const
{
    return issuer_url_ + "/oauth/token";
}

PKS_DECL void token_issuer::rotate(signing_key key)
{
    forget(key.kid());
    keys_.insert(keys_.begin(), std::move(key));
}

PKS_DECL void token_issuer::publish(signing_key key)
{
    forget(key.kid());
    keys_.push_back(std::move(key));
}

PKS_DECL bool token_issuer::forget(std::string_view kid)
{
    auto const same = [kid](signing_key const& k) { return k.kid() == kid; };
    auto const at = std::find_if(keys_.begin() + 1, keys_.end(), same);
    if (at == keys_.end())
        return false;
    keys_.erase(at);
    return true;
}

PKS_DECL std::vector<std::string> token_issuer::audience(
    std::string const& client_id, std::vector<std::string> const& scope)
{
    std::vector<std::string> out;
    auto const add = [&out](std::string id) {
        if (std::find(out.begin(), out.end(), id) == out.end())
            out.push_back(std::move(id));
    };
    add(client_id);
    for (auto const& s : scope) {
        auto const dot = s.rfind('.');
        if (dot != std::string::npos)
            add(s.substr(0, dot));
        else if (s == "openid")
            add(s);
    }
    return token_issuer_detail::java_set_order(std::move(out));
}

PKS_DECL bool token_issuer::looks_like_jwt(std::string_view token) noexcept
{
    int dots = 0;
    for (char const c : token) {
        if (c == '.')
            ++dots;
        else if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                     c == '\\' || c == '='))
            return false;
    }
    return dots == 2;
}

PKS_DECL std::string token_issuer::revocation_signature(
    uaa_client const& client, std::string_view secret, uaa_user const* user)
{
    // FNV-1a: any digest does, since only this server compares it.
    std::uint32_t hash = 2166136261u;
    auto const mix = [&hash](std::string_view text) {
        for (char const c : text)
            hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
        hash = (hash ^ 0xffu) * 16777619u;
    };
    mix(client.id);
    mix(secret);
    mix(std::to_string(client.salt));
    if (user) {
        mix(user->id);
        mix(user->password);
        mix(std::to_string(user->salt));
        mix(user->email);
        mix(user->name);
    }
    char out[9];
    std::snprintf(out, sizeof out, "%x", hash);
    return out;
}

PKS_DECL boost::json::object token_issuer::claims(token_content const& token)
{
    using namespace token_issuer_detail;
    auto const* const client = directory_.find_client(token.client_id);
    auto const* const user = token.user_id.empty() ? nullptr : directory_.find_user_by_id(token.user_id);
    bool const id_token = token.what == token_content::kind::id;
    bool const refresh = token.what == token_content::kind::refresh;

    json::object all;
    all["jti"] = token.jti;
    all["sub"] = token.user_id.empty() ? token.client_id : token.user_id;
    if (refresh)
        all["granted_scopes"] = texts(java_set_order(token.scope));
    else
        all["scope"] = id_token ? text("openid") : texts(java_set_order(token.scope));
    all["client_id"] = token.client_id;
    all["cid"] = token.client_id;
    if (!refresh)
        all["azp"] = token.client_id;
    all["grant_type"] = token.grant_type;
    all["rev_sig"] = token.rev_sig;
    all["iat"] = token.issued;
    all["exp"] = token.expires;
    all["iss"] = issuer();
    all["zid"] = "uaa";
    all["aud"] = id_token ? text(token.client_id) : texts(audience(token.client_id, token.scope));
    if (token.revocable)
        all["revocable"] = true;
    if (token.auth_time)
        all["auth_time"] = *token.auth_time;
    if (token.user_id.empty()) {
        if (client)
            all["authorities"] = texts(client->authorities);
    } else {
        all["user_id"] = token.user_id;
        all["origin"] = "uaa";
        if (user) {
            all["user_name"] = user->name;
            all["email"] = user->email;
        }
        if (token.password_shown)
            all["amr"] = text("pwd");
    }
    if (id_token) {
        all["email_verified"] = user == nullptr || user->verified;
        if (token.previous_logon != 0)
            all["previous_logon_time"] = token.previous_logon;
        auto const granted = [&token](std::string_view scope) {
            return std::find(token.scope.begin(), token.scope.end(), scope) != token.scope.end();
        };
        if (granted("user_attributes"))
            all["user_attributes"] = json::object();
        if (user && granted("profile") && !user->given_name.empty())
            all["given_name"] = user->given_name;
        if (user && granted("profile") && !user->family_name.empty())
            all["family_name"] = user->family_name;
    }
    if (!token.client_auth_method.empty())
        all["client_auth_method"] = token.client_auth_method;
    if (!token.az_attr.empty())
        all["az_attr"] = json::parse(token.az_attr);

    auto const [names, count] = old() ? (refresh           ? span(old_refresh)
                                                : id_token ? span(old_id)
                                                           : span(old_access))
                                      : (refresh           ? span(new_refresh)
                                                : id_token ? span(new_id)
                                                           : span(new_access));
    json::object out;
    for (std::size_t i = 0; i < count; ++i)
        if (auto const* const value = all.if_contains(names[i]))
            out[names[i]] = *value;
    return out;
}

PKS_DECL boost::json::object token_issuer::header() const
{
    boost::json::object out;
    if (old())
        out["alg"] = "RS256";
    out["jku"] = issuer_url_ + "/token_keys";
    out["kid"] = keys_.front().kid();
    out["typ"] = "JWT";
    if (!old())
        out["alg"] = "RS256";
    return out;
}

PKS_DECL std::string token_issuer::sign(
    boost::json::object const& header, boost::json::object const& claims, signing_key const& key)
{
    auto out = jose::base64url_encode(boost::json::serialize(header)) + '.' +
        jose::base64url_encode(boost::json::serialize(claims));
    // Whatever is no RSA algorithm gets the usual signature: a forged header over a good one.
    auto const* const alg = header.if_contains("alg");
    std::string_view const named = alg && alg->is_string() ? std::string_view(alg->get_string()) : std::string_view();
    return out + '.' + jose::base64url_encode(key.sign(out, signing_key_detail::digest_of(named) ? named : "RS256"));
}

PKS_DECL std::string token_issuer::sign(boost::json::object const& claims) const
{
    return sign(header(), claims, keys_.front());
}

} // namespace pks::inline v0::testing

#include <pks/testing/impl/token_checks.ipp>
