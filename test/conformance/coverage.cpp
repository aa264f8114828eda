// Nothing is left out: each recorded entry has one case, and each case says what it is.
#include "runner/cases.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <map>

namespace {

std::filesystem::path const project = PKS_SOURCE_DIR;
std::filesystem::path const recordings = project / "conformance" / "recordings";
std::filesystem::path const cases = project / "conformance" / "cases";

// A suite of one recording that can be spoilt.
class small_suite
{
public:
    explicit small_suite(std::string const& name)
        : folder_(std::filesystem::path(PKS_BINARY_DIR) / "conformance-coverage" / name)
    {
        std::filesystem::remove_all(folder_);
        for (auto const* const part : {"recordings", "cases"})
            std::filesystem::create_directories(folder_ / part / "pks");
        std::filesystem::copy_file(recordings / "pks" / "clusters-list.har", recording());
        std::filesystem::copy_file(cases / "pks" / "clusters-list.json", case_file());
    }

    std::filesystem::path recording() const
    {
        return folder_ / "recordings" / "pks" / "clusters-list.har";
    }
    std::filesystem::path case_file() const
    {
        return folder_ / "cases" / "pks" / "clusters-list.json";
    }

    void replace(std::filesystem::path const& file, std::string const& what, std::string const& with) const
    {
        std::ifstream in(file);
        std::string text{std::istreambuf_iterator<char>(in), {}};
        auto const at = text.find(what);
        BOOST_REQUIRE(at != text.npos);
        text.replace(at, what.size(), with);
        std::ofstream(file) << text;
    }

    std::string complaint() const
    {
        try {
            conform::read_suites(folder_ / "recordings", folder_ / "cases");
        } catch (conform::environment_error const& refused) {
            return refused.what();
        }
        return {};
    }

private:
    std::filesystem::path folder_;
};

bool contains(std::string const& text, std::string const& part)
{
    return text.find(part) != text.npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(coverage)

BOOST_AUTO_TEST_CASE(every_entry_has_its_case)
{
    std::map<std::string, std::size_t> entries;
    std::size_t kinds[2] = {};
    for (auto const& one : conform::read_suites(recordings, cases)) {
        entries[one.name] = one.cases.size();
        for (auto const& c : one.cases) {
            ++kinds[c.kind == conform::case_kind::operation ? 0 : 1];
            bool const explained = c.kind == conform::case_kind::operation ? c.why.empty() : !c.why.empty();
            BOOST_TEST(explained, c.id);
            BOOST_TEST((c.expect.contains("result") != c.expect.contains("error")), c.id);
        }
    }
    // The areas that are promised to be there, and how much was recorded of each.
    std::map<std::string, std::size_t> const promised = {{"pks/binds", 8}, {"pks/cluster-create", 15},
        {"pks/cluster-delete", 7}, {"pks/cluster-get", 7}, {"pks/cluster-update", 12}, {"pks/clusters-list", 10},
        {"pks/clusters-list-500", 1}, {"pks/errors", 23}, {"pks/login-client", 9}, {"pks/login-user", 17},
        {"pks/refresh", 16}, {"uaa-live/4.30.0/info", 16}, {"uaa-live/4.30.0/seed-flow", 25},
        {"uaa-live/4.30.0/token-authcode", 40}, {"uaa-live/4.30.0/token-client-credentials", 42},
        {"uaa-live/4.30.0/token-errors", 66}, {"uaa-live/4.30.0/token-passcode", 17},
        {"uaa-live/4.30.0/token-password", 27}, {"uaa-live/4.30.0/token-refresh", 42},
        {"uaa-live/4.30.0/token_keys", 24}, {"uaa-live/77.18.0/extra/pks-flow", 49},
        {"uaa-live/77.18.0/extra/token", 65}, {"uaa-live/77.18.0/extra/token-errors", 157},
        {"uaa-live/77.18.0/extra/token_keys", 29}, {"uaa-live/77.18.0/info", 16}, {"uaa-live/77.18.0/seed-flow", 25},
        {"uaa-live/77.18.0/token-authcode", 40}, {"uaa-live/77.18.0/token-client-credentials", 42},
        {"uaa-live/77.18.0/token-errors", 66}, {"uaa-live/77.18.0/token-passcode", 17},
        {"uaa-live/77.18.0/token-password", 27}, {"uaa-live/77.18.0/token-refresh", 42},
        {"uaa-live/77.18.0/token_keys", 24}};
    BOOST_TEST((entries == promised));
    BOOST_TEST(kinds[0] == 607u);
    BOOST_TEST(kinds[1] == 416u);
}

BOOST_AUTO_TEST_CASE(entry_without_case_is_refused)
{
    small_suite const suite("entry-without-case");
    BOOST_TEST(suite.complaint() == "");
    suite.replace(suite.recording(), "\"list/admin\"", "\"list/nobody\"");
    BOOST_TEST(contains(suite.complaint(), "no case for list/nobody"));
}

BOOST_AUTO_TEST_CASE(case_without_entry_is_refused)
{
    small_suite const suite("case-without-entry");
    suite.replace(suite.case_file(), "\"cases\": [",
        R"("cases": [{"id": "pks/list/new", "entry": "list/new", "kind": "operation", "operation": "x"},)");
    BOOST_TEST(contains(suite.complaint(), "no recorded entry list/new"));
}

BOOST_AUTO_TEST_CASE(two_cases_for_an_entry_are_refused)
{
    small_suite const suite("two-cases");
    suite.replace(suite.case_file(), "\"cases\": [",
        R"("cases": [{"id": "pks/list/new", "entry": "list/admin", "kind": "operation", "operation": "x"},)");
    BOOST_TEST(contains(suite.complaint(), "two cases for list/admin"));
}

BOOST_AUTO_TEST_CASE(unknown_kind_is_refused)
{
    small_suite const suite("unknown-kind");
    suite.replace(suite.case_file(), "\"operation\"", "\"maybe\"");
    BOOST_TEST(contains(suite.complaint(), "unknown kind maybe"));
}

BOOST_AUTO_TEST_SUITE_END()
