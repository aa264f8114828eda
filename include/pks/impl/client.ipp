// Bodies of client.hpp.
#pragma once

#include <pks/async_list_clusters.hpp>
#include <pks/async_login.hpp>
#include <pks/client.hpp>
#include <pks/net/connection.hpp>
#include <pks/net/operation.hpp>
#include <pks/net/tls_context.hpp>
#include <pks/peer.hpp>
#include <pks/proto/uaa_messages.hpp>
#include <pks/uaa/async_get_token.hpp>
#include <pks/uaa/async_target.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace pks::inline v0 {

/// The state that the copies of a client share.
class client_impl : public std::enable_shared_from_this<client_impl>
{
public:
    client_impl(net::asio::any_io_executor executor, client_options options)
        : executor_(executor), strand_(net::asio::make_strand(executor)), options_(std::move(options)),
          login_(options_.login)
    {
        if (!options_.clock)
            options_.clock = std::make_shared<clock const>();
    }

    net::asio::any_io_executor const& executor() const noexcept
    {
        return executor_;
    }

    std::optional<access_token> cached_token() const
    {
        std::lock_guard const lock(mutex_);
        if (token_ && options_.clock->steady_now() < token_until_)
            return token_;
        return {};
    }

    // One operation of this client, with what may end it before its time.
    struct running
    {
        explicit running(net::asio::any_io_executor ex) : deadline(std::move(ex)) {}

        net::canceller canceller;
        net::asio::steady_timer deadline;
        bool timed_out = false;
    };

    void cancel()
    {
        std::vector<std::weak_ptr<running>> all;
        {
            std::lock_guard const lock(mutex_);
            all.swap(running_);
        }
        auto end_all = [all = std::move(all)] {
            for (auto const& weak : all)
                if (auto const one = weak.lock())
                    one->canceller.stop();
        };
        net::asio::post(strand_, std::move(end_all));
    }

    template <class T, class Body>
    void start(std::chrono::steady_clock::duration within, diagnostics* diag, net::handler<T> then, Body body)
    {
        auto one = std::make_shared<running>(strand_);
        if (within != std::chrono::steady_clock::duration::max())
            set_deadline(one, within);
        remember(one);
        auto run = [self = shared_from_this(), one, diag, unread = diagnostics(), body = std::move(body)]() mutable {
            auto& seen = diag ? *diag : unread;
            seen.clear();
            return self->template run<T>(*one, body, seen);
        };
        std::shared_ptr<net::canceller> canceller(one, &one->canceller);
        net::start_operation<T>(
            strand_, std::move(run), std::move(then), net::cancellable::total, std::move(canceller));
    }

    net::task<target_info> target(diagnostics& diag)
    {
        auto connection = co_await connect(options_.uaa, diag);
        if (connection.has_error())
            co_return connection.error();
        auto const server = peer_of(options_.uaa);
        co_return co_await uaa::operations::target(**connection, server, diag);
    }

    net::task<access_token> get_token(diagnostics& diag)
    {
        auto cached = cached_token();
        if (cached) {
            diag.step = step::done;
            co_return std::move(*cached);
        }
        auto const with = current_login();
        if (!with)
            co_return errc::no_credentials;
        auto const refused = refuse(*with, diag);
        if (refused)
            co_return refused;
        auto connection = co_await connect(options_.uaa, diag);
        if (connection.has_error())
            co_return connection.error();
        auto const asked_at = options_.clock->steady_now();
        auto const server = peer_of(options_.uaa);
        auto token = co_await uaa::operations::get_token(**connection, server, *with, diag);
        if (token.has_value())
            keep(*token, asked_at);
        co_return token;
    }

    net::task<access_token> login(credentials const& with, diagnostics& diag)
    {
        auto refused = operations::check_login(with, diag);
        if (!refused)
            refused = refuse(with, diag);
        if (refused)
            co_return refused;
        auto connection = co_await connect(options_.uaa, diag);
        if (connection.has_error())
            co_return connection.error();
        auto const asked_at = options_.clock->steady_now();
        auto const server = peer_of(options_.uaa);
        auto token = co_await operations::login(**connection, server, with, diag);
        if (token.has_value()) {
            {
                std::lock_guard const lock(mutex_);
                login_ = with;
            }
            keep(*token, asked_at);
        }
        co_return token;
    }

    struct login_body
    {
        explicit login_body(credentials c) : with(std::move(c)) {}

        net::task<access_token> operator()(client_impl& impl, diagnostics& diag)
        {
            return impl.login(with, diag);
        }

        credentials with;
    };

    net::task<cluster_list> list_clusters(diagnostics& diag)
    {
        auto const token = co_await get_token(diag);
        if (token.has_error())
            co_return token.error();
        auto connection = co_await connect(options_.api, diag);
        if (connection.has_error())
            co_return connection.error();
        auto const server = peer_of(options_.api);
        auto clusters = co_await operations::list_clusters(**connection, server, *token, diag);
        if (clusters.has_error() && clusters.error() == condition::unauthorized)
            drop(*token);
        co_return clusters;
    }

private:
    void set_deadline(std::shared_ptr<running> const& one, std::chrono::steady_clock::duration within)
    {
        one->deadline.expires_after(within);
        auto expire = [weak = std::weak_ptr<running>(one)](error_code ec) {
            auto const strong = weak.lock();
            if (ec || !strong)
                return;
            strong->timed_out = true;
            strong->canceller.stop();
        };
        one->deadline.async_wait(std::move(expire));
    }

    void remember(std::shared_ptr<running> const& one)
    {
        std::lock_guard const lock(mutex_);
        // Amortised: the list is never longer than twice what is really under way.
        if (running_.size() >= prune_at_) {
            running_.erase(std::remove_if(running_.begin(), running_.end(), [](auto const& w) { return w.expired(); }),
                running_.end());
            prune_at_ = std::max<std::size_t>(16, 2 * running_.size());
        }
        running_.push_back(one);
    }

    template <class T, class Body>
    net::task<T> run(running& one, Body& body, diagnostics& diag)
    {
        auto outcome = co_await std::invoke(body, *this, diag);
        if (outcome.has_error() && one.timed_out)
            co_return errc::timeout;
        co_return outcome;
    }

    peer peer_of(endpoint const& server) const
    {
        return peer(server).limits(options_.limits).clock(options_.clock);
    }

    // What cannot be sent is refused before a connection is made for it.
    error_code refuse(credentials const& with, diagnostics& diag) const
    {
        diag.endpoint = options_.uaa.authority();
        auto const request = proto::token_request(options_.uaa, with, diag);
        return request.has_error() ? request.error() : error_code();
    }

    net::task<std::unique_ptr<net::connection>> connect(endpoint const& server, diagnostics& diag)
    {
        // What an earlier exchange of the same operation left says nothing of this one.
        auto const attempts = diag.attempts;
        diag.clear();
        diag.attempts = attempts;
        diag.endpoint = server.authority();
        diag.step = step::load;
        if (server.secure() && !tls_) {
            auto made = net::make_tls_context(options_.trust, &diag.detail);
            if (made.has_error())
                co_return made.error();
            tls_ = std::move(*made);
        }
        co_return co_await net::connection::open(strand_, server, tls_, diag);
    }

    std::optional<credentials> current_login() const
    {
        std::lock_guard const lock(mutex_);
        return login_;
    }

    // Counted from before the request was sent, so that no token is used beyond its end. Without a lifetime nobody knows
    // how long it may be kept, so it is not.
    void keep(access_token const& token, clock::steady_time_point asked_at)
    {
        if (!token.expires_in())
            return;
        std::lock_guard const lock(mutex_);
        token_ = token;
        token_until_ = asked_at + *token.expires_in();
    }

    void drop(access_token const& refused)
    {
        std::lock_guard const lock(mutex_);
        if (token_ && token_->value() == refused.value())
            token_.reset();
    }

    net::asio::any_io_executor executor_;
    net::asio::any_io_executor strand_;
    client_options options_;
    std::shared_ptr<net::asio::ssl::context> tls_; // on the strand

    mutable std::mutex mutex_; // of everything below
    std::optional<credentials> login_;
    std::optional<access_token> token_;
    clock::steady_time_point token_until_{};
    std::vector<std::weak_ptr<running>> running_;
    std::size_t prune_at_ = 16;
};

PKS_DECL client_options::client_options(std::string_view api_address, v0::trust policy)
    : api(endpoint::api(api_address)), uaa(api.with_port(endpoint::uaa_port)), trust(std::move(policy))
{
}

PKS_DECL client::client(executor_type executor, std::string_view api, trust policy)
    : client(std::move(executor), client_options(api, std::move(policy)))
{
}

PKS_DECL client::client(executor_type executor, client_options options)
    : impl_(std::make_shared<client_impl>(std::move(executor), std::move(options)))
{
}

PKS_DECL client::executor_type client::get_executor() const
{
    return impl_->executor();
}

PKS_DECL client client::within(std::chrono::steady_clock::duration d) const
{
    client out(*this);
    out.deadline_ = d;
    return out;
}

PKS_DECL std::optional<access_token> client::cached_token() const
{
    return impl_->cached_token();
}

PKS_DECL void client::cancel()
{
    impl_->cancel();
}

PKS_DECL void client::start_target(client self, diagnostics* diag, net::handler<target_info> then)
{
    self.impl_->start<target_info>(self.deadline_, diag, std::move(then), &client_impl::target);
}

PKS_DECL void client::start_get_token(client self, diagnostics* diag, net::handler<access_token> then)
{
    self.impl_->start<access_token>(self.deadline_, diag, std::move(then), &client_impl::get_token);
}

PKS_DECL void
client::start_login(client self, diagnostics* diag, net::handler<access_token> then, credentials with)
{
    client_impl::login_body body(std::move(with));
    self.impl_->start<access_token>(self.deadline_, diag, std::move(then), std::move(body));
}

PKS_DECL void client::start_list_clusters(client self, diagnostics* diag, net::handler<cluster_list> then)
{
    self.impl_->start<cluster_list>(self.deadline_, diag, std::move(then), &client_impl::list_clusters);
}

} // namespace pks::inline v0
