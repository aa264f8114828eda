// Runs suites in this process, and reads what is reported of them.
#include "conformance/suites.hpp"
#include "runner/suite_verb.hpp"

#include <boost/test/unit_test.hpp>

#include <iostream>
#include <sstream>
#include <system_error>

namespace conformance_test {

report run_suite(std::string_view name, std::filesystem::path const& folder, std::string_view only)
{
    std::ostringstream out, err;
    auto const status = conform::run_suite(name, folder, only, out, err, false);
    return {status, out.str(), err.str()};
}

std::filesystem::path shared_suites()
{
    auto const out = std::filesystem::path(PKS_SHARED_DIR) / "suites";
    std::error_code absent;
    if (std::filesystem::exists(out, absent))
        return out;
    std::cout << "skipped: suites (no ../shared)\n";
    BOOST_TEST_MESSAGE("skipped: suites (no ../shared)");
    return {};
}

} // namespace conformance_test
