// Those who wait for one answer, each of which may leave alone.
#pragma once

#include <pks/detail/config.hpp>

namespace pks::inline v0::policy {

/// One who waits: a base of whatever is to be told. Leaves its list when it ends.
class waiter
{
public:
    waiter() = default;
    waiter(waiter const&) = delete;
    waiter& operator=(waiter const&) = delete;

    /// In a list, and not yet taken from it.
    bool waiting() const noexcept
    {
        return next_ != nullptr;
    }

    /// Leaves its list, if it is still in one. True: it was, and nobody else will tell it anything.
    bool leave() noexcept
    {
        if (!waiting())
            return false;
        previous_->next_ = next_;
        next_->previous_ = previous_;
        next_ = previous_ = nullptr;
        return true;
    }

protected:
    ~waiter()
    {
        leave();
    }

private:
    friend class waiting_list;

    waiter* next_ = nullptr;
    waiter* previous_ = nullptr;
};

/// Allocates nothing. Whoever uses a list and its waiters from several threads guards both by one lock.
class waiting_list
{
public:
    waiting_list() noexcept
    {
        head_.next_ = head_.previous_ = &head_;
    }
    waiting_list(waiting_list const&) = delete;
    waiting_list& operator=(waiting_list const&) = delete;

    /// Those who are still in it are in no list any more.
    ~waiting_list()
    {
        while (take()) {}
        head_.next_ = head_.previous_ = nullptr;
    }

    bool empty() const noexcept
    {
        return head_.next_ == &head_;
    }

    /// `w` is in no list.
    void add(waiter& w) noexcept
    {
        w.next_ = &head_;
        w.previous_ = head_.previous_;
        head_.previous_->next_ = &w;
        head_.previous_ = &w;
    }

    /// The one who waits longest, taken out; null if there is none.
    waiter* take() noexcept
    {
        if (empty())
            return nullptr;
        auto* const first = head_.next_;
        first->leave();
        return first;
    }

    /// All of another list come after those of this one.
    void take_over(waiting_list& other) noexcept
    {
        while (auto* const w = other.take())
            add(*w);
    }

private:
    struct ring : waiter
    {
    };

    ring head_;
};

} // namespace pks::inline v0::policy
