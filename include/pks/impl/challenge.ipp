// Bodies of proto/challenge.hpp.
#pragma once

#include <pks/proto/challenge.hpp>
#include <pks/proto/http_grammar.hpp>

#include <algorithm>

namespace pks::inline v0::proto::challenge_detail {

inline std::string_view take_token(std::string_view& text) noexcept
{
    auto const before = text;
    http_grammar::skip_token(text);
    return before.substr(0, before.size() - text.size());
}

// Credentials without a name, as Negotiate has them. `error=` alone is one, too, and `error=x` is none.
inline bool skip_token68(std::string_view& text) noexcept
{
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
    auto rest = text;
    rest.remove_prefix(std::min(rest.find_first_not_of(allowed), rest.size()));
    if (rest.size() == text.size())
        return false;
    rest.remove_prefix(std::min(rest.find_first_not_of('='), rest.size()));
    http_grammar::skip_spaces(rest);
    if (!rest.empty() && rest.front() != ',')
        return false;
    text = rest;
    return true;
}

inline std::optional<std::string> take_value(std::string_view& text)
{
    auto const before = text;
    if (!text.starts_with('"')) {
        auto const token = take_token(text);
        return token.empty() ? std::nullopt : std::optional<std::string>(token);
    }
    if (!http_grammar::skip_quoted_string(text))
        return std::nullopt;
    std::string out;
    for (auto inside = before.substr(1, before.size() - text.size() - 2); !inside.empty(); inside.remove_prefix(1)) {
        http_grammar::skip_char(inside, '\\');
        out += inside.front();
    }
    return out;
}

} // namespace pks::inline v0::proto::challenge_detail

namespace pks::inline v0::proto {

PKS_DECL std::optional<std::string> challenge_parameter(
    std::string_view field, std::string_view scheme, std::string_view name)
{
    using namespace challenge_detail;
    bool wanted = false;
    while (true) {
        // Elements of a list may be empty.
        do
            http_grammar::skip_spaces(field);
        while (http_grammar::skip_char(field, ','));
        auto const word = take_token(field);
        if (word.empty())
            return std::nullopt;
        http_grammar::skip_spaces(field);
        if (!http_grammar::skip_char(field, '=')) {
            // No parameters come after such credentials.
            wanted = !skip_token68(field) && http_grammar::same_text(word, scheme);
            continue;
        }
        http_grammar::skip_spaces(field);
        auto value = take_value(field);
        if (!value)
            return std::nullopt;
        if (wanted && http_grammar::same_text(word, name))
            return value;
        http_grammar::skip_spaces(field);
        if (!field.empty() && field.front() != ',')
            return std::nullopt;
    }
}

} // namespace pks::inline v0::proto
