// Runs a suite of ../shared/suites, and says where the library differs from the verdicts aimed at.
#include "runner/suite_verb.hpp"
#include "runner/error_name.hpp"
#include "runner/fault_cases.hpp"
#include "runner/limbo.hpp"
#include "runner/retry_cases.hpp"
#include "runner/suite_tally.hpp"
#include "runner/tls_suite.hpp"
#include "suites/http_responses.hpp"
#include "suites/judge.hpp"
#include "suites/read_suite.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace conform {

namespace {

using suites::aim;

std::string text_of(aim expected)
{
    switch (expected) {
    case aim::accept:
        return "accepted";
    case aim::refuse:
        return "refused";
    case aim::refuse_as_not_compact:
        return "refused, pks.jose:not_compact";
    case aim::either:
        return "either";
    }
    return {};
}

std::string text_of(pks::error_code got)
{
    return got ? "refused, " + name_of(got) : "accepted";
}

// Tokens, keys and JSON texts: each case is one value.
std::string run_values(std::string_view name, std::filesystem::path const& folder, suite_tally& tally)
{
    std::map<aim, std::size_t> aims;
    for (auto const& c : suites::read_suite(name, folder)) {
        if (!tally.wants(c.id))
            continue;
        ++aims[c.expected];
        auto const got = suites::judge(c);
        if (suites::is_as_aimed(c.expected, got))
            tally.hold();
        else
            tally.fail(c.id, {c.note, "verdict", text_of(c.expected), text_of(got)});
    }
    auto out = "to accept " + std::to_string(aims[aim::accept]) + ", to refuse " +
        std::to_string(aims[aim::refuse] + aims[aim::refuse_as_not_compact]);
    if (aims[aim::refuse_as_not_compact] != 0)
        out += " of which " + std::to_string(aims[aim::refuse_as_not_compact]) + " as no compact token";
    if (aims[aim::either] != 0)
        out += ", either way " + std::to_string(aims[aim::either]);
    return out;
}

std::string text_of(suites::http_outcome const& o)
{
    if (o.verdict != "accept")
        return o.verdict + (o.ec ? ", " + name_of(o.ec) : "");
    return "accept, status " + std::to_string(o.status) + ", body of " + std::to_string(o.body.size()) + " octets, " +
        std::to_string(o.interim_responses) + " interim responses, " + std::to_string(o.extra_bytes) +
        " octets too many" + (o.reusable ? ", reusable" : "");
}

std::string text_of(suites::ending end)
{
    switch (end) {
    case suites::ending::open:
        return "left open";
    case suites::ending::fin:
        return "ended";
    case suites::ending::reset:
        return "reset";
    }
    return {};
}

std::string run_http(std::filesystem::path const& folder, suite_tally& tally)
{
    std::size_t plays = 0;
    std::map<std::string, std::size_t> verdicts;
    for (auto const& c : suites::read_http_responses(folder)) {
        if (!tally.wants(c.id))
            continue;
        ++verdicts[c.expected.verdict];
        auto const differs = suites::judge(c, plays);
        if (!differs)
            tally.hold();
        else
            tally.fail(c.id,
                {"pieces of " + std::to_string(differs->piece) + " octets, then " + text_of(differs->end) +
                        (c.note.empty() ? "" : "; " + c.note),
                    "response", text_of(c.expected), text_of(differs->got)});
    }
    return "to accept " + std::to_string(verdicts["accept"]) + ", to reject " + std::to_string(verdicts["reject"]) +
        ", incomplete " + std::to_string(verdicts["incomplete"]) + "; " + std::to_string(plays) + " plays";
}

// What stands behind the totals.
std::string run(std::string_view name, std::filesystem::path const& folder, suite_tally& tally)
{
    if (name == "faults")
        return run_faults(folder, tally);
    if (name == "http")
        return run_http(folder, tally);
    if (name == "limbo")
        return run_limbo(folder, tally);
    if (name == "retry")
        return run_retry(folder, tally);
    if (name == "tls")
        return run_tls(folder, tally);
    return run_values(name, folder, tally);
}

} // namespace

std::vector<std::string_view> const& suite_names()
{
    static std::vector<std::string_view> const out = [] {
        std::vector<std::string_view> all(std::begin(suites::names), std::end(suites::names));
        all.insert(all.end(), {"faults", "http", "limbo", "retry", "tls"});
        return all;
    }();
    return out;
}

exit_status run_suite(std::string_view name, std::filesystem::path const& folder, std::string_view only,
    std::ostream& out, std::ostream& complaints, bool colour)
{
    auto const& names = suite_names();
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        complaints << "pks-conform: there is no suite " << name << "; there are";
        for (auto const& each : names)
            complaints << ' ' << each;
        complaints << '\n';
        return usage;
    }
    suite_tally tally(name, only, out, colour);
    try {
        return tally.end(complaints, run(name, folder, tally));
    } catch (suites::suite_error const& failure) {
        complaints << "pks-conform: " << failure.what() << '\n';
    } catch (std::exception const& failure) {
        complaints << "pks-conform: suite " << name << ": " << failure.what() << '\n';
    }
    return environment;
}

} // namespace conform
