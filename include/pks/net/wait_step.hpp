// Waits until somebody tells: a step of an operation that needs what another operation fetches.
#pragma once

#include <pks/net/io_step.hpp>
#include <pks/policy/waiting_list.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <utility>

namespace pks::inline v0::net {

/// Stands in a waiting_list before it is started; is told after it has been taken out. Cancellation takes it out.
///
/// The handler that it keeps owns the coroutine that it lives in. Whoever holds the list therefore has to tell or to
/// abandon each, also where the context is destroyed: nothing else refers to them.
/// Thread safety: everything happens on the strand `executor`, the cancellation too.
class wait_step : public io_step, public policy::waiter
{
public:
    explicit wait_step(asio::any_io_executor executor) : executor_(std::move(executor)) {}
    ~wait_step()
    {
        leave();
    }

    void start(io_handler then) override
    {
        if (!told_)
            then.get_cancellation_slot().assign(abort(*this));
        then_.emplace(std::move(then));
        if (told_)
            finish(*told_);
    }

    void tell(error_code ec = {})
    {
        // The answer was at hand before anybody waited.
        if (!then_) {
            told_ = ec;
            return;
        }
        finish(ec);
    }

    /// Destroys whoever waits, this object too, without a call.
    void abandon()
    {
        if (!then_)
            return;
        io_handler const last(std::move(*then_));
        then_.reset();
    }

private:
    // Stays in the slot until the handler has run, which clears it.
    class abort
    {
    public:
        explicit abort(wait_step& step) : step_(&step) {}

        void operator()(asio::cancellation_type) const
        {
            // It may stand in no list, as one that nobody but a deadline tells.
            step_->leave();
            if (step_->then_)
                step_->finish(asio::error::operation_aborted);
        }

    private:
        wait_step* step_;
    };

    void finish(error_code ec)
    {
        io_handler then(std::move(*then_).with(ec));
        then_.reset();
        asio::post(executor_, std::move(then));
    }

    asio::any_io_executor executor_;
    std::optional<io_handler> then_;
    std::optional<error_code> told_;
};

} // namespace pks::inline v0::net
