// What the claims of a token must satisfy.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/error.hpp>
#include <pks/jose/claims.hpp>
#include <pks/jose/jws.hpp>
#include <pks/policy/scope_requirement.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pks::inline v0::policy {

/// Settings, and the judgement by them. Judging allocates nothing.
///
/// Thread safety: as any standard value; `check` may be called from many threads, and so are the predicates.
class claim_rules
{
public:
    /// A check of one's own: of a token of which all else holds, its signature first of all. Returns why it is refused.
    using predicate = std::function<error_code(jose::claims const&)>;

    claim_rules() = default;

    /// `iss`, octet for octet: of a UAA its address and `/oauth/token`, with the scheme that its configuration says.
    std::string issuer;

    /// One of these must be in `aud`. If there are none: one that UAA derives from a scope of `scopes`.
    std::vector<std::string> audiences;

    /// Accept tokens for anybody. Then whoever gets one of a user's tokens can use it here.
    bool any_audience = false;

    scope_requirement scopes;

    /// `zid`, where only one zone is accepted.
    std::optional<std::string> zone;

    /// How long a token is accepted from `exp` on, at most 300 s. UAA itself allows nothing.
    std::chrono::seconds expiry_leeway{0};

    /// How far `nbf` and `iat` may lie ahead, at most 300 s: the UAA's clock may be ahead of this one.
    std::chrono::seconds start_leeway{60};

    /// The longest time since `iat`, which is required then; nothing: as long as `exp` says.
    std::optional<std::chrono::seconds> max_age;

    /// Refuse a token without `jti`, as UAA does.
    bool token_id_required = true;

    /// Refuse a token without the claim `scope`, as UAA does.
    bool scope_claim_required = true;

    /// Refuse a token that does not say whose it is, as UAA does: without a client, or a user's without the user.
    bool holder_required = true;

    /// What a header's `typ` may be; a header without one is accepted.
    std::vector<std::string> types = {"JWT", "at+jwt"};

    /// Asked in this order after all of the above, at each validation, also of a token that is cached.
    std::vector<predicate> predicates;

    /// Whether these rules can be meant: to be asked once, before a token is judged.
    /// Errors: the codes of settings in token_errc.
    PKS_DECL error_code check_settings() const;

    /// Judges the claims of a verified token: `check_origin`, then `check_now`.
    ///
    /// Errors, the first that applies in the order of token_errc: its codes of a token, then what a predicate returns.
    /// A predicate's exception passes through.
    PKS_DECL error_code check(
        jose::claims const& claims, clock::time_point now, scope_requirement const& also = {}) const;

    /// What about a token never changes: who issued it, in which zone, and that it is an access token.
    PKS_DECL error_code check_origin(jose::claims const& claims) const;

    /// All else, which is judged each time that a token comes: time, audience, scopes, predicates.
    /// `also`: scopes that are required in addition, of one route of a service.
    PKS_DECL error_code check_now(
        jose::claims const& claims, clock::time_point now, scope_requirement const& also = {}) const;

    /// Judges a token's `typ`: jose_errc::wrong_token_type.
    PKS_DECL error_code check_type(jose::jws const& token) const;

private:
    PKS_DECL error_code check_time(jose::claims const& claims, clock::time_point now) const noexcept;
    PKS_DECL bool accepts_audience(jose::string_list const& audience) const noexcept;
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/claim_rules.ipp>
#endif
