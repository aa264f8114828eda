// One asynchronous step of a connection, awaited through one type: each other completion token costs every user of the
// header-only mode a quarter of a second per kind of step.
#pragma once

#include <pks/error.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <utility>

namespace pks::inline v0::net {

namespace asio = boost::asio;

/// Completes a read or a write, with the number of octets.
using io_handler = asio::any_completion_handler<void(error_code, std::size_t)>;

/// Completes a step without octets: with what it is called with, or else with `known`.
struct plain_handler
{
    io_handler then;
    error_code known = {};

    void operator()()
    {
        std::move(then)(known, std::size_t(0));
    }
    void operator()(error_code ec)
    {
        std::move(then)(ec, std::size_t(0));
    }
};

/// Completes a step where the step itself works, which is on the executor of whoever awaits it. With Boost 1.81 the other
/// way, asking the erased handler for its executor, costs two allocations each time.
class unbound_handler
{
public:
    explicit unbound_handler(io_handler then, error_code known = {}) : then_(std::move(then)), known_(known) {}

    using cancellation_slot_type = asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return then_.get_cancellation_slot();
    }

    void operator()()
    {
        std::move(then_)(known_, std::size_t(0));
    }
    void operator()(error_code ec, std::size_t n)
    {
        std::move(then_)(ec, n);
    }

private:
    io_handler then_;
    error_code known_;
};

/// Starts a step. Lives in the frame of the coroutine that awaits it.
class io_step
{
public:
    virtual void start(io_handler then) = 0;

protected:
    ~io_step() = default;
};

struct initiate_io_step
{
    template <class Handler>
    void operator()(Handler&& then, io_step* step) const
    {
        step->start(io_handler(std::forward<Handler>(then)));
    }
};

/// Runs the step to its end. No coroutine itself: what is returned is one, and keeps all that it needs.
inline asio::awaitable<std::size_t> await_step(io_step& step, error_code& ec)
{
    // Has a name because newer releases of Boost take the token by reference.
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    return asio::async_initiate<decltype(token), void(error_code, std::size_t)>(initiate_io_step(), token, &step);
}

} // namespace pks::inline v0::net

// But for its signature it is the handler of whoever waits.
template <template <class, class> class Associator, class Default>
struct boost::asio::associator<Associator, pks::net::plain_handler, Default> : Associator<pks::net::io_handler, Default>
{
    static auto get(pks::net::plain_handler const& h, Default const& d = Default()) noexcept
    {
        return Associator<pks::net::io_handler, Default>::get(h.then, d);
    }
};
