// Reads HAR files.
#include "recording.hpp"

#include <pks/jose/base64url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>

namespace testing_recorded {

namespace {

namespace json = boost::json;

std::string text(json::object const& from, char const* name)
{
    auto const* const value = from.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

pks::testing::header_fields fields_of(json::value const& headers)
{
    pks::testing::header_fields out;
    for (auto const& h : headers.as_array())
        out.emplace_back(text(h.as_object(), "name"), text(h.as_object(), "value"));
    return out;
}

std::string decoded(std::string content, bool base64)
{
    if (!base64)
        return content;
    for (char& c : content)
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    while (!content.empty() && content.back() == '=')
        content.pop_back();
    return pks::jose::base64url_decode(content).value_or("");
}

// `2026-01-15T12:00:00.000Z`
std::int64_t seconds_of(std::string const& iso)
{
    std::tm tm{};
    std::istringstream in(iso);
    in >> std::get_time(&tm, "%Y-%m-%dT%H:%M:%S");
    return timegm(&tm);
}

exchange read_entry(json::object const& entry, std::string const& prefix)
{
    auto const& sent = entry.at("request").as_object();
    auto const& got = entry.at("response").as_object();
    exchange out;
    out.id = prefix + text(entry, "_id");
    out.forged = text(entry, "_forged");
    out.configuration = text(entry, "_configuration");
    out.time = entry.contains("_clock") ? entry.at("_clock").at("epoch").to_number<std::int64_t>()
                                        : seconds_of(text(entry, "startedDateTime"));

    auto const url = text(sent, "url");
    auto const authority = url.find("://") + 3;
    auto const path = std::min(url.find('/', authority), url.size());
    out.to_api = url.substr(authority, path - authority).ends_with(":9021");
    out.request.method = text(sent, "method");
    out.request.target = sent.contains("_target") ? text(sent, "_target") : url.substr(path);
    out.request.fields = fields_of(sent.at("headers"));
    out.request.http_1_0 = text(sent, "httpVersion") == "HTTP/1.0";
    out.request.secure = url.starts_with("https:");
    if (auto const* const data = sent.if_contains("postData"))
        out.request.body = decoded(text(data->as_object(), "text"), text(data->as_object(), "_encoding") == "base64");

    out.status = got.at("status").to_number<int>();
    out.fields = fields_of(got.at("headers"));
    auto const& content = got.at("content").as_object();
    out.body = decoded(text(content, "text"), text(content, "encoding") == "base64");
    out.live = got.contains("_framing");
    out.framing = text(got, "_framing");
    if (auto const* const chunks = got.if_contains("_chunks"); chunks && chunks->is_array())
        out.chunks = chunks->get_array().size();
    out.closed = got.contains("_connectionClosed") && got.at("_connectionClosed").as_bool();
    return out;
}

} // namespace

std::string const* exchange::field(std::string const& name) const
{
    auto const at = std::find_if(fields.begin(), fields.end(), [&](auto const& f) { return f.first == name; });
    return at == fields.end() ? nullptr : &at->second;
}

std::optional<std::vector<exchange>> load(std::string const& path, std::string const& prefix)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return std::nullopt;
    std::string const content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    auto const document = json::parse(content);
    std::vector<exchange> out;
    for (auto const& entry : document.at("log").at("entries").as_array())
        out.push_back(read_entry(entry.as_object(), prefix));
    return out;
}

} // namespace testing_recorded
