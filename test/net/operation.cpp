// net/operation.hpp: tokens, executor, allocator, cancellation and abandonment of one operation.
#include <net/counting_allocator.hpp>
#include <net/outcome.hpp>
#include <net/timer_step.hpp>

#include <pks/net/initiation.hpp>
#include <pks/net/operation.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace net = pks::net;
using net_test::balance;
using net_test::counting_allocator;
using net_test::finish;
using net_test::note;
using pks::error_code;
using type = asio::cancellation_type;

// Completes when told to, by the cancellation of its timer.
struct step
{
    explicit step(asio::any_io_executor ex) : timer(std::move(ex), asio::steady_timer::time_point::max()) {}

    asio::any_io_executor get_executor()
    {
        return timer.get_executor();
    }
    void go_on()
    {
        released = true;
        timer.cancel();
    }

    asio::steady_timer timer;
    bool released = false;
    int started = 0;
};

net::task<std::string> wait(step& s)
{
    ++s.started;
    error_code ec;
    net_test::timer_step waits(s.timer);
    co_await net::await_step(waits, ec);
    if (!s.released)
        co_return ec;
    co_return std::string("the value");
}

net::task<std::string> refuse()
{
    co_return pks::errc::missing_parameter;
}

struct initiate : net::initiation
{
    using net::initiation::initiation;

    template <class Handler>
    void operator()(Handler&& then, step* s, net::cancellable types) const
    {
        auto body = [s] { return s ? wait(*s) : refuse(); };
        net::start_operation<std::string>(
            get_executor(), std::move(body), net::handler<std::string>(std::forward<Handler>(then)), types);
    }
};

template <class Token>
auto async_step(step& s, Token&& token, net::cancellable types = net::cancellable::partial)
{
    return asio::async_initiate<Token, void(error_code, std::string)>(initiate(s.get_executor()), token, &s, types);
}

template <class Token>
auto async_refused(asio::any_io_executor ex, Token&& token)
{
    return asio::async_initiate<Token, void(error_code, std::string)>(
        initiate(std::move(ex)), token, static_cast<step*>(nullptr), net::cancellable::partial);
}

struct fixture
{
    void poll()
    {
        ctx.restart();
        ctx.poll();
    }

    asio::io_context ctx;
    step s{ctx.get_executor()};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(operation, fixture)

// ---- completion tokens ----

BOOST_AUTO_TEST_CASE(calls_a_handler)
{
    auto const out = finish<std::string>(ctx, [this](auto const& then) {
        async_step(s, then);
        ctx.poll();
        s.go_on();
    });
    BOOST_TEST(!out.ec);
    BOOST_TEST(out.value == "the value");
}

BOOST_AUTO_TEST_CASE(calls_a_handler_that_only_moves)
{
    auto only_moves = std::make_unique<int>(7);
    int seen = 0;
    async_step(s, [held = std::move(only_moves), &seen](error_code, std::string) { seen = *held; });
    ctx.poll();
    s.go_on();
    ctx.run();
    BOOST_TEST(seen == 7);
}

BOOST_AUTO_TEST_CASE(fulfils_a_future)
{
    auto future = async_step(s, asio::use_future);
    ctx.poll();
    s.go_on();
    ctx.run();
    BOOST_TEST(future.get() == "the value");

    auto failed = async_refused(ctx.get_executor(), asio::use_future);
    ctx.restart();
    ctx.run();
    auto is_missing = [](boost::system::system_error const& e) { return e.code() == pks::errc::missing_parameter; };
    BOOST_CHECK_EXCEPTION(failed.get(), boost::system::system_error, is_missing);
}

BOOST_AUTO_TEST_CASE(is_awaited)
{
    std::string value;
    error_code thrown;
    std::tuple<error_code, std::string> both;
    auto wait_for_all = [&]() -> asio::awaitable<void> {
        value = co_await async_step(s, asio::use_awaitable);
        both = co_await async_refused(ctx.get_executor(), asio::as_tuple(asio::use_awaitable));
        try {
            co_await async_refused(ctx.get_executor(), asio::use_awaitable);
        } catch (boost::system::system_error const& e) {
            thrown = e.code();
        }
    };
    asio::co_spawn(ctx, wait_for_all, asio::detached);
    ctx.poll();
    s.go_on();
    ctx.run();
    BOOST_TEST(value == "the value");
    BOOST_TEST(thrown == pks::errc::missing_parameter);
    BOOST_TEST(std::get<0>(both) == pks::errc::missing_parameter);
    BOOST_TEST(std::get<1>(both).empty());
}

BOOST_AUTO_TEST_CASE(is_deferred)
{
    auto packed = async_step(s, asio::deferred);
    ctx.poll();
    BOOST_TEST(s.started == 0);
    note<std::string> const noted;
    std::move(packed)(noted);
    ctx.restart();
    ctx.poll();
    BOOST_TEST(s.started == 1);
    s.go_on();
    ctx.run();
    BOOST_TEST(noted.seen().completions == 1);
    BOOST_TEST(noted.seen().value == "the value");
}

BOOST_AUTO_TEST_CASE(is_awaited_deferred_and_as_tuple)
{
    error_code seen;
    auto wait_for_it = [&]() -> asio::awaitable<void> {
        auto packed = async_refused(ctx.get_executor(), asio::deferred);
        auto const [ec, value] = co_await std::move(packed)(asio::as_tuple(asio::use_awaitable));
        seen = ec;
    };
    asio::co_spawn(ctx, wait_for_it, asio::detached);
    ctx.run();
    BOOST_TEST(seen == pks::errc::missing_parameter);
}

BOOST_AUTO_TEST_CASE(runs_detached)
{
    async_step(s, asio::detached);
    ctx.poll();
    BOOST_TEST(s.started == 1);
    s.go_on();
    ctx.run();
    async_refused(ctx.get_executor(), asio::detached);
    ctx.restart();
    BOOST_TEST(ctx.run() != 0U);
}

// ---- when and where ----

BOOST_AUTO_TEST_CASE(a_refusal_known_at_once_waits_for_the_initiating_function)
{
    // Within the context's own thread, where dispatch would run it at once.
    note<std::string> const noted;
    int at_return = -1;
    asio::post(ctx, [&] {
        async_refused(ctx.get_executor(), noted);
        at_return = noted.seen().completions;
    });
    ctx.run();
    BOOST_TEST(at_return == 0);
    BOOST_TEST(noted.seen().completions == 1);
    BOOST_TEST(noted.seen().ec == pks::errc::missing_parameter);
}

BOOST_AUTO_TEST_CASE(completes_on_the_handlers_executor_and_keeps_it_at_work)
{
    asio::io_context users;
    note<std::string> const noted;
    bool there = false;
    async_step(s, asio::bind_executor(users, [&](error_code ec, std::string value) {
        there = users.get_executor().running_in_this_thread();
        noted(ec, std::move(value));
    }));
    ctx.poll();
    s.go_on();
    ctx.run();
    BOOST_TEST(noted.seen().completions == 0);
    BOOST_TEST(users.run() != 0U);
    BOOST_TEST(there);
    BOOST_TEST(noted.seen().completions == 1);
}

BOOST_AUTO_TEST_CASE(a_users_context_does_not_run_dry_while_the_operation_is_under_way)
{
    asio::io_context users;
    note<std::string> const noted;
    async_step(s, asio::bind_executor(users, noted));
    BOOST_TEST(users.poll() == 0U);
    BOOST_TEST(!users.stopped());
    ctx.poll();
    BOOST_TEST(users.poll() == 0U);
    BOOST_TEST(!users.stopped());
    s.go_on();
    ctx.run();
    users.run();
    BOOST_TEST(noted.seen().completions == 1);
}

// ---- memory ----

BOOST_AUTO_TEST_CASE(returns_what_it_took_from_the_handlers_allocator)
{
    balance b;
    std::size_t live_in_handler = 1;
    async_step(s, asio::bind_allocator(counting_allocator<void*>(&b), [&](error_code, std::string) {
        live_in_handler = b.live;
    }));
    BOOST_TEST(b.allocations > 0U);
    BOOST_TEST(b.live > 0U);
    ctx.poll();
    s.go_on();
    ctx.run();
    BOOST_TEST(b.live == 0U);
    // Only the erased handler itself, which runs: the operation's storage is free before the handler is called.
    BOOST_TEST(live_in_handler == 0U);
}

BOOST_AUTO_TEST_CASE(what_the_handlers_allocator_throws_leaves_the_initiating_function)
{
    for (std::size_t k = 1;; ++k) {
        BOOST_TEST_CONTEXT("allocation " << k)
        {
            balance b;
            b.fails = k;
            step mine(ctx.get_executor());
            note<std::string> const noted;
            bool thrown = false;
            try {
                async_step(mine, asio::bind_allocator(counting_allocator<void*>(&b), noted));
            } catch (std::bad_alloc const&) {
                thrown = true;
            }
            // The erased handler, and the operation. Where both have their memory, nothing is asked for later.
            BOOST_TEST(thrown == (k <= 2));
            poll();
            mine.go_on();
            poll();
            BOOST_TEST(mine.started == (thrown ? 0 : 1));
            BOOST_TEST(noted.seen().completions == (thrown ? 0 : 1));
            BOOST_TEST(noted.shared().use_count() == 1);
            BOOST_TEST(b.live == 0U);
            BOOST_TEST(b.allocations == std::min<std::size_t>(k, 2));
            if (!thrown)
                break;
        }
    }
}

BOOST_AUTO_TEST_CASE(returns_it_when_the_context_goes_first)
{
    balance b;
    auto const held = std::make_shared<int>(0);
    bool called = false;
    for (bool const begun : {false, true}) {
        {
            asio::io_context own;
            step mine(own.get_executor());
            async_step(mine,
                asio::bind_allocator(
                    counting_allocator<void*>(&b), [held, &called](error_code, std::string) { called = true; }));
            if (begun)
                own.poll();
            BOOST_TEST(held.use_count() == 2);
            BOOST_TEST(b.live > 0U);
        }
        BOOST_TEST(held.use_count() == 1);
        BOOST_TEST(b.live == 0U);
    }
    BOOST_TEST(!called);
}

BOOST_AUTO_TEST_CASE(a_slot_may_be_used_after_its_operation_was_abandoned)
{
    for (bool const on_a_strand : {false, true}) {
        std::optional<asio::cancellation_signal> signal(std::in_place);
        note<std::string> const noted;
        std::optional<asio::io_context> own(std::in_place);
        {
            asio::any_io_executor const ex = own->get_executor();
            step mine(on_a_strand ? asio::any_io_executor(asio::make_strand(ex)) : ex);
            async_step(mine, asio::bind_cancellation_slot(signal->slot(), noted));
            own->poll();
        }
        own.reset();
        signal->emit(type::terminal);
        // What is left in the slot goes with the signal: a strand in it would lock a mutex of its context.
        signal.reset();
        BOOST_TEST(noted.seen().completions == 0);
        BOOST_TEST(noted.shared().use_count() == 1);
    }
}

// ---- cancellation ----

BOOST_AUTO_TEST_CASE(takes_the_types_that_it_promises)
{
    struct row
    {
        type emitted;
        net::cancellable types;
        bool stops;
    };
    std::vector<row> const rows = {
        {type::terminal, net::cancellable::partial, true},
        {type::partial, net::cancellable::partial, true},
        {type::total, net::cancellable::partial, false},
        {type::total | type::partial, net::cancellable::partial, true},
        {type::all, net::cancellable::partial, true},
        {type::none, net::cancellable::total, false},
        {type::terminal, net::cancellable::total, true},
        {type::partial, net::cancellable::total, true},
        {type::total, net::cancellable::total, true},
    };
    for (bool const early : {false, true}) {
        for (auto const& r : rows) {
            BOOST_TEST_CONTEXT("emitted " << static_cast<unsigned>(r.emitted) << (early ? " early" : " in the middle"))
            {
                step mine(ctx.get_executor());
                asio::cancellation_signal signal;
                note<std::string> const noted;
                async_step(mine, asio::bind_cancellation_slot(signal.slot(), noted), r.types);
                if (!early)
                    poll();
                signal.emit(r.emitted);
                poll();
                BOOST_TEST(mine.started == (early && r.stops ? 0 : 1));
                BOOST_TEST(noted.seen().completions == (r.stops ? 1 : 0));
                mine.go_on();
                poll();
                BOOST_TEST(noted.seen().completions == 1);
                BOOST_TEST(noted.seen().ec == (r.stops ? error_code(asio::error::operation_aborted) : error_code()));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_type_that_it_ignores_takes_nothing_back)
{
    asio::cancellation_signal signal;
    auto const out = finish<std::string>(ctx, [&](auto const& then) {
        async_step(s, asio::bind_cancellation_slot(signal.slot(), then));
        signal.emit(type::terminal);
        signal.emit(type::total);
        signal.emit(type::none);
    });
    BOOST_TEST(out.ec == asio::error::operation_aborted);
    BOOST_TEST(s.started == 0);
}

BOOST_AUTO_TEST_CASE(a_slot_serves_one_operation_after_the_other)
{
    asio::cancellation_signal signal;
    note<std::string> const first;
    async_step(s, asio::bind_cancellation_slot(signal.slot(), first));
    poll();
    s.go_on();
    poll();
    signal.emit(type::terminal);
    poll();
    BOOST_TEST(first.seen().completions == 1);
    BOOST_TEST(!first.seen().ec);

    step next(ctx.get_executor());
    note<std::string> const second;
    async_step(next, asio::bind_cancellation_slot(signal.slot(), second));
    poll();
    BOOST_TEST(second.seen().completions == 0);
    signal.emit(type::terminal);
    poll();
    BOOST_TEST(second.seen().completions == 1);
    BOOST_TEST(second.seen().ec == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(stopped_before_it_begins_it_ends_with_the_first_reason)
{
    auto const stop = std::make_shared<net::canceller>();
    note<std::string> const noted;
    auto body = [this] { return wait(s); };
    net::start_operation<std::string>(
        ctx.get_executor(), std::move(body), net::handler<std::string>(noted), net::cancellable::total, stop);
    stop->stop(pks::errc::timeout);
    stop->stop();
    BOOST_TEST(stop->reason() == pks::errc::timeout);
    poll();
    BOOST_TEST(s.started == 0);
    BOOST_TEST(noted.seen().completions == 1);
    BOOST_TEST(noted.seen().ec == pks::errc::timeout);
}

// The caller may emit where its handlers run; the operation works elsewhere.
BOOST_AUTO_TEST_CASE(is_cancelled_from_the_handlers_executor_in_another_thread)
{
    for (int i = 0; i < 200; ++i) {
        asio::thread_pool work(1);
        asio::thread_pool users(1);
        asio::cancellation_signal signal;
        step mine(work.get_executor());
        note<std::string> const noted;
        auto start = [&] {
            async_step(mine, asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(users, noted)));
            if (i % 2 == 0)
                asio::post(work, [&mine] { mine.go_on(); });
            asio::post(users, [&signal] { signal.emit(type::terminal); });
        };
        asio::post(users, start);
        users.join();
        work.join();
        BOOST_TEST_REQUIRE(noted.seen().completions == 1);
        if (noted.seen().ec)
            BOOST_TEST_REQUIRE(noted.seen().ec == asio::error::operation_aborted);
        else
            BOOST_TEST_REQUIRE(noted.seen().value == "the value");
    }
}

BOOST_AUTO_TEST_SUITE_END()
