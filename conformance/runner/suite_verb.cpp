// Runs a suite of ../shared/suites, and says where the library differs from the verdicts aimed at.
#include "runner/suite_verb.hpp"
#include "runner/error_name.hpp"
#include "runner/glob.hpp"
#include "runner/report.hpp"
#include "suites/judge.hpp"
#include "suites/read_suite.hpp"

#include <algorithm>
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

} // namespace

exit_status run_suite(std::string_view name, std::filesystem::path const& folder, std::string_view only,
    std::ostream& out, std::ostream& complaints, bool colour)
{
    if (std::find(std::begin(suites::names), std::end(suites::names), name) == std::end(suites::names)) {
        complaints << "pks-conform: there is no suite " << name << "; there are";
        for (auto const& each : suites::names)
            complaints << ' ' << each;
        complaints << '\n';
        return usage;
    }
    std::vector<suites::suite_case> cases;
    try {
        cases = suites::read_suite(name, folder);
    } catch (suites::suite_error const& failure) {
        complaints << "pks-conform: " << failure.what() << '\n';
        return environment;
    }

    std::size_t judged = 0, failed = 0;
    std::map<aim, std::size_t> aims;
    for (auto const& c : cases) {
        auto const id = std::string(name) + '/' + c.id;
        if (!glob_match(only, id))
            continue;
        ++judged;
        ++aims[c.expected];
        auto const got = suites::judge(c);
        if (suites::is_as_aimed(c.expected, got))
            continue;
        ++failed;
        print_failure(
            out, {id, case_kind::operation, {{c.note, {{"verdict", text_of(c.expected), text_of(got)}}}}}, colour);
    }
    if (judged == 0) {
        complaints << "pks-conform: no case of " << name << " matches " << only << '\n';
        return usage;
    }
    out << name << ": " << judged << " cases: " << judged - failed << " as aimed at, " << failed << " not (to accept "
        << aims[aim::accept] << ", to refuse " << aims[aim::refuse] + aims[aim::refuse_as_not_compact];
    if (aims[aim::refuse_as_not_compact] != 0)
        out << " of which " << aims[aim::refuse_as_not_compact] << " as no compact token";
    if (aims[aim::either] != 0)
        out << ", either way " << aims[aim::either];
    out << ")\n" << std::flush;
    return failed == 0 ? as_expected : case_failed;
}

} // namespace conform
