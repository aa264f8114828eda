// Bodies of validator.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/detail/new_shared.hpp>
#include <pks/jose/claims.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/jws.hpp>
#include <pks/jose/verifier.hpp>
#include <pks/net/connection_pool.hpp>
#include <pks/net/deadline.hpp>
#include <pks/net/exchange.hpp>
#include <pks/net/running_operations.hpp>
#include <pks/net/strand_on.hpp>
#include <pks/net/wait_step.hpp>
#include <pks/policy/instant.hpp>
#include <pks/policy/known_keys.hpp>
#include <pks/policy/published.hpp>
#include <pks/policy/token_errc.hpp>
#include <pks/policy/token_tag.hpp>
#include <pks/proto/refusal.hpp>
#include <pks/proto/token_messages.hpp>
#include <pks/validator.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <utility>

namespace pks::inline v0::validator_detail {

// What may follow `Bearer`. Source: RFC 6750 §2.1.
inline bool is_bearer_token(std::string_view text) noexcept
{
    constexpr auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || pks::detail::is_digit(c) ||
            std::string_view("-._~+/=").find(c) != std::string_view::npos;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

} // namespace pks::inline v0::validator_detail

namespace pks::inline v0 {

/// The state that the copies of a validator share.
///
/// What can be said at once is said in the calling thread, from `known_`, `verified_` and `answers_`. Whoever must wait
/// does so on the strand, where alone the key cache is asked and questions to the UAA begin and end.
class validator_impl : public std::enable_shared_from_this<validator_impl>
{
public:
    validator_impl(net::asio::any_io_executor executor, validator_options options)
        : executor_(std::move(executor)),
          options_(with_clock(std::move(options))),
          rules_without_predicates_(options_.rules),
          servers_(net::strand_on(executor_), settings_of(options_)),
          operations_(servers_.executor()),
          fetches_(servers_.executor()),
          keys_(options_.keys),
          known_(keys_.known()),
          verified_(options_.tokens),
          answers_(options_.introspection)
    {
        rules_without_predicates_.predicates.clear();
        if (!options_.saved_keys.empty()) {
            // A saved set is a help, not a condition: without it the keys are fetched.
            saved_keys_failure_ = keys_.restore(options_.saved_keys, now());
            known_.publish(keys_.known());
        }
    }

    net::asio::any_io_executor const& executor() const noexcept
    {
        return executor_;
    }
    net::running_operations& operations() noexcept
    {
        return operations_;
    }

    policy::key_report key_report() const
    {
        std::lock_guard const lock(keys_mutex_);
        auto out = keys_.report();
        out.saved_keys = saved_keys_failure_;
        return out;
    }
    std::string save_keys() const
    {
        std::lock_guard const lock(keys_mutex_);
        return keys_.save();
    }

    void forget_tokens()
    {
        verified_.clear();
        std::lock_guard const lock(answers_mutex_);
        answers_.clear();
    }

    std::optional<result<identity>> try_validate(std::string_view token, policy::scope_requirement const& scopes)
    {
        if (auto const ec = check_form(token))
            return result<identity>(ec);
        auto const tag = tag_of(token);
        auto const at = now();
        std::shared_ptr<policy::known_keys const> known;
        if (options_.how != validation::online) {
            known = known_.read();
            if (at.steady >= known->quiet_until)
                known.reset();
        }
        if (known)
            if (auto found = find_verified(tag, scopes, *known, at))
                return found;
        if (options_.how != validation::offline)
            if (auto const answer = find_answer(tag, at))
                return judge(*answer, scopes, at);
        if (!known)
            return {};
        auto said = verify(token, tag, scopes, *known, at);
        if (said.wants != need::nothing)
            return {};
        return std::move(said.outcome);
    }

    // Has a name because a coroutine keeps it.
    class validation_body
    {
    public:
        validation_body(validator_impl& impl, secret token, policy::scope_requirement scopes)
            : impl_(impl), token_(std::move(token)), scopes_(std::move(scopes))
        {}

        net::task<identity> operator()(net::deadline&, diagnostics& diag)
        {
            return impl_.validate(token_, scopes_, diag);
        }

    private:
        validator_impl& impl_;
        secret token_;
        policy::scope_requirement scopes_;
    };

    // On the strand.
    net::task<identity> validate(secret const& token, policy::scope_requirement const& scopes, diagnostics& diag)
    {
        auto const tag = tag_of(token.reveal());
        std::uint64_t ticket = 0;
        while (options_.how != validation::online) {
            auto const decision = ask_for_key(token.reveal(), ticket);
            if (decision.start_fetch)
                fetch_keys();
            if (decision.what == policy::key_decision::action::wait) {
                ticket = decision.ticket;
                net::wait_step fetched(servers_.executor());
                key_waiters_.add(fetched);
                error_code stopped;
                co_await net::await_step(fetched, stopped);
                if (stopped)
                    co_return stopped;
                continue;
            }
            if (decision.what == policy::key_decision::action::refuse) {
                if (decision.refusal == token_errc::keys_unavailable)
                    diag = key_failure_;
                co_return decision.refusal;
            }
            auto const at = now();
            auto const known = known_.read();
            auto const found = find_verified(tag, scopes, *known, at);
            if (found)
                co_return *found;
            auto const said = verify(token.reveal(), tag, scopes, *known, at);
            if (said.wants == need::nothing)
                co_return said.outcome;
            if (said.wants == need::key)
                co_return jose_errc::unknown_key;
            break;
        }
        question asked(servers_.executor());
        auto const next = ask_about(tag, asked);
        if (next.what == policy::introspection_cache::action::answered)
            co_return judge(next.answer, scopes, now());
        if (next.what == policy::introspection_cache::action::refused)
            co_return next.answer.refusal;
        if (next.what == policy::introspection_cache::action::ask)
            introspect(tag, token);
        error_code stopped;
        co_await net::await_step(asked, stopped);
        if (stopped)
            co_return stopped;
        diag = asked.seen;
        co_return judge(asked.answer, scopes, now());
    }

private:
    // Waits for what the UAA says of a token.
    class question : public net::wait_step
    {
    public:
        using net::wait_step::wait_step;

        policy::introspection_answer answer;
        diagnostics seen;
    };

    static validator_options with_clock(validator_options options)
    {
        if (!options.clock)
            options.clock = pks::detail::new_shared<clock const>();
        return options;
    }

    static net::connection_settings settings_of(validator_options const& options)
    {
        net::connection_settings out{
            options.trust, options.resolver, options.proxy, options.pool, options.deadlines, options.clock};
        return out;
    }

    enum class need : std::uint8_t { nothing, key, answer };

    class statement
    {
    public:
        statement(need what) : wants(what), outcome(errc::timeout) {}
        statement(error_code refusal) : outcome(refusal) {}
        statement(identity whose) : outcome(std::move(whose)) {}

        need wants = need::nothing;
        result<identity> outcome; // where nothing is wanted
    };

    policy::instant now() const
    {
        return policy::instant::of(*options_.clock);
    }

    // Where nothing is remembered, none is needed.
    policy::token_tag tag_of(std::string_view token) const noexcept
    {
        bool const remembers = options_.how != validation::offline || options_.tokens.tokens != 0;
        return remembers ? policy::token_tag::of(token) : policy::token_tag();
    }

    bool asks_about_some() const noexcept
    {
        return options_.how == validation::offline_first;
    }

    // Keeps its storage from token to token.
    static jose::jws& jws_of_this_thread()
    {
        static thread_local jose::jws own;
        return own;
    }

    // Before anything is done with it. Of a token that is verified here the parser says more.
    error_code check_form(std::string_view token) const
    {
        if (token.size() > options_.token_limits.token)
            return jose_errc::token_too_large;
        if (options_.how == validation::online && !validator_detail::is_bearer_token(token))
            return jose_errc::not_compact;
        return {};
    }

    // All that can be said against a token without a key.
    error_code parse(std::string_view token, jose::jws& jws) const
    {
        if (auto const ec = jws.parse(token, options_.token_limits))
            return ec;
        if (!options_.algorithms.contains(jws.alg()))
            return jose_errc::algorithm_not_allowed;
        return options_.rules.check_type(jws);
    }

    std::optional<result<identity>> find_verified(policy::token_tag const& tag, policy::scope_requirement const& scopes,
        policy::known_keys const& known, policy::instant at)
    {
        auto hit = verified_.find(tag, known.epoch, options_.rules, at, scopes);
        if (hit.claims)
            return result<identity>(identity(std::move(hit.claims)));
        if (hit.refusal)
            return result<identity>(hit.refusal);
        return {};
    }

    statement verify(std::string_view token, policy::token_tag const& tag, policy::scope_requirement const& scopes,
        policy::known_keys const& known, policy::instant at)
    {
        auto& jws = jws_of_this_thread();
        auto ec = parse(token, jws);
        if (ec == jose_errc::not_compact && asks_about_some() && validator_detail::is_bearer_token(token))
            return need::answer;
        if (!ec)
            ec = jose::verifier::of_this_thread().verify(jws, known.keys, options_.algorithms, options_.without_kid);
        if (ec == jose_errc::unknown_key)
            return need::key;
        if (ec)
            return ec;
        auto claims = std::make_shared<jose::claims>();
        ec = claims->parse(jws.payload());
        if (!ec)
            ec = options_.rules.check_origin(*claims);
        if (ec)
            return ec;
        if (asks_about_some() && claims->revocable()) {
            // Predicates are asked once, about what the UAA will say. Not kept: the UAA's answer is.
            ec = rules_without_predicates_.check_now(*claims, at.calendar, scopes);
            return ec ? statement(ec) : statement(need::answer);
        }
        ec = options_.rules.check_now(*claims, at.calendar, scopes);
        // The next request may need less.
        if (!ec || ec == token_errc::insufficient_scope)
            verified_.insert(tag, known.epoch, claims, token.size());
        if (ec)
            return ec;
        return identity(std::move(claims));
    }

    result<identity> judge(
        policy::introspection_answer const& answer, policy::scope_requirement const& scopes, policy::instant at) const
    {
        if (answer.refusal)
            return answer.refusal;
        if (auto const ec = options_.rules.check(*answer.claims, at.calendar, scopes))
            return ec;
        return identity(answer.claims);
    }

    // ---- keys ----

    policy::key_decision ask_for_key(std::string_view token, std::uint64_t ticket)
    {
        auto& jws = jws_of_this_thread();
        // A token that needs no key gets its answer without one.
        policy::key_decision none;
        none.what = policy::key_decision::action::use;
        if (parse(token, jws))
            return none;
        std::lock_guard const lock(keys_mutex_);
        auto const decision = keys_.ask(jws.kid(), jws.alg(), now().steady, ticket);
        publish();
        return decision;
    }

    void publish()
    {
        if (keys_.known() != last_published_) {
            last_published_ = keys_.known();
            known_.publish(last_published_);
        }
    }

    // The handler of a fetch. Where it is destroyed instead of being called, which is with the context, those who wait
    // for it go with it.
    class on_fetched_keys
    {
    public:
        on_fetched_keys(std::shared_ptr<validator_impl> impl, proto::request asked, std::shared_ptr<diagnostics> seen)
            : impl_(std::move(impl)), asked_(std::move(asked)), seen_(std::move(seen))
        {}
        on_fetched_keys(on_fetched_keys&&) = default;
        ~on_fetched_keys()
        {
            if (impl_)
                abandon(impl_->key_waiters_);
        }

        void operator()(error_code ec, proto::response const& reply)
        {
            auto const impl = std::move(impl_);
            impl->on_keys(ec, reply, asked_, *seen_);
        }

    private:
        std::shared_ptr<validator_impl> impl_;
        proto::request asked_;
        std::shared_ptr<diagnostics> seen_;
    };

    static void abandon(policy::waiting_list& those)
    {
        while (auto* const one = those.take())
            static_cast<net::wait_step*>(one)->abandon();
    }

    void fetch_keys()
    {
        std::string etag;
        {
            std::lock_guard const lock(keys_mutex_);
            etag = keys_.etag();
        }
        auto request = proto::token_keys_request(options_.uaa, etag);
        auto seen = std::make_shared<diagnostics>();
        auto* const into = seen.get();
        net::handler<proto::response> done(on_fetched_keys(shared_from_this(), request, std::move(seen)));
        auto make_fetch = [&] {
            return [this, request = std::move(request)](
                       net::deadline& ends, diagnostics& diag) { return ask_uaa(request, ends, diag); };
        };
        fetches_.start<proto::response>(shared_from_this(), options_.fetch_deadline, into, std::move(done), make_fetch);
    }

    void on_keys(error_code ec, proto::response const& reply, proto::request const& asked, diagnostics& diag)
    {
        {
            std::lock_guard const lock(keys_mutex_);
            if (!ec && reply.status != 200 && reply.status != 304)
                ec = proto::read_uaa_refusal(reply, asked, diag);
            if (!ec && reply.status == 304 && !asked.has_field("If-None-Match"))
                ec = errc::unexpected_status;
            if (ec) {
                keys_.on_failure(ec, now());
            } else {
                policy::key_reply read;
                read.not_modified = reply.status == 304;
                read.body = reply.body;
                read.etag = reply.find("ETag").value_or("");
                // One that cannot be sent back would fail each fetch from now on.
                if (pks::detail::has_control(read.etag))
                    read.etag = {};
                read.cache_control = reply.find("Cache-Control").value_or("");
                if (!keys_.on_reply(read, now())) {
                    ec = keys_.report().failure;
                    diag.detail = ec.message();
                }
            }
            publish();
        }
        if (ec)
            key_failure_ = std::move(diag);
        policy::waiting_list told;
        told.take_over(key_waiters_);
        while (auto* const one = told.take())
            static_cast<net::wait_step*>(one)->tell();
    }

    // ---- questions to the UAA ----

    std::optional<policy::introspection_answer> find_answer(policy::token_tag const& tag, policy::instant at)
    {
        std::lock_guard const lock(answers_mutex_);
        return answers_.find(tag, at);
    }

    policy::introspection_cache::step ask_about(policy::token_tag const& tag, question& asked)
    {
        std::lock_guard const lock(answers_mutex_);
        return answers_.ask(tag, asked, now());
    }

    // As on_fetched_keys.
    class on_answered
    {
    public:
        on_answered(std::shared_ptr<validator_impl> impl, policy::token_tag const& tag, proto::request asked,
            std::shared_ptr<diagnostics> seen)
            : impl_(std::move(impl)), tag_(tag), asked_(std::move(asked)), seen_(std::move(seen))
        {}
        on_answered(on_answered&&) = default;
        ~on_answered()
        {
            if (!impl_)
                return;
            policy::waiting_list told;
            impl_->complete(tag_, error_code(net::asio::error::operation_aborted), told);
            abandon(told);
        }

        void operator()(error_code ec, proto::response const& reply)
        {
            auto const impl = std::move(impl_);
            auto const answer = impl->read_answer(ec, reply, asked_, *seen_);
            impl->on_answer(tag_, answer, *seen_);
        }

    private:
        std::shared_ptr<validator_impl> impl_;
        policy::token_tag tag_;
        proto::request asked_;
        std::shared_ptr<diagnostics> seen_;
    };

    void introspect(policy::token_tag const& tag, secret const& token)
    {
        diagnostics diag;
        auto made = options_.asks == policy::introspection_endpoint::introspect
            ? proto::introspect_request(options_.uaa, *options_.as, token, diag)
            : proto::check_token_request(options_.uaa, *options_.as, token, diag);
        if (made.has_error()) {
            on_answer(tag, made.error(), diag);
            return;
        }
        auto seen = std::make_shared<diagnostics>();
        auto* const into = seen.get();
        net::handler<proto::response> done(on_answered(shared_from_this(), tag, *made, std::move(seen)));
        auto make_fetch = [&] {
            return [this, request = std::move(*made)](
                       net::deadline& ends, diagnostics& to) { return ask_uaa(request, ends, to); };
        };
        fetches_.start<proto::response>(shared_from_this(), options_.fetch_deadline, into, std::move(done), make_fetch);
    }

    policy::introspection_answer read_answer(
        error_code ec, proto::response const& reply, proto::request const& asked, diagnostics& diag) const
    {
        if (ec)
            return ec;
        if (reply.status == 200) {
            auto read = policy::read_introspection(reply.body, options_.asks);
            // A reply that cannot be read is a fault of the UAA, and says nothing against the token.
            if (read.refusal.category() == jose_category()) {
                diag.detail = read.refusal.message();
                return error_code(errc::unexpected_json);
            }
            diag.step = step::done;
            return read;
        }
        ec = proto::read_uaa_refusal(reply, asked, diag);
        // `/check_token` has no other way to say so.
        bool const said_no = options_.asks == policy::introspection_endpoint::check_token && reply.status == 400 &&
            ec == oauth_errc::invalid_token;
        if (said_no)
            return error_code(
                diag.error_description == "Token has expired" ? token_errc::expired : token_errc::inactive);
        // Whoever reads it as the token's would let the holder of a good one log in again.
        bool const of_this_client = ec == condition::unauthorized || ec == condition::forbidden;
        return of_this_client ? error_code(token_errc::question_refused) : ec;
    }

    void complete(policy::token_tag const& tag, policy::introspection_answer const& answer, policy::waiting_list& told)
    {
        std::lock_guard const lock(answers_mutex_);
        answers_.complete(tag, answer, now(), told);
    }

    void on_answer(policy::token_tag const& tag, policy::introspection_answer const& answer, diagnostics const& diag)
    {
        policy::waiting_list told;
        complete(tag, answer, told);
        while (auto* const one = told.take()) {
            auto* const asked = static_cast<question*>(one);
            asked->answer = answer;
            asked->seen = diag;
            asked->tell();
        }
    }

    net::task<proto::response> ask_uaa(proto::request const& request, net::deadline& ends, diagnostics& diag)
    {
        // One that was idle may have been closed by the UAA at this very moment.
        for (bool fresh = false;; fresh = true) {
            net::lease with;
            auto const failed = co_await servers_.open(with, options_.uaa, fresh, ends, diag);
            if (failed)
                co_return failed;
            auto& connection = with.get();
            net::exchange_progress seen;
            connection.begin_exchange();
            auto reply = co_await net::exchange(connection, request, options_.limits, diag, &seen);
            connection.end_exchange();
            auto const cause = connection.cause(reply.error());
            bool const stale = cause && cause != errc::timeout && with.reused() && !seen.replied;
            with.end(!cause && diag.reusable);
            bool const stopped = co_await net::was_stopped;
            if (stale && !stopped)
                continue;
            if (cause)
                co_return cause;
            co_return std::move(reply);
        }
    }

    net::asio::any_io_executor executor_;
    validator_options options_;
    policy::claim_rules rules_without_predicates_;
    net::connection_pool servers_; // on the strand
    net::running_operations operations_;
    net::running_operations fetches_;

    mutable std::mutex keys_mutex_;
    policy::key_cache keys_;
    error_code saved_keys_failure_; // never changed after construction
    std::shared_ptr<policy::known_keys const> last_published_;

    policy::waiting_list key_waiters_; // on the strand
    diagnostics key_failure_;          // of the last fetch that failed; on the strand

    policy::published<policy::known_keys> known_;
    policy::token_cache verified_;

    std::mutex answers_mutex_; // the waiters in it are on the strand alone
    policy::introspection_cache answers_;
};

PKS_DECL validator_options::validator_options(std::string_view uaa_address, v0::trust policy)
    : uaa(endpoint::uaa(uaa_address)), trust(std::move(policy))
{
    rules.issuer = "https://" + uaa.authority() + "/oauth/token";
    limits.body = std::size_t{1} << 20;
}

PKS_DECL validator::validator(executor_type executor, validator_options options)
{
    if (auto const ec = options.rules.check_settings())
        throw boost::system::system_error(ec);
    if (options.how != validation::offline) {
        if (!options.as)
            throw boost::system::system_error(errc::no_credentials);
        diagnostics diag;
        auto const question = proto::introspect_request(options.uaa, *options.as, secret("token"), diag);
        if (question.has_error())
            throw boost::system::system_error(question.error(), diag.detail);
    }
    if (options.keys.source.empty())
        options.keys.source = options.uaa.authority();
    impl_ = std::make_shared<validator_impl>(std::move(executor), std::move(options));
}

PKS_DECL validator::executor_type validator::get_executor() const
{
    return impl_->executor();
}

PKS_DECL validator validator::within(std::chrono::steady_clock::duration d) const
{
    validator out(*this);
    out.deadline_ = d;
    return out;
}

PKS_DECL std::optional<result<identity>> validator::try_validate(
    std::string_view token, policy::scope_requirement const& scopes) const
{
    return impl_->try_validate(token, scopes);
}

PKS_DECL void validator::cancel()
{
    impl_->operations().cancel();
}

PKS_DECL policy::key_report validator::key_report() const
{
    return impl_->key_report();
}

PKS_DECL std::string validator::save_keys() const
{
    return impl_->save_keys();
}

PKS_DECL void validator::forget_tokens()
{
    impl_->forget_tokens();
}

PKS_DECL void validator::begin(
    validator self, secret token, policy::scope_requirement scopes, diagnostics* diag, net::handler<identity> then)
{
    auto& impl = *self.impl_;
    if (auto known = impl.try_validate(token.reveal(), scopes)) {
        if (diag)
            diag->clear();
        auto whose = known->has_value() ? std::move(**known) : identity();
        net::asio::post(impl.executor(), net::asio::append(std::move(then), known->error(), std::move(whose)));
        return;
    }
    auto make_body = [&] { return validator_impl::validation_body(impl, std::move(token), std::move(scopes)); };
    impl.operations().start<identity>(self.impl_, self.deadline_, diag, std::move(then), make_body);
}

} // namespace pks::inline v0
