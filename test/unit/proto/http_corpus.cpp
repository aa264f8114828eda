// The response parser against the corpus of HTTP responses, which is read in place and may be absent.
#include <pks/proto/response_parser.hpp>

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#ifndef PKS_SHARED_DIR
#define PKS_SHARED_DIR ""
#endif

namespace {

namespace json = boost::json;
using pks::proto::response_parser;

enum class ending { open, fin, reset };

struct outcome
{
    std::string verdict;
    int status = 0;
    std::string body;
    std::int64_t interim_responses = 0;
    std::int64_t extra_bytes = 0;
    bool reusable = false;
    pks::error_code ec;

    bool operator==(outcome const&) const = default;
};

std::string from_base64(std::string_view text)
{
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int filled = 0;
    for (char c : text) {
        if (c == '=')
            break;
        bits = bits << 6 | static_cast<unsigned>(alphabet.find(c));
        filled += 6;
        if (filled >= 8) {
            filled -= 8;
            out += static_cast<char>(bits >> filled & 0xff);
        }
    }
    return out;
}

std::string_view text_or(json::object const& o, std::string_view name, std::string_view fallback)
{
    auto const* v = o.if_contains(name);
    return v ? std::string_view(v->as_string()) : fallback;
}

std::int64_t number_or_zero(json::object const& o, std::string_view name)
{
    auto const* v = o.if_contains(name);
    return v ? v->to_number<std::int64_t>() : 0;
}

outcome play(std::string_view raw, std::size_t piece, ending end, bool head_request)
{
    outcome result;
    response_parser parser({}, head_request);
    auto rest = raw;
    while (!rest.empty() && !parser.done() && !result.ec) {
        auto const part = rest.substr(0, piece);
        rest.remove_prefix(parser.put({part.data(), part.size()}, result.ec));
    }
    if (!result.ec && !parser.done() && end == ending::fin)
        parser.put_eof(result.ec);

    if (result.ec || (end == ending::reset && !parser.done())) {
        result.verdict = "reject";
    } else if (!parser.done()) {
        result.verdict = "incomplete";
    } else {
        result.verdict = "accept";
        result.status = parser.get().status;
        result.body = parser.get().body;
        result.interim_responses = static_cast<std::int64_t>(parser.interim_responses());
        result.extra_bytes = static_cast<std::int64_t>(rest.size());
        result.reusable = parser.keep_alive() && rest.empty();
    }
    return result;
}

// Where the corpus says nothing of reusable, the connection is closed or the answer is not accepted.
bool as_expected(outcome const& got, json::object const& c)
{
    if (got.verdict != text_or(c, "expect", ""))
        return false;
    if (got.verdict != "accept")
        return true;
    auto const* reusable = c.if_contains("reusable");
    return got.status == number_or_zero(c, "status") && got.body == from_base64(text_or(c, "body_base64", "")) &&
        got.interim_responses == number_or_zero(c, "interim_responses") &&
        got.extra_bytes == number_or_zero(c, "extra_bytes") && (!reusable || got.reusable == reusable->as_bool());
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_http_corpus)

BOOST_AUTO_TEST_CASE(every_case_in_every_split_and_ending)
{
    std::ifstream file(PKS_SHARED_DIR "/suites/http/http-response-corpus.json", std::ios::binary);
    if (!file) {
        std::cout << "skipped: http corpus (no ../shared)\n";
        BOOST_TEST_MESSAGE("skipped: http corpus (no ../shared)");
        return;
    }
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    auto const corpus = json::parse(text);
    std::size_t cases = 0, right = 0;

    for (auto const& value : corpus.at("cases").as_array()) {
        auto const& c = value.as_object();
        auto const raw = from_base64(text_or(c, "raw_base64", ""));
        auto const head_request = text_or(c, "request_method", "GET") == "HEAD";
        auto const closes = text_or(c, "connection", "") == "close";
        auto endings = std::vector<ending>{ending::open, ending::fin, ending::reset};
        if (c.at("eof_matters").as_bool())
            endings = {closes ? ending::fin : ending::open};

        bool good = true;
        for (auto end : endings) {
            auto const whole = play(raw, raw.size(), end, head_request);
            good = good && as_expected(whole, c);
            for (std::size_t piece : {1u, 2u, 7u, 1460u})
                good = good && play(raw, piece, end, head_request) == whole;
        }
        BOOST_TEST(good, text_or(c, "id", ""));
        ++cases;
        right += good;
    }
    BOOST_TEST_MESSAGE("http corpus: " << right << " of " << cases);
    BOOST_TEST(cases >= 311u);
}

BOOST_AUTO_TEST_SUITE_END()
