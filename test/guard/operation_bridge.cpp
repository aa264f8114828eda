// What net::start_operation promises of every operation: executor, cancellation, allocator, abandonment, tokens.
#include <net/timer_step.hpp>

#include <pks/net/initiation.hpp>
#include <pks/net/operation.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace net = pks::net;
using pks::error_code;
using namespace std::chrono_literals;

// Waits on a timer: the shape of a read from a socket.
net::task<int> wait(asio::steady_timer& timer, std::chrono::milliseconds time)
{
    error_code ec;
    timer.expires_after(time);
    net_test::timer_step waits(timer);
    co_await net::await_step(waits, ec);
    if (ec)
        co_return ec;
    co_return 42;
}

struct initiate_wait : net::initiation
{
    using net::initiation::initiation;
    template <class Handler>
    void operator()(Handler&& then, asio::steady_timer* timer, std::chrono::milliseconds time, bool total) const
    {
        auto body = [timer, time] { return wait(*timer, time); };
        net::start_operation<int>(get_executor(), std::move(body), net::handler<int>(std::forward<Handler>(then)),
            total ? net::cancellable::total : net::cancellable::partial);
    }
};

template <class Token>
auto async_wait(asio::steady_timer& timer, std::chrono::milliseconds time, Token&& token, bool total = false)
{
    return asio::async_initiate<Token, void(error_code, int)>(
        initiate_wait(timer.get_executor()), token, &timer, time, total);
}

template <class T>
struct counting_allocator
{
    using value_type = T;

    explicit counting_allocator(int* count) : n(count) {}
    template <class U>
    counting_allocator(counting_allocator<U> const& other) : n(other.n)
    {}
    T* allocate(std::size_t k)
    {
        ++*n;
        return std::allocator<T>().allocate(k);
    }
    void deallocate(T* p, std::size_t k)
    {
        std::allocator<T>().deallocate(p, k);
    }
    template <class U>
    bool operator==(counting_allocator<U> const& other) const
    {
        return n == other.n;
    }

    int* n;
};

BOOST_AUTO_TEST_SUITE(operation_bridge)

BOOST_AUTO_TEST_CASE(completes_on_the_handlers_executor)
{
    asio::io_context ctx;
    asio::thread_pool pool(1);
    asio::steady_timer timer(ctx);
    bool on_pool = false;
    int value = 0;
    async_wait(timer, 1ms, asio::bind_executor(pool, [&](error_code, int n) {
        on_pool = pool.get_executor().running_in_this_thread();
        value = n;
    }));
    ctx.run();
    pool.join();
    BOOST_TEST(on_pool);
    BOOST_TEST(value == 42);
}

BOOST_AUTO_TEST_CASE(never_completes_within_the_initiating_function)
{
    asio::io_context ctx;
    asio::steady_timer timer(ctx);
    auto start = [&timer]() -> asio::awaitable<void> {
        bool done = false;
        auto at_once = []() -> net::task<int> { co_return 1; };
        net::start_operation<int>(timer.get_executor(), at_once, [&done](error_code, int) { done = true; });
        BOOST_TEST(!done);
        while (!done)
            co_await asio::post(timer.get_executor(), asio::use_awaitable);
    };
    asio::co_spawn(ctx, start, asio::detached);
    ctx.run();
}

BOOST_AUTO_TEST_CASE(is_cancelled_by_each_type_that_it_takes)
{
    struct row
    {
        asio::cancellation_type type;
        bool total_enabled;
        bool stops;
    };
    for (auto const& [type, total, stops] :
        {row{asio::cancellation_type::terminal, false, true}, row{asio::cancellation_type::partial, false, true},
            row{asio::cancellation_type::total, false, false}, row{asio::cancellation_type::total, true, true}}) {
        asio::io_context ctx;
        asio::steady_timer timer(ctx);
        asio::cancellation_signal signal;
        error_code outcome = asio::error::would_block;
        async_wait(
            timer, 50ms, asio::bind_cancellation_slot(signal.slot(), [&](error_code ec, int) { outcome = ec; }), total);
        ctx.poll();
        signal.emit(type);
        ctx.run();
        BOOST_TEST(outcome == (stops ? error_code(asio::error::operation_aborted) : error_code()));
    }
}

BOOST_AUTO_TEST_CASE(takes_memory_from_the_handlers_allocator)
{
    int allocations = 0;
    asio::io_context ctx;
    asio::steady_timer timer(ctx);
    async_wait(timer, 1ms, asio::bind_allocator(counting_allocator<void*>(&allocations), [](error_code, int) {}));
    ctx.run();
    BOOST_TEST(allocations > 0);
}

BOOST_AUTO_TEST_CASE(drops_the_handler_when_the_context_goes_first)
{
    auto const held = std::make_shared<int>(1);
    {
        asio::io_context ctx;
        asio::steady_timer timer(ctx);
        async_wait(timer, 10s, [held](error_code, int) {});
        ctx.poll();
    }
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(works_with_a_future)
{
    asio::thread_pool pool(1);
    asio::steady_timer timer(pool);
    BOOST_TEST(async_wait(timer, 1ms, asio::use_future).get() == 42);
}

BOOST_AUTO_TEST_CASE(loses_against_a_timer)
{
    asio::io_context ctx;
    asio::steady_timer timer(ctx);
    bool timer_won = false;
    auto race = [&]() -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        asio::steady_timer deadline(ctx, 5ms);
        auto outcome =
            co_await (async_wait(timer, 10s, asio::use_awaitable) || deadline.async_wait(asio::use_awaitable));
        timer_won = outcome.index() == 1;
    };
    asio::co_spawn(ctx, race, asio::detached);
    ctx.run();
    BOOST_TEST(timer_won);
}

// Boost 1.81 and 1.82 keep a raw pointer to the caller's signal in this order of events: the operation is done, its
// handler waits on another context; the caller emits; the handler destroys the signal; the operation's context runs.
// The address sanitizer sees what a plain build may not.
BOOST_AUTO_TEST_CASE(outlives_the_callers_signal)
{
    asio::io_context work;
    asio::io_context user;
    auto const keep = asio::make_work_guard(work);
    std::optional<asio::cancellation_signal> signal(std::in_place);
    asio::steady_timer timer(work);
    bool done = false;
    async_wait(timer, 1ms, asio::bind_cancellation_slot(signal->slot(), asio::bind_executor(user, [&](error_code, int) {
        done = true;
        signal.reset();
    })));
    work.poll();
    std::this_thread::sleep_for(10ms);
    work.poll();
    BOOST_TEST(!done);
    signal->emit(asio::cancellation_type::terminal);
    user.poll();
    work.poll();
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
