// Runs suites in this process, and reads what is reported of them.
#pragma once

#include "runner/exit_status.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace conformance_test {

struct report
{
    conform::exit_status status;
    std::string out;
    std::string err;
};

/// The suite of that name, of this folder of suites.
report run_suite(std::string_view name, std::filesystem::path const& folder, std::string_view only = "*");

/// The shared suites, or an empty path after a line that says so.
std::filesystem::path shared_suites();

} // namespace conformance_test
