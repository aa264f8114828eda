// Recorded exchanges, out of HAR 1.2 files.
#include "runner/har.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iomanip>
#include <sstream>

namespace conform {

namespace {

namespace json = boost::json;

std::string_view text(json::object const& object, std::string_view name)
{
    auto const* const value = object.if_contains(name);
    if (!value || !value->is_string())
        throw environment_error("a recorded entry has no text " + std::string(name));
    return {value->get_string().data(), value->get_string().size()};
}

std::string_view text_or_nothing(json::object const& object, std::string_view name)
{
    return object.contains(name) ? text(object, name) : std::string_view();
}

json::object const& object_member(json::object const& object, std::string_view name)
{
    auto const* const value = object.if_contains(name);
    if (!value || !value->is_object())
        throw environment_error("a recorded entry has no object " + std::string(name));
    return value->get_object();
}

header_fields read_fields(json::object const& message)
{
    header_fields out;
    auto const* const fields = message.if_contains("headers");
    if (!fields || !fields->is_array())
        throw environment_error("a recorded message has no headers");
    for (auto const& field : fields->get_array()) {
        if (!field.is_object())
            throw environment_error("a recorded header is no object");
        out.emplace_back(text(field.get_object(), "name"), text(field.get_object(), "value"));
    }
    return out;
}

// Padded base64 as HAR has it.
std::string from_base64(std::string_view text)
{
    std::string out(text.size() / 4 * 3 + 3, '\0');
    int const n = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
        reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()));
    if (n < 0)
        throw environment_error("a recorded body is not base64");
    // The decoder counts the padding as octets.
    auto const padding = text.ends_with("==") ? 2u : text.ends_with("=") ? 1u : 0u;
    out.resize(static_cast<std::size_t>(n) - padding);
    return out;
}

std::string decoded(json::object const& object, std::string_view encoding)
{
    auto const body = text_or_nothing(object, "text");
    return text_or_nothing(object, encoding) == "base64" ? from_base64(body) : std::string(body);
}

std::string target_of(json::object const& request)
{
    if (request.contains("_target"))
        return std::string(text(request, "_target"));
    auto const url = text(request, "url");
    auto const authority = url.find("//");
    auto const path = authority == url.npos ? url.npos : url.find('/', authority + 2);
    return path == url.npos ? "/" : std::string(url.substr(path));
}

http_request read_request(json::object const& request)
{
    http_request out;
    out.method = text(request, "method");
    out.target = target_of(request);
    out.version = text(request, "httpVersion");
    out.fields = read_fields(request);
    if (auto const* const posted = request.if_contains("postData"); posted && posted->is_object())
        out.body = decoded(posted->get_object(), "_encoding");
    return out;
}

std::string hexadecimal(std::uint64_t number)
{
    std::array<char, 16> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return {digits.data(), end};
}

// Sizes are taken as they stand: a recording whose sizes are wrong must look wrong to who reads it.
std::string in_chunks(std::string_view body, json::array const& sizes)
{
    std::string out;
    for (auto const& size : sizes) {
        auto const n = json::value_to<std::uint64_t>(size);
        auto const chunk = body.substr(0, static_cast<std::size_t>(n));
        body.remove_prefix(chunk.size());
        out.append(hexadecimal(n)).append("\r\n").append(chunk).append("\r\n");
    }
    return out.append("0\r\n\r\n");
}

std::string status_line(json::object const& response)
{
    if (response.contains("_statusLine"))
        return std::string(text(response, "_statusLine"));
    auto const* const status = response.if_contains("status");
    if (!status || !status->is_int64())
        throw environment_error("a recorded reply has no status");
    return std::string(text(response, "httpVersion")) + " " + std::to_string(status->get_int64()) + " " +
        std::string(text(response, "statusText"));
}

std::string read_reply(json::object const& response, bool to_head)
{
    std::string out = status_line(response) + "\r\n";
    for (auto const& [name, value] : read_fields(response))
        out.append(name).append(": ").append(value).append("\r\n");
    out += "\r\n";
    if (to_head)
        return out;
    auto const body = decoded(object_member(response, "content"), "encoding");
    auto const* const chunks = response.if_contains("_chunks");
    return out + (chunks && chunks->is_array() ? in_chunks(body, chunks->get_array()) : body);
}

std::chrono::system_clock::time_point read_clock(json::object const& entry)
{
    if (auto const* const clock = entry.if_contains("_clock"); clock && clock->is_object())
        if (auto const* const epoch = clock->get_object().if_contains("epoch"))
            return std::chrono::system_clock::time_point(std::chrono::seconds(json::value_to<std::int64_t>(*epoch)));
    std::istringstream started{std::string(text(entry, "startedDateTime"))};
    std::tm calendar{};
    started >> std::get_time(&calendar, "%Y-%m-%dT%H:%M:%S");
    if (!started)
        throw environment_error("startedDateTime of a recorded entry cannot be read");
    using namespace std::chrono;
    auto const day = sys_days(year(calendar.tm_year + 1900) / (calendar.tm_mon + 1) / calendar.tm_mday);
    return day + hours(calendar.tm_hour) + minutes(calendar.tm_min) + seconds(calendar.tm_sec);
}

bool equal_names(std::string_view a, std::string_view b) noexcept
{
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [lower](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

std::vector<std::string_view> field_values(header_fields const& fields, std::string_view name)
{
    std::vector<std::string_view> out;
    for (auto const& [key, value] : fields)
        if (equal_names(key, name))
            out.push_back(value);
    return out;
}

exchange read_entry(json::object const& entry)
{
    exchange out;
    out.id = text(entry, "_id");
    try {
        out.request = read_request(object_member(entry, "request"));
        out.reply = read_reply(object_member(entry, "response"), out.request.method == "HEAD");
        out.clock = read_clock(entry);
    } catch (std::exception const& failure) {
        throw environment_error(out.id + ": " + failure.what());
    }
    return out;
}

json::value read_json_file(std::filesystem::path const& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream all;
    if (!in || !(all << in.rdbuf()))
        throw environment_error("cannot read " + file.string());
    boost::system::error_code ec;
    auto parsed = json::parse(all.str(), ec);
    if (ec)
        throw environment_error(file.string() + " is not JSON: " + ec.message());
    return parsed;
}

std::vector<recording> read_recordings(std::filesystem::path const& folder)
{
    std::error_code ec;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::recursive_directory_iterator next(folder, ec), end; !ec && next != end; next.increment(ec))
        if (next->path().extension() == ".har")
            files.push_back(next->path());
    if (ec)
        throw environment_error("cannot read the recordings in " + folder.string() + ": " + ec.message());
    if (files.empty())
        throw environment_error("no recordings in " + folder.string());
    std::sort(files.begin(), files.end());

    std::vector<recording> out;
    for (auto const& file : files) {
        auto const document = read_json_file(file);
        auto const* const log = document.is_object() ? document.get_object().if_contains("log") : nullptr;
        auto const* const entries = log && log->is_object() ? log->get_object().if_contains("entries") : nullptr;
        if (!entries || !entries->is_array())
            throw environment_error(file.string() + " is no HAR file");
        auto name = file.lexically_relative(folder).replace_extension().generic_string();
        out.push_back({std::move(name), entries->get_array()});
    }
    return out;
}

} // namespace conform
