// The suites that servers play which go wrong: they hold, and a verdict turned round is named.
#include "conformance/program.hpp"
#include "conformance/suites.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using conform::exit_status;
using conformance_test::contains;
using conformance_test::run_suite;
using conformance_test::shared_suites;
using conformance_test::text_of;

/// Copies of the two files, to be altered.
fs::path writable_copy(fs::path const& suites)
{
    auto out = conformance_test::scratch("fault_suites");
    fs::remove_all(out);
    fs::create_directories(out / "retry");
    for (auto const* const file : {"faults.json", "retry/operations.json"}) {
        fs::copy_file(suites / file, out / file);
        fs::permissions(out / file, fs::perms::owner_write, fs::perm_options::add);
    }
    return out;
}

void write(fs::path const& file, json::value const& what)
{
    std::ofstream(file, std::ios::binary) << json::serialize(what);
}

void faults_hold(std::string const& version)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const r = run_suite("faults", folder, "faults/" + version + "/*");
    BOOST_TEST(r.status == exit_status::as_expected, r.out << r.err);
    BOOST_TEST(contains(r.out, "faults: 237 cases: 237 as aimed at, 0 not ("), r.out);
    BOOST_TEST(contains(r.out, "; 3 more cells do not occur)\n"), r.out);
}

} // namespace

BOOST_AUTO_TEST_SUITE(fault_suites)

BOOST_AUTO_TEST_CASE(retry_holds)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const r = run_suite("retry", folder);
    BOOST_TEST(r.status == exit_status::as_expected, r.out << r.err);
    BOOST_TEST(r.out ==
        "retry: 365 cases: 365 as aimed at, 0 not (313 pairs, 52 of them again with a fixed token; 2 not "
        "applicable)\n");
}

BOOST_AUTO_TEST_CASE(retry_altered)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const copy = writable_copy(folder);
    auto suite = json::parse(text_of(copy / "retry" / "operations.json"));
    // A create that would be sent again, and a read that would not.
    int altered = 0;
    std::string named;
    for (auto& pair : suite.at("pairs").as_array()) {
        auto& expected = pair.at("expect").as_object();
        bool const reset = pair.at("instructions").as_array().at(0).as_string() == "return-reset-connection";
        bool const one = altered == 0 && pair.at("class").as_string() == "D" && reset;
        bool const other = altered == 1 && pair.at("class").as_string() == "A" && expected.at("attempts") == 3;
        if (!one && !other)
            continue;
        expected["attempts"] = one ? 2 : 1;
        named = "FAIL retry/" + std::to_string(pair.at("scenario").as_int64()) + '/' +
            std::to_string(pair.at("case").as_int64()) + '/' + std::string(pair.at("source_method").as_string());
        ++altered;
    }
    BOOST_TEST_REQUIRE(altered == 2);
    write(copy / "retry" / "operations.json", suite);
    auto const r = run_suite("retry", copy);
    BOOST_TEST(r.status == exit_status::case_failed);
    BOOST_TEST(contains(r.out, named + ' '), r.out);
    BOOST_TEST(contains(r.out, "expected 2 attempts, 0 token refreshes, outcome_unknown, saw 1 attempts,"), r.out);
    BOOST_TEST(contains(r.out, "365 cases: 363 as aimed at, 2 not ("), r.out);
}

BOOST_AUTO_TEST_CASE(faults_hold_with_tls_1_2)
{
    faults_hold("1.2");
}

BOOST_AUTO_TEST_CASE(faults_hold_with_tls_1_3)
{
    faults_hold("1.3");
}

// Each action in the place of another: what happens is not what is asked for.
BOOST_AUTO_TEST_CASE(faults_altered)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const copy = writable_copy(folder);
    auto const original = json::parse(text_of(copy / "faults.json"));
    struct alteration
    {
        char const* fault;
        char const* letter;
        char const* action;
        char const* operation;
    };
    for (auto const& a : std::initializer_list<alteration>{
             {"F8", "A", "fail", "clusters.get"},
             {"F8", "B'", "retry", "token.password"},
             {"F8", "C", "retry", "token.refresh"},
             {"F8", "D", "retry", "clusters.create"},
             {"F8", "D", "fail", "clusters.resize"},
             {"F8", "E", "reconcile", "clusters.delete"},
             {"F10", "E", "retry", "clusters.delete"},
             {"F13", "B", "fail", "token.client_credentials"},
             {"F15", "D", "outcome_unknown", "binds.create"},
             {"F8", "A", "deadline", "token_keys.get"},
         }) {
        auto matrix = original;
        for (auto& fault : matrix.at("faults").as_array())
            if (fault.at("id").as_string() == a.fault)
                fault.at("expect").at(a.letter).at("action") = a.action;
        write(copy / "faults.json", matrix);
        auto const id = std::string("faults/1.3/") + a.fault + '/' + a.operation;
        auto const r = run_suite("faults", copy, id);
        BOOST_TEST(r.status == exit_status::case_failed, r.out << r.err);
        BOOST_TEST(contains(r.out, "FAIL " + id + ' '), r.out);
        BOOST_TEST(contains(r.out, std::string("action: expected ") + a.action + ", saw "), r.out);
    }
    auto matrix = original;
    matrix.at("faults").as_array().at(0).at("id") = "F99";
    write(copy / "faults.json", matrix);
    auto const r = run_suite("faults", copy, "faults/1.3/F99/*");
    BOOST_TEST(r.status == exit_status::environment);
    BOOST_TEST(contains(r.err, "faults: there is no fault F99"), r.err);
}

BOOST_AUTO_TEST_SUITE_END()
