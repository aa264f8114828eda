// Bodies of allocations.hpp.
#include "allocations.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t count = 0;

void* counted(void* made)
{
    ++count;
    if (!made)
        throw std::bad_alloc();
    return made;
}

void* aligned(std::size_t alignment, std::size_t size) noexcept
{
    void* made = nullptr;
    return ::posix_memalign(&made, std::max(alignment, sizeof made), size) == 0 ? made : nullptr;
}

} // namespace

std::uint64_t bench::allocations() noexcept
{
    return count;
}

// The other forms call these.
void* operator new(std::size_t size)
{
    return counted(std::malloc(size != 0 ? size : 1));
}

void* operator new(std::size_t size, std::align_val_t alignment)
{
    auto const unit = static_cast<std::size_t>(alignment);
    return counted(aligned(unit, size));
}

// What Asio takes its memory with.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    ++count;
    return aligned(alignment, size);
}

void operator delete(void* p) noexcept
{
    std::free(p);
}

void operator delete(void* p, std::size_t) noexcept
{
    std::free(p);
}

void operator delete(void* p, std::align_val_t) noexcept
{
    std::free(p);
}

void operator delete(void* p, std::size_t, std::align_val_t) noexcept
{
    std::free(p);
}
