// An allocator that counts, to see that an operation takes its handler's and gives everything back; and that can fail.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace net_test {

struct balance
{
    std::size_t allocations = 0;
    std::size_t live = 0;
    std::size_t fails = 0; ///< the n-th allocation, counted from 1; 0: none
};

template <class T>
class counting_allocator
{
public:
    using value_type = T;

    explicit counting_allocator(balance* b) : balance_(b) {}
    template <class U>
    counting_allocator(counting_allocator<U> const& other) : balance_(other.counts())
    {}
    T* allocate(std::size_t n)
    {
        if (++balance_->allocations == balance_->fails)
            throw std::bad_alloc();
        balance_->live += n * sizeof(T);
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n)
    {
        balance_->live -= n * sizeof(T);
        std::allocator<T>().deallocate(p, n);
    }
    balance* counts() const
    {
        return balance_;
    }
    template <class U>
    bool operator==(counting_allocator<U> const& other) const
    {
        return balance_ == other.counts();
    }

private:
    balance* balance_;
};

} // namespace net_test
