// Bad answers to the two questions whose answers a validator reads, and no client: about keys, and about a token.
#pragma once

#include "runner/fault_cell.hpp"

namespace conform {

/// F18 of `token_keys.get` and `token.introspect`, asked by a pks::validator. Throws `otherwise`.
void validator_fails(fault_cell const& c, fault_form const& form);

} // namespace conform
