// The suite `retry`: which requests are sent again, and how often.
#pragma once

#include "runner/suite_tally.hpp"

#include <filesystem>
#include <string>

namespace conform {

/// Judges the pairs of retry/operations.json, each against servers that count. Throws suites::suite_error. Returns what
/// suite_tally::end prints.
std::string run_retry(std::filesystem::path const& folder, suite_tally& tally);

} // namespace conform
