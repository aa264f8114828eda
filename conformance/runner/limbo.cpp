// x509-limbo: chains that a client must take or refuse.
#include "runner/limbo.hpp"
#include "runner/error_name.hpp"
#include "runner/line_members.hpp"
#include "suites/read_suite.hpp"

#include <pks/jose/json_document.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <charconv>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace conform {

namespace {

using pks::jose::json_value;

// As labelled, of the 135 of the list's suite.
constexpr std::size_t goal = 116;

bool is_null(json_value value)
{
    return !value.exists() || value.type() == pks::jose::json_type::null;
}

int digits(std::string_view text, std::size_t at, std::size_t count)
{
    int out = 0;
    auto const part = text.substr(at, count);
    auto const [end, ec] = std::from_chars(part.data(), part.data() + part.size(), out);
    if (ec != std::errc() || end != part.data() + part.size())
        throw line_error("validation_time is not of RFC 3339, in UTC");
    return out;
}

// 2022-01-01T00:00:00+00:00
std::chrono::sys_seconds read_time(std::string_view text)
{
    if (text.size() < 20 || (text.substr(19) != "+00:00" && text.substr(19) != "Z"))
        throw line_error("validation_time is not of RFC 3339, in UTC");
    auto const day = std::chrono::year(digits(text, 0, 4)) / digits(text, 5, 2) / digits(text, 8, 2);
    return std::chrono::sys_days(day) + std::chrono::hours(digits(text, 11, 2)) +
        std::chrono::minutes(digits(text, 14, 2)) + std::chrono::seconds(digits(text, 17, 2));
}

// Reasons by id. Our contexts always ask for the purpose of a server.
std::map<std::string, std::string> read_known_divergences(std::filesystem::path const& file)
{
    std::map<std::string, std::string> out;
    auto const list = suites::read_json(file);
    auto const add = [&out](boost::json::value const& entries) {
        for (auto const& entry : entries.as_array())
            out.emplace(entry.at("id").as_string(), entry.at("reason").as_string());
    };
    add(list.at("divergences"));
    add(list.at("with_purpose_always_on").at("additional"));
    return out;
}

std::string text_of(chain_verdict const& got)
{
    return got.ec ? "refused, " + name_of(got.ec) + ": " + got.detail : "accepted";
}

} // namespace

chain_question read_limbo_case(json_value test)
{
    chain_question out;
    if (text_member(test, "validation_kind") != "SERVER")
        throw line_error("validation_kind is not SERVER");
    out.leaf = std::string(text_member(test, "peer_certificate"));
    out.intermediates = text_list(test, "untrusted_intermediates");
    out.trusted = text_list(test, "trusted_certs");
    auto const name = test["expected_peer_name"];
    if (is_null(name))
        throw line_error("no expected_peer_name");
    out.host = std::string(text_member(name, "value"));
    if (!is_null(test["validation_time"]))
        out.at = read_time(text_member(test, "validation_time"));
    if (!is_null(test["max_chain_depth"]))
        out.most_intermediates = static_cast<int>(*number_member(test, "max_chain_depth"));
    return out;
}

std::string run_limbo(std::filesystem::path const& folder, suite_tally& tally)
{
    auto const files = folder / "tls";
    auto const suite = suites::read_json(files / "x509-limbo-2023-12.json");
    auto const known = read_known_divergences(files / "x509-limbo-known-divergences.json");
    std::size_t labelled = 0, listed = 0, judged = 0;
    auto const& tests = suite.at("testcases").as_array();
    for (auto const& test : tests) {
        std::string const id(test.at("id").as_string());
        if (!tally.wants(id))
            continue;
        ++judged;
        auto const text = boost::json::serialize(test);
        pks::jose::json_document document;
        if (document.parse(text))
            throw suites::suite_error("limbo: " + id + " is no strict JSON");
        std::string_view const label = test.at("expected_result").as_string();
        if (label != "SUCCESS" && label != "FAILURE")
            throw suites::suite_error("limbo: " + id + " has neither label");
        auto const got = verify_chain(read_limbo_case(document.root()));
        bool const as_labelled = (label == "SUCCESS") == !got.ec;
        labelled += as_labelled;
        if (as_labelled) {
            tally.hold();
        } else if (auto const found = known.find(id); found != known.end()) {
            ++listed;
            tally.differ_as_known(id, text_of(got) + ": " + found->second);
        } else {
            tally.fail(id, {"x509-limbo", "verdict", label == "SUCCESS" ? "accepted" : "refused", text_of(got)});
        }
    }
    if (judged == tests.size() && labelled < goal)
        tally.fail("*", {"all cases", "as labelled", std::to_string(goal), std::to_string(labelled)});
    return std::to_string(labelled) + " as labelled, " + std::to_string(listed) + " of the known divergences";
}

} // namespace conform
