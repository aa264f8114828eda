// The suite `tls`: certificates, and connections.
#pragma once

#include "runner/suite_tally.hpp"

#include <filesystem>
#include <string>

namespace conform {

/// Judges the cases of tls/cases.json. Throws suites::suite_error. Returns what suite_tally::end prints.
std::string run_tls(std::filesystem::path const& folder, suite_tally& tally);

} // namespace conform
