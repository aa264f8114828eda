// Runs a suite of ../shared/suites, and says where the library differs from the verdicts aimed at.
#pragma once

#include "runner/exit_status.hpp"

#include <filesystem>
#include <iosfwd>
#include <string_view>
#include <vector>

namespace conform {

std::vector<std::string_view> const& suite_names();

/// Judges the cases of a suite, one of suite_names(), whose id, `wycheproof-jws/372`, matches the pattern; `only` as for
/// glob_match. `folder` is `suites` of the shared folder. Prints each case that comes out otherwise, and totals. The
/// status is `environment` where the suite is not there or cannot be read, and `usage` where there is no suite of that
/// name or no case matches.
exit_status run_suite(std::string_view name, std::filesystem::path const& folder, std::string_view only,
    std::ostream& out, std::ostream& complaints, bool colour);

} // namespace conform
