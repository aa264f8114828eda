// Bodies of net/operation.hpp.
#pragma once

#include <pks/net/operation.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace pks::inline v0::net::operation_detail {

struct abandon
{
    void operator()(any_operation* o) const noexcept
    {
        o->abandon();
    }
};
using owner = std::unique_ptr<any_operation, abandon>;

// What is emitted on the caller's slot, from wherever, is emitted again on the operation's executor.
struct forwarder
{
    std::weak_ptr<canceller> to;
    asio::any_io_executor on;

    void operator()(asio::cancellation_type type) const
    {
        auto emit = [weak = to, type] {
            if (auto const strong = weak.lock())
                strong->emit(type);
        };
        asio::dispatch(on, std::move(emit));
    }
};

struct completion
{
    owner operation;
    asio::any_completion_executor handlers;
    asio::cancellation_slot callers;
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
        owned.reset();
        operation.release()->complete(failure);
    }
};

inline asio::awaitable<void> enter(
    asio::any_io_executor ex, any_operation* operation, cancellable types, std::weak_ptr<canceller> owned)
{
    auto allowed = asio::cancellation_type::terminal | asio::cancellation_type::partial;
    if (types == cancellable::total) {
        allowed |= asio::cancellation_type::total;
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    } else {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_partial_cancellation());
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    // Without this a refusal known at once would complete inside the initiating function.
    co_await asio::post(ex, asio::use_awaitable);
    auto const early = owned.lock();
    if (early && (early->seen() & allowed) != asio::cancellation_type::none)
        operation->cancel_early();
    else
        co_await operation->run();
}

} // namespace pks::inline v0::net::operation_detail

namespace pks::inline v0::net {

PKS_DECL void spawn(asio::any_io_executor ex, asio::any_completion_executor handlers, any_operation* operation,
    asio::cancellation_slot callers, cancellable types, std::shared_ptr<canceller> owned)
{
    operation_detail::owner keeper(operation);
    if (callers.is_connected())
        callers.assign(operation_detail::forwarder{owned, ex});
    auto first = operation_detail::enter(ex, operation, types, owned);
    operation_detail::completion done{std::move(keeper), std::move(handlers), callers, std::move(owned)};
    asio::co_spawn(std::move(ex), std::move(first), std::move(done));
}

} // namespace pks::inline v0::net
