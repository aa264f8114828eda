// The operations of one handle that are under way: each with a deadline, all of them cancelled together. For the bodies:
// no public header includes this.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/net/deadline.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/operation.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace pks::inline v0::net {

/// Thread safety: every member may be called from any thread at any time.
class running_operations
{
public:
    /// `strand`: where the operations work, one handler at a time.
    explicit running_operations(asio::any_io_executor strand)
        : strand_(std::move(strand)), timer_(std::make_shared<deadline_timer>(strand_))
    {}

    /// Runs `body(deadline&, diagnostics&)`, which returns a task<T>. `owner` lives as long. After `within` it ends with
    /// errc::timeout; duration::max() is no deadline.
    template <class T, class Body>
    void start(std::shared_ptr<void> owner, std::chrono::steady_clock::duration within, diagnostics* diag,
        handler<T> then, Body&& body)
    {
        auto one = std::make_shared<running>(timer_);
        std::shared_ptr<canceller> stops(one, &one->stops);
        one->ends.begin(stops, *stops, within);
        remember(one);
        // Here and not in the body, so that an operation that is stopped before it begins leaves nothing of the last one.
        if (diag)
            diag->clear();
        auto run = [owner = std::move(owner), one, diag, body = std::forward<Body>(body)]() mutable {
            return run_to_deadline<T>(one, body, diag);
        };
        start_operation<T>(strand_, std::move(run), std::move(then), cancellable::total, std::move(stops));
    }

    /// Ends all that are under way with boost::asio::error::operation_aborted.
    void cancel()
    {
        std::vector<std::weak_ptr<running>> all;
        {
            std::lock_guard const lock(mutex_);
            all.swap(all_);
        }
        for (auto const& weak : all)
            if (auto const one = weak.lock())
                one->stops.request();
        auto end_all = [all = std::move(all)] {
            for (auto const& weak : all)
                if (auto const one = weak.lock())
                    one->stops.stop();
        };
        asio::post(strand_, std::move(end_all));
    }

private:
    struct running
    {
        explicit running(std::shared_ptr<deadline_timer> timer) : ends(std::move(timer)) {}

        canceller stops;
        deadline ends;
    };

    void remember(std::shared_ptr<running> const& one)
    {
        std::lock_guard const lock(mutex_);
        // Amortised: the list is never longer than twice what is really under way.
        if (all_.size() >= prune_at_) {
            std::erase_if(all_, [](auto const& w) { return w.expired(); });
            prune_at_ = std::max<std::size_t>(16, 2 * all_.size());
        }
        all_.push_back(one);
    }

    template <class T, class Body>
    static task<T> run_to_deadline(std::shared_ptr<running> one, Body& body, diagnostics* diag)
    {
        deadline::watch const watched(one->ends);
        // Without a diagnostics object of the caller the body writes to one that nobody reads.
        diagnostics unread;
        auto& seen = diag ? *diag : unread;
        auto outcome = co_await body(one->ends, seen);
        if (outcome.has_error() && one->stops.reason() == errc::timeout)
            co_return seen.outcome_unknown ? errc::timeout_outcome_unknown : errc::timeout;
        co_return outcome;
    }

    asio::any_io_executor strand_;
    std::shared_ptr<deadline_timer> timer_; // on the strand
    std::mutex mutex_;                      // of the list
    std::vector<std::weak_ptr<running>> all_;
    std::size_t prune_at_ = 16;
};

} // namespace pks::inline v0::net
