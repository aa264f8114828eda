// Bodies of proto/request.hpp.
#pragma once

#include <pks/proto/request.hpp>

#include <algorithm>

namespace pks::inline v0::proto::request_detail {

inline constexpr std::string_view redacted = "[redacted]";

// Shorter texts would be found by chance in any sentence.
inline constexpr std::size_t shortest_confidential = 8;

inline bool visible(std::string_view text, bool blanks) noexcept
{
    return std::all_of(text.begin(), text.end(), [blanks](char c) {
        auto const u = static_cast<unsigned char>(c);
        return (u > 0x20 && u != 0x7f) || (blanks && u == 0x20);
    });
}

inline bool jwt_character(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
        c == '.' || c == '=';
}

} // namespace pks::inline v0::proto::request_detail

namespace pks::inline v0::proto {

PKS_DECL request::request(std::string_view method, endpoint const& server, std::string_view target)
    : method_(method), target_(server.path())
{
    target_ += target;
    field("Host", server.authority());
}

PKS_DECL request& request::field(std::string_view name, std::string_view value)
{
    fields_.emplace_back(std::string(name), pks::detail::wiped_string(value));
    return *this;
}

PKS_DECL request& request::body(pks::detail::wiped_string text, std::string_view media_type)
{
    body_ = std::move(text);
    has_body_ = true;
    return field("Content-Type", media_type).field("Content-Length", std::to_string(body_.size()));
}

PKS_DECL request& request::confidential(secret text)
{
    if (text.reveal().size() >= request_detail::shortest_confidential)
        confidential_.push_back(std::move(text));
    return *this;
}

PKS_DECL boost::system::result<pks::detail::wiped_string> request::serialize(std::string* detail) const
{
    auto refuse = [detail](std::string_view what) {
        if (detail)
            *detail = what;
        return error_code(errc::forbidden_character);
    };
    if (method_.empty() || !request_detail::visible(method_, false))
        return refuse("request method");
    if (!target_.starts_with('/') || !request_detail::visible(target_, false))
        return refuse("request target");

    pks::detail::wiped_string out;
    std::size_t size = method_.size() + target_.size() + body_.size() + 16;
    for (auto const& [name, value] : fields_)
        size += name.size() + value.size() + 4;
    out.reserve(size);
    out.append(method_).append(" ").append(target_).append(" HTTP/1.1\r\n");
    for (auto const& [name, value] : fields_) {
        if (name.empty() || !request_detail::visible(name, false) || name.find(':') != name.npos)
            return refuse("request field name");
        if (!request_detail::visible(value, true))
            return refuse("request field " + name);
        out.append(name).append(": ").append(value).append("\r\n");
    }
    out += "\r\n";
    if (has_body_)
        out += body_;
    return out;
}

PKS_DECL std::string request::redact(std::string_view servers_text) const
{
    std::string out(servers_text);
    for (auto const& s : confidential_)
        for (auto at = out.find(s.reveal()); at != out.npos; at = out.find(s.reveal(), at + 1))
            out.replace(at, s.reveal().size(), request_detail::redacted);

    static constexpr std::size_t shortest_jwt = 40;
    for (auto at = out.find("eyJ"); at != out.npos; at = out.find("eyJ", at + 1)) {
        auto const begin = out.begin() + static_cast<std::ptrdiff_t>(at);
        auto const end = std::find_if_not(begin, out.end(), request_detail::jwt_character);
        if (static_cast<std::size_t>(end - begin) >= shortest_jwt)
            out.replace(begin, end, request_detail::redacted);
    }
    return out;
}

} // namespace pks::inline v0::proto
