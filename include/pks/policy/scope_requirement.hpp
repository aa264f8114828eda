// Which scopes a token must have.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>
#include <pks/jose/string_list.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::policy {

/// Whether a scope is the one that is required: exact and in its case, but that a segment `*` of `required` stands for
/// one segment, of any text. A `*` in the token's scope stands for nothing but itself.
///
/// Source: UAA's wildcards, UaaStringUtils.constructSimpleWildcardPattern: `*` is one or more characters other than a
/// dot or a backslash. UAA has them inside of a segment too, here they are a whole one.
PKS_DECL bool scope_matches(std::string_view required, std::string_view scope) noexcept;

/// The audience that UAA derives from a scope: up to its last dot; empty where there is none. Source: facts on the
/// claims (§3.2); UaaAuthorizationRequestManager.
PKS_DECL std::string_view resource_id_of(std::string_view scope) noexcept;

/// Exact names or patterns. Without any, nothing is required.
///
/// Thread safety: as any standard value.
class scope_requirement
{
public:
    scope_requirement() = default;

    std::vector<std::string> all; ///< the token must have each of these
    std::vector<std::string> any; ///< and one of these, if there are any

    bool empty() const noexcept
    {
        return all.empty() && any.empty();
    }

    /// token_errc::malformed_scope for a name or pattern that no scope could match as it is meant.
    PKS_DECL error_code check_settings() const;

    PKS_DECL bool met_by(jose::string_list const& scopes) const noexcept;
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/scope_requirement.ipp>
#endif
