// Makes operator new fail: one allocation of this thread, or from that one on all of them.
#pragma once

#include <cstddef>

namespace memory_test {

/// While this lives. Thread safety: each thread has its own.
class failing_new
{
public:
    /// The n-th, counted from 1; `and_on`: and all that follow.
    explicit failing_new(std::size_t n, bool and_on = false) noexcept;
    failing_new(failing_new const&) = delete;
    failing_new& operator=(failing_new const&) = delete;
    ~failing_new();

    /// Whether one has failed.
    bool failed() const noexcept;
};

} // namespace memory_test
