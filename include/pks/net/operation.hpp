// Runs a private coroutine as an asynchronous operation: any completion token, the caller's associated executor,
// allocator and cancellation slot, exactly one completion, never from within the initiating function.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/result.hpp>

#include <exception>
#include <memory>
#include <new>
#include <utility>

namespace pks::inline v0::net {

namespace asio = boost::asio;

/// A step of an operation: a coroutine that never throws what the peer or the network caused.
template <class T>
using task = asio::awaitable<boost::system::result<T>>;

template <class T>
using handler = asio::any_completion_handler<void(error_code, T)>;

/// Ends an operation from outside of its completion token: a deadline, cancel(). Belongs to one operation.
///
/// Boost 1.81 and 1.82 let co_spawn keep a raw pointer to the caller's signal beyond its life (fixed in 1.83). The
/// caller's slot is therefore never shown to co_spawn: what is emitted on it is emitted again, on the operation's
/// executor, on the signal in here.
class canceller
{
public:
    /// To be called on the operation's executor only.
    void emit(asio::cancellation_type type)
    {
        seen_ |= type;
        signal_.emit(type);
    }
    /// What was emitted so far. A coroutine that has not begun yet is deaf to its slot.
    asio::cancellation_type seen() const noexcept
    {
        return seen_;
    }
    asio::cancellation_slot slot() noexcept
    {
        return signal_.slot();
    }

private:
    asio::cancellation_signal signal_;
    asio::cancellation_type seen_ = asio::cancellation_type::none;
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
    virtual void cancel_early() = 0;                       ///< instead of run()
    virtual void complete(std::exception_ptr failure) = 0; ///< gives back its storage, then calls the handler
    virtual void abandon() noexcept = 0;                   ///< gives back its storage; the handler is never called

protected:
    ~any_operation() = default;
};

/// Runs `operation` on `ex` and completes it on `handlers`. `callers` is the slot of its completion handler.
PKS_DECL void spawn(asio::any_io_executor ex, asio::any_completion_executor handlers, any_operation* operation,
    asio::cancellation_slot callers, cancellable types, std::shared_ptr<canceller> owned);

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
    using traits = typename std::allocator_traits<typename handler<T>::allocator_type>::template rebind_traits<operation>;

    operation(Body body, handler<T> then) : body_(std::move(body)), then_(std::move(then)) {}
    ~operation() = default;

    asio::awaitable<void> run() override
    {
        outcome_ = co_await body_();
    }

    void cancel_early() override
    {
        outcome_ = error_code(asio::error::operation_aborted);
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
    boost::system::result<T> outcome_;
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

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/operation.ipp>
#endif
