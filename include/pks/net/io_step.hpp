// One asynchronous step of an operation, and how it tells whoever awaits it.
#pragma once

#include <pks/error.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <utility>

namespace pks::inline v0::net {

namespace asio = boost::asio;

/// Whoever awaits a step.
class suspended
{
public:
    /// The step has ended.
    virtual void resume(error_code ec, std::size_t n) = 0;
    /// The step went without an end, as everything does whose context is destroyed.
    virtual void abandon() noexcept = 0;
    /// What ends the step.
    virtual asio::cancellation_slot cancellation_slot() noexcept = 0;
    /// It was told to end. A step of several waits ends then instead of waiting again: what was emitted when a wait had just
    /// ended is told to none.
    virtual bool stopped() const noexcept = 0;

protected:
    ~suspended() = default;
};

class io_step;

/// The completion handler of a step. Owns whoever awaits it: called or destroyed, it says so, once.
///
/// It has no executor, so that a step ends where it works, which is where whoever awaits it does.
class io_handler
{
public:
    /// Starts the step for `who`.
    static void start(io_step& step, suspended& who);

    explicit io_handler(suspended& who) noexcept : who_(&who) {}
    io_handler(io_handler&& other) noexcept : who_(std::exchange(other.who_, nullptr)), known_(other.known_) {}
    io_handler& operator=(io_handler&&) = delete;
    ~io_handler()
    {
        if (who_)
            drop();
    }

    using cancellation_slot_type = asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return who_->cancellation_slot();
    }

    /// Instead of a call: whoever awaits the step is told otherwise.
    suspended& release() && noexcept
    {
        return *std::exchange(who_, nullptr);
    }

    /// What it is called with where whoever calls it knows nothing.
    io_handler&& with(error_code known) && noexcept
    {
        known_ = known;
        return std::move(*this);
    }

    void operator()()
    {
        (*this)(known_, 0);
    }
    void operator()(error_code ec)
    {
        (*this)(ec, 0);
    }
    void operator()(error_code ec, std::size_t n)
    {
        std::exchange(who_, nullptr)->resume(ec, n);
    }

private:
    class starting;

    void drop() noexcept;

    suspended* who_;
    error_code known_;
};

/// Starts a step. Lives in the frame of the coroutine that awaits it.
class io_step
{
public:
    /// Whether it has ended without being started. Asked once, before it is.
    virtual bool ends_at_once(error_code&, std::size_t&)
    {
        return false;
    }
    /// Where it throws, the handler goes with the exception.
    virtual void start(io_handler then) = 0;

protected:
    ~io_step() = default;
};

/// A step that is being started in this thread. Whoever awaits one that throws meanwhile gets the exception, and is not
/// destroyed with the handler.
class io_handler::starting
{
public:
    explicit starting(suspended const& who) noexcept : who_(who), outer_(std::exchange(innermost_, this)) {}
    starting(starting const&) = delete;
    starting& operator=(starting const&) = delete;
    ~starting()
    {
        innermost_ = outer_;
    }

    bool dropped() const noexcept
    {
        return dropped_;
    }

    /// False where it is none of those.
    static bool drop(suspended const& who) noexcept
    {
        for (auto* one = innermost_; one; one = one->outer_)
            if (&one->who_ == &who)
                return one->dropped_ = true;
        return false;
    }

private:
    static inline constinit thread_local starting* innermost_ = nullptr;

    suspended const& who_;
    starting* const outer_;
    bool dropped_ = false;
};

inline void io_handler::start(io_step& step, suspended& who)
{
    starting const here(who);
    step.start(io_handler(who));
    // Not by an exception, and so for ever.
    if (here.dropped())
        who.abandon();
}

inline void io_handler::drop() noexcept
{
    if (!starting::drop(*who_))
        who_->abandon();
}

} // namespace pks::inline v0::net
