// Bodies of policy/bearer_refusal.hpp.
#pragma once

#include <pks/jose/jose_errc.hpp>
#include <pks/policy/bearer_errc.hpp>
#include <pks/policy/bearer_refusal.hpp>
#include <pks/policy/token_errc.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace pks::inline v0::policy {

namespace bearer_refusal_detail {

// A parameter, in characters that need no escape in any of those that RFC 6750 defines.
inline void append_parameter(std::string& out, std::string_view name, std::string_view value)
{
    out.append(out.ends_with("Bearer") ? " " : ", ").append(name).append("=\"");
    for (char const c : value)
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
            out += c;
    out += '"';
}

inline std::string names_of(scope_requirement const& needed)
{
    std::string out;
    for (auto const* const list : {&needed.all, &needed.any})
        for (auto const& name : *list)
            out.append(out.empty() ? "" : " ").append(name);
    return out;
}

inline bool speaks_of_the_token(error_code reason) noexcept
{
    return (reason.category() == jose_category() || reason.category() == token_category()) &&
        reason == condition::unauthorized;
}

} // namespace bearer_refusal_detail

PKS_DECL bearer_refusal::bearer_refusal(error_code reason, std::string_view realm, scope_requirement const& needed)
{
    std::string_view error;
    if (reason == bearer_errc::no_token) {
        status = 401;
    } else if (reason.category() == bearer_category()) {
        status = 400;
        error = "invalid_request";
    } else if (bearer_refusal_detail::speaks_of_the_token(reason)) {
        status = 401;
        error = "invalid_token";
    } else if (reason == token_errc::insufficient_scope) {
        status = 403;
        error = "insufficient_scope";
    } else {
        status = 503;
    }
    // What failed between this service and the UAA is nothing for whoever asked.
    auto const description = status == 503 ? std::string("the token cannot be judged at the moment") : reason.message();
    if (status != 503) {
        www_authenticate = "Bearer";
        bearer_refusal_detail::append_parameter(www_authenticate, "realm", realm);
        if (!error.empty()) {
            bearer_refusal_detail::append_parameter(www_authenticate, "error", error);
            bearer_refusal_detail::append_parameter(www_authenticate, "error_description", description);
        }
        auto const names = status == 403 ? bearer_refusal_detail::names_of(needed) : std::string();
        if (!names.empty())
            bearer_refusal_detail::append_parameter(www_authenticate, "scope", names);
    }
    boost::json::object json;
    json["error"] = status == 503 ? "temporarily_unavailable" : error.empty() ? "unauthorized" : error;
    json["error_description"] = description;
    body = boost::json::serialize(json);
}

} // namespace pks::inline v0::policy
