// The cases that make sense against any UAA, against a real one.
#pragma once

#include "runner/cases.hpp"
#include "runner/report.hpp"

#include <string>
#include <vector>

namespace conform {

/// Plays the live cases of the generation that the server at `url` belongs to: 4.30.0, or 77.18.0 from version 5 on.
/// What is fresh in each run (tokens, ids, times) is compared by its form. Failures are passed to `failed` as they
/// come. Throws environment_error if the server cannot be reached or asked.
summary run_live(std::vector<suite> const& suites, std::string const& only, std::string const& url,
    std::string const& ca_file, void (*failed)(verdict const&));

} // namespace conform
