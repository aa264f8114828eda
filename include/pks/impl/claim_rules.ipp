// Bodies of policy/claim_rules.hpp.
#pragma once

#include <pks/jose/jose_errc.hpp>
#include <pks/policy/claim_rules.hpp>
#include <pks/policy/token_errc.hpp>

#include <algorithm>
#include <string_view>

namespace pks::inline v0::policy {

namespace claim_rules_detail {

inline constexpr std::chrono::seconds most_leeway{300};

inline bool is_only(jose::string_list const& list, std::string_view wanted) noexcept
{
    return list.size() == 1 && *list.begin() == wanted;
}

// Header, key, issuer and most claims of a UAA's refresh and ID tokens are those of an access token. Apart from claims
// of their own, a refresh token has the ending of its `jti`, and an ID token nobody but the client as audience, with
// `openid` as all of its scope. Source: facts on the claims (§3.2), on other tokens (§3.3) and on UAA's own check
// (§4.1); OpenID Connect Core §3.1.3.6, §3.3.2.11.
inline error_code check_kind(jose::claims const& claims) noexcept
{
    bool refresh = claims.jti().ends_with("-r");
    bool id = false;
    for (auto const& [name, value] : claims.all().members()) {
        refresh = refresh || name == "granted_scopes";
        id = id || name == "at_hash" || name == "c_hash" || name == "email_verified";
    }
    if (refresh)
        return token_errc::refresh_token;
    auto const client = !claims.client_id().empty() ? claims.client_id()
        : !claims.cid().empty()                     ? claims.cid()
                                                    : claims.azp();
    if (id || (is_only(claims.scope(), "openid") && is_only(claims.aud(), client)))
        return token_errc::id_token;
    return {};
}

// Source: facts on UAA's own check (§4.1), which refuses the same.
inline error_code check_holder(jose::claims const& claims, bool required) noexcept
{
    auto const client = claims.client_id();
    auto const cid = claims.cid();
    if (required && client.empty() && cid.empty())
        return token_errc::client_missing;
    if (!client.empty() && !cid.empty() && client != cid)
        return token_errc::conflicting_clients;
    auto const grant = claims.grant_type();
    if (required && claims.user_id().empty() && !grant.empty() && grant != "client_credentials")
        return token_errc::user_missing;
    return {};
}

} // namespace claim_rules_detail

PKS_DECL error_code claim_rules::check_settings() const
{
    if (issuer.empty())
        return token_errc::no_issuer_set;
    for (auto const leeway : {expiry_leeway, start_leeway})
        if (leeway.count() < 0 || leeway > claim_rules_detail::most_leeway)
            return token_errc::leeway_out_of_range;
    if (max_age && (max_age->count() <= 0 || *max_age > std::chrono::hours(24 * 366 * 100)))
        return token_errc::age_out_of_range;
    if (auto const failed = scopes.check_settings())
        return failed;
    if (any_audience || std::any_of(audiences.begin(), audiences.end(), [](auto const& a) { return !a.empty(); }))
        return {};
    // What a pattern's audience would be is not known.
    auto const gives_one = [](std::string const& scope) {
        auto const id = resource_id_of(scope);
        return !id.empty() && id.find('*') == id.npos;
    };
    for (auto const* list : {&scopes.all, &scopes.any})
        if (audiences.empty() && std::any_of(list->begin(), list->end(), gives_one))
            return {};
    return token_errc::no_audience_set;
}

PKS_DECL bool claim_rules::accepts_audience(jose::string_list const& audience) const noexcept
{
    for (auto const candidate : audience) {
        if (candidate.empty())
            continue;
        if (std::find(audiences.begin(), audiences.end(), candidate) != audiences.end())
            return true;
        if (!audiences.empty())
            continue;
        for (auto const* list : {&scopes.all, &scopes.any})
            for (auto const& scope : *list)
                if (auto const id = resource_id_of(scope); id == candidate && id.find('*') == id.npos)
                    return true;
    }
    return false;
}

PKS_DECL error_code claim_rules::check_origin(jose::claims const& claims) const
{
    auto const iss = claims.iss();
    if (iss.empty())
        return token_errc::issuer_missing;
    if (iss != issuer)
        return token_errc::wrong_issuer;
    if (auto const refused = claim_rules_detail::check_kind(claims))
        return refused;
    if (token_id_required && claims.jti().empty())
        return token_errc::token_id_missing;
    if (scope_claim_required && !claims.has("scope"))
        return token_errc::scope_missing;
    if (auto const refused = claim_rules_detail::check_holder(claims, holder_required))
        return refused;
    if (zone) {
        if (claims.zid().empty())
            return token_errc::zone_missing;
        if (claims.zid() != *zone)
            return token_errc::wrong_zone;
    }
    return {};
}

PKS_DECL error_code claim_rules::check_time(jose::claims const& claims, clock::time_point now) const noexcept
{
    auto const exp = claims.exp();
    if (!exp)
        return token_errc::expiry_missing;
    if (now >= *exp + expiry_leeway)
        return token_errc::expired;
    if (auto const nbf = claims.nbf(); nbf && now + start_leeway < *nbf)
        return token_errc::not_yet_valid;
    auto const iat = claims.iat();
    if (iat && now + start_leeway < *iat)
        return token_errc::issued_in_the_future;
    if (max_age && !iat)
        return token_errc::issue_time_missing;
    if (max_age && now >= *iat + *max_age + expiry_leeway)
        return token_errc::too_old;
    return {};
}

PKS_DECL error_code claim_rules::check_now(
    jose::claims const& claims, clock::time_point now, scope_requirement const& also) const
{
    if (auto const refused = check_time(claims, now))
        return refused;
    if (!any_audience) {
        auto const audience = claims.aud();
        if (audience.empty())
            return token_errc::audience_missing;
        if (!accepts_audience(audience))
            return token_errc::wrong_audience;
    }
    if (!scopes.empty() || !also.empty()) {
        auto const scope = claims.scope();
        if (!scopes.met_by(scope) || !also.met_by(scope))
            return token_errc::insufficient_scope;
    }
    for (auto const& asked : predicates)
        if (auto const refused = asked(claims))
            return refused;
    return {};
}

PKS_DECL error_code claim_rules::check(
    jose::claims const& claims, clock::time_point now, scope_requirement const& also) const
{
    if (auto const refused = check_origin(claims))
        return refused;
    return check_now(claims, now, also);
}

PKS_DECL error_code claim_rules::check_type(jose::jws const& token) const
{
    if (!token.typ())
        return {};
    auto const accepted =
        std::any_of(types.begin(), types.end(), [&token](std::string const& type) { return token.has_type(type); });
    return accepted ? error_code() : make_error_code(jose_errc::wrong_token_type);
}

} // namespace pks::inline v0::policy
