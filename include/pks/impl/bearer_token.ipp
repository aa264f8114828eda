// Bodies of policy/bearer_token.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/policy/bearer_errc.hpp>
#include <pks/policy/bearer_token.hpp>
#include <pks/proto/form.hpp>
#include <pks/proto/http_grammar.hpp>

#include <algorithm>
#include <cstddef>

namespace pks::inline v0::policy {

namespace bearer_token_detail {

inline bool names_a_token(std::string_view fields)
{
    while (!fields.empty()) {
        auto const end = std::min(fields.find('&'), fields.size());
        auto const field = fields.substr(0, end);
        fields.remove_prefix(std::min(end + 1, fields.size()));
        auto const name = proto::form_decode(field.substr(0, std::min(field.find('='), field.size())));
        if (name == "access_token")
            return true;
    }
    return false;
}

constexpr bool in_token(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || pks::detail::is_digit(c) || c == '-' || c == '.' ||
        c == '_' || c == '~' || c == '+' || c == '/';
}

// b64token of RFC 6750 §2.1
constexpr bool is_token(std::string_view text) noexcept
{
    std::size_t size = text.size();
    while (size != 0 && text[size - 1] == '=')
        --size;
    return size != 0 && pks::detail::all_are(in_token, text.substr(0, size));
}

} // namespace bearer_token_detail

PKS_DECL result<std::string_view> bearer_token(bearer_request const& request)
{
    using proto::http_grammar::same_text;
    auto const query = request.target.substr(std::min(request.target.find('?'), request.target.size()));
    if (!query.empty() && bearer_token_detail::names_a_token(query.substr(1)))
        return bearer_errc::token_in_target;
    if (bearer_token_detail::names_a_token(request.form))
        return bearer_errc::token_in_form;
    if (request.authorization.empty())
        return bearer_errc::no_token;
    if (request.authorization.size() > 1)
        return bearer_errc::several_tokens;
    auto text = request.authorization.front();
    auto const scheme = text.substr(0, std::min(text.find(' '), text.size()));
    if (!same_text(scheme, "Bearer"))
        return bearer_errc::no_token;
    text.remove_prefix(scheme.size());
    while (text.starts_with(' '))
        text.remove_prefix(1);
    if (!bearer_token_detail::is_token(text))
        return bearer_errc::malformed_authorization;
    return text;
}

} // namespace pks::inline v0::policy
