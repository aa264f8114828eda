// Bodies of testing/uaa_replies.hpp.
#pragma once

#include <pks/testing/uaa_replies.hpp>

#include <pks/testing/random_id.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <ctime>

namespace pks::inline v0::testing {

namespace uaa_replies_detail {

// The HTML 4 names of U+00A0 to U+00FF, in order.
inline constexpr char latin_1_entities[] =
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro "
    "para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil "
    "Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave "
    "Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml "
    "igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute "
    "thorn yuml";

inline std::string_view latin_1_entity(unsigned code)
{
    std::string_view all = latin_1_entities;
    for (; code > 0xa0; --code)
        all.remove_prefix(all.find(' ') + 1);
    return all.substr(0, all.find(' '));
}

inline std::string html_escaped(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const c = static_cast<unsigned char>(text[i]);
        auto const next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0u;
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&#39;";
        else if ((c == 0xc2 && next >= 0xa0) || c == 0xc3) {
            out += '&';
            out += latin_1_entity((static_cast<unsigned>(c & 3) << 6) | (next & 0x3fu));
            out += ';';
            ++i;
        } else if (text.substr(i, 3) == "\xe2\x82\xac") {
            out += "&euro;";
            i += 2;
        } else
            out += text[i];
    }
    return out;
}

inline std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

inline constexpr char error_page[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset='utf-8' /><title>Cloud Foundry</title></head>\n"
    "<body>\n<h2>Uh oh.<br />Something went amiss.</h2>\n</body>\n</html>\n";

inline constexpr char login_page[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset='utf-8' /><title>Cloud Foundry</title></head>\n"
    "<body>\n<h1>Welcome!</h1>\n<p>This UAA is embedded in a test and has no form to log in with.</p>\n</body>\n</html>\n";

} // namespace uaa_replies_detail

PKS_DECL std::string http_date(clock::time_point t)
{
    std::time_t const seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::floor<std::chrono::seconds>(t).time_since_epoch())
            .count();
    std::tm tm{};
    gmtime_r(&seconds, &tm);
    char out[40];
    std::strftime(out, sizeof out, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    return out;
}

PKS_DECL std::pair<uaa_replies::accepts, std::string> uaa_replies::negotiate() const
{
    using uaa_replies_detail::trimmed;
    auto const* const header = request_.find("Accept");
    if (!header)
        return {accepts::json, {}};
    auto best = accepts::other;
    std::string_view left = *header;
    while (!left.empty()) {
        auto const comma = left.find(',');
        auto const range = trimmed(left.substr(0, comma));
        left = comma == std::string_view::npos ? std::string_view() : left.substr(comma + 1);
        auto const semicolon = range.find(';');
        auto const type = trimmed(range.substr(0, semicolon));
        if (type.find('/') == std::string_view::npos && type != "*")
            return {accepts::malformed, {}};
        if (type == "application/json")
            return {accepts::json,
                semicolon == std::string_view::npos ? std::string() : std::string(range.substr(semicolon))};
        if (type == "*/*" || type == "*" || type == "application/*")
            return {accepts::json, {}};
        if (type == "text/html" && best == accepts::other)
            best = accepts::html;
        if (type == "application/xml" && best == accepts::other)
            best = accepts::xml;
    }
    return {best, {}};
}

PKS_DECL bool uaa_replies::accepts_json() const
{
    return negotiate().first == accepts::json;
}

PKS_DECL std::string uaa_replies::json_type() const
{
    auto const parameters = negotiate().second;
    std::string out = "application/json" + parameters;
    if (old_ && parameters.find("charset=") == std::string::npos)
        out += ";charset=UTF-8";
    return out;
}

PKS_DECL std::string uaa_replies::body_text(std::string_view description) const
{
    return old_ ? uaa_replies_detail::html_escaped(description) : std::string(description);
}

PKS_DECL reply uaa_replies::make(int status, uaa_head const& head, std::string body) const
{
    reply out;
    out.status = status;
    out.body = std::move(body);
    auto const add = [&out](std::string name, std::string value) {
        out.fields.emplace_back(std::move(name), std::move(value));
    };
    auto const session = [&] {
        if (head.session_cookie)
            add("Set-Cookie",
                "JSESSIONID=" + random_hex_id() + "; Path=/; Secure; HttpOnly" + (old_ ? "" : "; SameSite=None"));
    };

    if (!old_ && head.filtered) {
        add("X-Content-Type-Options", "nosniff");
        if (head.policy)
            add("Content-Security-Policy", "script-src 'self'");
    }
    for (auto const& [name, value] : head.first)
        add(name, value);
    bool const transport_security = head.security && request_.secure;
    if (head.browser_cookie) {
        add("Strict-Transport-Security", "max-age=31536000 ; includeSubDomains");
        add("Set-Cookie",
            "X-Uaa-Csrf=" + random_text(22) + "; Max-Age=86400; Expires=" + http_date(now_ + std::chrono::hours(24)) +
                "; Path=/; HttpOnly" + (old_ ? "" : "; SameSite=Lax"));
        if (old_)
            session();
    }
    switch (head.caching) {
    case uaa_head::cache::none:
        break;
    case uaa_head::cache::no_store:
        add("Cache-Control", "no-store");
        break;
    case uaa_head::cache::oauth:
        add("Cache-Control", "no-store");
        add("Pragma", "no-cache");
        break;
    case uaa_head::cache::resource:
        add("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate");
        add("Pragma", "no-cache");
        add("Expires", "0");
        break;
    }
    if (!head.challenge.empty())
        add("WWW-Authenticate", head.challenge);
    if (transport_security && !head.browser_cookie)
        add("Strict-Transport-Security", "max-age=31536000 ; includeSubDomains");
    if (head.security) {
        add("X-XSS-Protection", "1; mode=block");
        add("X-Frame-Options", "DENY");
        if (old_)
            add("X-Content-Type-Options", "nosniff");
    }
    if (!old_)
        session();
    if (head.no_store_again)
        add("Cache-Control", "no-store");
    if (!head.location.empty())
        add("Location", head.location);
    if (!head.media_type.empty())
        add("Content-Type", head.media_type);
    if (head.language)
        add("Content-Language", "en");

    if (status == 304) {
        out.frame = reply::framing::none;
    } else if (head.length || out.body.empty()) {
        out.frame = reply::framing::content_length;
        add("Content-Length", std::to_string(out.body.size()));
    } else if (request_.http_1_0) {
        out.frame = reply::framing::until_close;
    } else if (request_.method == "HEAD" && old_) {
        out.frame = reply::framing::none;
    } else {
        out.frame = reply::framing::chunked;
        out.chunks = {out.body.size()};
        add("Transfer-Encoding", "chunked");
    }
    if (request_.method == "HEAD")
        out.frame = reply::framing::none;

    add("Date", http_date(now_));
    auto const wish = request_.field("Connection");
    out.close = status == 400 || status >= 500 || wish == "close" ||
        (request_.http_1_0 && (wish != "keep-alive" || out.frame == reply::framing::until_close));
    if (out.close) {
        add("Connection", "close");
    } else if (wish == "keep-alive") {
        add("Keep-Alive", "timeout=60");
        add("Connection", "keep-alive");
    }
    return out;
}

PKS_DECL reply uaa_replies::page(int status) const
{
    auto const want = negotiate().first;
    uaa_head head;
    head.language = true;
    bool const html = want == accepts::html;
    head.media_type = old_ && !html ? "text/html;charset=ISO-8859-1" : "text/html;charset=UTF-8";
    head.length = !old_ && !html;
    if (want == accepts::malformed) {
        head.caching = uaa_head::cache::none;
        head.security = false;
        head.policy = false;
    }
    return make(status, head, uaa_replies_detail::error_page);
}

PKS_DECL reply uaa_replies::refuse(uaa_refusal const& refusal) const
{
    auto const want = negotiate().first;
    if (want == accepts::malformed || (want != accepts::json && refusal.status == 400))
        return page(500);
    if (want != accepts::json && !(want == accepts::xml && old_))
        return page(406);

    uaa_head head;
    head.caching = uaa_head::cache::oauth;
    head.challenge = refusal.challenge;
    head.session_cookie = refusal.session && !old_;
    if (want == accepts::xml) {
        head.media_type = "application/xml";
        return make(refusal.status, head,
            "<oauth><error_description>" + body_text(refusal.description) + "</error_description><error>" +
                refusal.error + "</error></oauth>");
    }
    head.media_type = json_type();
    boost::json::object body;
    body["error"] = refusal.error;
    body["error_description"] = body_text(refusal.description);
    for (auto const& member : refusal.more)
        body[member.key()] = member.value();
    return make(refusal.status, head, boost::json::serialize(body));
}

PKS_DECL reply uaa_replies::resource(boost::json::object const& body, header_fields first) const
{
    if (!accepts_json())
        return page(406);
    uaa_head head;
    head.first = std::move(first);
    head.media_type = json_type();
    return make(200, head, boost::json::serialize(body));
}

PKS_DECL reply uaa_replies::undescribed(int status) const
{
    if (!accepts_json())
        return page(status);
    uaa_head head;
    head.no_store_again = true;
    head.language = true;
    head.media_type = fixed_json_type;
    head.length = old_ && request_.method == "HEAD";
    return make(status, head, "{}");
}

PKS_DECL reply uaa_replies::login_page() const
{
    uaa_head head;
    head.browser_cookie = true;
    head.language = true;
    head.media_type = "text/html;charset=UTF-8";
    return make(200, head, uaa_replies_detail::login_page);
}

PKS_DECL reply uaa_replies::to_login(std::string_view base_url) const
{
    uaa_head head;
    head.browser_cookie = true;
    head.session_cookie = true;
    head.location = std::string(base_url) + "/login";
    return make(302, head);
}

} // namespace pks::inline v0::testing
