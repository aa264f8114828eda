// The faults of the suite `faults` by which an operation is interrupted from this side: cancellation, destruction.
#include "runner/interrupted_cases.hpp"
#include "runner/connection_workshop.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <utility>

namespace conform {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Handlers that run before an operation ends, with those of the servers among them: far more than it has steps.
constexpr std::size_t most_steps = 400;

// Up to the k-th handler; false where the operation has ended before.
bool run_steps(operation_bench& bench, std::size_t k, played const& of)
{
    bench.context().restart();
    for (std::size_t i = 0; i != k && of.completions == 0; ++i)
        bench.context().run_one_for(1s);
    return of.completions == 0;
}

void count(operation_bench& bench, suite_operation const& operation, played& out)
{
    auto const seen = bench.server_of(operation).count(operation_bench::tag_of(operation));
    out.requests = seen.requests;
    out.effects = seen.effects;
}

// False where the operation had ended before.
bool cancel_at(fault_cell const& c, std::size_t k, asio::cancellation_type type, char const* name)
{
    fault_form form;
    form.name = std::string(name) + " cancellation at step " + std::to_string(k);
    operation_bench bench(bench_settings{c.tls_version});
    played out, other;
    bool interrupted = false;
    {
        pks::client api(bench.context().get_executor(), bench.options(c.operation));
        bench.prepare(api, c.operation, {});
        asio::cancellation_signal signal;
        operation_bench::start(api, c.operation, out, signal.slot());
        // Those who share a fetch lose nothing by one who leaves.
        bool const shared = c.is("C");
        if (shared)
            operation_bench::start(api, c.operation, other);
        interrupted = run_steps(bench, k, out);
        signal.emit(type);
        bench.run_until([&] { return out.completions != 0 && (!shared || other.completions != 0); },
            "a cancelled operation never ended");
        bench.context().poll();
        count(bench, c.operation, out);
        auto const report = api.explain();
        out.idle = c.operation.path.starts_with("/v1/") ? report.api.idle : report.uaa.idle;
        if (shared)
            expect(!other.ec && other.completions == 1 && out.requests == 1, form, other,
                "the other one gets the token, by one request");
        else if (out.ec)
            expect(out.idle == 0, form, out, "no connection kept");
    }
    out.left_open = bench.wait_for_closed_connections();
    auto const harm = harm_of(out, c.operation);
    expect(harm.empty(), form, out, harm);
    expect_honest(c, form, out);
    return interrupted;
}

std::size_t open_descriptors()
{
    std::filesystem::directory_iterator const all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(all, std::filesystem::directory_iterator()));
}

// False where the operation had ended before.
bool stop_at(fault_cell const& c, std::size_t k)
{
    fault_form form;
    form.name = "the executor's end at step " + std::to_string(k);
    auto const before = open_descriptors();
    played out;
    bool interrupted = false;
    {
        operation_bench bench(bench_settings{c.tls_version});
        pks::client api(bench.context().get_executor(), bench.options(c.operation));
        bench.prepare(api, c.operation, {});
        operation_bench::start(api, c.operation, out);
        interrupted = run_steps(bench, k, out);
    }
    expect(out.completions == (interrupted ? 0 : 1), form, out, "no completion, or one before");
    expect(out.handler.use_count() == 1, form, out, "the handler destroyed");
    expect(open_descriptors() == before, form, out, "no descriptor left");
    return interrupted;
}

// False where the operation had ended before.
bool destroy_at(fault_cell const& c, std::size_t k, bool and_cancel)
{
    fault_form form;
    form.name = std::string(and_cancel ? "cancel(), and the client's end" : "the client's end") + " at step " +
        std::to_string(k);
    operation_bench bench(bench_settings{c.tls_version});
    played out;
    bool interrupted = false;
    {
        pks::client api(bench.context().get_executor(), bench.options(c.operation));
        bench.prepare(api, c.operation, {});
        operation_bench::start(api, c.operation, out);
        interrupted = run_steps(bench, k, out);
        if (and_cancel)
            api.cancel();
    }
    bench.run_until([&] { return out.completions != 0; }, "an operation whose client is gone never ended");
    bench.context().poll();
    count(bench, c.operation, out);
    out.left_open = bench.wait_for_closed_connections();
    auto const harm = harm_of(out, c.operation);
    expect(harm.empty(), form, out, harm);
    if (and_cancel)
        expect_honest(c, form, out);
    else
        expect(!out.ec, form, out, "success: the handle need not outlive its operations");
    return interrupted;
}

} // namespace

void expect_honest(fault_cell const& c, fault_form const& form, played const& p)
{
    bool const aborted = p.ec == asio::error::operation_aborted || p.ec == pks::condition::timeout;
    expect(!p.ec || aborted, form, p, "success, or its end");
    if (!p.ec)
        return;
    // What the server has seen may have happened.
    if (c.is("D") || c.is("E"))
        expect(p.diag.outcome_unknown || p.requests == 0, form, p, "outcome_unknown");
    expect(p.diag.outcome_unknown == (p.diag.outcome_unknown && (c.is("D") || c.is("E"))), form, p,
        "no doubt about what changes nothing");
}

void operation_is_cancelled(fault_cell const& c)
{
    std::pair<char const*, asio::cancellation_type> const types[] = {{"total", asio::cancellation_type::total},
        {"partial", asio::cancellation_type::partial}, {"terminal", asio::cancellation_type::terminal}};
    for (auto const& [name, type] : types)
        for (std::size_t k = 0; k != most_steps; ++k)
            if (!cancel_at(c, k, type, name))
                break;

    // The deadline about when it ends by itself.
    auto const took = c.play(form_of("as a measure", pks::testing::request_fault()), 1).took;
    for (int tenths = 1; tenths != 14; ++tenths) {
        fault_form form;
        form.name = "a deadline after " + std::to_string(tenths) + " tenths";
        auto const deadline = std::chrono::duration_cast<std::chrono::steady_clock::duration>(took * tenths / 10);
        operation_bench bench(bench_settings{c.tls_version});
        played out;
        {
            auto options = bench.options(c.operation);
            if (!c.with_bearer())
                options.deadlines.whole = deadline;
            pks::client api(bench.context().get_executor(), std::move(options));
            bench.prepare(api, c.operation, {});
            auto within = api.within(deadline);
            operation_bench::start(within, c.operation, out);
            bench.run_until([&] { return out.completions != 0; }, "an operation with a deadline never ended");
            bench.context().poll();
            count(bench, c.operation, out);
        }
        out.left_open = bench.wait_for_closed_connections();
        auto const harm = harm_of(out, c.operation);
        expect(harm.empty(), form, out, harm);
        expect_honest(c, form, out);
    }
}

void client_is_destroyed(fault_cell const& c)
{
    for (bool const and_cancel : {false, true})
        for (std::size_t k = 0; k != most_steps; ++k)
            if (!destroy_at(c, k, and_cancel))
                break;
    for (std::size_t k = 0; k != most_steps; ++k)
        if (!stop_at(c, k))
            break;
}

} // namespace conform
