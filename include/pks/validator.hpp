// A handle that says whether a token of a UAA is good, and whose it is.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/credentials.hpp>
#include <pks/deadlines.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/identity.hpp>
#include <pks/jose/algorithm_set.hpp>
#include <pks/jose/jws.hpp>
#include <pks/jose/missing_kid.hpp>
#include <pks/limits.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/initiation.hpp>
#include <pks/net/name_resolver.hpp>
#include <pks/net/proxy.hpp>
#include <pks/policy/claim_rules.hpp>
#include <pks/policy/introspection_answer.hpp>
#include <pks/policy/introspection_cache.hpp>
#include <pks/policy/key_cache.hpp>
#include <pks/policy/pool_settings.hpp>
#include <pks/policy/scope_requirement.hpp>
#include <pks/policy/token_cache.hpp>
#include <pks/result.hpp>
#include <pks/secret.hpp>
#include <pks/trust.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/deferred.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pks::inline v0 {

class validator_impl;

/// How a validator finds out.
enum class validation {
    offline,       ///< by the signature and the UAA's keys; a revoked token is accepted until it expires
    online,        ///< by asking the UAA about each token
    offline_first, ///< offline, and the UAA is asked about tokens that are opaque or that it can revoke
};

/// What a validator is made from.
class validator_options
{
public:
    /// `uaa_address`: as of pks::client, port 8443 where there is none. The issuer that is expected follows from it as
    /// `https://HOST:PORT/oauth/token`; set `rules.issuer` where the UAA is configured to call itself otherwise.
    /// Throws boost::system::system_error (errc::invalid_endpoint …).
    PKS_DECL validator_options(std::string_view uaa_address, v0::trust policy);

    endpoint uaa;
    v0::trust trust;
    policy::claim_rules rules; ///< which tokens are good; without audiences those that follow from the scopes
    validation how = validation::offline;

    /// The client that asks: with the authority `uaa.resource`. For online and offline_first.
    std::optional<client_authentication> as;
    policy::introspection_endpoint asks = policy::introspection_endpoint::introspect; ///< check_token: UAA before 4.9

    jose::algorithm_set algorithms = jose::algorithm_set::asymmetric();
    jose::missing_kid without_kid = jose::missing_kid::only_key;
    jose::jws_limits token_limits;
    policy::key_cache_settings keys; ///< `source`: the UAA's address, where it is empty
    policy::introspection_settings introspection;
    policy::token_cache_settings tokens;

    /// What save_keys() gave earlier, for a start while the UAA is away; one that cannot be used is not fatal:
    /// key_report() tells why.
    std::string saved_keys;

    /// For one question to the UAA, from connecting to the last octet. Whoever waits may have less time.
    std::chrono::steady_clock::duration fetch_deadline = std::chrono::seconds(10);
    policy::pool_settings pool;             ///< of connections to the UAA
    v0::deadlines deadlines;                ///< of the steps of a question, but for the whole, which is above
    http_limits limits;                     ///< of the UAA's replies; the default body is 1 MiB here
    std::shared_ptr<v0::clock const> clock; ///< default: the system's

    /// What the UAA's host name is looked up with. Default: getaddrinfo.
    std::shared_ptr<net::name_resolver> resolver;

    /// What the UAA is reached by. Default: none; net::proxy::from_environment() asks HTTPS_PROXY and NO_PROXY.
    net::proxy proxy;
};

/// Accepts the tokens of one UAA.
///
/// A copyable handle on shared state: keys, tokens that were verified lately, answers of the UAA. Keys are fetched when a
/// token needs one, by the first who asks and for all; the fetch goes on if that one leaves.
///
/// Executor: what must wait does so on a strand of the executor given to the constructor, and operations complete on the
/// handler's associated executor. A signature whose key is known is verified in the calling thread. There is no `run`
/// inside, and no thread but those that look up host names, as a client's.
/// Cancellation: terminal, partial and total, of each operation alone: others that wait for the same answer get it.
/// Thread safety: every member may be called from any thread at any time.
/// Lifetimes: the handle need not outlive its operations; a diagnostics object must. The execution context must outlive
/// every handle.
class validator
{
public:
    using executor_type = boost::asio::any_io_executor;

    /// Throws boost::system::system_error for settings that cannot be meant: the codes of settings in token_errc;
    /// where the UAA is to be asked, errc::no_credentials, errc::missing_parameter or errc::forbidden_character of `as`.
    PKS_DECL validator(executor_type executor, validator_options options);

    PKS_DECL executor_type get_executor() const;

    /// A handle on the same validator whose operations end with errc::timeout after `d`. Default: no deadline of their
    /// own, but that of the question they wait for.
    PKS_DECL validator within(std::chrono::steady_clock::duration d) const;

    /// Whose token this is, if that can be said without asking the UAA: its key is known, or the UAA's answer is. Nothing
    /// if it would have to wait. Never suspends, and sends nothing.
    ///
    /// Errors: as async_validate_token.
    PKS_DECL std::optional<result<identity>> try_validate(
        std::string_view token, policy::scope_requirement const& scopes = {}) const;

    /// Whose token this is. Signature `void(error_code, identity)`.
    ///
    /// @param token   as it came after `Bearer`; copied where the operation has to wait.
    /// @param scopes  that are required beside those of the rules.
    ///
    /// Errors: jose_errc and token_errc, of which condition::unauthorized tells that the token is not accepted, and
    /// condition::forbidden that it lacks a scope; token_errc::keys_unavailable, too_many_questions and
    /// question_refused, and what asking the UAA ended with: none of these says anything about the token.
    /// Source: RFC 7519 §7.2, RFC 8725, RFC 7662; facts on the claims (§3) and on checking tokens (§2.3 to §2.5).
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_validate_token(std::string_view token, CompletionToken&& completion = {})
    {
        return start(token, policy::scope_requirement(), nullptr, std::forward<CompletionToken>(completion));
    }
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_validate_token(
        std::string_view token, policy::scope_requirement scopes, CompletionToken&& completion = {})
    {
        return start(token, std::move(scopes), nullptr, std::forward<CompletionToken>(completion));
    }
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_validate_token(
        std::string_view token, policy::scope_requirement scopes, diagnostics& diag, CompletionToken&& completion = {})
    {
        return start(token, std::move(scopes), &diag, std::forward<CompletionToken>(completion));
    }

    /// Ends all operations of this validator that are under way with boost::asio::error::operation_aborted.
    PKS_DECL void cancel();

    /// How fetching the keys went.
    PKS_DECL policy::key_report key_report() const;

    /// The keys, for validator_options::saved_keys; empty if there are none.
    PKS_DECL std::string save_keys() const;

    /// Forgets which tokens were verified and what the UAA said of tokens; keys stay.
    PKS_DECL void forget_tokens();

private:
    struct initiate : net::initiation
    {
        using net::initiation::initiation;

        template <class Handler>
        void operator()(
            Handler&& then, validator self, secret token, policy::scope_requirement scopes, diagnostics* diag) const
        {
            begin(std::move(self), std::move(token), std::move(scopes), diag,
                net::handler<identity>(std::forward<Handler>(then)));
        }
    };

    // `completion` may be an lvalue of the caller: nothing is moved from it then.
    template <class CompletionToken>
    auto start(
        std::string_view token, policy::scope_requirement scopes, diagnostics* diag, CompletionToken&& completion)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, identity)>(
            initiate(get_executor()), completion, *this, secret(token), std::move(scopes), diag);
    }

    PKS_DECL static void begin(
        validator self, secret token, policy::scope_requirement scopes, diagnostics* diag, net::handler<identity> then);

    std::shared_ptr<validator_impl> impl_;
    std::chrono::steady_clock::duration deadline_ = std::chrono::steady_clock::duration::max();
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/validator.ipp>
#endif
