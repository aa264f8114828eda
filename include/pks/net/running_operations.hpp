// The operations of one handle that are under way: each with a deadline, all of them cancelled together. For the bodies:
// no public header includes this.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/net/deadline.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/operation.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

namespace pks::inline v0::net {

/// Thread safety: every member may be called from any thread at any time.
class running_operations
{
public:
    /// `strand`: where the operations work, one handler at a time.
    explicit running_operations(asio::any_io_executor strand)
        : strand_(std::move(strand)), timer_(std::make_shared<deadline_timer>(strand_))
    {}

    /// Runs what `make_body()` returns, a task<T>(deadline&, diagnostics&). `owner` lives as long, and with it this. After
    /// `within` it ends with errc::timeout; duration::max() is no deadline.
    template <class T, class Make>
    void start(std::shared_ptr<void> owner, std::chrono::steady_clock::duration within, diagnostics* diag,
        handler<T> then, Make const& make_body)
    {
        auto one = std::make_shared<running>(timer_);
        std::shared_ptr<canceller> stops(one, &one->stops);
        one->ends.begin(stops, *stops, within, epoch_.load(std::memory_order_relaxed));
        // Here and not in the body, so that an operation that is stopped before it begins leaves nothing of the last one.
        if (diag)
            diag->clear();
        auto make_run = [&] {
            return [this, owner = std::move(owner), one = std::move(one), diag, body = make_body()](
                       result<T>& out) mutable { return run_to_deadline<T>(*one, body, diag, out); };
        };
        start_made_operation<T>(strand_, make_run, std::move(then), cancellable::total, std::move(stops), spare_);
    }

    /// Ends all that are under way with boost::asio::error::operation_aborted.
    void cancel()
    {
        auto const next = 1 + epoch_.fetch_add(1, std::memory_order_relaxed);
        asio::post(strand_, [timer = timer_, next] { timer->stop_before(next); });
    }

private:
    struct running
    {
        explicit running(std::shared_ptr<deadline_timer> timer) : ends(std::move(timer)) {}

        canceller stops;
        deadline ends;
    };

    template <class T, class Body>
    coroutine<void> run_to_deadline(running& one, Body& body, diagnostics* diag, result<T>& out)
    {
        // Those that have not begun are not watched yet.
        if (one.ends.epoch() != epoch_.load(std::memory_order_relaxed)) {
            out = asio::error::operation_aborted;
            co_return;
        }
        deadline::watch const watched(one.ends);
        // Without a diagnostics object of the caller the body writes to one that nobody reads.
        diagnostics unread;
        auto& seen = diag ? *diag : unread;
        out = co_await body(one.ends, seen);
        if (out.has_error() && one.stops.reason() == errc::timeout)
            out = seen.outcome_unknown ? errc::timeout_outcome_unknown : errc::timeout;
    }

    asio::any_io_executor strand_;
    std::shared_ptr<deadline_timer> timer_;                                  // on the strand
    std::shared_ptr<spare_stacks> spare_ = std::make_shared<spare_stacks>(); // on the strand
    std::atomic<std::uint64_t> epoch_ = 0;                                   // a new one with each cancel()
};

} // namespace pks::inline v0::net
