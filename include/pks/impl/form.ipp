// Bodies of proto/form.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/proto/form.hpp>

#include <algorithm>

namespace pks::inline v0::proto::form_detail {

inline constexpr bool unreserved(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '*' || c == '-' ||
        c == '.' || c == '_';
}

template <class String>
void append(String& out, std::string_view text)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    for (char const c : text) {
        auto const u = static_cast<unsigned char>(c);
        if (unreserved(c)) {
            out += c;
        } else if (c == ' ') {
            out += '+';
        } else {
            out += '%';
            out += digits[u >> 4];
            out += digits[u & 15];
        }
    }
}

inline constexpr int hex_value(char c) noexcept
{
    return c >= '0' && c <= '9' ? c - '0'
        : c >= 'a' && c <= 'f'  ? c - 'a' + 10
        : c >= 'A' && c <= 'F'  ? c - 'A' + 10
                                : -1;
}

} // namespace pks::inline v0::proto::form_detail

namespace pks::inline v0::proto {

PKS_DECL void append_form_encoded(std::string& out, std::string_view text)
{
    form_detail::append(out, text);
}

PKS_DECL void append_form_encoded(pks::detail::wiped_string& out, std::string_view text)
{
    form_detail::append(out, text);
}

PKS_DECL bool form_encodes_to_itself(std::string_view text) noexcept
{
    return pks::detail::all_are(form_detail::unreserved, text);
}

PKS_DECL void append_form_field(pks::detail::wiped_string& out, std::string_view name, std::string_view value)
{
    if (!out.empty())
        out += '&';
    append_form_encoded(out, name);
    out += '=';
    append_form_encoded(out, value);
}

PKS_DECL std::optional<std::string> form_decode(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] == '%') {
            int const high = i + 1 < text.size() ? form_detail::hex_value(text[i + 1]) : -1;
            int const low = i + 2 < text.size() ? form_detail::hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return {};
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

PKS_DECL std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text)
{
    std::vector<std::pair<std::string, std::string>> out;
    while (!text.empty()) {
        auto const field = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), field.size() + 1));
        if (field.empty())
            continue;
        auto const equals = field.find('=');
        auto name = form_decode(field.substr(0, equals));
        auto value = form_decode(equals == field.npos ? std::string_view() : field.substr(equals + 1));
        if (name && value)
            out.emplace_back(std::move(*name), std::move(*value));
    }
    return out;
}

} // namespace pks::inline v0::proto
