// Bodies of net/connect_race.hpp.
#pragma once

#include <pks/detail/new_shared.hpp>
#include <pks/net/connect_race.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstddef>
#include <new>
#include <optional>
#include <utility>

namespace pks::inline v0::net {

/// Lives as long as one of its handlers does: they own whoever waits.
class connect_race::attempts : public std::enable_shared_from_this<attempts>
{
public:
    attempts(asio::ip::tcp::socket& won, asio::any_io_executor executor, std::vector<asio::ip::address> addresses,
        std::uint16_t port)
        : won_(won), timer_(std::move(executor)), addresses_(std::move(addresses)), port_(port)
    {}

    void begin(io_handler then)
    {
        then.get_cancellation_slot().assign(abort{weak_from_this()});
        then_.emplace(std::move(then));
        try {
            if (addresses_.empty())
                asio::post(timer_.get_executor(), on_time{shared_from_this()});
            else
                try_next();
        } catch (...) {
            // Whoever waits gets the exception.
            then_.reset();
            close_all();
            throw;
        }
    }

    void end(error_code ec)
    {
        if (!then_)
            return;
        close_all();
        io_handler then(std::move(*then_));
        then_.reset();
        std::move(then)(ec, std::size_t(0));
    }

    // Whoever waits is told from elsewhere than within the call that stops it.
    void stop()
    {
        stopped_ = true;
        close_all();
    }

private:
    // Stays in the slot until the race has ended.
    struct abort
    {
        std::weak_ptr<attempts> of;

        void operator()(asio::cancellation_type) const
        {
            if (auto const self = of.lock())
                self->stop();
        }
    };

    struct attempt
    {
        asio::ip::tcp::socket socket;
        std::unique_ptr<attempt> before;
    };

    struct on_connect
    {
        std::shared_ptr<attempts> self;
        asio::ip::tcp::socket* socket;

        void operator()(error_code ec) const
        {
            self->connected(*socket, ec);
        }
    };

    struct on_time
    {
        std::shared_ptr<attempts> self;

        void operator()(error_code ec = {}) const
        {
            if (!ec && self->then_)
                self->go_on();
        }
    };

    void try_next()
    {
        if (stopped_ || tried_ == addresses_.size()) {
            if (under_way_ == 0)
                end(stopped_ ? error_code(asio::error::operation_aborted) : failed_);
            return;
        }
        asio::ip::tcp::endpoint const to(addresses_[tried_++], port_);
        last_attempt_.reset(new attempt{asio::ip::tcp::socket(timer_.get_executor()), std::move(last_attempt_)});
        auto& socket = last_attempt_->socket;
        socket.async_connect(to, on_connect{shared_from_this(), &socket});
        ++under_way_;
        if (tried_ != addresses_.size()) {
            timer_.expires_after(head_start);
            timer_.async_wait(on_time{shared_from_this()});
        }
    }

    void close_all()
    {
        error_code ignored;
        for (auto* at = last_attempt_.get(); at; at = at->before.get())
            at->socket.close(ignored);
        timer_.cancel();
    }

    void connected(asio::ip::tcp::socket& socket, error_code ec)
    {
        --under_way_;
        if (!then_)
            return;
        if (!ec && !stopped_) {
            won_ = std::move(socket);
            end(ec);
            return;
        }
        failed_ = ec;
        timer_.cancel();
        go_on();
    }

    // Where begin() has returned, nobody else would tell whoever waits.
    void go_on()
    {
        try {
            try_next();
        } catch (std::bad_alloc const&) {
            failed_ = asio::error::no_memory;
            tried_ = addresses_.size();
            if (under_way_ == 0)
                end(failed_);
        }
    }

    asio::ip::tcp::socket& won_; // lives in whoever waits
    asio::steady_timer timer_;
    std::vector<asio::ip::address> addresses_;
    std::uint16_t port_;
    std::size_t tried_ = 0;
    std::unique_ptr<attempt> last_attempt_; // a chain
    std::size_t under_way_ = 0;
    bool stopped_ = false;
    error_code failed_ = asio::error::host_not_found;
    std::optional<io_handler> then_;
};

PKS_DECL connect_race::connect_race(
    asio::any_io_executor executor, std::vector<asio::ip::address> const& addresses, std::uint16_t port)
    : won_(executor), starting_(pks::detail::new_shared<attempts>(won_, std::move(executor), in_turns(addresses), port))
{}

PKS_DECL connect_race::~connect_race() = default;

PKS_DECL void connect_race::start(io_handler then)
{
    auto const own = std::exchange(starting_, nullptr);
    running_ = own;
    own->begin(std::move(then));
}

PKS_DECL void connect_race::stop()
{
    if (auto const own = running_.lock())
        own->stop();
}

PKS_DECL asio::ip::tcp::socket connect_race::winner()
{
    return std::move(won_);
}

PKS_DECL std::vector<asio::ip::address> connect_race::in_turns(std::vector<asio::ip::address> const& addresses)
{
    std::vector<asio::ip::address> out;
    out.reserve(addresses.size());
    // The resolver's first has the first turn.
    bool v6 = !addresses.empty() && addresses.front().is_v6();
    std::size_t next[2] = {0, 0};
    auto take = [&](bool of_v6) {
        for (auto& i = next[of_v6 ? 1 : 0]; i != addresses.size();)
            if (auto const& a = addresses[i++]; a.is_v6() == of_v6) {
                out.push_back(a);
                return true;
            }
        return false;
    };
    while (out.size() != std::min(addresses.size(), most_addresses)) {
        take(v6);
        v6 = !v6;
    }
    return out;
}

} // namespace pks::inline v0::net
