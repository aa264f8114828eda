// Bodies of measure.hpp.
#include "measure.hpp"
#include "common/allocations.hpp"
#include "common/cpu_time.hpp"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <exception>
#include <thread>
#include <vector>

namespace bench {

namespace {

using steady = std::chrono::steady_clock;

// What one thread did.
struct share
{
    std::uint64_t tokens = 0;
    std::uint64_t wrong = 0;
    std::uint64_t allocations = 0;
    double cpu_us = 0;
    double per_second = 0;
};

} // namespace

std::size_t count_wrong(contestant& who, token_case const& which, token_data const& data)
{
    auto const accepts = who.start(which);
    std::size_t out = 0;
    for (std::size_t i = 0; i != which.count(data.tokens(which.set()).size()); ++i)
        out += accepts(i) != which.good();
    return out;
}

slice measure(contestant& who, token_case const& which, token_data const& data, unsigned threads,
    std::chrono::duration<double> time)
{
    auto const count = which.count(data.tokens(which.set()).size());
    std::vector<share> shares(threads);
    std::atomic<bool> stop{false};
    std::barrier ready(static_cast<std::ptrdiff_t>(threads) + 1);

    auto const run = [&](std::size_t number) {
        auto const accepts = who.start(which);
        auto const expected = which.good();
        auto at = count * number / threads;
        auto const next = [&] {
            bool const right = accepts(at) == expected;
            at = at + 1 == count ? 0 : at + 1;
            return right;
        };
        for (std::size_t i = 0; i != std::min<std::size_t>(count, 200); ++i)
            next();
        share own;
        ready.arrive_and_wait();
        auto const allocated = allocations();
        auto const cpu = thread_cpu_us();
        auto const began = steady::now();
        while (!stop.load(std::memory_order_relaxed)) {
            own.wrong += !next();
            ++own.tokens;
        }
        auto const took = std::chrono::duration<double>(steady::now() - began).count();
        own.cpu_us = thread_cpu_us() - cpu;
        own.allocations = allocations() - allocated;
        own.per_second = static_cast<double>(own.tokens) / took;
        shares[number] = own;
    };

    std::vector<std::jthread> workers;
    for (unsigned i = 0; i != threads; ++i)
        workers.emplace_back(run, i);
    ready.arrive_and_wait();
    std::this_thread::sleep_for(time);
    stop = true;
    workers.clear();

    slice out;
    std::uint64_t tokens = 0;
    for (auto const& one : shares) {
        tokens += one.tokens;
        out.wrong += one.wrong;
        out.tokens_per_second += one.per_second;
        out.cpu_us += one.cpu_us;
        out.allocations += static_cast<double>(one.allocations);
    }
    out.cpu_us /= static_cast<double>(std::max<std::uint64_t>(tokens, 1));
    out.allocations /= static_cast<double>(std::max<std::uint64_t>(tokens, 1));
    return out;
}

} // namespace bench
