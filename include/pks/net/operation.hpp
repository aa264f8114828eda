// Runs a private coroutine as an asynchronous operation: any completion token, the caller's associated executor,
// allocator and cancellation slot, exactly one completion, never from within the initiating function. For the bodies:
// no public header includes this.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/coroutine.hpp>
#include <pks/net/deadline.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/initiation.hpp>
#include <pks/net/io_step.hpp>
#include <pks/peer.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <atomic>
#include <exception>
#include <memory>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pks::inline v0::net {

/// Ends an operation from outside of its completion token: a deadline, cancel(). Belongs to one operation.
///
/// What is emitted on the caller's slot, from wherever, is passed on to the signal in here, on the operation's executor:
/// the steps never see the slot of the caller, which may be gone before they are.
///
/// Thread safety: everything happens on the operation's executor, but for request().
class canceller final : public stoppable
{
public:
    /// It will be stopped: one that has not begun does not begin any more. From any thread.
    void request() noexcept
    {
        requested_.store(true, std::memory_order_relaxed);
    }
    /// The first reason counts.
    void stop(error_code reason = asio::error::operation_aborted) override
    {
        if (!reason_)
            reason_ = reason;
        // Whatever the caller's type, no step is repeated after it, so each is ended for good: by the one type that every
        // stream knows.
        signal_.emit(asio::cancellation_type::terminal);
    }
    /// Why it was stopped, if it was.
    error_code reason() const noexcept
    {
        return reason_;
    }
    /// Why it need not begin, if it need not.
    error_code reason_not_to_begin() const noexcept
    {
        if (!reason_ && requested_.load(std::memory_order_relaxed))
            return asio::error::operation_aborted;
        return reason_;
    }
    asio::cancellation_slot slot() noexcept
    {
        return signal_.slot();
    }

private:
    asio::cancellation_signal signal_;
    error_code reason_;
    std::atomic<bool> requested_ = false;
};

/// Which cancellation types end an operation.
enum class cancellable {
    partial, ///< terminal and partial: a stream of the caller is left in the middle of an exchange
    total,   ///< total as well: nothing that the caller owns is touched
};

/// An operation under way, without its types.
class any_operation : public activity
{
public:
    /// Takes the operation over, which begins later, on `ex`, and completes on `handlers`. `callers`: the slot of its
    /// completion handler; `stops`: what ends it besides; `spare`: of that executor, or none.
    static void start(any_operation* which, asio::any_io_executor const& ex,
        asio::any_completion_executor const& handlers, asio::cancellation_slot callers, cancellable types,
        std::shared_ptr<canceller> stops, std::shared_ptr<spare_stacks> spare);

    bool stopped() const noexcept final
    {
        return !!stops_->reason();
    }
    asio::cancellation_slot cancellation_slot() noexcept final
    {
        return stops_->slot();
    }
    void abandon() noexcept final
    {
        destroy_coroutines();
        give_up();
    }

protected:
    ~any_operation() = default;

    virtual coroutine<void> body() = 0;
    virtual void refuse(error_code reason) = 0;            ///< instead of body()
    virtual void complete(std::exception_ptr failure) = 0; ///< gives back its storage, then calls the handler
    virtual void give_up() noexcept = 0;                   ///< gives back its storage; the handler is never called

private:
    // Owns an operation of which no step is under way.
    class owner
    {
    public:
        explicit owner(any_operation& which) noexcept : which_(&which) {}
        owner(owner&& other) noexcept : which_(std::exchange(other.which_, nullptr)) {}
        owner& operator=(owner&&) = delete;
        ~owner()
        {
            if (which_)
                which_->abandon();
        }

        any_operation& release() noexcept
        {
            return *std::exchange(which_, nullptr);
        }

    private:
        any_operation* which_;
    };

    class begin
    {
    public:
        explicit begin(owner which) noexcept : which_(std::move(which)) {}

        void operator()()
        {
            which_.release().begin_body();
        }

    private:
        owner which_;
    };

    class finish
    {
    public:
        finish(owner which, std::exception_ptr failure) noexcept
            : which_(std::move(which)), failure_(std::move(failure))
        {}

        void operator()()
        {
            which_.release().complete_here(std::move(failure_));
        }

    private:
        owner which_;
        std::exception_ptr failure_;
    };

    void begin_body();
    // Where the handler runs, and whoever emits on its slot does.
    void complete_here(std::exception_ptr failure)
    {
        callers_.clear();
        complete(std::move(failure));
    }
    void ended(std::exception_ptr failure) final;

    asio::any_completion_executor handlers_; // empty: the operation's own
    asio::cancellation_slot callers_;
    std::shared_ptr<asio::any_io_executor const> callers_target_;
    std::shared_ptr<canceller> stops_;
};

namespace operation_detail {

constexpr asio::cancellation_type types_of(cancellable c) noexcept
{
    auto const partial = asio::cancellation_type::terminal | asio::cancellation_type::partial;
    return c == cancellable::total ? partial | asio::cancellation_type::total : partial;
}

// What a handler answers that was bound to no executor. To compare with the operation's would take memory.
class none_bound
{
public:
    template <class F>
    void execute(F const&) const
    {
        std::terminate();
    }
    friend bool operator==(none_bound, none_bound) noexcept
    {
        return true;
    }
    friend bool operator!=(none_bound, none_bound) noexcept
    {
        return false;
    }
};

// What is emitted on the caller's slot, from wherever, takes effect on the operation's executor.
//
// Stays in the slot of an operation whose context was destroyed, so it keeps no executor: a strand that goes after its
// context locks a mutex that is gone.
struct forwarder
{
    std::weak_ptr<canceller> to;
    std::weak_ptr<asio::any_io_executor const> on;
    asio::cancellation_type types;

    void operator()(asio::cancellation_type type) const
    {
        auto const executor = on.lock();
        if ((type & types) == asio::cancellation_type::none || !executor)
            return;
        if (auto const strong = to.lock())
            strong->request();
        auto stop = [weak = to] {
            if (auto const strong = weak.lock())
                strong->stop();
        };
        asio::dispatch(*executor, std::move(stop));
    }
};

} // namespace operation_detail

inline void any_operation::start(any_operation* which, asio::any_io_executor const& ex,
    asio::any_completion_executor const& handlers, asio::cancellation_slot callers, cancellable types,
    std::shared_ptr<canceller> stops, std::shared_ptr<spare_stacks> spare)
{
    owner own(*which);
    which->stops_ = std::move(stops);
    which->take_stack_from(std::move(spare));
    // The context of the handler waits for it.
    if (!handlers.target<operation_detail::none_bound>())
        which->handlers_ = asio::prefer(handlers, asio::execution::outstanding_work.tracked);
    if (callers.is_connected()) {
        which->callers_ = callers;
        which->callers_target_ = std::make_shared<asio::any_io_executor const>(ex);
        callers.assign(
            operation_detail::forwarder{which->stops_, which->callers_target_, operation_detail::types_of(types)});
    }
    // A refusal known at once does not complete inside the initiating function.
    asio::post(ex, begin(std::move(own)));
}

inline void any_operation::begin_body()
{
    if (auto const reason = stops_->reason_not_to_begin()) {
        refuse(reason);
        ended({});
        return;
    }
    std::exception_ptr failure;
    try {
        begin_with([this] { return body(); });
    } catch (...) {
        failure = std::current_exception();
    }
    // Outside: what the handler throws leaves run(), and this object is gone then.
    if (failure)
        ended(std::move(failure));
    else
        go_on();
}

inline void any_operation::ended(std::exception_ptr failure)
{
    if (failure) {
        try {
            refuse(error_of(failure));
            failure = nullptr;
        } catch (...) {
            // A user's own: it leaves run().
        }
    }
    callers_target_.reset();
    stops_.reset();
    if (!handlers_) {
        complete_here(std::move(failure));
        return;
    }
    auto const handlers = std::move(handlers_);
    asio::dispatch(handlers, finish(owner(*this), std::move(failure)));
}

template <class T, class Body>
coroutine<void> keep_result(result<T>& out, Body& body)
{
    out = co_await body();
}

/// The handler and the body of an operation, in storage from the handler's associated allocator.
template <class T, class Body>
class operation final : public any_operation
{
public:
    template <class Make>
    static operation* make(Make const& make_body, handler<T>&& then)
    {
        typename traits::allocator_type allocator(then.get_allocator());
        auto* const p = traits::allocate(allocator, 1);
        try {
            return ::new (static_cast<void*>(p)) operation(make_body, std::move(then));
        } catch (...) {
            traits::deallocate(allocator, p, 1);
            throw;
        }
    }

private:
    using traits =
        typename std::allocator_traits<typename handler<T>::allocator_type>::template rebind_traits<operation>;

    template <class Make>
    operation(Make const& make_body, handler<T>&& then) : body_(make_body()), then_(std::move(then))
    {}
    ~operation() = default;

    coroutine<void> body() override
    {
        return body_(outcome_);
    }

    void refuse(error_code reason) override
    {
        outcome_ = reason;
    }

    void complete(std::exception_ptr failure) override
    {
        auto outcome = std::move(outcome_);
        auto then = release();
        if (failure)
            std::rethrow_exception(failure);
        if (outcome.has_value())
            std::move(then)(error_code(), std::move(*outcome));
        else
            std::move(then)(outcome.error(), T());
    }

    void give_up() noexcept override
    {
        release();
    }

    // The allocator lives in the handler, so the storage goes before the handler does.
    handler<T> release() noexcept
    {
        handler<T> then(std::move(then_));
        typename traits::allocator_type allocator(then.get_allocator());
        this->~operation();
        traits::deallocate(allocator, this, 1);
        return then;
    }

    Body body_;
    handler<T> then_;
    result<T> outcome_ = error_code(asio::error::operation_aborted);
};

/// Runs what `make_body()` returns, a coroutine<void>(result<T>&), on `ex` and hands the result to `then`. It is made in the
/// operation's own storage: what it keeps is not moved once more.
template <class T, class Make>
void start_made_operation(asio::any_io_executor const& ex, Make const& make_body, handler<T> then, cancellable types,
    std::shared_ptr<canceller> owned, std::shared_ptr<spare_stacks> spare = {})
{
    auto const callers = asio::get_associated_cancellation_slot(then);
    asio::any_completion_executor const handlers =
        asio::get_associated_executor(then, asio::any_completion_executor(operation_detail::none_bound()));
    // What an erased handler answers that gets no memory.
    if (!handlers)
        throw std::bad_alloc();
    auto* const started = operation<T, decltype(make_body())>::make(make_body, std::move(then));
    any_operation::start(started, ex, handlers, callers, types, std::move(owned), std::move(spare));
}

/// Runs `body()`, which returns a task<T>, on `ex` and hands its result to `then`.
template <class T, class Body>
void start_operation(asio::any_io_executor const& ex, Body&& body, handler<T> then,
    cancellable types = cancellable::partial, std::shared_ptr<canceller> owned = std::make_shared<canceller>())
{
    auto make_body = [&] {
        return [body = std::forward<Body>(body)](result<T>& out) mutable { return keep_result(out, body); };
    };
    start_made_operation<T>(ex, make_body, std::move(then), types, std::move(owned));
}

// Without a diagnostics object of the caller the body writes to one that nobody reads.
template <class T, class... Args>
void start_stream_operation(std::unique_ptr<any_stream> stream, peer server, diagnostics* diag, handler<T> then,
    std::type_identity_t<stream_body<T, Args...>> body, Args... args)
{
    auto executor = stream->get_executor();
    // Here and not in the body, so that an operation that is cancelled before it begins leaves nothing of the last one.
    if (diag)
        diag->clear();
    auto run = [stream = std::move(stream), server = std::move(server), body, diag, unread = diagnostics(),
                   args = std::tuple<Args...>(std::move(args)...)]() mutable {
        auto& seen = diag ? *diag : unread;
        seen.endpoint = server.endpoint().authority();
        auto call = [&](Args const&... a) { return body(*stream, server, a..., seen); };
        return std::apply(call, args);
    };
    start_operation<T>(std::move(executor), std::move(run), std::move(then));
}

} // namespace pks::inline v0::net
