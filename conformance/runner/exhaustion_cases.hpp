// The fault of the suite `faults` by which this side has too little of something: descriptors, memory, threads.
#pragma once

#include "runner/fault_cell.hpp"

namespace conform {

/// F24. Throws `otherwise`.
void resources_run_out(fault_cell const& c);

} // namespace conform
