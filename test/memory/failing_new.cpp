// The operator new of this program.
#include "memory/failing_new.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace memory_test {

namespace {

thread_local std::size_t countdown = 0; // to the one that fails; 0: none does
thread_local bool all_that_follow = false;
thread_local bool has_failed = false;

bool fails() noexcept
{
    if (has_failed && all_that_follow)
        return true;
    if (countdown == 0 || --countdown != 0)
        return false;
    has_failed = true;
    return true;
}

void* get(std::size_t size, std::size_t alignment) noexcept
{
    if (fails())
        return nullptr;
    if (alignment <= alignof(std::max_align_t))
        return std::malloc(size == 0 ? 1 : size);
    return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

} // namespace

failing_new::failing_new(std::size_t n, bool and_on) noexcept
{
    countdown = n;
    all_that_follow = and_on;
    has_failed = false;
}

failing_new::~failing_new()
{
    countdown = 0;
    has_failed = false;
}

bool failing_new::failed() const noexcept
{
    return has_failed;
}

} // namespace memory_test

// Every form: a sanitizer's own would be in the place of one that is missing.
void* operator new(std::size_t size)
{
    if (auto* const out = memory_test::get(size, 1))
        return out;
    throw std::bad_alloc();
}
void* operator new[](std::size_t size)
{
    return ::operator new(size);
}
void* operator new(std::size_t size, std::nothrow_t const&) noexcept
{
    return memory_test::get(size, 1);
}
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept
{
    return memory_test::get(size, 1);
}
void* operator new(std::size_t size, std::align_val_t alignment)
{
    if (auto* const out = memory_test::get(size, static_cast<std::size_t>(alignment)))
        return out;
    throw std::bad_alloc();
}
void operator delete(void* p) noexcept
{
    std::free(p);
}
void operator delete[](void* p) noexcept
{
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept
{
    std::free(p);
}
void operator delete[](void* p, std::size_t) noexcept
{
    std::free(p);
}
void operator delete(void* p, std::nothrow_t const&) noexcept
{
    std::free(p);
}
void operator delete[](void* p, std::nothrow_t const&) noexcept
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
