// What a run found, for people and for machines.
#include "runner/report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <sstream>

#include <unistd.h>

namespace conform {

namespace {

namespace json = boost::json;

std::string_view name_of(case_kind kind)
{
    return kind == case_kind::operation ? "operation" : "reply";
}

std::string painted(std::string_view text, std::string_view code, bool colour)
{
    if (!colour)
        return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

// What a server or a recording says must not steer the terminal.
std::string printable(std::string_view text)
{
    std::string out;
    for (char const c : text) {
        auto const u = static_cast<unsigned char>(c);
        if (u >= 0x20 && u != 0x7f) {
            out += c;
        } else {
            out += "\\x";
            out += "0123456789abcdef"[u >> 4];
            out += "0123456789abcdef"[u & 15];
        }
    }
    return out;
}

std::string one_line(difference const& d)
{
    return printable(d.field) + ": expected " + printable(d.expected) + ", saw " + printable(d.seen);
}

std::string xml(std::string_view text)
{
    std::string out;
    for (char const c : printable(text)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string seconds_text(double seconds)
{
    std::ostringstream out;
    out << std::fixed << std::setprecision(1) << seconds;
    return out.str();
}

void write(std::filesystem::path const& file, std::string const& text)
{
    std::ofstream out(file, std::ios::binary);
    if (!(out << text << std::flush))
        throw environment_error("cannot write " + file.string());
}

} // namespace

std::size_t summary::failed() const
{
    return static_cast<std::size_t>(
        std::count_if(verdicts.begin(), verdicts.end(), [](verdict const& v) { return !v.failures.empty(); }));
}

std::size_t summary::of_kind(case_kind kind) const
{
    return static_cast<std::size_t>(
        std::count_if(verdicts.begin(), verdicts.end(), [kind](verdict const& v) { return v.kind == kind; }));
}

bool wants_colour(int descriptor)
{
    auto const* const refused = std::getenv("NO_COLOR");
    return ::isatty(descriptor) == 1 && (!refused || *refused == '\0');
}

void print_failure(std::ostream& out, verdict const& v, bool colour)
{
    for (auto const& one : v.failures) {
        out << painted("FAIL", "31", colour) << ' ' << v.id << " (" << one.where << ")\n";
        for (auto const& d : one.what)
            out << "     " << one_line(d) << '\n';
    }
}

void print_totals(std::ostream& out, summary const& s, bool colour)
{
    auto const failed = s.failed();
    auto const passed = std::to_string(s.verdicts.size() - failed) + " passed";
    out << s.verdicts.size() << " cases: " << painted(passed, "32", colour) << ", "
        << (failed == 0 ? "0 failed" : painted(std::to_string(failed) + " failed", "31", colour)) << " ("
        << s.of_kind(case_kind::operation) << " operations, " << s.of_kind(case_kind::reply) << " replies read; played "
        << s.plays << " times in " << seconds_text(s.seconds) << " s)\n";
}

void write_json(std::filesystem::path const& file, summary const& s)
{
    json::array cases;
    for (auto const& v : s.verdicts) {
        json::object one;
        one["id"] = v.id;
        one["kind"] = name_of(v.kind);
        one["outcome"] = v.failures.empty() ? "passed" : "failed";
        auto& failures = one["failures"].emplace_array();
        for (auto const& f : v.failures) {
            for (auto const& d : f.what) {
                json::object entry;
                entry["where"] = f.where;
                entry["field"] = d.field;
                entry["expected"] = d.expected;
                entry["seen"] = d.seen;
                failures.push_back(std::move(entry));
            }
        }
        cases.push_back(std::move(one));
    }
    json::object totals;
    totals["cases"] = s.verdicts.size();
    totals["passed"] = s.verdicts.size() - s.failed();
    totals["failed"] = s.failed();
    totals["operations"] = s.of_kind(case_kind::operation);
    totals["replies"] = s.of_kind(case_kind::reply);
    totals["plays"] = s.plays;
    totals["seconds"] = s.seconds;
    json::object document;
    document["totals"] = std::move(totals);
    document["cases"] = std::move(cases);
    write(file, json::serialize(document) + "\n");
}

void write_junit(std::filesystem::path const& file, summary const& s)
{
    std::ostringstream out;
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"pks-conform\" tests=\""
        << s.verdicts.size() << "\" failures=\"" << s.failed() << "\" errors=\"0\" skipped=\"0\" time=\""
        << seconds_text(s.seconds) << "\">\n";
    for (auto const& v : s.verdicts) {
        auto const slash = v.id.rfind('/');
        out << "    <testcase classname=\"" << xml(v.id.substr(0, slash)) << "\" name=\"" << xml(v.id.substr(slash + 1))
            << '"';
        if (v.failures.empty()) {
            out << "/>\n";
            continue;
        }
        out << ">\n";
        for (auto const& f : v.failures) {
            out << "      <failure message=\"" << xml(f.where) << "\">";
            for (auto const& d : f.what)
                out << xml(one_line(d)) << '\n';
            out << "</failure>\n";
        }
        out << "    </testcase>\n";
    }
    out << "  </testsuite>\n</testsuites>\n";
    write(file, out.str());
}

} // namespace conform
