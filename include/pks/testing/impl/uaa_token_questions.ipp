// Bodies of testing/uaa_token_questions.hpp.
#pragma once

#include <pks/testing/uaa_token_questions.hpp>

#include <pks/error.hpp>
#include <pks/testing/uaa_server.hpp>

#include <boost/json/array.hpp>

#include <algorithm>
#include <chrono>

namespace pks::inline v0::testing {

namespace uaa_token_questions_detail {

inline std::string lower(std::string text)
{
    for (char& c : text)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + ('a' - 'A'));
    return text;
}

[[noreturn]] inline void refuse(int status, std::string error, std::string description)
{
    throw uaa_refusal{.status = status, .error = std::move(error), .description = std::move(description)};
}

// The order of UAA's model class; what it does not know it leaves out.
inline constexpr std::string_view answered[] = {"user_id", "user_name", "name", "email", "client_id", "exp",
    "authorities", "scope", "jti", "aud", "sub", "iss", "iat", "cid", "grant_type", "az_attr", "azp", "auth_time",
    "zid", "rev_sig", "nonce", "origin", "roles", "revocable", "client_auth_method", "previous_logon_time", "amr",
    "ext_attr"};

} // namespace uaa_token_questions_detail

PKS_DECL uaa_token_questions::uaa_token_questions(
    uaa_server& server, request const& req, uaa_replies const& replies, clock::time_point now)
    : server_(server),
      request_(req),
      replies_(replies),
      seconds_(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()),
      parameters_(req)
{}

PKS_DECL void uaa_token_questions::require_authority()
{
    auto const caller = log_in_client(request_, parameters_, server_.directory(), server_.old(), false);
    auto const& held = caller.client->authorities;
    if (std::find(held.begin(), held.end(), "uaa.resource") == held.end())
        throw uaa_refusal{.status = 403, .error = "access_denied", .description = "Access is denied", .filter = true};
}

PKS_DECL boost::json::object uaa_token_questions::answer(boost::json::object const& claims)
{
    boost::json::object out;
    for (auto const name : uaa_token_questions_detail::answered) {
        auto const* const value = claims.if_contains(name);
        if (value && !value->is_null())
            out[name] = *value;
        else if (name == "revocable")
            out[name] = false;
    }
    return out;
}

PKS_DECL void uaa_token_questions::require_scopes(boost::json::object const& claims) const
{
    using namespace uaa_token_questions_detail;
    // POST reads `scopes`, every other method `scope`.
    auto const wanted = parameters_.get(request_.method == "POST" ? "scopes" : "scope");
    std::string missing;
    std::string_view left = wanted;
    while (!left.empty()) {
        auto const end = std::min(left.find(','), left.size());
        auto const name = lower(std::string(left.substr(0, end)));
        left.remove_prefix(std::min(end + 1, left.size()));
        bool held = name.empty();
        if (auto const* const scope = claims.if_contains("scope"); scope && scope->is_array())
            for (auto const& s : scope->get_array())
                held = held || (s.is_string() && lower(std::string(s.get_string())) == name);
        if (!held)
            missing += (missing.empty() ? "" : ",") + name;
    }
    if (!missing.empty())
        refuse(400, "invalid_scope", "Some requested scopes are missing: " + missing);
}

PKS_DECL reply uaa_token_questions::check_token()
{
    using namespace uaa_token_questions_detail;
    require_authority();
    bool const old = server_.old();
    auto const token = parameters_.joined("token");
    if (request_.method != "POST" && request_.method != "GET" && (old || !token))
        return old
            ? replies_.undescribed(500)
            : replies_.refuse({.status = 400, .error = "invalid_token", .description = "Token parameter must be set"});
    if (!old && parameters_.broken()) {
        uaa_head head;
        head.media_type = replies_.json_type();
        return replies_.make(400, head,
            R"({"error":"parameter_parsing_error","error_description":"One of the parameters was incorrectly encoded"})");
    }
    if (old && !token)
        return replies_.undescribed(400);
    if (!old && (!token || token->empty()))
        refuse(400, "invalid_token", "Token parameter must be set");
    auto const verdict = server_.issuer().check(*token, false, seconds_);
    if (verdict.internal_error)
        return replies_.undescribed(500);
    if (!verdict.good())
        refuse(400, "invalid_token", verdict.error);
    require_scopes(verdict.claims);
    return replies_.resource(answer(verdict.claims));
}

PKS_DECL reply uaa_token_questions::introspect()
{
    using namespace uaa_token_questions_detail;
    auto const authorization = request_.field("Authorization");
    bool const bearer = authorization.size() > 7 && lower(std::string(authorization.substr(0, 7))) == "bearer ";
    if (bearer && !server_.old()) {
        auto const caller = server_.issuer().check(authorization.substr(7), false, seconds_);
        if (!caller.good()) {
            auto const reason = token_issuer::resource_error(caller);
            throw uaa_refusal{.status = 401,
                .error = "invalid_token",
                .description = reason,
                .challenge = "Bearer realm=\"UAA/oauth\", error=\"invalid_token\", error_description=\"" + reason + '"',
                .filter = true};
        }
        auto const own = answer(caller.claims);
        auto const* const held = own.if_contains("authorities");
        bool const may = held && held->is_array() &&
            std::any_of(held->get_array().begin(), held->get_array().end(),
                [](boost::json::value const& a) { return a == boost::json::value("uaa.resource"); });
        if (!may)
            refuse(403, "access_denied", "Access is denied");
    } else {
        require_authority();
    }
    if (request_.method != "POST")
        refuse(405, "method_not_allowed", "Request method '" + request_.method + "' not supported");
    auto const token = parameters_.joined("token");
    if (!token)
        return replies_.undescribed(400);
    auto const verdict = server_.issuer().check(*token, false, seconds_);
    if (verdict.internal_error)
        return replies_.undescribed(500);
    boost::json::object out;
    if (verdict.good())
        out = answer(verdict.claims);
    else
        out["revocable"] = false;
    out["active"] = verdict.good();
    return replies_.resource(out);
}

} // namespace pks::inline v0::testing
