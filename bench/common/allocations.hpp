// Counts what a thread allocates with `operator new` and aligned_alloc: this replaces them for the whole program.
#pragma once

#include <cstdint>

namespace bench {

/// Of the calling thread, since it began.
std::uint64_t allocations() noexcept;

} // namespace bench
