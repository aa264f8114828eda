// The exit status of the program, as scripts see it.
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/wait.h>

namespace {

std::filesystem::path const scratch = std::filesystem::path(PKS_BINARY_DIR) / "conformance-exit-status";

std::string quoted(std::filesystem::path const& path)
{
    return "'" + path.string() + "'";
}

std::string text_of(std::filesystem::path const& file)
{
    std::ifstream in(file);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

struct result
{
    int status;
    std::string out;
    std::string err;
};

result run(std::string const& arguments)
{
    std::filesystem::create_directories(scratch);
    auto const out = scratch / "out";
    auto const err = scratch / "err";
    auto const program = std::filesystem::path(PKS_BINARY_DIR) / "bin" / "pks-conform";
    auto const line = quoted(program) + " " + arguments + " >" + quoted(out) + " 2>" + quoted(err);
    int const status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(out), text_of(err)};
}

bool contains(std::string const& text, std::string const& part)
{
    return text.find(part) != text.npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(exit_status)

BOOST_AUTO_TEST_CASE(all_as_expected)
{
    auto const files = " --json " + quoted(scratch / "r.json") + " --junit " + quoted(scratch / "r.xml");
    auto const r = run("run --only 'pks/list/*'" + files);
    BOOST_TEST(r.status == 0, r.out << r.err);
    BOOST_TEST(contains(r.out, "11 cases: 11 passed, 0 failed"));
    BOOST_TEST(!contains(r.out, "\x1b["));
    BOOST_TEST(contains(text_of(scratch / "r.json"), "\"passed\":11"));
    BOOST_TEST(contains(text_of(scratch / "r.xml"), "tests=\"11\" failures=\"0\""));
}

BOOST_AUTO_TEST_CASE(list_names_every_case)
{
    auto const r = run("list --only 'pks/error/*'");
    BOOST_TEST(r.status == 0);
    BOOST_TEST(contains(r.out, "pks/error/429-retry-after  operation list_clusters\n"));
    BOOST_TEST(contains(r.out, "pks/error/405  reply to list_clusters  ("));
}

BOOST_AUTO_TEST_CASE(nothing_ran)
{
    BOOST_TEST(run("run --only 'no/such/*'").status == 2);
    BOOST_TEST(run("list --only 'no/such/*'").status == 2);
}

BOOST_AUTO_TEST_CASE(usage)
{
    BOOST_TEST(run("").status == 2);
    BOOST_TEST(run("walk").status == 2);
    BOOST_TEST(run("run --fast").status == 2);
    BOOST_TEST(run("run --live https://localhost:1").status == 2);
    BOOST_TEST(run("run run").status == 2);
    BOOST_TEST(run("--help").status == 0);
}

BOOST_AUTO_TEST_CASE(no_recordings)
{
    auto const missing = run("run --recordings " + quoted(scratch / "nowhere"));
    BOOST_TEST(missing.status == 3);
    BOOST_TEST(contains(missing.err, "nowhere"));

    std::filesystem::create_directories(scratch / "broken" / "recordings");
    std::ofstream(scratch / "broken" / "recordings" / "cut.har") << "{\"log\": {\"entries\": [";
    auto const broken = run("run --recordings " + quoted(scratch / "broken" / "recordings"));
    BOOST_TEST(broken.status == 3);
    BOOST_TEST(contains(broken.err, "cut.har is not JSON"));
}

BOOST_AUTO_TEST_CASE(no_live_server)
{
    std::filesystem::path const project = PKS_SOURCE_DIR;
    auto const ca = project / "conformance" / "recordings" / "uaa-live" / "4.30.0" / "ca.pem";
    // Port 1 of this host: nobody listens there.
    auto const gone = run("run --live https://127.0.0.1:1 --ca-cert " + quoted(ca));
    BOOST_TEST(gone.status == 3);
    BOOST_TEST(contains(gone.err, "cannot reach https://127.0.0.1:1"));

    auto const no_ca = run("run --live https://127.0.0.1:1 --ca-cert " + quoted(scratch / "no.pem"));
    BOOST_TEST(no_ca.status == 3);
    BOOST_TEST(contains(no_ca.err, "no.pem"));
    BOOST_TEST(run("run --live 'not a url' --ca-cert " + quoted(ca)).status == 3);
}

BOOST_AUTO_TEST_CASE(report_cannot_be_written)
{
    BOOST_TEST(run("run --only pks/list/empty --json " + quoted(scratch / "no" / "such" / "folder")).status == 3);
}

BOOST_AUTO_TEST_SUITE_END()
