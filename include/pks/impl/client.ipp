// Bodies of client.hpp.
#pragma once

#include <pks/async_login.hpp>
#include <pks/client.hpp>
#include <pks/detail/new_shared.hpp>
#include <pks/net/connection_pool.hpp>
#include <pks/net/deadline.hpp>
#include <pks/net/exchange.hpp>
#include <pks/net/running_operations.hpp>
#include <pks/net/strand_on.hpp>
#include <pks/net/wait_step.hpp>
#include <pks/policy/repeatable.hpp>
#include <pks/policy/retry.hpp>
#include <pks/policy/retry_budget.hpp>
#include <pks/policy/token_source.hpp>
#include <pks/proto/cluster_messages.hpp>
#include <pks/proto/redirect.hpp>
#include <pks/proto/refusal.hpp>
#include <pks/proto/retry_after.hpp>
#include <pks/proto/uaa_messages.hpp>

#include <boost/asio/post.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <openssl/rand.h>

namespace pks::inline v0::client_detail {

// What an operation asks of a server, and what it makes of the reply. Asked anew for each attempt, since the token may
// be another one.
class call
{
public:
    call(call const&) = delete;
    call& operator=(call const&) = delete;

    virtual result<proto::request> request(access_token const& as, diagnostics& diag) = 0;
    // May take the reply over.
    virtual error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) = 0;

    // A GET that tells whether what was to be deleted is still there.
    virtual result<proto::request> look(access_token const&, diagnostics&)
    {
        return error_code(errc::outcome_unknown);
    }

    endpoint const& server;
    policy::repeatable const repeats;
    bool const with_token;
    bool sent = false; ///< octets of some attempt may have left

protected:
    call(endpoint const& to, policy::repeatable r, bool t) : server(to), repeats(r), with_token(t) {}
    ~call() = default;
};

// From 0 to 1. Whoever guesses it knows when a token is renewed, and no more.
inline double random_part() noexcept
{
    // Seeded once in each thread: OpenSSL's is a lock and a system call, and this is asked for after each attempt.
    thread_local std::uint64_t state = [] {
        std::uint64_t seed = 0;
        ::RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
        return seed;
    }();
    state = state * 6364136223846793005 + 1442695040888963407; // Knuth's MMIX
    return static_cast<double>(state >> 32) / 4294967296.0;
}

inline policy::repeatable repeatable_of(grant_type grant) noexcept
{
    if (grant == grant_type::client_credentials)
        return policy::repeatable::client_grant;
    return grant == grant_type::refresh_token ? policy::repeatable::refresh_grant : policy::repeatable::one_time_grant;
}

class target_call final : public call
{
public:
    explicit target_call(endpoint const& uaa) : call(uaa, policy::repeatable::read, false) {}

    result<proto::request> request(access_token const&, diagnostics&) override
    {
        return proto::target_request(server);
    }
    error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) override
    {
        auto info = proto::read_target_reply(reply, asked, diag);
        if (info.has_value())
            found = std::move(*info);
        return info.error();
    }

    target_info found;
};

class token_call final : public call
{
public:
    token_call(endpoint const& uaa, credentials const& with, clock const& time)
        : call(uaa, repeatable_of(with.grant()), false), with_(with), time_(time)
    {}

    result<proto::request> request(access_token const&, diagnostics& diag) override
    {
        asked_at = time_.steady_now();
        return proto::token_request(server, with_, diag);
    }
    error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) override
    {
        auto read = proto::read_token_reply(reply, asked, time_.now(), diag);
        if (read.has_value())
            token = std::move(*read);
        return read.error();
    }

    access_token token;
    clock::steady_time_point asked_at{};

private:
    credentials const& with_;
    clock const& time_;
};

class list_call final : public call
{
public:
    explicit list_call(endpoint const& api) : call(api, policy::repeatable::read, true) {}

    result<proto::request> request(access_token const& as, diagnostics& diag) override
    {
        return proto::list_clusters_request(server, as, diag);
    }
    error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) override
    {
        auto read = proto::read_cluster_list_reply(reply, asked, diag);
        if (read.has_value())
            found = std::move(*read);
        return read.error();
    }

    cluster_list found;
};

// Whether what another one was to delete is still there.
class look_call final : public call
{
public:
    explicit look_call(call& of) : call(of.server, policy::repeatable::read, of.with_token), of_(of) {}

    result<proto::request> request(access_token const& as, diagnostics& diag) override
    {
        return of_.look(as, diag);
    }
    error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) override
    {
        bool const answered = reply.status == 200 || reply.status == 404;
        if (answered)
            status = reply.status;
        return answered ? error_code() : proto::read_api_refusal(reply, asked, diag);
    }

    int status = 0;

private:
    call& of_;
};

// An operation that needs the token which is being fetched.
class token_wait final : public net::wait_step
{
public:
    using wait_step::wait_step;

    access_token token;
    std::uint64_t generation = 0;
    clock::steady_time_point begun{}; // the fetch
    error_code refusal;
    diagnostics seen;
};

// Between two attempts.
class pause final : public net::wait_step, public net::stoppable
{
public:
    using wait_step::wait_step;

    void stop(error_code) override
    {
        tell();
    }
};

} // namespace pks::inline v0::client_detail

namespace pks::inline v0 {

/// The state that the copies of a client share.
class client_impl : public std::enable_shared_from_this<client_impl>
{
public:
    client_impl(net::asio::any_io_executor executor, client_options options)
        : executor_(std::move(executor)),
          options_(with_clock(std::move(options))),
          servers_(net::strand_on(executor_), settings_of(options_)),
          running_(servers_.executor()),
          fetches_(servers_.executor()),
          budget_(options_.retry.budget),
          tokens_(options_.tokens, options_.login)
    {}

    net::asio::any_io_executor const& executor() const noexcept
    {
        return executor_;
    }
    client_options const& options() const noexcept
    {
        return options_;
    }

    std::optional<access_token> cached_token() const
    {
        std::lock_guard const lock(mutex_);
        if (auto const* const token = tokens_.current(options_.clock->steady_now()))
            return *token;
        return {};
    }

    // The token, if nobody has to do anything about it.
    std::optional<access_token> quiet_token() const
    {
        std::lock_guard const lock(mutex_);
        if (auto const* const token = tokens_.peek(options_.clock->steady_now()))
            return *token;
        return {};
    }

    client_report explain() const
    {
        client_report out;
        {
            std::lock_guard const lock(mutex_);
            auto const now = options_.clock->steady_now();
            out.attempts = attempts_.load(std::memory_order_relaxed);
            out.retries = retries_.load(std::memory_order_relaxed);
            out.last_failure = last_failure_;
            out.logged_in = tokens_.login().has_value();
            out.has_token = tokens_.current(now) != nullptr;
            if (out.has_token)
                out.token_ends_in = std::chrono::duration_cast<std::chrono::milliseconds>(tokens_.expires() - now);
            out.fetching = tokens_.fetching();
            out.token_generation = tokens_.generation();
            out.failed_fetches = tokens_.failures_in_a_row();
            out.last_fetch = tokens_.failure();
        }
        out.api = servers_.report(options_.api);
        out.uaa = servers_.report(options_.uaa);
        return out;
    }

    net::running_operations& running() noexcept
    {
        return running_;
    }

    void cancel()
    {
        running_.cancel();
        fetches_.cancel();
    }

    void use_trust(trust policy)
    {
        auto take = [self = shared_from_this(), policy = std::move(policy)]() mutable {
            self->servers_.use(std::move(policy));
        };
        net::asio::post(servers_.executor(), std::move(take));
    }

    // ---- on the strand from here on ----

    // One exchange after the other, until the rules of retries say that it is over.
    net::coroutine<error_code> perform(client_detail::call& call, net::deadline& ends, diagnostics& diag)
    {
        using action = policy::retry_step::action;
        auto now = steady_now(); // read again after whatever may take time
        policy::retry rules(call.repeats, options_.retry, budget_, now, ends.end());
        bool fresh = !policy::suits_pooled_connection(call.repeats);
        std::string moved_to;
        int attempts = 0;
        for (;;) {
            policy::attempt_result tried;
            access_token as;
            std::uint64_t generation = 0;
            if (call.with_token) {
                error_code failed;
                if (!take_quiet_token(as, generation)) {
                    failed = check(call, diag);
                    if (!failed)
                        failed = co_await use_token(as, generation, tried.token_from, diag);
                    now = steady_now();
                }
                diag.outcome_unknown = rules.in_doubt();
                if (failed)
                    co_return failed;
                tried.with_bearer = true;
            }
            auto const begun = now;
            tried.failure = co_await attempt(call, as, fresh, moved_to, tried, ends, diag);
            now = steady_now();
            note_attempt(call, tried, ++attempts, now - begun);
            auto const next = rules.on_attempt(tried, now, client_detail::random_part());
            diag.outcome_unknown = next.outcome_unknown;
            switch (next.what) {
            case action::deliver:
                co_return tried.failure;
            case action::fail:
                co_return next.error;
            case action::succeed:
                co_return error_code();
            case action::renew_token:
                drop_token(generation, tried.failure);
                break;
            case action::resend:
                fresh = fresh || next.on_fresh_connection;
                break;
            case action::follow_redirect:
                break;
            case action::look:
                client_detail::look_call look(call);
                auto const failed = co_await perform(look, ends, diag);
                auto const end = rules.on_look(failed ? 0 : look.status);
                diag.outcome_unknown = end.outcome_unknown;
                if (end.what == action::succeed)
                    co_return error_code();
                co_return failed == net::asio::error::operation_aborted ? failed : end.error;
            }
            note_retry(call, attempts, next.delay);
            if (next.delay > next.delay.zero()) {
                client_detail::pause pause(servers_.executor());
                ends.step(pause, next.delay);
                error_code stopped;
                co_await net::await_step(pause, stopped);
                now = steady_now();
                ends.no_step();
                diag.outcome_unknown = rules.in_doubt();
                if (stopped)
                    co_return stopped;
            }
        }
    }

    // A login that fails changes nothing.
    net::task<access_token> log_in(credentials const& with, net::deadline& ends, diagnostics& diag)
    {
        client_detail::token_call call(options_.uaa, with, *options_.clock);
        auto const failed = co_await perform(call, ends, diag);
        if (failed)
            co_return failed;
        save_token(call.token, call.token.refresh_token());
        std::lock_guard const lock(mutex_);
        tokens_.become(with, call.token, call.asked_at, client_detail::random_part());
        co_return std::move(call.token);
    }

    net::coroutine<error_code> use_token(
        access_token& as, std::uint64_t& generation, std::optional<clock::steady_time_point>& begun, diagnostics& diag)
    {
        load_token();
        for (;;) {
            client_detail::token_wait waits(servers_.executor());
            auto next = ask_for_token(waits);
            if (next.start)
                fetch(std::move(next.start));
            using action = policy::token_source::action;
            if (next.what == action::refuse) {
                // What the API says of a token was no fetch's.
                if (next.refusal == fetch_failed_with_)
                    diag = fetch_failure_;
                co_return next.refusal;
            }
            as = next.token;
            generation = next.generation;
            if (next.what == action::serve) {
                diag.step = step::done;
                co_return error_code();
            }
            error_code stopped;
            co_await net::await_step(waits, stopped);
            if (stopped)
                co_return stopped;
            // The fetch was cancelled, with what was under way then. This operation has begun since.
            bool const cancelled = co_await net::was_stopped;
            if (!cancelled && waits.refusal == net::asio::error::operation_aborted)
                continue;
            diag = std::move(waits.seen);
            as = waits.token;
            generation = waits.generation;
            begun = waits.begun;
            co_return waits.refusal;
        }
    }

private:
    void note_attempt(
        client_detail::call const& call, policy::attempt_result const& tried, int number, std::chrono::nanoseconds took)
    {
        attempts_.fetch_add(1, std::memory_order_relaxed);
        if (tried.failure && tried.failure != net::asio::error::operation_aborted) {
            std::lock_guard const lock(mutex_);
            last_failure_ = tried.failure;
        }
        if (!options_.observer)
            return;
        event e;
        e.server = call.server.authority();
        e.attempt = number;
        e.http_status = tried.http_status;
        e.reused = tried.reused;
        e.error = tried.failure;
        e.duration = took;
        options_.observer->on_event(e);
    }

    void note_retry(client_detail::call const& call, int attempts, std::chrono::nanoseconds delay)
    {
        retries_.fetch_add(1, std::memory_order_relaxed);
        if (!options_.observer)
            return;
        event e;
        e.kind = event_kind::retry;
        e.server = call.server.authority();
        e.attempt = attempts + 1;
        e.duration = delay;
        options_.observer->on_event(e);
    }

    void note_token(error_code ec, clock::steady_time_point begun)
    {
        if (!options_.observer)
            return;
        event e;
        e.kind = ec ? event_kind::token_failed : event_kind::token;
        e.server = options_.uaa.authority();
        e.error = ec;
        e.duration = steady_now() - begun;
        options_.observer->on_event(e);
    }

    static client_options with_clock(client_options options)
    {
        if (!options.clock)
            options.clock = pks::detail::new_shared<clock const>();
        return options;
    }

    static net::connection_settings settings_of(client_options const& options)
    {
        net::connection_settings out{
            options.trust, options.resolver, options.proxy, options.pool, options.deadlines, options.clock};
        return out;
    }

    // Retries are timed by the real clock, as their delays are.
    static clock::steady_time_point steady_now() noexcept
    {
        return std::chrono::steady_clock::now();
    }

    // Nobody logs in for what cannot be sent.
    static error_code check(client_detail::call& call, diagnostics& diag)
    {
        access_token::parts any;
        any.value = secret("token");
        diag.endpoint = call.server.authority();
        auto const request = call.request(access_token(std::move(any)), diag);
        return request.has_error() ? request.error() : request->serialize(&diag.detail).error();
    }

    net::coroutine<error_code> attempt(client_detail::call& call, access_token const& as, bool fresh,
        std::string& moved_to, policy::attempt_result& tried, net::deadline& ends, diagnostics& diag)
    {
        diag.endpoint = call.server.authority();
        auto request = call.request(as, diag);
        if (request.has_error())
            co_return request.error();
        if (!moved_to.empty())
            request->redirect(moved_to);
        // What cannot be sent is refused before a connection is made for it.
        auto const message = request->serialize(&diag.detail);
        if (message.has_error())
            co_return message.error();
        net::lease with;
        error_code ec;
        if (fresh || !servers_.reuse(with, call.server, ends, diag))
            ec = co_await servers_.open(with, call.server, fresh, ends, diag);
        if (ec)
            co_return ec;
        tried.reused = with.reused();
        auto& connection = with.get();
        net::exchange_progress seen;
        connection.begin_exchange();
        auto reply = co_await net::exchange(
            connection, *message, net::is_answered_without_body(*request), options_.limits, diag, &seen);
        connection.end_exchange();
        tried.sent = seen.sent;
        call.sent = call.sent || seen.sent;
        tried.replied = seen.replied;
        if (reply.has_error()) {
            ec = connection.cause(reply.error());
            with.end(false);
            co_return ec;
        }
        with.end(diag.reusable);
        tried.http_status = reply->status;
        if (reply->find("Retry-After"))
            tried.retry_after = proto::read_retry_after(*reply, options_.clock->now());
        if (request->method() == "GET")
            if (auto target = proto::same_origin_target(*reply, call.server)) {
                tried.redirect_to_same_origin = true;
                moved_to = std::move(*target);
            }
        ec = call.read(*reply, *request, diag);
        if (!ec || diag.http_status >= 400)
            diag.step = step::done;
        co_return ec;
    }

    // Once, before a token is fetched.
    void load_token()
    {
        if (!options_.storage || std::exchange(loaded_, true))
            return;
        auto const kept = options_.storage->load();
        std::optional<clock::steady_time_point::duration> left;
        if (auto const end = kept.expires_at())
            left = std::chrono::duration_cast<clock::steady_time_point::duration>(*end - options_.clock->now());
        std::lock_guard const lock(mutex_);
        tokens_.adopt(kept, left, options_.clock->steady_now());
    }

    void save_token(access_token const& token, std::optional<secret> refresh_token)
    {
        if (!options_.storage)
            return;
        loaded_ = true;
        auto all = token.all();
        all.refresh_token = std::move(refresh_token);
        options_.storage->save(access_token(std::move(all)));
    }

    // What use_token() does where nobody has to do anything about the token.
    bool take_quiet_token(access_token& as, std::uint64_t& generation) const
    {
        std::lock_guard const lock(mutex_);
        auto const* const token = tokens_.peek(options_.clock->steady_now());
        if (!token)
            return false;
        as = *token;
        generation = tokens_.generation();
        return true;
    }

    policy::token_source::step ask_for_token(client_detail::token_wait& who)
    {
        std::lock_guard const lock(mutex_);
        return tokens_.ask(who, options_.clock->steady_now());
    }

    void drop_token(std::uint64_t generation, error_code refusal)
    {
        std::lock_guard const lock(mutex_);
        tokens_.drop(generation, refusal, options_.clock->steady_now());
    }

    // What its operation and its handler share.
    struct running_fetch
    {
        std::shared_ptr<policy::token_fetch> what;
        clock::steady_time_point begun{}; // by the real clock, as retries are
        clock::steady_time_point asked_at{};
        bool sent = false;
        bool started = false;
        diagnostics seen;
    };

    // The handler of a fetch. Where it is destroyed instead of being called, which is with the context, those who wait
    // for it go with it.
    class on_fetched
    {
    public:
        on_fetched(std::shared_ptr<client_impl> impl, std::shared_ptr<running_fetch> fetch)
            : impl_(std::move(impl)), fetch_(std::move(fetch))
        {}
        on_fetched(on_fetched&&) = default;
        ~on_fetched()
        {
            if (!impl_ || !fetch_->started)
                return;
            impl_->lose_fetch(*fetch_);
            while (auto* const one = fetch_->what->waiting.take())
                static_cast<client_detail::token_wait*>(one)->abandon();
        }

        void operator()(error_code ec, access_token const& token)
        {
            auto const impl = std::move(impl_);
            impl->on_fetch(*fetch_, ec, token);
        }

    private:
        std::shared_ptr<client_impl> impl_;
        std::shared_ptr<running_fetch> fetch_;
    };

    // Goes on if whoever started it leaves.
    void fetch(std::shared_ptr<policy::token_fetch> what)
    {
        try {
            auto const one = pks::detail::new_shared<running_fetch>();
            one->what = what;
            one->begun = steady_now();
            net::handler<access_token> done(on_fetched(shared_from_this(), one));
            auto make_body = [&] { return fetch_body(*this, one); };
            fetches_.start<access_token>(
                shared_from_this(), options_.deadlines.whole, &one->seen, std::move(done), make_body);
            one->started = true;
        } catch (std::bad_alloc const&) {
            // It ends as one that has failed, or all who come would wait for it.
            running_fetch none;
            none.what = std::move(what);
            on_fetch(none, net::asio::error::no_memory, access_token());
        }
    }

    // Has a name because a coroutine keeps it.
    class fetch_body
    {
    public:
        fetch_body(client_impl& impl, std::shared_ptr<running_fetch> one) : impl_(impl), one_(std::move(one)) {}

        net::task<access_token> operator()(net::deadline& ends, diagnostics& diag)
        {
            return impl_.fetch_to_end(*one_, ends, diag);
        }

    private:
        client_impl& impl_;
        std::shared_ptr<running_fetch> one_;
    };

    net::task<access_token> fetch_to_end(running_fetch& one, net::deadline& ends, diagnostics& diag)
    {
        for (;;) {
            auto const with = one.what->next();
            client_detail::token_call call(options_.uaa, with, *options_.clock);
            auto failed = co_await perform(call, ends, diag);
            one.asked_at = call.asked_at;
            one.sent = call.sent;
            if (!failed)
                co_return std::move(call.token);
            if (!goes_on(one.what, failed))
                co_return failed;
        }
    }

    bool goes_on(std::shared_ptr<policy::token_fetch> const& what, error_code& failure)
    {
        std::lock_guard const lock(mutex_);
        return tokens_.goes_on(what, failure);
    }

    // Unless another identity has logged in since. A refresh token that was not replaced stays good.
    void save_token_of(running_fetch const& one, access_token const& token)
    {
        auto refresh_token = token.refresh_token();
        {
            std::lock_guard const lock(mutex_);
            if (!tokens_.is_current(one.what))
                return;
            if (!refresh_token && one.what->refreshing())
                refresh_token = tokens_.refresh_token();
        }
        save_token(token, std::move(refresh_token));
    }

    // Where Asio gets no memory to end it, whoever comes next starts another.
    void lose_fetch(running_fetch const& one)
    {
        std::lock_guard const lock(mutex_);
        tokens_.on_failure(one.what, net::asio::error::no_memory, one.sent, options_.clock->steady_now());
    }

    void on_fetch(running_fetch const& one, error_code ec, access_token const& token)
    {
        if (!ec)
            save_token_of(one, token);
        std::uint64_t generation = 0;
        bool is_current = false;
        {
            std::lock_guard const lock(mutex_);
            is_current = tokens_.is_current(one.what);
            if (ec)
                tokens_.on_failure(one.what, ec, one.sent, options_.clock->steady_now());
            else
                generation = tokens_.on_token(one.what, token, one.asked_at, client_detail::random_part());
        }
        note_token(ec, one.begun);
        if (is_current) {
            fetch_failed_with_ = ec;
            fetch_failure_ = ec ? one.seen : diagnostics();
        }
        while (auto* const waiter = one.what->waiting.take()) {
            auto* const waits = static_cast<client_detail::token_wait*>(waiter);
            waits->refusal = ec;
            waits->token = token;
            waits->generation = generation;
            waits->begun = one.begun;
            waits->seen = one.seen;
            waits->tell();
        }
    }

    net::asio::any_io_executor executor_;
    client_options const options_;
    net::connection_pool servers_; // on the strand
    net::running_operations running_;
    net::running_operations fetches_;
    policy::retry_budget budget_;  // on the strand
    bool loaded_ = false;          // what the storage had; on the strand
    error_code fetch_failed_with_; // the last fetch; on the strand
    diagnostics fetch_failure_;    // and what was seen then

    mutable std::mutex mutex_; // of the tokens; those who wait for one are on the strand alone
    policy::token_source tokens_;
    error_code last_failure_; // of an attempt
    std::atomic<std::uint64_t> attempts_ = 0;
    std::atomic<std::uint64_t> retries_ = 0;
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

PKS_DECL std::optional<access_token> client::quiet_token(diagnostics* diag) const
{
    auto out = impl_->quiet_token();
    if (out && diag) {
        diag->clear();
        diag->step = step::done;
    }
    return out;
}

PKS_DECL void client::use_trust(trust policy)
{
    impl_->use_trust(std::move(policy));
}

PKS_DECL client_report client::explain() const
{
    return impl_->explain();
}

PKS_DECL void client::cancel()
{
    impl_->cancel();
}

PKS_DECL net::task<target_info> client::target(client_impl& self, net::deadline& ends, diagnostics& diag)
{
    client_detail::target_call call(self.options().uaa);
    auto const failed = co_await self.perform(call, ends, diag);
    if (failed)
        co_return failed;
    co_return std::move(call.found);
}

PKS_DECL net::task<access_token> client::get_token(client_impl& self, net::deadline&, diagnostics& diag)
{
    access_token out;
    std::uint64_t generation = 0;
    std::optional<clock::steady_time_point> begun;
    auto const failed = co_await self.use_token(out, generation, begun, diag);
    if (failed)
        co_return failed;
    co_return out;
}

PKS_DECL net::task<access_token> client::login(
    client_impl& self, credentials const& with, net::deadline& ends, diagnostics& diag)
{
    auto const refused = operations::check_login(with, diag);
    if (refused)
        co_return refused;
    co_return co_await self.log_in(with, ends, diag);
}

PKS_DECL net::task<cluster_list> client::list_clusters(client_impl& self, net::deadline& ends, diagnostics& diag)
{
    client_detail::list_call call(self.options().api);
    auto const failed = co_await self.perform(call, ends, diag);
    if (failed)
        co_return failed;
    co_return std::move(call.found);
}

template <class T, class... Args>
void client::begin(
    client& self, diagnostics* diag, net::handler<T> then, std::type_identity_t<body<T, Args...>> what, Args&... args)
{
    auto& impl = *self.impl_;
    auto make_body = [&] {
        return [&impl, what, args = std::tuple<Args...>(std::move(args)...)](net::deadline& ends, diagnostics& seen) {
            auto call = [&](Args const&... a) { return what(impl, a..., ends, seen); };
            return std::apply(call, args);
        };
    };
    auto const within = self.deadline_ ? *self.deadline_ : impl.options().deadlines.whole;
    impl.running().template start<T>(self.impl_, within, diag, std::move(then), make_body);
}

#ifdef PKS_SEPARATE_COMPILATION
template void client::begin<target_info>(client&, diagnostics*, net::handler<target_info>, body<target_info>);
template void client::begin<access_token>(client&, diagnostics*, net::handler<access_token>, body<access_token>);
template void client::begin<access_token, credentials>(
    client&, diagnostics*, net::handler<access_token>, body<access_token, credentials>, credentials&);
template void client::begin<cluster_list>(client&, diagnostics*, net::handler<cluster_list>, body<cluster_list>);
#endif

} // namespace pks::inline v0
