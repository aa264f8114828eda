// Runs a private coroutine as an asynchronous operation: any completion token, the caller's associated executor,
// allocator and cancellation slot, exactly one completion, never from within the initiating function.
#pragma once

#include <pks/error.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associator.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/result.hpp>

#include <exception>
#include <memory>
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

namespace operation_detail {

inline void forward(asio::cancellation_slot callers, asio::any_io_executor ex, std::shared_ptr<canceller> const& to)
{
    if (!callers.is_connected())
        return;
    callers.assign([weak = std::weak_ptr<canceller>(to), ex](asio::cancellation_type type) {
        asio::dispatch(ex, [weak, type] {
            if (auto const strong = weak.lock())
                strong->emit(type);
        });
    });
}

template <class T>
struct completion
{
    handler<T> then;
    asio::cancellation_slot callers_slot;
    std::shared_ptr<canceller> owned;

    using cancellation_slot_type = asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return owned->slot();
    }

    void operator()(std::exception_ptr failure, boost::system::result<T> outcome)
    {
        callers_slot.clear();
        owned.reset();
        if (failure)
            std::rethrow_exception(failure);
        if (outcome.has_value())
            std::move(then)(error_code(), std::move(*outcome));
        else
            std::move(then)(outcome.error(), T());
    }
};

} // namespace operation_detail

/// Which cancellation types end an operation.
enum class cancellable {
    partial, ///< terminal and partial: a stream of the caller is left in the middle of an exchange
    total,   ///< total as well: nothing that the caller owns is touched
};

/// Runs `body()` on `ex` and hands its result to `then`.
template <class T, class Body>
void start_operation(asio::any_io_executor ex, Body body, handler<T> then, cancellable types = cancellable::partial,
    std::shared_ptr<canceller> owned = std::make_shared<canceller>())
{
    auto slot = asio::get_associated_cancellation_slot(then);
    operation_detail::forward(slot, ex, owned);
    auto run = [](asio::any_io_executor on, Body inner, cancellable by, std::weak_ptr<canceller> by_whom) -> task<T> {
        auto allowed = asio::cancellation_type::terminal | asio::cancellation_type::partial;
        if (by == cancellable::total) {
            allowed |= asio::cancellation_type::total;
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        } else {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_partial_cancellation());
        }
        co_await asio::this_coro::throw_if_cancelled(false);
        // Without this a refusal known at once would complete inside the initiating function.
        co_await asio::post(on, asio::use_awaitable);
        auto const canceller_now = by_whom.lock();
        if (canceller_now && (canceller_now->seen() & allowed) != asio::cancellation_type::none)
            co_return asio::error::operation_aborted;
        co_return co_await inner();
    };
    auto first = run(ex, std::move(body), types, owned);
    operation_detail::completion<T> done{std::move(then), slot, std::move(owned)};
    asio::co_spawn(std::move(ex), std::move(first), std::move(done));
}

} // namespace pks::inline v0::net

// Every associated characteristic of the completion but the slot is that of the caller's handler.
template <template <class, class> class Associator, class T, class Default>
struct boost::asio::associator<Associator, pks::net::operation_detail::completion<T>, Default>
    : Associator<pks::net::handler<T>, Default>
{
    static auto get(pks::net::operation_detail::completion<T> const& c, Default const& d = Default()) noexcept
    {
        return Associator<pks::net::handler<T>, Default>::get(c.then, d);
    }
};
template <class T, class Default>
struct boost::asio::associated_cancellation_slot<pks::net::operation_detail::completion<T>, Default>
{
    using type = boost::asio::cancellation_slot;
    static type get(pks::net::operation_detail::completion<T> const& c, Default const& = Default()) noexcept
    {
        return c.get_cancellation_slot();
    }
};
