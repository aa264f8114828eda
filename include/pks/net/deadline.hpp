// When an operation ends, and before that the step that it has reached.
#pragma once

#include <pks/error.hpp>
#include <pks/net/handler.hpp>

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace pks::inline v0::net {

/// What ends at its deadline, or with the operation.
class stoppable
{
public:
    virtual void stop(error_code reason) = 0;

protected:
    ~stoppable() = default;
};

class canceller;

/// One timer for the whole and for its steps. It is set anew only where the next end comes before the one it is set to,
/// so that a step costs two assignments.
///
/// Thread safety: everything happens on the strand; begin() before the operation does anything there.
class deadline
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    explicit deadline(asio::any_io_executor strand) : timer_(std::move(strand)) {}

    /// The operation ends after `d`; duration::max(): it need not. `whole` lives as long as this.
    void begin(std::weak_ptr<canceller> life, stoppable& whole, duration d)
    {
        life_ = std::move(life);
        whole_ = &whole;
        end_ = from_now(d);
        set_timer();
    }

    /// The step under way ends after `d`, by `what` being stopped with errc::timeout. Replaces the one before.
    void step(stoppable& what, duration d)
    {
        step_ = &what;
        step_end_ = from_now(d);
        set_timer();
    }
    void no_step() noexcept
    {
        step_ = nullptr;
    }

    time_point end() const noexcept ///< of the whole
    {
        return end_;
    }

private:
    static time_point from_now(duration d)
    {
        auto const now = std::chrono::steady_clock::now();
        return d < time_point::max() - now ? now + d : time_point::max();
    }

    void set_timer()
    {
        auto const next = step_ ? std::min(end_, step_end_) : end_;
        if (next == time_point::max() || (set_ && next >= timer_.expiry()))
            return;
        set_ = true;
        timer_.expires_at(next);
        auto expire = [this, life = life_](error_code ec) {
            auto const alive = life.lock();
            if (!ec && alive)
                this->expire();
        };
        timer_.async_wait(std::move(expire));
    }

    void expire()
    {
        set_ = false;
        auto const now = std::chrono::steady_clock::now();
        if (now >= end_) {
            whole_->stop(errc::timeout);
            return;
        }
        if (step_ && now >= step_end_)
            std::exchange(step_, nullptr)->stop(errc::timeout);
        set_timer();
    }

    asio::steady_timer timer_;
    std::weak_ptr<canceller> life_;
    stoppable* whole_ = nullptr;
    time_point end_ = time_point::max();
    stoppable* step_ = nullptr;
    time_point step_end_{};
    bool set_ = false;
};

} // namespace pks::inline v0::net
