// When each operation of a load starts, and how long it took: from then, and from when it should have started.
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace bench {

/// An open loop: operations are due at a constant rate whatever becomes of those before. One that finds no connection
/// free waits, and what it waits is part of its corrected latency, but not of the raw one. Or a closed loop: a connection
/// that has done one starts the next at once; then the two are the same, and mean little.
///
/// A fifth of the time passes before anything is counted. Every latency is kept, none is rounded: a few million of them
/// fit into memory.
/// Thread safety: none.
class schedule
{
public:
    using clock = std::chrono::steady_clock;

    /// `rate`: operations a second; 0: a closed loop.
    schedule(double rate, double seconds);

    /// When the next one is due, which may be past; nothing where it is over. To be asked by whoever has a connection.
    std::optional<clock::time_point> next();

    void done(clock::time_point due, clock::time_point started, bool good);

    /// What came of it, with the processor time of this process, and the allocations of this thread, for each.
    boost::json::object results() const;

private:
    void begin_counting();
    void end_counting();

    double const rate_;
    clock::time_point const begin_;
    clock::time_point const counted_from_;
    clock::time_point const end_;

    std::uint64_t handed_out_ = 0;
    bool counting_ = false;
    bool over_ = false;
    std::uint64_t good_ = 0;
    std::uint64_t failed_ = 0; ///< warm-up included
    double cpu_us_ = 0;
    std::uint64_t allocations_ = 0; ///< of this thread
    double seconds_ = 0;
    clock::time_point counting_since_{};
    std::vector<std::int64_t> raw_;       ///< ns
    std::vector<std::int64_t> corrected_; ///< ns
};

} // namespace bench
