// What the bodies of the operations are written in: coroutines that belong to one operation.
#pragma once

#include <pks/error.hpp>
#include <pks/net/frame_stack.hpp>
#include <pks/net/io_step.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <utility>

namespace pks::inline v0::net {

template <class T>
class coroutine;

/// What the first coroutine belongs to, and with it all that it awaits: an operation.
///
/// Instead of asio::awaitable, which is made for whoever awaits with any token what any executor runs: here a step needs
/// neither a frame nor an erased handler of its own, and the operation no co_spawn.
///
/// Thread safety: everything happens on the operation's executor.
class activity : public suspended
{
public:
    activity() = default;
    activity(activity const&) = delete;
    activity& operator=(activity const&) = delete;

    void resume(error_code ec, std::size_t n) final
    {
        *ec_ = ec;
        *n_ = n;
        cancellation_slot().clear();
        go_on();
    }

protected:
    ~activity() = default;

    /// Before the first coroutine is made. Default: a stack that goes with it.
    void take_stack_from(std::shared_ptr<spare_stacks> spare) noexcept
    {
        spare_ = std::move(spare);
    }

    /// Makes the first coroutine, which begins with go_on().
    template <class F>
    void begin_with(F const& make);

    /// Runs until a step is awaited. As soon as the first coroutine has ended, ended() is called, here or in resume().
    void go_on()
    {
        bool finished = false;
        finished_ = &finished;
        {
            frame_stack::in_use const here(*frames_);
            where_.resume();
        }
        // If not, this object may be resumed in another thread by now, or be gone.
        if (finished) {
            destroy_coroutines();
            if (auto const spare = std::move(spare_))
                spare->give_back(std::move(frames_));
            ended(std::move(failure_));
        }
    }

    /// Without any coroutine left. This object may go.
    virtual void ended(std::exception_ptr failure) = 0;

    /// Destroys all of them. They wait.
    void destroy_coroutines() noexcept
    {
        if (auto const first = std::exchange(first_, nullptr))
            first.destroy();
    }

private:
    friend class awaited_step;
    friend class coroutine_promise;

    std::shared_ptr<spare_stacks> spare_;
    std::unique_ptr<frame_stack> frames_;
    std::coroutine_handle<> first_;
    std::coroutine_handle<> where_; // the one that awaits a step
    error_code* ec_ = nullptr;      // of that step
    std::size_t* n_ = nullptr;
    bool* finished_ = nullptr;
    std::exception_ptr failure_;
};

/// A step, and where its outcome belongs.
class awaited_step
{
public:
    awaited_step(io_step& step, error_code& ec) noexcept : step_(&step), ec_(&ec) {}

    void belong_to(activity& of) noexcept
    {
        of_ = &of;
    }

    // What was stopped between two steps begins none.
    bool await_ready()
    {
        if (!of_->stopped())
            return step_->ends_at_once(*ec_, n_);
        *ec_ = asio::error::operation_aborted;
        return true;
    }
    void await_suspend(std::coroutine_handle<> where)
    {
        of_->where_ = where;
        of_->ec_ = ec_;
        of_->n_ = &n_;
        // It may end in another thread before this returns, and this object may be gone then.
        io_handler::start(*step_, *of_);
    }
    std::size_t await_resume() const noexcept
    {
        return n_;
    }

private:
    io_step* step_;
    error_code* ec_;
    activity* of_ = nullptr;
    std::size_t n_ = 0;
};

/// `n = co_await await_step(step, ec)` runs the step to its end. Where the operation was stopped before, it is not started
/// and `ec` is boost::asio::error::operation_aborted.
inline awaited_step await_step(io_step& step, error_code& ec) noexcept
{
    return {step, ec};
}

/// `co_await was_stopped` tells whether the operation was.
struct was_stopped_t
{
};
inline constexpr was_stopped_t was_stopped;

/// What Asio and OpenSSL throw where memory or anything else of the system is not to be had, as an error. Whatever else it
/// is, it is thrown again.
inline error_code error_of(std::exception_ptr failure)
{
    try {
        std::rethrow_exception(std::move(failure));
    } catch (std::bad_alloc const&) {
        return asio::error::no_memory;
    } catch (boost::system::system_error const& e) {
        return e.code();
    }
}

/// The part of a promise that does not depend on what the coroutine gives.
class coroutine_promise
{
    class last;
    class known;

public:
    static void* operator new(std::size_t n)
    {
        return frame_stack::allocate(n);
    }
    static void operator delete(void* frame) noexcept
    {
        frame_stack::deallocate(frame);
    }

    std::suspend_always initial_suspend() const noexcept
    {
        return {};
    }
    last final_suspend() const noexcept;
    void unhandled_exception() noexcept
    {
        failure_ = std::current_exception();
    }

    awaited_step await_transform(awaited_step step) const noexcept
    {
        step.belong_to(*of_);
        return step;
    }
    known await_transform(was_stopped_t) const noexcept;
    template <class T>
    auto await_transform(coroutine<T>&& next) noexcept
    {
        return next.start_for(*of_);
    }

    void begin(activity& of, std::coroutine_handle<> awaiting = {}) noexcept
    {
        of_ = &of;
        awaiting_ = awaiting;
    }

protected:
    bool failed() const noexcept
    {
        return !!failure_;
    }
    [[noreturn]] void rethrow()
    {
        std::rethrow_exception(std::move(failure_));
    }
    error_code known_failure()
    {
        return error_of(std::move(failure_));
    }

private:
    activity* of_ = nullptr;
    std::coroutine_handle<> awaiting_; // none: the operation itself
    std::exception_ptr failure_;
};

/// Goes on with whoever awaits the coroutine.
class coroutine_promise::last
{
public:
    bool await_ready() const noexcept
    {
        return false;
    }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> which) const noexcept
    {
        coroutine_promise& self = which.promise();
        if (self.awaiting_)
            return self.awaiting_;
        self.of_->failure_ = std::move(self.failure_);
        *self.of_->finished_ = true;
        return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
};

class coroutine_promise::known
{
public:
    explicit known(bool answer) noexcept : answer_(answer) {}

    bool await_ready() const noexcept
    {
        return true;
    }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    bool await_resume() const noexcept
    {
        return answer_;
    }

private:
    bool answer_;
};

inline coroutine_promise::last coroutine_promise::final_suspend() const noexcept
{
    return {};
}

inline coroutine_promise::known coroutine_promise::await_transform(was_stopped_t) const noexcept
{
    return known(of_->stopped());
}

/// The promise of a coroutine that gives a T: an error_code, or a value or an error_code.
template <class T>
class promise_of final : public coroutine_promise
{
public:
    promise_of() noexcept {}
    ~promise_of()
    {
        if (given_)
            std::destroy_at(&value_);
    }

    coroutine<T> get_return_object() noexcept;

    template <class U>
    void return_value(U&& value)
    {
        std::construct_at(&value_, std::forward<U>(value));
        given_ = true;
    }
    T take()
    {
        if (failed())
            return known_failure();
        return std::move(value_);
    }

private:
    union
    {
        T value_;
    };
    bool given_ = false;
};

template <>
class promise_of<void> final : public coroutine_promise
{
public:
    coroutine<void> get_return_object() noexcept;

    void return_void() const noexcept {}
    void take()
    {
        if (failed())
            rethrow();
    }
};

/// Begins when it is awaited, at once or never, by a coroutine of the same operation.
template <class T>
class [[nodiscard]] coroutine
{
public:
    using promise_type = promise_of<T>;

    coroutine(coroutine&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    coroutine& operator=(coroutine&&) = delete;
    ~coroutine()
    {
        if (handle_)
            handle_.destroy();
    }

private:
    friend promise_type;
    friend class activity;
    friend class coroutine_promise;

    using handle = std::coroutine_handle<promise_type>;

    class waiter
    {
    public:
        waiter(handle next, activity& of) noexcept : next_(next), of_(&of) {}

        bool await_ready() const noexcept
        {
            return false;
        }
        handle await_suspend(std::coroutine_handle<> awaiting) const noexcept
        {
            next_.promise().begin(*of_, awaiting);
            return next_;
        }
        T await_resume() const
        {
            return next_.promise().take();
        }

    private:
        handle next_;
        activity* of_;
    };

    explicit coroutine(promise_type& promise) noexcept : handle_(handle::from_promise(promise)) {}

    waiter start_for(activity& of) const noexcept
    {
        return {handle_, of};
    }

    handle handle_;
};

template <class T>
coroutine<T> promise_of<T>::get_return_object() noexcept
{
    return coroutine<T>(*this);
}

inline coroutine<void> promise_of<void>::get_return_object() noexcept
{
    return coroutine<void>(*this);
}

template <class F>
void activity::begin_with(F const& make)
{
    frames_ = spare_ ? spare_->take() : std::unique_ptr<frame_stack>(new frame_stack);
    frame_stack::in_use const here(*frames_);
    coroutine<void> first = make();
    auto const handle = std::exchange(first.handle_, nullptr);
    handle.promise().begin(*this);
    first_ = where_ = handle;
}

} // namespace pks::inline v0::net
