// Where the frames of the operations' coroutines are.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace pks::inline v0::net {

/// Room for the frames of one operation's coroutines: of those each ends before the one that awaits it. What does not fit
/// comes from the heap.
class frame_stack
{
public:
    frame_stack() noexcept = default;
    frame_stack(frame_stack const&) = delete;
    frame_stack& operator=(frame_stack const&) = delete;

    /// While this lives, frames that are made in this thread come from `here`.
    class in_use
    {
    public:
        explicit in_use(frame_stack& here) noexcept : outer_(std::exchange(current_, &here)) {}
        in_use(in_use const&) = delete;
        in_use& operator=(in_use const&) = delete;
        ~in_use()
        {
            current_ = outer_;
        }

    private:
        frame_stack* const outer_;
    };

    static void* allocate(std::size_t n)
    {
        auto const whole = (n + 2 * sizeof(origin) - 1) / sizeof(origin) * sizeof(origin);
        auto* const from = current_ && size - current_->used_ >= whole ? current_ : nullptr;
        void* const p = from ? from->room_ + from->used_ : ::operator new(whole);
        if (from)
            from->used_ += whole;
        return ::new (p) origin{from, whole} + 1;
    }
    static void deallocate(void* frame) noexcept
    {
        auto* const begin = static_cast<origin*>(frame) - 1;
        auto* const from = begin->from;
        if (!from)
            ::operator delete(begin);
        // One that another was made after leaves a gap.
        else if (reinterpret_cast<unsigned char*>(begin) + begin->whole == from->room_ + from->used_)
            from->used_ -= begin->whole;
    }

private:
    // In front of each frame.
    struct alignas(std::max_align_t) origin
    {
        frame_stack* from;
        std::size_t whole;
    };

    // A request over a connection that is open fits.
    static constexpr std::size_t size = 4096;

    static inline constinit thread_local frame_stack* current_ = nullptr;

    friend class spare_stacks;

    std::unique_ptr<frame_stack> next_; // of those that nobody uses
    std::size_t used_ = 0;
    alignas(std::max_align_t) unsigned char room_[size];
};

/// The stacks of operations that have ended, for those that come, which find them in the processor's cache.
///
/// Thread safety: everything happens on the executor of those operations.
class spare_stacks
{
public:
    std::unique_ptr<frame_stack> take()
    {
        if (!first_)
            return std::unique_ptr<frame_stack>(new frame_stack);
        auto out = std::move(first_);
        first_ = std::move(out->next_);
        --size_;
        return out;
    }
    /// Without any frame.
    void give_back(std::unique_ptr<frame_stack> one) noexcept
    {
        if (size_ == most)
            return;
        one->used_ = 0;
        one->next_ = std::move(first_);
        first_ = std::move(one);
        ++size_;
    }
    std::size_t size() const noexcept
    {
        return size_;
    }

private:
    static constexpr std::size_t most = 16;

    std::unique_ptr<frame_stack> first_;
    std::size_t size_ = 0;
};

} // namespace pks::inline v0::net
