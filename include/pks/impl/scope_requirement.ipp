// Bodies of policy/scope_requirement.hpp.
#pragma once

#include <pks/policy/scope_requirement.hpp>
#include <pks/policy/token_errc.hpp>

#include <algorithm>

namespace pks::inline v0::policy {

namespace scope_detail {

// The first segment, taken off; `last` is set where none follows.
inline std::string_view take_segment(std::string_view& rest, bool& last) noexcept
{
    auto const dot = rest.find('.');
    last = dot == rest.npos;
    auto const out = rest.substr(0, dot);
    rest.remove_prefix(last ? rest.size() : dot + 1);
    return out;
}

// No space, no quote: RFC 6749 §3.3. A quote would have to be escaped in WWW-Authenticate.
inline bool is_scope_character(char c) noexcept
{
    return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
}

inline bool is_well_formed(std::string_view required) noexcept
{
    for (bool last = false; !last;) {
        auto const segment = take_segment(required, last);
        if (segment.empty() || !std::all_of(segment.begin(), segment.end(), is_scope_character))
            return false;
        if (segment != "*" && segment.find('*') != segment.npos)
            return false;
    }
    return true;
}

} // namespace scope_detail

PKS_DECL bool scope_matches(std::string_view required, std::string_view scope) noexcept
{
    if (required.find('*') == required.npos)
        return required == scope;
    for (bool last = false; !last;) {
        bool last_of_scope = false;
        auto const wanted = scope_detail::take_segment(required, last);
        auto const found = scope_detail::take_segment(scope, last_of_scope);
        if (last != last_of_scope)
            return false;
        if (wanted == "*" ? found.empty() || found.find('\\') != found.npos : wanted != found)
            return false;
    }
    return true;
}

PKS_DECL std::string_view resource_id_of(std::string_view scope) noexcept
{
    auto const dot = scope.rfind('.');
    return scope.substr(0, dot == scope.npos ? 0 : dot);
}

PKS_DECL error_code scope_requirement::check_settings() const
{
    for (auto const* list : {&all, &any})
        if (!std::all_of(list->begin(), list->end(), scope_detail::is_well_formed))
            return token_errc::malformed_scope;
    return {};
}

PKS_DECL bool scope_requirement::met_by(jose::string_list const& scopes) const noexcept
{
    auto const has = [&scopes](std::string const& required) {
        for (auto const scope : scopes)
            if (scope_matches(required, scope))
                return true;
        return false;
    };
    return std::all_of(all.begin(), all.end(), has) && (any.empty() || std::any_of(any.begin(), any.end(), has));
}

} // namespace pks::inline v0::policy
