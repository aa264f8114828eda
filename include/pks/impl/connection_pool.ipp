// Bodies of net/connection_pool.hpp.
#pragma once

#include <pks/detail/new_shared.hpp>
#include <pks/net/connection_pool.hpp>
#include <pks/net/tls_context.hpp>

#include <boost/asio/error.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

namespace pks::inline v0::net::connection_pool_detail {

/// An operation that waits for a connection.
class place final : public wait_step
{
public:
    using wait_step::wait_step;

    std::unique_ptr<net::connection> connection;
    std::uint64_t policy = 0; // when it was told
};

// To open a connection while the policy of trust changes.
inline constexpr int most_tries = 3;

// What an earlier exchange of the same operation left says nothing of this one.
inline void begin(diagnostics& diag, endpoint const& server)
{
    auto const attempts = diag.attempts;
    diag.clear();
    diag.attempts = attempts;
    diag.endpoint = server.authority();
}

} // namespace pks::inline v0::net::connection_pool_detail

namespace pks::inline v0::net {

class lease::server
{
public:
    server(endpoint const& where, policy::pool_settings const& settings) : address(where), pool(settings) {}

    // Targets of several prefixes go over the same connections.
    bool is(endpoint const& other) const
    {
        return address.host() == other.host() && address.port() == other.port() && address.secure() == other.secure();
    }

    void note_use() noexcept
    {
        used_.store(pool.used(), std::memory_order_relaxed);
        idle_.store(pool.idle(), std::memory_order_relaxed);
    }

    void note_reuse() noexcept
    {
        note_use();
        reused_.store(reused_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    client_report::connections report() const
    {
        auto out = opening;
        out.used = used_.load(std::memory_order_relaxed);
        out.idle = idle_.load(std::memory_order_relaxed);
        out.reused = reused_.load(std::memory_order_relaxed);
        return out;
    }

    endpoint address;
    client_report::connections opening; // what is told of opening them; guarded by the pool's mutex
    policy::pool<connection_pool_detail::place> pool;
    std::unique_ptr<server> next;

private:
    // Written with each exchange, on the executor alone.
    std::atomic<std::size_t> used_ = 0;
    std::atomic<std::size_t> idle_ = 0;
    std::atomic<std::uint64_t> reused_ = 0;
};

PKS_DECL void lease::end(bool reusable)
{
    if (!server_)
        return;
    auto given_back = std::move(connection_);
    if (!reusable || policy_ != pool_->policy_)
        given_back.reset();
    auto* const of = std::exchange(server_, nullptr);
    auto* const next = of->pool.give_back(std::move(given_back), pool_->settings_.clock->steady_now());
    of->note_use();
    if (next) {
        next->policy = pool_->policy_;
        next->tell();
    }
}

PKS_DECL lease::~lease()
{
    if (!server_)
        return;
    // Its operation was destroyed with the context, and nothing else refers to those who wait: they go with it. Where an
    // exception ended the operation, they go on.
    if (std::uncaught_exceptions() != 0) {
        end(false);
        return;
    }
    auto& pool = server_->pool;
    connection_.reset();
    while (auto* const one = pool.take_waiting())
        one->abandon();
}

PKS_DECL connection_pool::connection_pool(asio::any_io_executor executor, connection_settings settings)
    : executor_(std::move(executor)), settings_(std::move(settings))
{}

PKS_DECL connection_pool::~connection_pool() = default;

PKS_DECL lease::server& connection_pool::server_of(endpoint const& server)
{
    auto* at = &servers_;
    for (; *at; at = &(*at)->next)
        if ((*at)->is(server))
            return **at;
    std::lock_guard const lock(mutex_);
    at->reset(new lease::server(server, settings_.pool));
    return **at;
}

PKS_DECL client_report::connections connection_pool::report(endpoint const& server) const
{
    client_report::connections out;
    std::lock_guard const lock(mutex_);
    for (auto const* at = servers_.get(); at; at = at->next.get())
        if (at->is(server))
            out = at->report();
    out.server = server.authority();
    return out;
}

PKS_DECL error_code connection_pool::load(endpoint const& server, diagnostics& diag)
{
    if (!server.secure() || tls_)
        return {};
    auto made = make_tls_context(settings_.trust, &diag.detail);
    if (made.has_error())
        return made.error();
    tls_ = std::move(*made);
    sessions_ = pks::detail::new_shared<tls_sessions>();
    sessions_->watch(*tls_);
    return {};
}

PKS_DECL void connection_pool::use(trust policy)
{
    settings_.trust = std::move(policy);
    ++policy_;
    tls_.reset();
    sessions_.reset();
    for (auto* at = servers_.get(); at; at = at->next.get()) {
        at->pool.clear();
        at->note_use();
    }
}

PKS_DECL void connection_pool::note_opened(lease::server& of, error_code ec, bool resumed)
{
    of.note_use();
    std::lock_guard const lock(mutex_);
    of.opening.opened += ec ? 0 : 1;
    of.opening.resumed += resumed ? 1 : 0;
    if (ec && ec != asio::error::operation_aborted)
        of.opening.last_failure = ec;
}

// The place is that of `out` now. One that has ended, or has something to say that nobody asked for, is replaced without
// anybody noticing.
PKS_DECL bool connection_pool::take(lease& out, lease::server& of, std::unique_ptr<connection> idle, deadline& ends)
{
    out.pool_ = this;
    out.server_ = &of;
    out.policy_ = policy_;
    out.reused_ = idle && idle->quiet();
    if (!out.reused_)
        return false;
    out.connection_ = std::move(idle);
    out.connection_->limit(settings_.deadlines, ends);
    of.note_reuse();
    return true;
}

PKS_DECL bool connection_pool::reuse(lease& out, endpoint const& server, deadline& ends, diagnostics& diag)
{
    auto& of = server_of(server);
    auto idle = of.pool.take_idle(settings_.clock->steady_now());
    if (!idle)
        return false;
    if (!take(out, of, std::move(idle), ends)) {
        out.end(false);
        return false;
    }
    connection_pool_detail::begin(diag, server);
    diag.step = step::connect;
    return true;
}

PKS_DECL coroutine<error_code> connection_pool::open(
    lease& out, endpoint const& server, bool fresh, deadline& ends, diagnostics& diag)
{
    connection_pool_detail::begin(diag, server);
    diag.step = step::load;
    auto failed = load(server, diag);
    if (failed)
        co_return failed;

    diag.step = step::connect;
    auto& of = server_of(server);
    using pool = policy::pool<connection_pool_detail::place>;
    connection_pool_detail::place waits(executor_);
    auto next = of.pool.lease(waits, fresh, settings_.clock->steady_now());
    if (next.what == pool::action::wait) {
        error_code ec;
        co_await await_step(waits, ec);
        if (ec)
            co_return ec;
        // The policy may have changed since.
        if (waits.policy == policy_)
            next.connection = std::move(waits.connection);
    }
    if (fresh)
        next.connection.reset();
    bool const reused = take(out, of, std::move(next.connection), ends);
    if (reused)
        co_return error_code();
    for (int tries = 1;; ++tries) {
        // Meanwhile there may be another policy, of which nothing was loaded.
        failed = load(server, diag);
        if (failed)
            break;
        out.policy_ = policy_;
        out.connection_.reset(new connection(executor_, settings_.resolver));
        out.connection_->limit(settings_.deadlines, ends);
        out.connection_->resume(sessions_);
        out.connection_->remember(addresses_);
        out.connection_->go_by(settings_.proxy);
        failed = co_await out.connection_->open(server, tls_, diag);
        note_opened(of, failed, !failed && out.connection_->resumed());
        // What the policy of before said of the server counts no more.
        bool const replaced = out.policy_ != policy_;
        if (!replaced || (failed && failed != condition::untrusted))
            break;
        if (tries == connection_pool_detail::most_tries) {
            diag.detail = "the policy of trust changed each time while a connection was being opened";
            failed = asio::error::try_again;
            break;
        }
    }
    if (failed)
        out.end(false);
    co_return failed;
}

} // namespace pks::inline v0::net
