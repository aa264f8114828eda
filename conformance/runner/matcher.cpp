// Does the library's request say what the recorded one says?
#include "runner/matcher.hpp"

#include <pks/proto/form.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace conform {

namespace {

std::string without_parameters(std::string_view media_type)
{
    auto text = media_type.substr(0, media_type.find(';'));
    while (text.ends_with(' '))
        text.remove_suffix(1);
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return out;
}

std::string described(std::vector<std::string_view> const& values, bool media_type)
{
    if (values.empty())
        return "nothing";
    std::string out;
    for (auto const value : values)
        out += (out.empty() ? "" : " | ") + (media_type ? without_parameters(value) : std::string(value));
    return out;
}

void compare_field(http_request const& recorded, http_request const& sent, std::string_view name, differences& out)
{
    bool const media_type = name == "Accept" || name == "Content-Type";
    auto const expected = described(field_values(recorded.fields, name), media_type);
    auto const seen = described(field_values(sent.fields, name), media_type);
    auto label = "request: " + std::string(name) + (media_type ? " media type" : "");
    if (expected != seen)
        out.push_back({std::move(label), shown(expected), shown(seen)});
}

void compare_forms(std::string_view recorded, std::string_view sent, differences& out)
{
    auto expected = pks::proto::parse_form(recorded);
    auto seen = pks::proto::parse_form(sent);
    std::sort(expected.begin(), expected.end());
    std::sort(seen.begin(), seen.end());
    std::vector<std::pair<std::string, std::string>> missing;
    std::vector<std::pair<std::string, std::string>> extra;
    std::set_difference(expected.begin(), expected.end(), seen.begin(), seen.end(), std::back_inserter(missing));
    std::set_difference(seen.begin(), seen.end(), expected.begin(), expected.end(), std::back_inserter(extra));
    for (auto const& [name, value] : missing) {
        auto const same_name =
            std::find_if(extra.begin(), extra.end(), [&n = name](auto const& field) { return field.first == n; });
        out.push_back({"request: form field " + name, shown(value),
            same_name == extra.end() ? "no such field" : shown(same_name->second)});
        if (same_name != extra.end())
            extra.erase(same_name);
    }
    for (auto const& [name, value] : extra)
        out.push_back({"request: form field " + name, "no such field", shown(value)});
}

void compare_bodies(http_request const& recorded, http_request const& sent, differences& out)
{
    auto const types = field_values(recorded.fields, "Content-Type");
    auto const type = types.empty() ? std::string() : without_parameters(types.front());
    if (type == "application/x-www-form-urlencoded") {
        compare_forms(recorded.body, sent.body, out);
        return;
    }
    if (type == "application/json") {
        boost::system::error_code bad_recorded;
        boost::system::error_code bad_sent;
        auto const expected = boost::json::parse(recorded.body, bad_recorded);
        auto const seen = boost::json::parse(sent.body, bad_sent);
        if (!bad_recorded && !bad_sent) {
            compare_json("request: body", expected, seen, out);
            return;
        }
    }
    if (recorded.body != sent.body)
        out.push_back({"request: body", shown(recorded.body), shown(sent.body)});
}

std::string_view take_until(std::string_view& text, std::string_view end)
{
    auto const n = std::min(text.find(end), text.size());
    auto const out = text.substr(0, n);
    text.remove_prefix(std::min(text.size(), n + end.size()));
    return out;
}

} // namespace

std::optional<http_request> parse_request(std::string_view octets)
{
    auto const end = octets.find("\r\n\r\n");
    if (end == octets.npos)
        return {};
    auto head = octets.substr(0, end);
    auto const body = octets.substr(end + 4);
    http_request out;
    auto line = take_until(head, "\r\n");
    out.method = take_until(line, " ");
    out.target = take_until(line, " ");
    out.version = line;
    while (!head.empty()) {
        auto field = take_until(head, "\r\n");
        auto const name = take_until(field, ":");
        while (field.starts_with(' '))
            field.remove_prefix(1);
        out.fields.emplace_back(name, field);
    }
    std::size_t length = 0;
    for (auto const value : field_values(out.fields, "Content-Length"))
        std::from_chars(value.data(), value.data() + value.size(), length);
    if (body.size() < length)
        return {};
    // More than announced belongs to no request: it stays in the body, where it shows.
    out.body = body;
    return out;
}

differences compare_requests(http_request const& recorded, http_request const& sent)
{
    differences out;
    if (recorded.method != sent.method)
        out.push_back({"request: method", recorded.method, sent.method});
    if (recorded.target != sent.target)
        out.push_back({"request: target", shown(recorded.target), shown(sent.target)});
    if (recorded.version != sent.version)
        out.push_back({"request: version", recorded.version, sent.version});
    for (auto const* const name :
        {"Host", "Authorization", "X-CF-ENCODED-CREDENTIALS", "If-None-Match", "Accept", "Content-Type"})
        compare_field(recorded, sent, name, out);
    compare_bodies(recorded, sent, out);
    return out;
}

} // namespace conform
