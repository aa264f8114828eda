// Awaits a step as an operation does, without a coroutine.
#pragma once

#include <pks/net/io_step.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace net_test {

class awaiting final : public pks::net::suspended
{
public:
    void start(pks::net::io_step& step)
    {
        begun_ = std::chrono::steady_clock::now();
        pks::net::io_handler::start(step, *this);
    }

    void resume(pks::error_code ec, std::size_t n) override
    {
        stop.slot().clear();
        ++completions;
        outcome = ec;
        count = n;
        took = std::chrono::steady_clock::now() - begun_;
    }
    void abandon() noexcept override
    {
        ++abandoned;
        auto const last = std::move(frame);
    }
    boost::asio::cancellation_slot cancellation_slot() noexcept override
    {
        return stop.slot();
    }
    bool stopped() const noexcept override
    {
        return told_to_end;
    }

    boost::asio::cancellation_signal stop;
    bool told_to_end = false;
    int completions = 0;
    int abandoned = 0;
    pks::error_code outcome;
    std::size_t count = 0;
    std::chrono::steady_clock::duration took{};
    std::shared_ptr<void> frame; // goes with it when it is abandoned

private:
    std::chrono::steady_clock::time_point begun_;
};

} // namespace net_test
