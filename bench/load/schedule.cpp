// Bodies of schedule.hpp.
#include "schedule.hpp"
#include "common/allocations.hpp"
#include "common/cpu_time.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bench {

namespace {

namespace json = boost::json;

schedule::clock::duration of_seconds(double s)
{
    return std::chrono::duration_cast<schedule::clock::duration>(std::chrono::duration<double>(s));
}

// In microseconds.
json::object percentiles(std::vector<std::int64_t> sorted)
{
    json::object out;
    if (sorted.empty())
        return out;
    std::sort(sorted.begin(), sorted.end());
    std::pair<char const*, double> const asked[] = {
        {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"most", 1}};
    for (auto const& [name, part] : asked) {
        auto const rank = std::ceil(part * static_cast<double>(sorted.size()));
        auto const at = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
        out[name] = static_cast<double>(sorted[at]) / 1000;
    }
    return out;
}

} // namespace

schedule::schedule(double rate, double seconds)
    : rate_(rate),
      begin_(clock::now()),
      counted_from_(begin_ + of_seconds(seconds / 5)),
      end_(counted_from_ + of_seconds(seconds))
{}

std::optional<schedule::clock::time_point> schedule::next()
{
    auto const now = clock::now();
    auto due = now;
    if (rate_ > 0)
        due = begin_ + of_seconds(static_cast<double>(handed_out_) / rate_);
    if (!counting_ && !over_ && due >= counted_from_)
        begin_counting();
    if (due >= end_) {
        if (std::exchange(over_, true) == false)
            end_counting();
        return {};
    }
    ++handed_out_;
    return due;
}

void schedule::done(clock::time_point due, clock::time_point started, bool good)
{
    if (!good) {
        ++failed_;
        return;
    }
    if (due < counted_from_)
        return;
    auto const now = clock::now();
    raw_.push_back((now - started).count());
    corrected_.push_back((now - due).count());
    // Its processor time falls between the two readings, but for those under way at either.
    if (counting_)
        ++good_;
}

void schedule::begin_counting()
{
    counting_ = true;
    counting_since_ = clock::now();
    cpu_us_ = process_cpu_us();
    allocations_ = allocations();
}

void schedule::end_counting()
{
    counting_ = false;
    cpu_us_ = process_cpu_us() - cpu_us_;
    allocations_ = allocations() - allocations_;
    seconds_ = std::chrono::duration<double>(clock::now() - counting_since_).count();
}

json::object schedule::results() const
{
    auto const operations = static_cast<double>(std::max<std::uint64_t>(good_, 1));
    json::object out{{"operations", good_}, {"failed", failed_}, {"per_second", static_cast<double>(good_) / seconds_},
        {"cpu_us", cpu_us_ / operations}, {"allocations", static_cast<double>(allocations_) / operations},
        {"raw", percentiles(raw_)}, {"corrected", percentiles(corrected_)}};
    return out;
}

} // namespace bench
