// When operations end, and before that the steps that they have reached.
#pragma once

#include <pks/error.hpp>
#include <pks/net/handler.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
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

class deadline;

/// The one timer of a handle, for all its operations that are under way. It is set anew only where something ends before the
/// time that it is set to, and otherwise looks around when it gets there: an operation, and each step of it, cost two
/// assignments, where a timer of its own would cost as much as all that the operation does besides.
///
/// Thread safety: everything happens on the strand.
class deadline_timer : public std::enable_shared_from_this<deadline_timer>
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit deadline_timer(asio::any_io_executor strand) : timer_(std::move(strand)) {}
    deadline_timer(deadline_timer const&) = delete;
    deadline_timer& operator=(deadline_timer const&) = delete;

    /// Ends all operations that are watched, and of an epoch before this one, with
    /// boost::asio::error::operation_aborted.
    void stop_before(std::uint64_t epoch);

private:
    friend class deadline;

    void add(deadline& one) noexcept;
    void remove(deadline& one);
    template <class Do>
    void for_each(Do what);
    void expire();

    void need(time_point next)
    {
        if (next == time_point::max() || (set_ && next >= timer_.expiry()))
            return;
        // Not before it is: where this throws, whoever comes next tries again.
        set_ = false;
        timer_.expires_at(next);
        timer_.async_wait(on_time(weak_from_this()));
        set_ = true;
    }

    // Destroyed without a call where Asio gets no memory to call it: then the timer counts as not set, or no deadline would
    // ever pass again.
    class on_time
    {
    public:
        explicit on_time(std::weak_ptr<deadline_timer> of) : of_(std::move(of)) {}
        on_time(on_time&&) = default;
        on_time& operator=(on_time&&) = delete;
        ~on_time()
        {
            if (auto const self = of_.lock())
                self->set_ = false;
        }

        void operator()(error_code ec)
        {
            auto const self = std::exchange(of_, {}).lock();
            if (!ec && self)
                self->expire();
        }

    private:
        std::weak_ptr<deadline_timer> of_;
    };

    asio::steady_timer timer_;
    deadline* first_ = nullptr;
    deadline* following_ = nullptr; // the next one of for_each()
    bool set_ = false;
};

/// When an operation ends, and the step of it that is under way.
///
/// Thread safety: everything happens on the strand; begin() before the operation does anything there.
class deadline
{
public:
    using time_point = deadline_timer::time_point;
    using duration = std::chrono::steady_clock::duration;

    explicit deadline(std::shared_ptr<deadline_timer> timer) : timer_(std::move(timer)) {}
    deadline(deadline const&) = delete;
    deadline& operator=(deadline const&) = delete;

    /// The operation ends after `d`; duration::max(): it need not. `whole`, and this, live as long as `life`. `epoch`: for
    /// deadline_timer::stop_before().
    void begin(std::weak_ptr<canceller> life, stoppable& whole, duration d, std::uint64_t epoch)
    {
        life_ = std::move(life);
        whole_ = &whole;
        end_ = from_now(d);
        epoch_ = epoch;
    }

    std::uint64_t epoch() const noexcept
    {
        return epoch_;
    }

    /// While this lives the operation is watched.
    class watch
    {
    public:
        explicit watch(deadline& one) : one_(one)
        {
            // First what may throw: nobody would take it out of the list.
            one_.timer_->need(one_.next());
            one_.timer_->add(one_);
        }
        watch(watch const&) = delete;
        watch& operator=(watch const&) = delete;
        ~watch()
        {
            one_.timer_->remove(one_);
        }

    private:
        deadline& one_;
    };

    /// The step under way ends after `d`, by `what` being stopped with errc::timeout. Replaces the one before.
    void step(stoppable& what, duration d)
    {
        step_ = &what;
        step_end_ = from_now(d);
        timer_->need(step_end_);
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
    friend class deadline_timer;

    static time_point from_now(duration d)
    {
        auto const now = std::chrono::steady_clock::now();
        return d < time_point::max() - now ? now + d : time_point::max();
    }

    time_point next() const noexcept
    {
        return step_ ? std::min(end_, step_end_) : end_;
    }

    void expire(time_point now)
    {
        if (now >= end_) {
            // Once.
            end_ = time_point::max();
            step_ = nullptr;
            whole_->stop(errc::timeout);
        } else if (step_ && now >= step_end_) {
            std::exchange(step_, nullptr)->stop(errc::timeout);
        }
    }

    std::shared_ptr<deadline_timer> timer_;
    std::weak_ptr<canceller> life_;
    stoppable* whole_ = nullptr;
    std::uint64_t epoch_ = 0;
    time_point end_ = time_point::max();
    stoppable* step_ = nullptr;
    time_point step_end_{};
    deadline* previous_ = nullptr; // of those that are watched
    deadline* next_ = nullptr;
};

inline void deadline_timer::add(deadline& one) noexcept
{
    one.next_ = first_;
    if (first_)
        first_->previous_ = &one;
    first_ = &one;
}

inline void deadline_timer::remove(deadline& one)
{
    (one.previous_ ? one.previous_->next_ : first_) = one.next_;
    if (one.next_)
        one.next_->previous_ = one.previous_;
    if (following_ == &one)
        following_ = one.next_;
    one.previous_ = one.next_ = nullptr;
    // A timer that is set keeps its context running.
    if (!first_ && std::exchange(set_, false))
        timer_.cancel();
}

// Any of them may leave meanwhile.
template <class Do>
void deadline_timer::for_each(Do what)
{
    for (following_ = first_; following_;) {
        auto& one = *std::exchange(following_, following_->next_);
        what(one);
    }
}

inline void deadline_timer::stop_before(std::uint64_t epoch)
{
    for_each([epoch](deadline& one) {
        auto const life = one.epoch_ < epoch ? one.life_.lock() : nullptr;
        if (life)
            one.whole_->stop(asio::error::operation_aborted);
    });
}

inline void deadline_timer::expire()
{
    set_ = false;
    auto const now = std::chrono::steady_clock::now();
    for_each([now](deadline& one) {
        auto const life = now >= one.next() ? one.life_.lock() : nullptr;
        if (life)
            one.expire(now);
    });
    auto next = time_point::max();
    for (auto const* one = first_; one; one = one->next_)
        next = std::min(next, one->next());
    // All are looked at each time, so that it is not worth to be there for each alone.
    if (first_)
        need(std::max(next, now + std::chrono::milliseconds(1)));
}

} // namespace pks::inline v0::net
