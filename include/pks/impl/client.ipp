// Bodies of client.hpp.
#pragma once

#include <pks/async_list_clusters.hpp>
#include <pks/async_login.hpp>
#include <pks/client.hpp>
#include <pks/detail/new_shared.hpp>
#include <pks/net/connector.hpp>
#include <pks/net/running_operations.hpp>
#include <pks/peer.hpp>
#include <pks/proto/uaa_messages.hpp>
#include <pks/uaa/async_get_token.hpp>
#include <pks/uaa/async_target.hpp>

#include <boost/asio/strand.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

namespace pks::inline v0 {

/// The state that the copies of a client share.
class client_impl
{
public:
    client_impl(net::asio::any_io_executor executor, client_options options)
        : executor_(std::move(executor)),
          options_(std::move(options)),
          servers_(net::asio::make_strand(executor_), options_.trust, options_.resolver),
          running_(servers_.executor()),
          login_(options_.login)
    {
        if (!options_.clock)
            options_.clock = pks::detail::new_shared<clock const>();
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

    net::running_operations& running() noexcept
    {
        return running_;
    }

    peer peer_of(endpoint const& server) const
    {
        return peer(server).limits(options_.limits).clock(options_.clock);
    }
    endpoint const& api() const noexcept
    {
        return options_.api;
    }
    endpoint const& uaa() const noexcept
    {
        return options_.uaa;
    }

    // Who this client is.
    struct identity
    {
        credentials with;
        std::uint64_t login;
    };

    std::optional<identity> current_identity() const
    {
        std::lock_guard const lock(mutex_);
        if (login_)
            return identity{*login_, logins_};
        return std::nullopt;
    }

    // Another identity may have logged in since: its token stays.
    void renew(access_token const& token, clock::steady_time_point asked_at, std::uint64_t login)
    {
        std::lock_guard const lock(mutex_);
        if (login == logins_)
            keep(token, asked_at);
    }

    void become(credentials const& with, access_token const& token, clock::steady_time_point asked_at)
    {
        std::lock_guard const lock(mutex_);
        login_ = with;
        ++logins_;
        keep(token, asked_at);
    }

    void drop(access_token const& refused)
    {
        std::lock_guard const lock(mutex_);
        if (token_ && token_->value() == refused.value())
            token_.reset();
    }

    net::connector& servers() noexcept
    {
        return servers_;
    }

    net::task<access_token> fetch(credentials const& with, clock::steady_time_point& asked_at, diagnostics& diag)
    {
        // What cannot be sent is refused before a connection is made for it.
        diag.endpoint = options_.uaa.authority();
        auto const request = proto::token_request(options_.uaa, with, diag);
        if (request.has_error())
            co_return request.error();
        net::connection connection(servers_.executor(), servers_.resolver());
        auto const failed = co_await servers_.connect(connection, options_.uaa, diag);
        if (failed)
            co_return failed;
        asked_at = options_.clock->steady_now();
        auto const server = peer_of(options_.uaa);
        co_return co_await v0::uaa::operations::get_token(connection, server, with, diag);
    }

private:
    // Counted from before the request was sent, so that no token is used beyond its end. Without a lifetime nobody knows
    // how long it may be kept, so it is not.
    void keep(access_token const& token, clock::steady_time_point asked_at)
    {
        token_.reset();
        if (!token.expires_in())
            return;
        token_ = token;
        token_until_ = asked_at + *token.expires_in();
    }

    net::asio::any_io_executor executor_;
    client_options options_;
    net::connector servers_; // on the strand
    net::running_operations running_;

    mutable std::mutex mutex_; // of everything below
    std::optional<credentials> login_;
    std::uint64_t logins_ = 0; // tells whose token it is that arrives
    std::optional<access_token> token_;
    clock::steady_time_point token_until_{};
};

PKS_DECL client_options::client_options(std::string_view api_address, v0::trust policy)
    : api(endpoint::api(api_address)), uaa(api.with_port(endpoint::uaa_port)), trust(std::move(policy))
{}

PKS_DECL client::client(executor_type executor, std::string_view api, trust policy)
    : client(std::move(executor), client_options(api, std::move(policy)))
{}

PKS_DECL client::client(executor_type executor, client_options options)
    : impl_(pks::detail::new_shared<client_impl>(std::move(executor), std::move(options)))
{}

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
    impl_->running().cancel();
}

PKS_DECL net::task<target_info> client::target(client_impl& self, diagnostics& diag)
{
    net::connection connection(self.servers().executor(), self.servers().resolver());
    auto const failed = co_await self.servers().connect(connection, self.uaa(), diag);
    if (failed)
        co_return failed;
    auto const server = self.peer_of(self.uaa());
    co_return co_await uaa::operations::target(connection, server, diag);
}

PKS_DECL net::task<access_token> client::get_token(client_impl& self, diagnostics& diag)
{
    auto cached = self.cached_token();
    if (cached) {
        diag.step = step::done;
        co_return std::move(*cached);
    }
    auto const identity = self.current_identity();
    if (!identity)
        co_return errc::no_credentials;
    clock::steady_time_point asked_at;
    auto token = co_await self.fetch(identity->with, asked_at, diag);
    if (token.has_value())
        self.renew(*token, asked_at, identity->login);
    co_return token;
}

PKS_DECL net::task<access_token> client::login(client_impl& self, credentials const& with, diagnostics& diag)
{
    auto const refused = operations::check_login(with, diag);
    if (refused)
        co_return refused;
    clock::steady_time_point asked_at;
    auto token = co_await self.fetch(with, asked_at, diag);
    if (token.has_value())
        self.become(with, *token, asked_at);
    co_return token;
}

PKS_DECL net::task<cluster_list> client::list_clusters(client_impl& self, diagnostics& diag)
{
    auto const token = co_await get_token(self, diag);
    if (token.has_error())
        co_return token.error();
    net::connection connection(self.servers().executor(), self.servers().resolver());
    auto const failed = co_await self.servers().connect(connection, self.api(), diag);
    if (failed)
        co_return failed;
    auto const server = self.peer_of(self.api());
    auto clusters = co_await operations::list_clusters(connection, server, *token, diag);
    if (clusters.has_error() && clusters.error() == condition::unauthorized)
        self.drop(*token);
    co_return clusters;
}

template <class T, class... Args>
void client::begin(
    client self, diagnostics* diag, net::handler<T> then, std::type_identity_t<body<T, Args...>> what, Args... args)
{
    auto& impl = *self.impl_;
    auto run = [&impl, what, args = std::tuple<Args...>(std::move(args)...)](diagnostics& seen) {
        auto call = [&](Args const&... a) { return what(impl, a..., seen); };
        return std::apply(call, args);
    };
    impl.running().template start<T>(self.impl_, self.deadline_, diag, std::move(then), std::move(run));
}

#ifdef PKS_SEPARATE_COMPILATION
template void client::begin<target_info>(client, diagnostics*, net::handler<target_info>, body<target_info>);
template void client::begin<access_token>(client, diagnostics*, net::handler<access_token>, body<access_token>);
template void client::begin<access_token, credentials>(
    client, diagnostics*, net::handler<access_token>, body<access_token, credentials>, credentials);
template void client::begin<cluster_list>(client, diagnostics*, net::handler<cluster_list>, body<cluster_list>);
#endif

} // namespace pks::inline v0
