// Bodies of proto/refusal.hpp.
#pragma once

#include <pks/proto/challenge.hpp>
#include <pks/proto/http_grammar.hpp>
#include <pks/proto/refusal.hpp>
#include <pks/proto/strict_json.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace pks::inline v0::proto::refusal_detail {

// Of every text of a server.
inline constexpr std::size_t kept = 4096;

// No UAA and no PKS API says more in a refusal; JSON takes many times its size in memory.
inline constexpr std::size_t largest_refusal = 64 * 1024;

inline bool contains(std::string_view text, std::string_view part) noexcept
{
    return text.find(part) != text.npos;
}

inline std::string lower_case(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return out;
}

// Type and subtype without parameters: UAA repeats those of Accept and calls one thing by many names.
inline std::string media_type(response const& reply)
{
    auto text = reply.find("Content-Type").value_or("");
    text = text.substr(0, text.find(';'));
    while (text.ends_with(' ') || text.ends_with('\t'))
        text.remove_suffix(1);
    return lower_case(text);
}

inline std::string member(boost::json::object const& object, std::string_view name)
{
    auto const* const value = object.if_contains(name);
    auto const* const text = value ? value->if_string() : nullptr;
    return text ? std::string(text->data(), text->size()) : std::string();
}

inline boost::json::object read_object(response const& reply)
{
    if (reply.body.size() > largest_refusal)
        return {};
    auto parsed = parse_json(reply.body);
    if (parsed.has_error() || !parsed->is_object())
        return {};
    return std::move(parsed->as_object());
}

// 000 to 099 count as 5xx (RFC 9110 §15).
inline bool is_refusal(response const& reply) noexcept
{
    return reply.status < 100 || reply.status >= 400;
}

inline error_code unexpected_success(response const& reply, diagnostics& diag)
{
    diag.detail = "status " + std::to_string(reply.status);
    bool const redirect = reply.status >= 300 && reply.status < 400 && reply.status != 304;
    return redirect ? errc::redirected : errc::unexpected_status;
}

// Source: RFC 6750 §3. A server may send several challenges, each in a field of its own.
inline bool challenged_as_invalid_token(response const& reply)
{
    for (auto const& [name, value] : reply.fields)
        if (http_grammar::same_text(name, "WWW-Authenticate") &&
            challenge_parameter(value, "Bearer", "error") == "invalid_token")
            return true;
    return false;
}

} // namespace pks::inline v0::proto::refusal_detail

namespace pks::inline v0::proto {

PKS_DECL oauth_errc classify_oauth_error(int status, std::string_view error, std::string_view description) noexcept
{
    using refusal_detail::contains;
    if (status == 429)
        return oauth_errc::too_many_requests;
    if (status == 503 || error == "uaa_unavailable")
        return oauth_errc::unavailable;
    if (error == "unauthorized" || error == "invalid_client") {
        if (description == "Bad credentials")
            return oauth_errc::bad_credentials;
        if (contains(description, "account has been locked"))
            return oauth_errc::account_locked;
        if (description == "password change required")
            return oauth_errc::password_expired;
        if (description == "Invalid passcode" || description == "Passcode information is missing.")
            return oauth_errc::invalid_passcode;
        if (description.starts_with("Unauthorized grant type"))
            return oauth_errc::unauthorized_grant;
        return error == "unauthorized" ? oauth_errc::unauthorized : oauth_errc::invalid_client;
    }
    if (error == "access_denied")
        return description == "Account not verified" ? oauth_errc::account_unverified : oauth_errc::access_denied;

    static constexpr std::array<std::pair<std::string_view, oauth_errc>, 10> names = {{
        {"invalid_grant", oauth_errc::invalid_grant},
        {"invalid_token", oauth_errc::invalid_token},
        {"invalid_scope", oauth_errc::invalid_scope},
        {"insufficient_scope", oauth_errc::insufficient_scope},
        {"invalid_request", oauth_errc::invalid_request},
        {"unauthorized_client", oauth_errc::unauthorized_grant},
        {"unsupported_grant_type", oauth_errc::unsupported_grant_type},
        {"method_not_allowed", oauth_errc::method_not_allowed},
        {"query_string_not_allowed", oauth_errc::query_string_not_allowed},
        {"server_error", oauth_errc::server_error},
    }};
    for (auto const& [name, code] : names)
        if (error == name)
            return code;

    switch (status) {
    case 401:
        return oauth_errc::unauthorized;
    case 403:
        return oauth_errc::access_denied;
    case 404:
        return oauth_errc::not_found;
    case 405:
        return oauth_errc::method_not_allowed;
    default:
        return status < 100 || status >= 500 ? oauth_errc::server_error : oauth_errc::other;
    }
}

PKS_DECL error_code read_uaa_refusal(response const& reply, request const& asked, diagnostics& diag)
{
    diag.http_status = reply.status;
    if (!refusal_detail::is_refusal(reply))
        return refusal_detail::unexpected_success(reply, diag);
    auto const object = refusal_detail::read_object(reply);
    auto const error = refusal_detail::member(object, "error");
    auto const description = unescape_html(refusal_detail::member(object, "error_description"));
    diag.error = asked.redact(error, refusal_detail::kept);
    diag.error_description = asked.redact(description, refusal_detail::kept);
    diag.body = asked.redact(reply.body, refusal_detail::kept);
    return classify_oauth_error(reply.status, error, description);
}

PKS_DECL error_code read_api_refusal(response const& reply, request const& asked, diagnostics& diag)
{
    diag.http_status = reply.status;
    if (!refusal_detail::is_refusal(reply))
        return refusal_detail::unexpected_success(reply, diag);
    auto const object = refusal_detail::read_object(reply);
    auto const error = refusal_detail::member(object, "error");
    diag.error = asked.redact(error, refusal_detail::kept);
    // The API's own refusals, Spring Security's, Spring Boot's.
    for (auto const* const name : {"body", "error_description", "message"}) {
        diag.error_description = asked.redact(refusal_detail::member(object, name), refusal_detail::kept);
        if (!diag.error_description.empty())
            break;
    }
    diag.body = asked.redact(reply.body, refusal_detail::kept);

    bool const dead_token =
        error == "invalid_token" || (reply.status == 401 && refusal_detail::challenged_as_invalid_token(reply));
    if (dead_token)
        return api_errc::invalid_token;
    switch (reply.status) {
    case 400:
        return api_errc::bad_request;
    case 401:
        return api_errc::unauthorized;
    case 403:
        return api_errc::forbidden;
    case 404:
        return api_errc::not_found;
    case 405:
        return api_errc::method_not_allowed;
    case 409:
        return api_errc::conflict;
    case 422:
        return api_errc::unprocessable;
    case 429:
        return api_errc::too_many_requests;
    case 500:
        return api_errc::server_error;
    case 502:
        return api_errc::bad_gateway;
    case 503:
        return api_errc::unavailable;
    case 504:
        return api_errc::gateway_timeout;
    default:
        return api_errc::other;
    }
}

PKS_DECL std::string unescape_html(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, char>, 5> entities = {{
        {"&quot;", '"'},
        {"&#39;", '\''},
        {"&lt;", '<'},
        {"&gt;", '>'},
        {"&amp;", '&'},
    }};
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        auto const entity =
            std::find_if(entities.begin(), entities.end(), [text](auto const& e) { return text.starts_with(e.first); });
        out += entity == entities.end() ? text.front() : entity->second;
        text.remove_prefix(entity == entities.end() ? 1 : entity->first.size());
    }
    return out;
}

PKS_DECL result<boost::json::value> read_json(
    response const& reply, diagnostics& diag, boost::json::storage_ptr storage)
{
    auto const type = refusal_detail::media_type(reply);
    bool const json = type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
    bool const unlabelled = type.empty() || type == "text/plain";
    if (!json && !unlabelled) {
        diag.detail = "media type";
        return error_code(errc::not_json);
    }
    std::size_t where = 0;
    auto parsed = parse_json(reply.body, {}, std::move(storage), &where);
    if (parsed.has_error()) {
        diag.detail = json ? "JSON, at octet " + std::to_string(where) : "media type";
        if (!json)
            return error_code(errc::not_json);
    }
    return parsed;
}

} // namespace pks::inline v0::proto
