// Who does one operation of a load after the other, in callbacks.
#pragma once

#include "schedule.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <utility>

namespace bench {

/// Starts each operation when it is due, as long as the plan has any. Lives until the context has run out of work.
class worker
{
public:
    worker(boost::asio::any_io_executor ex, schedule& plan) : plan_(plan), timer_(std::move(ex)) {}
    worker(worker const&) = delete;
    worker& operator=(worker const&) = delete;

    void next()
    {
        auto const due = plan_.next();
        if (!due)
            return;
        due_ = *due;
        started_ = schedule::clock::now();
        if (due_ <= started_) {
            start();
            return;
        }
        timer_.expires_at(due_);
        timer_.async_wait([this](boost::system::error_code) {
            started_ = schedule::clock::now();
            start();
        });
    }

protected:
    ~worker() = default;

    /// The operation, which ends with done().
    virtual void start() = 0;

    void done(bool good)
    {
        plan_.done(due_, started_, good);
        next();
    }

private:
    schedule& plan_;
    boost::asio::steady_timer timer_;
    schedule::clock::time_point due_;
    schedule::clock::time_point started_;
};

} // namespace bench
