// The faults of the suite `faults` that come from this side: cancellation, destruction, exhaustion.
#pragma once

#include "runner/fault_cell.hpp"

namespace conform {

// Each throws `otherwise` or `not_runnable`.
void operation_is_cancelled(fault_cell const& c); ///< F22
void client_is_destroyed(fault_cell const& c);    ///< F23
void resources_run_out(fault_cell const& c);      ///< F24

} // namespace conform
