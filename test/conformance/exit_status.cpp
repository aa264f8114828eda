// The exit status of the program, as scripts see it.
#include "conformance/program.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace {

using conformance_test::contains;
using conformance_test::quoted;
using conformance_test::run;
using conformance_test::text_of;

std::filesystem::path const scratch = conformance_test::scratch("exit-status");

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
    BOOST_TEST(run("run --jose").status == 2);
    BOOST_TEST(run("suite").status == 2);
    BOOST_TEST(run("suite json json").status == 2);
    BOOST_TEST(run("sig-verify --jwks " + quoted(scratch / "none")).status == 2);
    auto const elsewhere = run("list --live https://localhost:1 --ca-cert x");
    BOOST_TEST(elsewhere.status == 2);
    BOOST_TEST(contains(elsewhere.err, "does not go with list"));
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

BOOST_AUTO_TEST_CASE(suites)
{
    auto const unknown = run("suite wycheproof-jwe");
    BOOST_TEST(unknown.status == 2);
    BOOST_TEST(contains(unknown.err, "there is no suite wycheproof-jwe; there are wycheproof-jws "));
    for (auto const* name : {"wycheproof-jws", "wycheproof-jwk", "wycheproof-jose", "cookbook", "json"}) {
        auto const absent = run("suite " + std::string(name) + " --suites " + quoted(scratch / "nowhere"));
        BOOST_TEST(absent.status == 3, name);
        BOOST_TEST(contains(absent.err, "nowhere"), name);
    }
}

BOOST_AUTO_TEST_CASE(lines)
{
    auto const good = run("json-parse --jose",
        R"({"id":"a","encoding":"hex","bytes":"5b5d"})"
        "\n");
    BOOST_TEST(good.status == 0);
    BOOST_TEST(good.out ==
        R"({"id":"a","verdict":"accept","canonical":"[]"})"
        "\n");
    auto const malformed = run("json-parse", "[]\n");
    BOOST_TEST(malformed.status == 2);
    BOOST_TEST(malformed.out ==
        R"({"line":1,"error":"no JSON object"})"
        "\n");
    BOOST_TEST(run("sig-verify", "").status == 2);
    auto const no_keys = run("jws-verify --jwks " + quoted(scratch / "no.jwks"), "{}\n");
    BOOST_TEST(no_keys.status == 3);
    BOOST_TEST(no_keys.out == "");
    BOOST_TEST(contains(no_keys.err, "no.jwks"));
}

BOOST_AUTO_TEST_CASE(guards)
{
    std::filesystem::path const project = PKS_SOURCE_DIR;
    auto const ca = quoted(project / "conformance" / "recordings" / "uaa-live" / "4.30.0" / "ca.pem");
    auto const complains = [](std::string const& arguments, int status, char const* about) {
        auto const got = run("serve-guard " + arguments);
        BOOST_TEST(got.status == status, arguments);
        BOOST_TEST(got.out == "");
        BOOST_TEST(contains(got.err, about), got.err);
    };
    complains("", 2, "which UAA?");
    complains("--uaa https://127.0.0.1:1", 2, "--uaa and --ca-cert belong together");
    complains("--ca-cert " + ca, 2, "--uaa and --ca-cert belong together");
    complains("--live https://127.0.0.1:1 --ca-cert " + ca, 2, "--live does not go with serve-guard");
    complains("--uaa 'not a url' --ca-cert " + ca + " --audience a", 2, "cannot be read");
    complains("--uaa https://127.0.0.1:1 --ca-cert " + ca, 2, "audience");
    complains("--uaa https://127.0.0.1:1 --ca-cert " + ca + " --scope a.b --checks online", 2, "credentials");
    complains("--uaa https://127.0.0.1:1 --ca-cert " + ca + " --scope a.b --checks never", 2, "--checks takes");
    complains("--uaa https://127.0.0.1:1 --ca-cert " + quoted(scratch / "no.pem") + " --scope a.b", 3, "no.pem");
}

BOOST_AUTO_TEST_CASE(report_cannot_be_written)
{
    BOOST_TEST(run("run --only pks/list/empty --json " + quoted(scratch / "no" / "such" / "folder")).status == 3);
}

BOOST_AUTO_TEST_SUITE_END()
