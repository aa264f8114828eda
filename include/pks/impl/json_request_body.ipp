// Bodies of proto/json_request_body.hpp.
#pragma once

#include <pks/detail/json_text.hpp>
#include <pks/detail/printable.hpp>
#include <pks/proto/json_request_body.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace pks::inline v0::proto::json_request_body_detail {

// What may have several lines.
inline bool has_lines(std::string_view member) noexcept
{
    return member == "ca_cert" || member == "certificate" || member == "private_key" || member == "compute_profile" ||
        member == "nsxt_network_profile";
}

inline bool is_confidential(std::string_view member, std::string_view text) noexcept
{
    // A proxy's URL may hold a password.
    bool const userinfo = member == "url" && text.find('@') != text.npos;
    return userinfo || member == "password" || member == "private_key" || member == "domain_user_password";
}

inline bool may_be_sent(std::string_view text, bool lines) noexcept
{
    while (lines && !text.empty()) {
        auto const end = text.find_first_of("\t\r\n");
        if (end == text.npos)
            break;
        if (!pks::detail::is_printable(text.substr(0, end)))
            return false;
        text.remove_prefix(end + 1);
    }
    return pks::detail::is_printable(text);
}

inline std::string_view view(boost::json::string const& text) noexcept
{
    return {text.data(), text.size()};
}

inline std::string first_bad(boost::json::object const& object, std::string const& path);

// The path of the first text that may not be sent; empty where all may.
inline std::string first_bad(boost::json::value const& value, std::string_view member, std::string const& path)
{
    if (auto const* const text = value.if_string())
        return may_be_sent(view(*text), has_lines(member)) ? std::string() : path;
    if (auto const* const array = value.if_array()) {
        for (auto const& element : *array)
            if (auto bad = first_bad(element, member, path); !bad.empty())
                return bad;
    } else if (auto const* const object = value.if_object()) {
        return first_bad(*object, path + '.');
    }
    return {};
}

inline std::string first_bad(boost::json::object const& object, std::string const& path)
{
    for (auto const& member : object) {
        std::string_view const name(member.key().data(), member.key().size());
        auto bad = pks::detail::is_printable(name) ? first_bad(member.value(), name, path + std::string(name))
                                                   : path + "member name";
        if (!bad.empty())
            return bad;
    }
    return {};
}

inline void mark_confidential(request& out, boost::json::object const& object);

inline void mark_confidential(request& out, boost::json::value const& value, std::string_view member)
{
    if (auto const* const text = value.if_string()) {
        if (is_confidential(member, view(*text)))
            out.confidential(secret(view(*text)));
    } else if (auto const* const array = value.if_array()) {
        for (auto const& element : *array)
            mark_confidential(out, element, member);
    } else if (auto const* const object = value.if_object()) {
        mark_confidential(out, *object);
    }
}

inline void mark_confidential(request& out, boost::json::object const& object)
{
    for (auto const& member : object)
        mark_confidential(out, member.value(), std::string_view(member.key().data(), member.key().size()));
}

} // namespace pks::inline v0::proto::json_request_body_detail

namespace pks::inline v0::proto {

PKS_DECL error_code check_json_texts(boost::json::object const& body, diagnostics& diag)
{
    auto bad = json_request_body_detail::first_bad(body, {});
    if (bad.empty())
        return {};
    diag.detail = std::move(bad);
    return errc::forbidden_character;
}

PKS_DECL void set_json_body(request& out, boost::json::object const& body)
{
    json_request_body_detail::mark_confidential(out, body);
    out.body(pks::detail::json_text(body), "application/json");
}

} // namespace pks::inline v0::proto
