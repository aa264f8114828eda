// The faults of the suite `faults` by which an operation is interrupted from this side: cancellation, destruction.
#pragma once

#include "runner/fault_cell.hpp"

namespace conform {

// Each throws `otherwise`.
void operation_is_cancelled(fault_cell const& c); ///< F22
void client_is_destroyed(fault_cell const& c);    ///< F23

/// An operation that was stopped has ended with success, or as one that was stopped, and tells when it is in doubt.
void expect_honest(fault_cell const& c, fault_form const& form, played const& p);

} // namespace conform
