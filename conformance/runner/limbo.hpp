// x509-limbo: chains that a client must take or refuse.
#pragma once

#include "runner/suite_tally.hpp"
#include "runner/verify_chain.hpp"

#include <pks/jose/json_value.hpp>

#include <filesystem>
#include <string>

namespace conform {

/// A test case as the suite has it. Throws line_error.
chain_question read_limbo_case(pks::jose::json_value test);

/// Judges every chain. A verdict that is not the label's fails, unless it is one of the suite's list of known
/// divergences; so does a run of all cases in which fewer than the suite's goal are as labelled.
/// Returns what suite_tally::end prints. Throws suites::suite_error.
std::string run_limbo(std::filesystem::path const& folder, suite_tally& tally);

} // namespace conform
