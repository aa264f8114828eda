// A step that waits on a timer, for operations that are nothing else.
#pragma once

#include <pks/net/io_step.hpp>

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace net_test {

class timer_step final : public pks::net::io_step
{
public:
    explicit timer_step(boost::asio::steady_timer& timer) : timer_(timer) {}

    void start(pks::net::io_handler then) override
    {
        timer_.async_wait(std::move(then));
    }

private:
    boost::asio::steady_timer& timer_;
};

} // namespace net_test
