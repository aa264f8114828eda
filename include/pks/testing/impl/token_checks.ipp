// Bodies of testing/token_issuer.hpp: what makes a token good, in UAA's order and with its texts.
#pragma once

#include <pks/testing/token_issuer.hpp>

#include <pks/error.hpp>
#include <pks/jose/base64url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <ctime>
#include <optional>

namespace pks::inline v0::testing {

namespace token_checks_detail {

namespace json = boost::json;

// As Java's decoders: padding counts for nothing, nor do the bits of the last character that belong to no octet.
inline std::optional<std::string> decode_loosely(std::string_view part)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    while (!part.empty() && part.back() == '=')
        part.remove_suffix(1);
    std::string text(part);
    std::size_t const spare = text.size() % 4 == 2 ? 15 : text.size() % 4 == 3 ? 3 : 0;
    if (spare != 0)
        if (auto const at = alphabet.find(text.back()); at != std::string_view::npos)
            text.back() = alphabet[at & ~spare];
    return jose::base64url_decode(text);
}

inline std::optional<json::object> decode_object(std::string_view part)
{
    auto const text = decode_loosely(part);
    if (!text)
        return std::nullopt;
    error_code ec;
    auto value = json::parse(*text, ec);
    if (ec || !value.is_object())
        return std::nullopt;
    return std::move(value.get_object());
}

inline std::string text_of(json::object const& claims, std::string_view name)
{
    auto const* const value = claims.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

inline std::optional<std::int64_t> number_of(json::object const& claims, std::string_view name)
{
    auto const* const value = claims.if_contains(name);
    error_code ec;
    if (!value || !value->is_number())
        return std::nullopt;
    auto const out = value->to_number<std::int64_t>(ec);
    return ec ? std::nullopt : std::optional(out);
}

inline std::vector<std::string> list_of(json::value const& value)
{
    std::vector<std::string> out;
    if (value.is_array())
        for (auto const& v : value.get_array())
            if (v.is_string())
                out.emplace_back(v.get_string());
    return out;
}

// java.util.Date.toString(), for a server in UTC.
inline std::string java_date(std::int64_t seconds)
{
    std::time_t const t = seconds;
    std::tm tm{};
    gmtime_r(&t, &tm);
    char out[40];
    std::strftime(out, sizeof out, "%a %b %d %H:%M:%S UTC %Y", &tm);
    return out;
}

inline std::string joined(std::vector<std::string> const& all)
{
    std::string out;
    for (auto const& s : all)
        out += (out.empty() ? "" : ", ") + s;
    return '[' + out + ']';
}

inline constexpr char dead[] = "The token expired, was revoked, or the token ID is incorrect.";
inline constexpr char bad_signature[] = "Could not verify token signature.";

} // namespace token_checks_detail

PKS_DECL token_issuer::verdict token_issuer::read(std::string_view token, std::int64_t now) const
{
    using namespace token_checks_detail;
    verdict out;
    auto const first = token.find('.');
    auto const second = token.rfind('.');
    auto const header = decode_object(token.substr(0, first));
    auto claims = decode_object(token.substr(first + 1, second - first - 1));
    if (!header || !claims) {
        out.error = old() ? "Invalid token (could not decode): " + std::string(token) : "Invalid token";
        return out;
    }
    out.claims = std::move(*claims);

    auto const alg = text_of(*header, "alg");
    if (!old() && header->contains("typ") && text_of(*header, "typ") != "JWT") {
        out.internal_error = true;
        return out;
    }
    if (!old() && second + 1 == token.size() && alg != "none") {
        out.error = "Invalid token";
        return out;
    }
    auto const kid = text_of(*header, "kid");
    if (kid.empty()) {
        out.error = "kid claim not found in JWT token header";
        return out;
    }
    auto const key = std::find_if(keys_.begin(), keys_.end(), [&](signing_key const& k) { return k.kid() == kid; });
    if (key == keys_.end()) {
        out.error = "Token header claim [kid] references unknown signing key : [" + kid + ']';
        return out;
    }
    auto const signature = decode_loosely(token.substr(second + 1));
    // 4.30.0 looks at the key alone; later ones take the algorithm of the header, within the key's family.
    if (!signature || !key->verify(old() ? "RS256" : alg, token.substr(0, second), *signature) ||
        (!old() && header->contains("crit"))) {
        out.error = bad_signature;
        return out;
    }
    if (!old()) {
        // The JOSE library that verifies for later ones knows exp and nbf, with 60 s of leeway.
        auto const exp = number_of(out.claims, "exp");
        auto const nbf = number_of(out.claims, "nbf");
        if ((exp && now > *exp + 60) || (nbf && *nbf > now + 60))
            out.error = bad_signature;
    }
    return out;
}

PKS_DECL std::string token_issuer::resource_error(verdict const& v)
{
    auto const exp = token_checks_detail::number_of(v.claims, "exp");
    return exp && v.error == "Token has expired"
        ? "Invalid access token: expired at " + token_checks_detail::java_date(*exp)
        : v.error;
}

PKS_DECL token_issuer::verdict token_issuer::check(std::string_view token, bool refresh, std::int64_t now)
{
    using namespace token_checks_detail;
    verdict out;
    bool const opaque = !looks_like_jwt(token);
    if (opaque) {
        auto const* const stored = store_.find(token, now);
        if (!stored) {
            out.error = dead;
            return out;
        }
        out.claims = claims(*stored);
        out.claims["revocable"] = true;
    } else {
        out = read(token, now);
        if (!out.good())
            return out;
    }
    auto const* const exp = out.claims.if_contains("exp");
    // Later ones cannot read what such an ID token holds.
    if (!old() && out.claims.contains("user_attributes")) {
        out.error = "Invalid token (could not decode): " + std::string(token);
        return out;
    }
    out.error = objection(out.claims, refresh, now, opaque);
    if (out.error.empty() && !exp)
        out.internal_error = true;
    return out;
}

PKS_DECL std::string token_issuer::objection(
    boost::json::object const& claims, bool refresh, std::int64_t now, bool opaque)
{
    using namespace token_checks_detail;
    auto const jti = text_of(claims, "jti");
    if (!opaque && claims.contains("revocable") && claims.at("revocable") == json::value(true) &&
        !store_.find(jti, now))
        return "The token has been revoked: " + jti;
    if (!claims.contains("iss"))
        return "Token does not bear an ISS claim.";
    if (auto const iss = text_of(claims, "iss"); iss != issuer())
        return "Invalid issuer (" + iss + ") for token did not match expected: " + issuer();

    auto const cid = text_of(claims, "cid");
    auto const client_id = text_of(claims, "client_id");
    if (!cid.empty() && !client_id.empty() && cid != client_id)
        return "Token bears conflicting client ID claims.";
    auto const* const client = directory_.find_client(cid.empty() ? client_id : cid);
    if (!client)
        return "Invalid client ID " + (cid.empty() ? client_id.empty() ? "null" : client_id : cid);
    if (auto objection_to_scope = scope_objection(claims, refresh, *client); !objection_to_scope.empty())
        return objection_to_scope;

    auto const user_id = text_of(claims, "user_id");
    auto const* const user = user_id.empty() ? nullptr : directory_.find_user_by_id(user_id);
    if (auto const rev_sig = text_of(claims, "rev_sig"); !rev_sig.empty()) {
        bool const current = std::any_of(client->secrets.begin(), client->secrets.end(),
            [&](std::string const& secret) { return revocation_signature(*client, secret, user) == rev_sig; });
        if (!current && !(client->secrets.empty() && revocation_signature(*client, "", user) == rev_sig))
            return "revocable signature mismatch";
    }
    if (jti.empty())
        return "The token must contain a jti claim.";
    bool const ends_in_r = jti.size() > 2 && jti.substr(jti.size() - 2) == "-r";
    if (refresh != ends_in_r)
        return refresh ? "Invalid refresh token." : "Invalid access token.";
    if (auto const exp = number_of(claims, "exp"); exp && *exp <= now)
        return refresh ? "Invalid refresh token expired at " + java_date(*exp) : "Token has expired";
    return {};
}

PKS_DECL std::string token_issuer::scope_objection(
    boost::json::object const& claims, bool refresh, uaa_client const& client)
{
    using namespace token_checks_detail;
    auto const user_id = text_of(claims, "user_id");
    auto const* const user = user_id.empty() ? nullptr : directory_.find_user_by_id(user_id);
    char const* const name = refresh ? "granted_scopes" : "scope";
    auto const* const scope = claims.if_contains(name);
    if (!scope)
        return refresh ? "Invalid refresh token." : "The token does not bear a \"scope\" claim.";
    bool const of_user = text_of(claims, "grant_type") != "client_credentials";
    if (of_user && (!user || !user->active))
        return "Token bears a non-existent user ID: " + (user_id.empty() ? "null" : user_id);

    auto const& allowed = of_user ? client.scope : client.authorities;
    std::vector<std::string> missing;
    for (auto const& s : list_of(*scope)) {
        bool const registered = std::find(allowed.begin(), allowed.end(), s) != allowed.end();
        if (!registered || (user && !uaa_directory::is_member(*user, s)))
            missing.push_back(s);
    }
    if (!missing.empty())
        return "Some required \"" + std::string(name) + "\" are missing: " + joined(missing);
    if (user)
        for (auto const& group : client.required_user_groups)
            if (!uaa_directory::is_member(*user, group))
                return "User does not meet the client's required group criteria.";
    return {};
}

} // namespace pks::inline v0::testing
