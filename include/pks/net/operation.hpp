// Runs a private coroutine as an asynchronous operation: any completion token, the caller's associated executor,
// allocator and cancellation slot, exactly one completion, never from within the initiating function. For the bodies:
// no public header includes this.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/net/any_stream.hpp>
#include <pks/net/deadline.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/initiation.hpp>
#include <pks/net/io_step.hpp>
#include <pks/peer.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <memory>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pks::inline v0::net {

/// Ends an operation from outside of its completion token: a deadline, cancel(). Belongs to one operation.
///
/// Boost 1.81 and 1.82 let co_spawn keep a raw pointer to the caller's signal beyond its life (fixed in 1.83). The
/// caller's slot is therefore never shown to co_spawn: what is emitted on it is passed on, on the operation's executor, to
/// the signal in here.
class canceller final : public stoppable
{
public:
    /// To be called on the operation's executor only. The first reason counts.
    void stop(error_code reason = asio::error::operation_aborted) override
    {
        if (!reason_)
            reason_ = reason;
        // co_spawn fills the slot on the thread that starts the operation, maybe at this very moment.
        if (begun_)
            signal_.emit(asio::cancellation_type::terminal);
    }
    /// To be called on the operation's executor once it has got there: from now on the slot is alive. False where the
    /// operation was stopped before it began.
    bool begin() noexcept
    {
        begun_ = true;
        return !reason_;
    }
    /// Why it was stopped, if it was. On the operation's executor only.
    error_code reason() const noexcept
    {
        return reason_;
    }
    asio::cancellation_slot slot() noexcept
    {
        return signal_.slot();
    }

private:
    asio::cancellation_signal signal_;
    bool begun_ = false;
    error_code reason_;
};

/// Which cancellation types end an operation.
enum class cancellable {
    partial, ///< terminal and partial: a stream of the caller is left in the middle of an exchange
    total,   ///< total as well: nothing that the caller owns is touched
};

/// An operation under way, without its types: co_spawn, which is expensive to compile, is instantiated once for all.
class any_operation
{
public:
    any_operation() = default;
    any_operation(any_operation const&) = delete;
    any_operation& operator=(any_operation const&) = delete;

    virtual asio::awaitable<void> run() = 0;
    virtual void refuse(error_code reason) = 0;            ///< instead of run()
    virtual void complete(std::exception_ptr failure) = 0; ///< gives back its storage, then calls the handler
    virtual void abandon() noexcept = 0;                   ///< gives back its storage; the handler is never called

protected:
    ~any_operation() = default;
};

namespace operation_detail {

struct abandon
{
    void operator()(any_operation* o) const noexcept
    {
        o->abandon();
    }
};
using owner = std::unique_ptr<any_operation, abandon>;

constexpr asio::cancellation_type types_of(cancellable c) noexcept
{
    auto const partial = asio::cancellation_type::terminal | asio::cancellation_type::partial;
    return c == cancellable::total ? partial | asio::cancellation_type::total : partial;
}

// What is emitted on the caller's slot, from wherever, takes effect on the operation's executor. Whatever the type, no
// step is repeated after it, so that inside each is terminal: the one that every stream knows.
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
        auto stop = [weak = to] {
            if (auto const strong = weak.lock())
                strong->stop();
        };
        asio::dispatch(*executor, std::move(stop));
    }
};

struct completion
{
    owner operation;
    asio::any_completion_executor handlers;
    asio::cancellation_slot callers;
    std::shared_ptr<asio::any_io_executor const> callers_target;
    std::shared_ptr<canceller> owned;

    using executor_type = asio::any_completion_executor;
    executor_type get_executor() const noexcept
    {
        return handlers;
    }

    using cancellation_slot_type = asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return owned->slot();
    }

    void operator()(std::exception_ptr failure)
    {
        callers.clear();
        callers_target.reset();
        owned.reset();
        operation.release()->complete(failure);
    }
};

class post_step final : public io_step
{
public:
    explicit post_step(asio::any_io_executor ex) : ex_(std::move(ex)) {}

    void start(io_handler then) override
    {
        unbound_handler handler(std::move(then));
        asio::post(ex_, std::move(handler));
    }

private:
    asio::any_io_executor ex_;
};

inline asio::awaitable<void> enter(asio::any_io_executor ex, any_operation* operation, std::weak_ptr<canceller> owned)
{
    co_await asio::this_coro::throw_if_cancelled(false);
    // Without this a refusal known at once would complete inside the initiating function.
    post_step later(ex);
    error_code none;
    co_await await_step(later, none);
    auto const by = owned.lock();
    if (by && by->begin())
        co_await operation->run();
    else
        operation->refuse(by ? by->reason() : asio::error::operation_aborted);
}

} // namespace operation_detail

/// Runs `operation` on `ex` and completes it on `handlers`. `callers` is the slot of its completion handler.
inline void spawn(asio::any_io_executor ex, asio::any_completion_executor handlers, any_operation* operation,
    asio::cancellation_slot callers, cancellable types, std::shared_ptr<canceller> owned)
{
    operation_detail::owner keeper(operation);
    std::shared_ptr<asio::any_io_executor const> target;
    if (callers.is_connected()) {
        target = std::make_shared<asio::any_io_executor const>(ex);
        callers.assign(operation_detail::forwarder{owned, target, operation_detail::types_of(types)});
    }
    auto first = operation_detail::enter(ex, operation, owned);
    operation_detail::completion done{
        std::move(keeper), std::move(handlers), callers, std::move(target), std::move(owned)};
    asio::co_spawn(std::move(ex), std::move(first), std::move(done));
}

/// The handler and the body of an operation, in storage from the handler's associated allocator.
template <class T, class Body>
class operation final : public any_operation
{
public:
    static operation* make(Body body, handler<T> then)
    {
        typename traits::allocator_type allocator(then.get_allocator());
        auto* const p = traits::allocate(allocator, 1);
        return ::new (static_cast<void*>(p)) operation(std::move(body), std::move(then));
    }

private:
    using traits =
        typename std::allocator_traits<typename handler<T>::allocator_type>::template rebind_traits<operation>;

    operation(Body body, handler<T> then) : body_(std::move(body)), then_(std::move(then)) {}
    ~operation() = default;

    asio::awaitable<void> run() override
    {
        outcome_ = co_await body_();
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

    void abandon() noexcept override
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

/// Runs `body()`, which returns a task<T>, on `ex` and hands its result to `then`.
template <class T, class Body>
void start_operation(asio::any_io_executor ex, Body body, handler<T> then, cancellable types = cancellable::partial,
    std::shared_ptr<canceller> owned = std::make_shared<canceller>())
{
    auto const callers = asio::get_associated_cancellation_slot(then);
    asio::any_completion_executor const handlers = asio::get_associated_executor(then, ex);
    auto* const started = operation<T, Body>::make(std::move(body), std::move(then));
    spawn(std::move(ex), handlers, started, callers, types, std::move(owned));
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
