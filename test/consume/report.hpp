// The second unit of the program: defined in report.cpp, so that the library's headers meet again at the link.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/error.hpp>

/// Prints a refusal. False where there is none, though there should be.
bool report(pks::error_code refusal, pks::diagnostics const& diag);
