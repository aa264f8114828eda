// Reads the members of a JSON line.
#include "runner/line_members.hpp"

#include <pks/jose/base64url.hpp>

#include <utility>

namespace conform {

using pks::jose::json_value;

namespace {

std::optional<int> hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return std::nullopt;
}

std::optional<std::string> from_hex(std::string_view text)
{
    if (text.size() % 2 != 0)
        return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i != text.size(); i += 2) {
        auto const high = hex_digit(text[i]);
        auto const low = hex_digit(text[i + 1]);
        if (!high || !low)
            return std::nullopt;
        out += static_cast<char>(*high << 4 | *low);
    }
    return out;
}

} // namespace

std::string_view text_member(json_value line, std::string_view name)
{
    auto const out = line[name].if_string();
    if (!out)
        throw line_error("no string " + std::string(name));
    return *out;
}

std::string text_member_or(json_value line, std::string_view name, std::string_view fallback)
{
    return std::string(line[name].exists() ? text_member(line, name) : fallback);
}

std::vector<std::string> text_list(json_value line, std::string_view name)
{
    std::vector<std::string> out;
    auto const list = line[name];
    if (list.exists() && list.type() != pks::jose::json_type::array)
        throw line_error(std::string(name) + " is no array");
    for (auto const element : list.elements()) {
        auto const text = element.if_string();
        if (!text)
            throw line_error(std::string(name) + " holds something else than strings");
        out.emplace_back(*text);
    }
    return out;
}

std::optional<std::int64_t> number_member(json_value line, std::string_view name)
{
    auto const member = line[name];
    if (member.exists() && !member.if_int64())
        throw line_error(std::string(name) + " is no integer");
    return member.if_int64();
}

bool flag_member(json_value line, std::string_view name)
{
    auto const member = line[name];
    if (member.exists() && !member.if_boolean())
        throw line_error(std::string(name) + " is no boolean");
    return member.if_boolean().value_or(false);
}

std::string binary_member(json_value line, std::string_view name)
{
    auto const encoding = text_member(line, "encoding");
    if (encoding != "hex" && encoding != "base64url")
        throw line_error("encoding is neither hex nor base64url");
    auto const text = text_member(line, name);
    auto out = encoding == "hex" ? from_hex(text) : pks::jose::base64url_decode(text);
    if (!out)
        throw line_error(std::string(name) + " is not " + std::string(encoding));
    return std::move(*out);
}

} // namespace conform
