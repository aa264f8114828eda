// The command line of pks-conform.
#include "runner/program.hpp"
#include "runner/cases.hpp"
#include "runner/exit_status.hpp"
#include "runner/glob.hpp"
#include "runner/line_verb.hpp"
#include "runner/live.hpp"
#include "runner/replay.hpp"
#include "runner/report.hpp"
#include "runner/serve_guard.hpp"
#include "runner/suite_verb.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

namespace conform {

namespace {

namespace po = boost::program_options;

struct settings
{
    std::string verb;
    std::string only;
    std::string recordings;
    std::string live;
    std::string ca_file;
    std::string json;
    std::string junit;
    std::string suite;
    std::string suites;
    line_verb_options lines;
    serve_guard_options guard;
};

// The options that go with a verb. A positional argument goes with `suite` alone.
struct verb_description
{
    std::string_view name;
    std::vector<std::string_view> options;
};

std::vector<verb_description> const& all_verbs()
{
    static std::vector<verb_description> const out = {{"list", {"only", "recordings"}},
        {"run", {"only", "recordings", "live", "ca-cert", "json", "junit"}}, {"suite", {"name", "only", "suites"}},
        {"jws-verify", {"jwks"}}, {"jwt-check", {"jwks"}}, {"sig-verify", {}}, {"json-parse", {"jose"}},
        {"http-parse", {}}, {"x509-verify", {"limbo"}}, {"tls-get", {}},
        {"serve-guard", {"port", "uaa", "ca-cert", "issuer", "audience", "scope", "checks", "client"}}};
    return out;
}

void print_usage(std::ostream& out, po::options_description const& options)
{
    out << "usage: pks-conform list [OPTION…]\n"
           "       pks-conform run [OPTION…]\n"
           "       pks-conform run --live URL --ca-cert FILE [OPTION…]\n"
           "       pks-conform suite NAME [--suites DIR] [--only GLOB]\n"
           "       pks-conform jws-verify [--jwks FILE] | jwt-check [--jwks FILE] | sig-verify | json-parse [--jose] |\n"
           "           http-parse | x509-verify [--limbo] | tls-get <LINES >ANSWERS\n"
           "       pks-conform serve-guard --uaa URL --ca-cert FILE [OPTION…]\n\n"
        << options << "\nsuites:";
    for (auto const name : suite_names())
        out << ' ' << name;
    out << "\nlines: JSON, one object each, with an id:\n"
           "  jws-verify {\"id\", \"token\", \"jwk\" or \"jwks\" without --jwks}\n"
           "  jwt-check  as jws-verify, with {\"issuer\", \"audiences\" or \"scopes\", \"now\", \"leeway\"}\n"
           "  sig-verify {\"id\", \"alg\", \"jwk\", \"message\", \"signature\", \"encoding\": \"hex\" or \"base64url\"}\n"
           "  json-parse {\"id\", \"bytes\", \"encoding\"}\n"
           "  http-parse {\"id\", \"bytes\", \"encoding\", \"feed\", \"ending\": \"open\", \"fin\" or \"rst\", \"method\"}\n"
           "  x509-verify {\"id\", \"leaf\", \"intermediates\", \"trust\", \"host\", \"time\"}, or a test case of x509-limbo\n"
           "  tls-get    {\"id\", \"url\", \"ca_file\" or \"ca\" or \"insecure\", \"minimum_tls\", \"loopback\", \"deadline\"}\n"
           "exit status: 0 all as expected, or every line judged; 1 a case failed; 2 usage, nothing ran, or a line that\n"
           "cannot be judged; 3 recordings, suite or keys cannot be read, or the live server cannot be reached\n";
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
    add("ca-cert", po::value(&s.ca_file)->value_name("FILE"), "CA of the live server, or of the UAA, PEM");
    add("json", po::value(&s.json)->value_name("FILE"), "write the outcome of each case as JSON");
    add("junit", po::value(&s.junit)->value_name("FILE"), "write it as JUnit XML");
    add("suites", po::value(&s.suites)->value_name("DIR")->default_value(PKS_SUITES_DIR, "../shared/suites"),
        "suites of third parties");
    add("jwks", po::value(&s.lines.jwks)->value_name("FILE"), "key set for every line");
    add("uaa", po::value(&s.guard.uaa)->value_name("URL"), "whose tokens the guard accepts");
    add("port", po::value(&s.guard.port)->value_name("N")->default_value(0, "any"), "where it listens, on 127.0.0.1");
    add("issuer", po::value(&s.guard.issuer)->value_name("URL"),
        "`iss` of the tokens, where it is not URL/oauth/token");
    add("audience", po::value(&s.guard.audiences)->value_name("NAME")->composing(),
        "that a token must be for; repeatable");
    add("scope", po::value(&s.guard.scopes)->value_name("NAME")->composing(), "that a token must have; repeatable");
    add("checks", po::value(&s.guard.checks)->value_name("HOW")->default_value("offline"),
        "offline, online or offline-first");
    add("client", po::value(&s.guard.client)->value_name("ID"),
        "that asks the UAA about tokens; its secret is in PKS_CLIENT_SECRET");
    add("jose", po::bool_switch(&s.lines.jose), "the parser of headers, claims and key sets");
    add("limbo", po::bool_switch(&s.lines.limbo), "the lines are test cases of x509-limbo");
    return out;
}

// Throws po::error for what makes no sense together.
void check(settings const& s, po::variables_map const& given)
{
    auto const& verbs = all_verbs();
    auto const verb =
        std::find_if(verbs.begin(), verbs.end(), [&](verb_description const& v) { return v.name == s.verb; });
    if (verb == verbs.end())
        throw po::error(s.verb.empty() ? "which command?" : "there is no command " + s.verb);
    for (auto const& [name, value] : given)
        if (name != "verb" && !value.defaulted() &&
            std::find(verb->options.begin(), verb->options.end(), name) == verb->options.end())
            throw po::error((name == "name" ? s.suite : "--" + name) + " does not go with " + s.verb);
    auto const* const server = s.verb == "serve-guard" ? "uaa" : "live";
    if (given.count(server) != given.count("ca-cert"))
        throw po::error("--" + std::string(server) + " and --ca-cert belong together");
    if (s.verb == "serve-guard" && given.count("uaa") == 0)
        throw po::error("which UAA?");
    if (s.verb == "suite" && s.suite.empty())
        throw po::error("which suite?");
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
        all.add(options).add_options()("verb", po::value(&s.verb))("name", po::value(&s.suite));
        po::positional_options_description positions;
        positions.add("verb", 1).add("name", 1);
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
        if (is_line_verb(s.verb))
            return run_line_verb(s.verb, s.lines, std::cin, std::cout, std::cerr);
        if (s.verb == "serve-guard") {
            s.guard.ca_file = s.ca_file;
            return serve_guard(s.guard, std::cout, std::cerr);
        }
        if (s.verb == "suite")
            return run_suite(s.suite, s.suites, s.only, std::cout, std::cerr, wants_colour(STDOUT_FILENO));
        auto const recorded = read_suites(s.recordings, cases_of(s.recordings));
        return s.verb == "list" ? list(recorded, s.only) : run(recorded, s);
    } catch (std::exception const& failure) {
        std::cerr << "pks-conform: " << failure.what() << '\n';
        return environment;
    }
}

} // namespace conform
