// An allocator of one operation's handler, of which a chosen allocation fails.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace conform {

/// What has been asked of it. Thread safety: none.
struct allocations
{
    std::size_t fails = 0; ///< the n-th, counted from 1; 0: none
    std::size_t asked = 0;
    std::size_t live = 0; ///< octets that were not given back
};

/// Counts in what it is made with, which may be nothing.
template <class T>
class failing_allocator
{
public:
    using value_type = T;

    explicit failing_allocator(allocations* counted) noexcept : counted_(counted) {}
    template <class U>
    failing_allocator(failing_allocator<U> const& other) noexcept : counted_(other.counted())
    {}

    T* allocate(std::size_t n)
    {
        if (counted_ && ++counted_->asked == counted_->fails)
            throw std::bad_alloc();
        auto* const out = std::allocator<T>().allocate(n);
        if (counted_)
            counted_->live += n * sizeof(T);
        return out;
    }
    void deallocate(T* p, std::size_t n) noexcept
    {
        if (counted_)
            counted_->live -= n * sizeof(T);
        std::allocator<T>().deallocate(p, n);
    }
    allocations* counted() const noexcept
    {
        return counted_;
    }
    template <class U>
    bool operator==(failing_allocator<U> const& other) const noexcept
    {
        return counted_ == other.counted();
    }

private:
    allocations* counted_;
};

} // namespace conform
