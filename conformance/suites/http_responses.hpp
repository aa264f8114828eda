// The corpus of HTTP responses: read in place, and played through the library's parser in every split and with every
// ending. Header-only, so that tests of both ways to build the library can use it.
#pragma once

#include "suites/read_suite.hpp"

#include <pks/proto/response_parser.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace suites {

/// What comes after the octets of the server.
enum class ending {
    open,  ///< nothing
    fin,   ///< an orderly end
    reset, ///< TCP's
};

/// What became of a response. The members after `ec` are those of an accepted one.
struct http_outcome
{
    std::string verdict; ///< accept, reject, incomplete
    pks::error_code ec{};
    int status = 0;
    std::string body{};
    std::int64_t interim_responses = 0;
    std::int64_t extra_bytes = 0;
    bool reusable = false;

    bool operator==(http_outcome const&) const = default;
};

struct http_case
{
    std::string id;
    std::string note; ///< the rule that the verdict rests on
    bool head_request = false;
    std::string raw;
    std::vector<ending> endings; ///< with which the verdict holds
    http_outcome expected;       ///< without `ec`
    bool reusable_matters = false;
};

/// Feeds `raw` in pieces of that size; the parser takes no more than the final response.
inline http_outcome play_response(std::string_view raw, std::size_t piece, ending end, bool head_request)
{
    http_outcome out;
    pks::proto::response_parser parser({}, head_request);
    auto rest = raw;
    while (!rest.empty() && !parser.done() && !out.ec) {
        auto const part = rest.substr(0, piece);
        rest.remove_prefix(parser.put({part.data(), part.size()}, out.ec));
    }
    if (!out.ec && !parser.done() && end == ending::fin)
        parser.put_eof(out.ec);

    if (out.ec || (end == ending::reset && !parser.done())) {
        out.verdict = "reject";
    } else if (!parser.done()) {
        out.verdict = "incomplete";
    } else {
        out.verdict = "accept";
        out.status = parser.get().status;
        out.body = parser.get().body;
        out.interim_responses = static_cast<std::int64_t>(parser.interim_responses());
        out.extra_bytes = static_cast<std::int64_t>(rest.size());
        out.reusable = parser.keep_alive() && rest.empty();
    }
    return out;
}

/// Of a response that is not accepted the verdict alone counts.
inline bool is_as_expected(http_outcome const& got, http_case const& c)
{
    auto const& aim = c.expected;
    if (got.verdict != aim.verdict || aim.verdict != "accept")
        return got.verdict == aim.verdict;
    return got.status == aim.status && got.body == aim.body && got.interim_responses == aim.interim_responses &&
        got.extra_bytes == aim.extra_bytes && (!c.reusable_matters || got.reusable == aim.reusable);
}

/// How a case was played, and what came of it.
struct http_difference
{
    std::size_t piece;
    ending end;
    http_outcome got;
};

/// Plays a case in one piece and in pieces of 1, 2, 7 and 1460 octets, which must make no difference at all; the first
/// play that is not as expected, if any. Counts into `plays`.
inline std::optional<http_difference> judge(http_case const& c, std::size_t& plays)
{
    for (auto const end : c.endings) {
        auto const whole = play_response(c.raw, c.raw.size(), end, c.head_request);
        ++plays;
        if (!is_as_expected(whole, c))
            return http_difference{c.raw.size(), end, whole};
        for (std::size_t const piece : {1U, 2U, 7U, 1460U}) {
            auto got = play_response(c.raw, piece, end, c.head_request);
            ++plays;
            if (got != whole)
                return http_difference{piece, end, std::move(got)};
        }
    }
    return std::nullopt;
}

namespace detail {

inline std::string from_base64(std::string_view text)
{
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int filled = 0;
    for (char const c : text) {
        if (c == '=')
            break;
        auto const value = alphabet.find(c);
        if (value == alphabet.npos)
            throw suite_error("not base64: " + std::string(text.substr(0, 40)));
        bits = bits << 6 | static_cast<unsigned>(value);
        filled += 6;
        if (filled >= 8) {
            filled -= 8;
            out += static_cast<char>(bits >> filled & 0xff);
        }
    }
    return out;
}

inline http_case read_http_case(boost::json::object const& o)
{
    auto const text = [&o](std::string_view name) {
        auto const* const value = o.if_contains(name);
        return value ? std::string(value->as_string()) : std::string();
    };
    auto const number = [&o](std::string_view name) {
        auto const* const value = o.if_contains(name);
        return value ? value->to_number<std::int64_t>() : 0;
    };
    http_case out;
    out.id = std::string(o.at("id").as_string());
    out.note = text("rule");
    out.head_request = text("request_method") == "HEAD";
    out.raw = from_base64(o.at("raw_base64").as_string());
    auto const& connection = o.at("connection").as_string();
    if (connection != "close" && connection != "keep")
        throw suite_error(out.id + ": the connection neither closes nor stays open");
    if (o.at("eof_matters").as_bool())
        out.endings = {connection == "close" ? ending::fin : ending::open};
    else
        out.endings = {ending::open, ending::fin, ending::reset};
    out.expected.verdict = std::string(o.at("expect").as_string());
    if (out.expected.verdict != "accept" && out.expected.verdict != "reject" && out.expected.verdict != "incomplete")
        throw suite_error(out.id + ": there is no verdict " + out.expected.verdict);
    out.expected.status = static_cast<int>(number("status"));
    out.expected.body = from_base64(text("body_base64"));
    out.expected.interim_responses = number("interim_responses");
    out.expected.extra_bytes = number("extra_bytes");
    if (auto const* const reusable = o.if_contains("reusable")) {
        out.reusable_matters = true;
        out.expected.reusable = reusable->as_bool();
    }
    return out;
}

} // namespace detail

/// The cases in the corpus' order. `folder` is `suites` of the shared folder. Throws suite_error.
inline std::vector<http_case> read_http_responses(std::filesystem::path const& folder)
{
    auto const corpus = read_json(folder / "http" / "http-response-corpus.json");
    std::vector<http_case> out;
    try {
        for (auto const& value : corpus.at("cases").as_array())
            out.push_back(detail::read_http_case(value.as_object()));
    } catch (suite_error const&) {
        throw;
    } catch (std::exception const& failure) {
        throw suite_error(std::string("suite http: ") + failure.what());
    }
    return out;
}

} // namespace suites
