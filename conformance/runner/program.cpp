// The command line of pks-conform.
#include "runner/program.hpp"
#include "runner/cases.hpp"
#include "runner/glob.hpp"
#include "runner/live.hpp"
#include "runner/replay.hpp"
#include "runner/report.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>

#include <unistd.h>

namespace conform {

namespace {

namespace po = boost::program_options;

enum exit_status {
    as_expected = 0,
    case_failed = 1,
    usage = 2,
    environment = 3,
};

struct settings
{
    std::string verb;
    std::string only;
    std::string recordings;
    std::string live;
    std::string ca_file;
    std::string json;
    std::string junit;
};

void print_usage(std::ostream& out, po::options_description const& options)
{
    out << "usage: pks-conform list [OPTION…]\n"
           "       pks-conform run [OPTION…]\n"
           "       pks-conform run --live URL --ca-cert FILE [OPTION…]\n\n"
        << options
        << "\nexit status: 0 all as expected, 1 a case failed, 2 usage or nothing ran, 3 the recordings cannot be read\n"
           "or the live server cannot be reached\n";
}

po::options_description describe_options(settings& s)
{
    po::options_description out("options");
    auto add = out.add_options();
    add("help,h", "this text");
    add("only", po::value(&s.only)->value_name("GLOB")->default_value("*", "*"), "cases whose id matches");
    add("recordings", po::value(&s.recordings)->value_name("DIR")->default_value(PKS_RECORDINGS_DIR, "this project's"),
        "HAR files; their cases stand in the folder `cases` next to it, or else in this project's");
    add("live", po::value(&s.live)->value_name("URL"), "play the live cases against this UAA");
    add("ca-cert", po::value(&s.ca_file)->value_name("FILE"), "CA of the live server, PEM");
    add("json", po::value(&s.json)->value_name("FILE"), "write the outcome of each case as JSON");
    add("junit", po::value(&s.junit)->value_name("FILE"), "write it as JUnit XML");
    return out;
}

// Throws po::error for what makes no sense together.
void check(settings const& s, po::variables_map const& given)
{
    if (s.verb != "list" && s.verb != "run")
        throw po::error(s.verb.empty() ? "list or run?" : "there is no command " + s.verb);
    if (given.count("live") != given.count("ca-cert"))
        throw po::error("--live and --ca-cert belong together");
    if (s.verb == "list" && (given.count("live") || given.count("json") || given.count("junit")))
        throw po::error("--live, --json and --junit belong to run");
}

std::filesystem::path cases_of(std::filesystem::path const& recordings)
{
    auto const own = recordings / ".." / "cases";
    return std::filesystem::is_directory(own) ? own.lexically_normal() : std::filesystem::path(PKS_CASES_DIR);
}

int list(std::vector<suite> const& suites, std::string const& only)
{
    std::size_t listed = 0;
    for (auto const& one : suites) {
        for (auto const& c : one.cases) {
            if (!glob_match(only, c.id))
                continue;
            ++listed;
            std::cout << c.id << (c.kind == case_kind::operation ? "  operation " : "  reply to ") << c.operation
                      << (c.live ? "  live" : "") << (c.why.empty() ? "" : "  (" + c.why + ")") << '\n';
        }
    }
    if (listed == 0) {
        std::cerr << "pks-conform: no case matches " << only << '\n';
        return usage;
    }
    return as_expected;
}

void tell(verdict const& v)
{
    print_failure(std::cout, v, wants_colour(STDOUT_FILENO));
    std::cout << std::flush;
}

std::string joined(std::vector<replay_mode> const& modes)
{
    if (modes.size() == all_modes().size())
        return "every replay";
    std::string out;
    for (auto const mode : modes)
        out += (out.empty() ? "" : "; ") + name_of(mode);
    return out;
}

summary run_recorded(std::vector<suite> const& suites, std::string const& only)
{
    summary out;
    auto const begin = std::chrono::steady_clock::now();
    replayer player;
    for (auto const& one : suites) {
        for (auto const& c : one.cases) {
            if (!glob_match(only, c.id))
                continue;
            verdict v{c.id, c.kind, {}};
            for (auto& found : player.play(c, all_modes()))
                v.failures.push_back({joined(found.modes), std::move(found.what)});
            out.plays += all_modes().size();
            if (!v.failures.empty())
                tell(v);
            out.verdicts.push_back(std::move(v));
        }
    }
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return out;
}

int run(std::vector<suite> const& suites, settings const& s)
{
    auto const found =
        s.live.empty() ? run_recorded(suites, s.only) : run_live(suites, s.only, s.live, s.ca_file, &tell);
    if (found.verdicts.empty()) {
        std::cerr << "pks-conform: no case matches " << s.only << '\n';
        return usage;
    }
    print_totals(std::cout, found, wants_colour(STDOUT_FILENO));
    std::cout << std::flush;
    if (!s.json.empty())
        write_json(s.json, found);
    if (!s.junit.empty())
        write_junit(s.junit, found);
    return found.failed() == 0 ? as_expected : case_failed;
}

} // namespace

int run_program(int argc, char const* const* argv)
{
    settings s;
    auto const options = describe_options(s);
    try {
        po::options_description all;
        all.add(options).add_options()("verb", po::value(&s.verb));
        po::positional_options_description positions;
        positions.add("verb", 1);
        po::variables_map given;
        po::store(po::command_line_parser(argc, argv).options(all).positional(positions).run(), given);
        po::notify(given);
        if (given.count("help")) {
            print_usage(std::cout, options);
            return as_expected;
        }
        check(s, given);
    } catch (po::error const& wrong) {
        std::cerr << "pks-conform: " << wrong.what() << '\n';
        print_usage(std::cerr, options);
        return usage;
    }
    try {
        auto const suites = read_suites(s.recordings, cases_of(s.recordings));
        return s.verb == "list" ? list(suites, s.only) : run(suites, s);
    } catch (std::exception const& failure) {
        std::cerr << "pks-conform: " << failure.what() << '\n';
        return environment;
    }
}

} // namespace conform
