// The connections to one server: which one is used next, and who waits for one.
#pragma once

#include <pks/clock.hpp>
#include <pks/policy/pool_settings.hpp>
#include <pks/policy/waiting_list.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace pks::inline v0::policy {

/// A state machine over owning pointers to connections, which it neither opens nor closes but by dropping them.
///
/// `Waiter` is who waits for one: a waiter with a member `connection`, which is null where it has to be opened. While a
/// connection is idle its members `idle_next` and `idle_until` belong to the pool.
///
/// The connection used last is used next, so that those which are not needed grow old and go. Whoever finds all places
/// taken waits, and is served in order. Nothing happens by itself: what has been idle for too long is dropped whenever
/// anything else happens.
/// Thread safety: none.
template <class Waiter>
class pool
{
public:
    using connection_pointer = decltype(Waiter::connection);

    enum class action : std::uint8_t {
        use,  ///< `connection`; it may have ended meanwhile
        open, ///< whoever asked has a place, and opens one
        wait, ///< whoever asked stands in the list
    };

    class step
    {
    public:
        action what = action::wait;
        connection_pointer connection = {};
    };

    explicit pool(pool_settings settings) : settings_(settings)
    {
        // Nanoseconds of a longer time overflow.
        settings_.idle_for = std::min<std::chrono::milliseconds>(settings_.idle_for, std::chrono::hours(24 * 365));
    }
    pool(pool const&) = delete;
    pool& operator=(pool const&) = delete;
    ~pool()
    {
        clear();
    }

    /// `fresh`: one that nothing was sent over yet. Each place that was given has to be given back by one of the two
    /// below.
    step lease(Waiter& who, bool fresh, clock::steady_time_point now)
    {
        reap(now);
        step out;
        if (!fresh && idle_) {
            out.what = action::use;
            out.connection = pop_idle();
            return out;
        }
        if (used_ >= std::max<std::size_t>(settings_.connections, 1)) {
            who.connection = {};
            waiting_.add(who);
            return out;
        }
        // An idle one gives way to one that must be opened.
        if (idle_ && used_ + idle_count_ >= settings_.connections)
            drop_oldest();
        ++used_;
        out.what = action::open;
        return out;
    }

    /// As lease() where one is idle, and otherwise null and no place.
    connection_pointer take_idle(clock::steady_time_point now)
    {
        reap(now);
        return idle_ ? pop_idle() : connection_pointer();
    }

    /// The connection may carry another request, or is null. Whoever is returned has the place now, and is to be told.
    Waiter* give_back(connection_pointer connection, clock::steady_time_point now)
    {
        reap(now);
        if (auto* const next = static_cast<Waiter*>(waiting_.take())) {
            next->connection = std::move(connection);
            return next;
        }
        --used_;
        if (connection && settings_.idle != 0) {
            if (idle_count_ >= settings_.idle)
                drop_oldest();
            connection->idle_until = now + settings_.idle_for;
            connection->idle_next = std::move(idle_);
            idle_ = std::move(connection);
            ++idle_count_;
        }
        return nullptr;
    }

    /// Drops the idle ones.
    void clear() noexcept
    {
        drop(idle_);
        idle_count_ = 0;
    }

    /// Whoever waits, taken out: for one who will serve nobody any more.
    Waiter* take_waiting() noexcept
    {
        return static_cast<Waiter*>(waiting_.take());
    }

    std::size_t used() const noexcept
    {
        return used_;
    }
    std::size_t idle() const noexcept ///< those included that are due to be dropped
    {
        return idle_count_;
    }

private:
    // One by one: a chain that is destroyed as a whole takes a frame of the stack for each.
    static void drop(connection_pointer& from) noexcept
    {
        while (from)
            from = std::move(from->idle_next);
    }

    connection_pointer pop_idle() noexcept
    {
        auto out = std::exchange(idle_, std::move(idle_->idle_next));
        --idle_count_;
        ++used_;
        return out;
    }

    void drop_oldest() noexcept
    {
        auto* last = &idle_;
        while ((*last)->idle_next)
            last = &(*last)->idle_next;
        last->reset();
        --idle_count_;
    }

    // The one that became idle last is the first.
    void reap(clock::steady_time_point now) noexcept
    {
        auto* at = &idle_;
        idle_count_ = 0;
        for (; *at && now < (*at)->idle_until; at = &(*at)->idle_next)
            ++idle_count_;
        drop(*at);
    }

    pool_settings settings_;
    std::size_t used_ = 0;
    connection_pointer idle_;
    std::size_t idle_count_ = 0;
    waiting_list waiting_;
};

} // namespace pks::inline v0::policy
