// The fault of the suite `faults` by which this side has too little of something: descriptors, memory, threads.
#include "runner/exhaustion_cases.hpp"
#include "runner/connection_workshop.hpp"
#include "runner/failing_allocator.hpp"
#include "runner/interrupted_cases.hpp"
#include "runner/no_more_descriptors.hpp"

#include <pks/net/io_step.hpp>
#include <pks/net/name_lookup.hpp>
#include <pks/net/name_resolver.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/errc.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace conform {

namespace {

using namespace std::chrono_literals;
using pks::condition;

// What becomes of an operation while something is missing: it has ended when this returns.
using injection = std::function<void(operation_bench&, pks::client&, played&)>;

void run_to_end(operation_bench& bench, played const& p, char const* what)
{
    bench.run_until([&p] { return p.completions != 0; }, what);
    // One completion too many would come now.
    bench.context().poll();
}

void count(operation_bench& bench, fault_cell const& c, played& out)
{
    auto const seen = bench.server_of(c.operation).count(operation_bench::tag_of(c.operation));
    out.requests = seen.requests;
    out.effects = seen.effects;
}

std::size_t idle_connections(fault_cell const& c, pks::client const& api)
{
    auto const report = api.explain();
    return (c.operation.path.starts_with("/v1/") ? report.api : report.uaa).idle;
}

// Once there is enough again, the same client does the same.
void recovers(fault_cell const& c, fault_form const& form, injection const& inject)
{
    auto setup = form.bench;
    setup.tls_version = c.tls_version;
    operation_bench bench(setup);
    played first, then;
    {
        auto options = bench.options(c.operation);
        if (form.settings.options)
            form.settings.options(options);
        pks::client api(bench.context().get_executor(), std::move(options));
        bench.prepare(api, c.operation, {});
        inject(bench, api, first);
        count(bench, c, first);
        expect(first.completions == 1 && first.handler.use_count() == 1, form, first, "one completion");
        expect(first.effects <= 1, form, first, "no effect doubled");
        // A fetch goes on when whoever asked for it has gone.
        if (first.ec && !c.is("C"))
            expect(idle_connections(c, api) == 0, form, first, "no connection kept");
        // Longer than the cool-down of tokens.
        auto const later = std::chrono::steady_clock::now() + 2ms;
        bench.run_until([later] { return std::chrono::steady_clock::now() >= later; }, "time stands still");
        operation_bench::start(api, c.operation, then);
        run_to_end(bench, then, "the operation after never ended");
        count(bench, c, then);
        // A token that was fetched serves the next, and what is deleted needs no second time.
        if (!c.is("C") && !c.is("E"))
            then.effects -= first.effects;
    }
    then.left_open = bench.wait_for_closed_connections();
    auto const harm = harm_of(then, c.operation);
    expect(harm.empty() && !then.ec, form, then, "success of the next one: " + harm);
}

// ---- descriptors ----

void no_descriptor(fault_cell const& c)
{
    fault_form form;
    form.name = "no descriptor";
    recovers(c, form, [&](operation_bench& bench, pks::client& api, played& failed) {
        no_more_descriptors const limit;
        operation_bench::start(api, c.operation, failed);
        run_to_end(bench, failed, "an operation without descriptors never ended");
        count(bench, c, failed);
        expect(failed.ec == boost::system::errc::too_many_files_open && failed.requests == 0, form, failed,
            "too_many_files_open");
    });
}

// ---- memory ----

// More than an operation asks its handler's allocator for.
constexpr std::size_t most_allocations = 50;

// The k-th allocation fails, and with it the initiating function, as if it had not been called. False where there is no
// k-th one: then it is as if nothing could fail.
bool allocation_fails(
    fault_cell const& c, fault_form const& form, operation_bench& bench, pks::client& api, std::size_t k, played& out)
{
    allocations memory;
    memory.fails = k;
    try {
        operation_bench::start(api, c.operation, out, {}, &memory);
    } catch (std::bad_alloc const&) {
        expect(memory.asked == k && memory.live == 0, form, out, "the memory given back");
        expect(out.handler.use_count() == 1, form, out, "the handler destroyed");
        bench.context().restart();
        bench.context().poll();
        count(bench, c, out);
        expect(out.completions == 0 && out.requests == 0, form, out, "nothing begun");
        return true;
    }
    // None may fail later, where nobody could be told.
    run_to_end(bench, out, "an operation that got its memory never ended");
    count(bench, c, out);
    expect(memory.live == 0, form, out, "the memory given back");
    expect(!out.ec && out.requests == 1 && out.effects == 1, form, out, "success, by one request");
    return false;
}

void no_memory(fault_cell const& c)
{
    fault_form form;
    recovers(c, form, [&](operation_bench& bench, pks::client& api, played& last) {
        std::size_t k = 0;
        bool failed = true;
        while (failed && k != most_allocations) {
            form.name = "allocation " + std::to_string(++k) + " fails";
            played out;
            failed = allocation_fails(c, form, bench, api, k, out);
            if (!failed)
                last = out;
        }
        // The handler that is kept, and the operation.
        expect(!failed && k > 2, form, last, "two allocations that fail, and success");
    });
}

// ---- threads ----

/// Answers when it is told to, at the end of this at the latest.
class closed_gate
{
public:
    class resolver final : public pks::net::name_resolver
    {
    public:
        pks::error_code look_up(std::string const&, std::vector<boost::asio::ip::address>&) override
        {
            std::unique_lock lock(mutex);
            ++inside;
            changed.notify_all();
            changed.wait(lock, [this] { return open; });
            --inside;
            changed.notify_all();
            return boost::asio::error::host_not_found;
        }

        void wait_for(std::size_t so_many)
        {
            std::unique_lock lock(mutex);
            if (!changed.wait_for(lock, 20s, [&] { return inside == so_many; }))
                throw std::runtime_error("there are not enough threads to look names up");
        }

        std::mutex mutex;
        std::condition_variable changed;
        std::size_t inside = 0;
        bool open = false;
    };

    closed_gate() = default;
    closed_gate(closed_gate const&) = delete;
    closed_gate& operator=(closed_gate const&) = delete;
    ~closed_gate()
    {
        open();
    }

    std::shared_ptr<resolver> const& with() const noexcept
    {
        return with_;
    }
    void open()
    {
        std::unique_lock lock(with_->mutex);
        with_->open = true;
        with_->changed.notify_all();
        with_->changed.wait(lock, [this] { return with_->inside == 0; });
    }

private:
    std::shared_ptr<resolver> with_ = std::make_shared<resolver>();
};

/// Waits for a look-up, and counts its end.
class other_look_up final : public pks::net::suspended
{
public:
    other_look_up(boost::asio::any_io_executor ex, std::shared_ptr<pks::net::name_resolver> with, std::size_t& ended)
        : step_(std::move(ex), std::move(with), "a name"), ended_(ended)
    {
        pks::net::io_handler::start(step_, *this);
    }

private:
    void resume(pks::error_code, std::size_t) override
    {
        ++ended_;
    }
    void abandon() noexcept override {}
    boost::asio::cancellation_slot cancellation_slot() noexcept override
    {
        return stop_.slot();
    }
    bool stopped() const noexcept override
    {
        return false;
    }

    boost::asio::cancellation_signal stop_;
    pks::net::name_lookup step_;
    std::size_t& ended_;
};

// All of an execution context, as pks::net::name_lookup says.
constexpr std::size_t look_up_threads = 32;

void all_look_ups_hang(fault_cell const& c)
{
    constexpr auto deadline = 60ms;
    fault_form form;
    form.name = "no thread to look the name up";
    form.bench.by_name = true;
    if (!c.with_bearer())
        form.settings.options = [](pks::client_options& o) { o.deadlines.whole = 2s; };
    injection const hang = [&](operation_bench& bench, pks::client& api, played& failed) {
        std::size_t ended = 0;
        std::deque<other_look_up> others;
        closed_gate gate;
        for (std::size_t i = 0; i != look_up_threads; ++i)
            others.emplace_back(bench.context().get_executor(), gate.with(), ended);
        gate.with()->wait_for(look_up_threads);
        auto within = api.within(deadline);
        operation_bench::start(within, c.operation, failed);
        run_to_end(bench, failed, "an operation without a thread to look the name up never ended");
        count(bench, c, failed);
        expect(failed.ec == condition::timeout && !failed.diag.outcome_unknown && failed.requests == 0, form, failed,
            "a deadline error");
        expect(failed.took >= deadline && failed.took <= deadline + 100ms, form, failed, "an end at the deadline");
        expect(bench.server_of(c.operation).connections().accepted == 0, form, failed, "no connection");
        gate.open();
        bench.run_until([&] { return ended == look_up_threads; }, "a look-up never ended");
    };
    in_three_tries([&] { recovers(c, form, hang); });
}

// User code has the only thread of the executor.
void block_until(operation_bench& bench, std::chrono::steady_clock::time_point end)
{
    bool done = false;
    boost::asio::post(bench.context(), [&] {
        std::this_thread::sleep_until(end);
        done = true;
    });
    bench.run_until([&done] { return done; }, "what blocks the thread never ran");
}

// From the k-th handler on, until well after the deadline. False where the operation had ended before.
bool blocked_at(fault_cell const& c, std::size_t k)
{
    constexpr auto deadline = 20ms;
    fault_form form;
    form.name = "the executor's thread blocked at step " + std::to_string(k);
    bool interrupted = false;
    recovers(c, form, [&](operation_bench& bench, pks::client& api, played& out) {
        auto const end = std::chrono::steady_clock::now() + deadline;
        auto within = api.within(deadline);
        operation_bench::start(within, c.operation, out);
        bench.context().restart();
        for (std::size_t i = 0; i != k && out.completions == 0; ++i)
            bench.context().run_one_for(1s);
        interrupted = out.completions == 0;
        if (interrupted)
            block_until(bench, end + 5ms);
        run_to_end(bench, out, "an operation whose thread was blocked never ended");
        count(bench, c, out);
        expect_honest(c, form, out);
        if (k == 0)
            expect(out.ec == condition::timeout && (c.is("C") || out.requests == 0), form, out, "a deadline error");
    });
    return interrupted;
}

void blocked_for_a_while(fault_cell const& c)
{
    fault_form form;
    form.name = "the executor's thread blocked for a while";
    recovers(c, form, [&](operation_bench& bench, pks::client& api, played& out) {
        operation_bench::start(api, c.operation, out);
        block_until(bench, std::chrono::steady_clock::now() + 5ms);
        run_to_end(bench, out, "an operation whose thread was blocked never ended");
        expect(!out.ec, form, out, "success");
    });
}

} // namespace

void resources_run_out(fault_cell const& c)
{
    no_descriptor(c);
    no_memory(c);
    all_look_ups_hang(c);
    blocked_for_a_while(c);
    // Steps that have nothing to do with each other, lest it take long.
    for (std::size_t k = 0; blocked_at(c, k);)
        k += 7;
}

} // namespace conform
