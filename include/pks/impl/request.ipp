// Bodies of proto/request.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/proto/request.hpp>

#include <pks/proto/form.hpp>
#include <pks/proto/http_grammar.hpp>

#include <algorithm>
#include <utility>

namespace pks::inline v0::proto::request_detail {

inline constexpr std::string_view redacted = "[redacted]";

// Shorter texts would be found by chance in any sentence.
inline constexpr std::size_t shortest_confidential = 8;
inline constexpr std::size_t shortest_jwt = 40;

inline constexpr std::string_view bearer = "Authorization: Bearer ";
inline constexpr std::string_view line_end = "\r\n";

// Of most requests all fields but the token; growing would cost as much as all that is done with them.
inline constexpr std::size_t usual_fields = 192;

inline bool is_token(std::string_view text) noexcept
{
    return http_grammar::skip_token(text) && text.empty();
}

// A field value without tabs, which nobody sends on purpose.
inline bool fit_for_field(std::string_view text) noexcept
{
    return !pks::detail::has_control(text);
}

inline bool jwt_character(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
        c == '.' || c == '=';
}

// How much of the text's beginning looks like a JWT: 0 if nothing does.
inline std::size_t jwt_size(std::string_view text) noexcept
{
    if (!text.starts_with("eyJ"))
        return 0;
    std::size_t size = 0;
    while (size < text.size() && jwt_character(text[size]))
        ++size;
    return size >= shortest_jwt ? size : 0;
}

inline std::string_view after_blank(std::string_view text) noexcept
{
    return text.substr(text.find(' ') + 1);
}

// As a server's JSON holds it.
inline pks::detail::wiped_string json_escaped(std::string_view text)
{
    pks::detail::wiped_string out;
    for (char const c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out;
}

// As UAA 4.x escapes it.
inline pks::detail::wiped_string html_escaped(std::string_view text)
{
    pks::detail::wiped_string out;
    for (char const c : text) {
        switch (c) {
        case '"':
            out.append("&quot;");
            break;
        case '\'':
            out.append("&#39;");
            break;
        case '<':
            out.append("&lt;");
            break;
        case '>':
            out.append("&gt;");
            break;
        case '&':
            out.append("&amp;");
            break;
        default:
            out += c;
        }
    }
    return out;
}

// The text as it is, and as an echo of the request's form, a server's HTML and a server's JSON have it.
inline void add_spellings(std::vector<secret>& out, std::string_view plain)
{
    if (plain.size() < shortest_confidential)
        return;
    pks::detail::wiped_string in_form;
    append_form_encoded(in_form, plain);
    auto const in_html = html_escaped(plain);
    out.push_back(secret(plain));
    for (auto const& spelling : {in_form, in_html, json_escaped(plain), json_escaped(in_html)})
        if (std::string_view(spelling) != plain)
            out.push_back(secret(spelling));
}

} // namespace pks::inline v0::proto::request_detail

namespace pks::inline v0::proto {

PKS_DECL request::request(std::string_view method, endpoint const& server, std::string_view target) : method_(method)
{
    target_.reserve(server.path().size() + target.size());
    target_.append(server.path()).append(target);
    fields_.reserve(request_detail::usual_fields);
    field("Host", server.authority());
}

PKS_DECL request& request::field(std::string_view name, std::string_view value)
{
    if (http_grammar::same_text(name, "Authorization"))
        confidential(secret(request_detail::after_blank(value)));
    bool const named = request_detail::is_token(name);
    if (named && request_detail::fit_for_field(value))
        fields_.append({name, ": ", value, request_detail::line_end});
    else if (refused_.empty())
        refused_ = named ? "request field " + std::string(name) : "request field name";
    return *this;
}

PKS_DECL error_code request::authorize(access_token as)
{
    if (!as.sendable())
        return as.empty() ? errc::missing_parameter : errc::forbidden_character;
    bearer_ = std::move(as);
    bearer_at_ = fields_.size();
    return {};
}

PKS_DECL bool request::has_field(std::string_view name) const noexcept
{
    if (!bearer_.empty() && http_grammar::same_text(name, "Authorization"))
        return true;
    std::string_view rest = fields_;
    while (!rest.empty()) {
        if (http_grammar::same_text(rest.substr(0, rest.find(':')), name))
            return true;
        rest.remove_prefix(rest.find(request_detail::line_end) + request_detail::line_end.size());
    }
    return false;
}

PKS_DECL request& request::body(pks::detail::wiped_string text, std::string_view media_type)
{
    body_ = std::move(text);
    return field("Content-Type", media_type).field("Content-Length", std::to_string(body_->size()));
}

PKS_DECL request& request::redirect(std::string target)
{
    target_ = std::move(target);
    return *this;
}

PKS_DECL request& request::confidential(secret text)
{
    confidential_.push_back(std::move(text));
    return *this;
}

PKS_DECL result<pks::detail::wiped_string> request::serialize(std::string* detail) const
{
    auto refuse = [detail](std::string_view what) {
        if (detail)
            *detail = what;
        return error_code(errc::forbidden_character);
    };
    if (!request_detail::is_token(method_))
        return refuse("request method");
    // CONNECT alone names a host and port instead (RFC 9112 §3.2.3).
    bool const right_form = target_.starts_with('/') || (method_ == "CONNECT" && !target_.empty());
    if (!right_form || !pks::detail::all_visible(target_))
        return refuse("request target");

    if (!refused_.empty())
        return refuse(refused_);

    auto const token = bearer_.value().reveal();
    auto const with_token = [&token](std::string_view text) { return token.empty() ? std::string_view() : text; };
    std::string_view const fields = fields_;
    constexpr auto line_end = request_detail::line_end;
    pks::detail::wiped_string out;
    // All at once, or the token would be copied once more.
    out.append({method_, " ", target_, " HTTP/1.1", line_end, fields.substr(0, bearer_at_),
        with_token(request_detail::bearer), token, with_token(line_end), fields.substr(bearer_at_), line_end,
        body_ ? std::string_view(*body_) : std::string_view()});
    return out;
}

PKS_DECL std::string request::redact(std::string_view servers_text, std::size_t first) const
{
    std::vector<secret> hidden;
    for (auto const& s : confidential_)
        request_detail::add_spellings(hidden, s.reveal());
    request_detail::add_spellings(hidden, bearer_.value().reveal());

    std::string out;
    auto const end = std::min(first, servers_text.size());
    // Octets before this one belong to something that is already replaced.
    std::size_t covered = 0;
    for (std::size_t at = 0; at < end; ++at) {
        auto const rest = servers_text.substr(at);
        // Within a JWT no other is looked for, or a hostile text would take the square of its size.
        std::size_t size = at < covered ? 0 : request_detail::jwt_size(rest);
        for (auto const& s : hidden)
            if (rest.starts_with(s.reveal()))
                size = std::max(size, s.reveal().size());
        if (at >= covered) {
            if (size != 0)
                out += request_detail::redacted;
            else
                out += rest.front();
        }
        covered = std::max(covered, at + size);
    }
    return out;
}

} // namespace pks::inline v0::proto
