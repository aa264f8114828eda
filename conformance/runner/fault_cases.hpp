// The suite `faults`: every operation under every fault of the matrix.
#pragma once

#include "runner/suite_tally.hpp"

#include <filesystem>
#include <string>

namespace conform {

/// Judges the cells of faults.json in TLS 1.2 and in TLS 1.3, each by as many plays as the fault has forms. Throws
/// suites::suite_error. Returns what suite_tally::end prints.
std::string run_faults(std::filesystem::path const& folder, suite_tally& tally);

} // namespace conform
