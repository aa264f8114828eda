// A handle on one control plane: its UAA, its PKS API, trust, credentials and the token in use.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/access_token.hpp>
#include <pks/client_report.hpp>
#include <pks/clock.hpp>
#include <pks/cluster.hpp>
#include <pks/credentials.hpp>
#include <pks/deadlines.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/limits.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/initiation.hpp>
#include <pks/net/name_resolver.hpp>
#include <pks/net/proxy.hpp>
#include <pks/observer.hpp>
#include <pks/policy/pool_settings.hpp>
#include <pks/policy/retry_settings.hpp>
#include <pks/policy/token_settings.hpp>
#include <pks/target_info.hpp>
#include <pks/token_storage.hpp>
#include <pks/trust.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pks::inline v0 {

class accepted;
class binding_request;
class client_impl;
class cluster_request;
class cluster_update;
class kubeconfig;
class server_request;

namespace proto {
class response;
}
namespace net {
class deadline;
}

/// What a client is made from, where the API's address and a trust policy do not say it all.
class client_options
{
public:
    /// `api`: what people type after `pks login -a`: HOST, HOST:PORT, https://HOST[:PORT]. Without a port 9021; the UAA
    /// is taken to be on port 8443 of the same host. Throws boost::system::system_error (errc::invalid_endpoint …).
    PKS_DECL client_options(std::string_view api, v0::trust policy);

    endpoint api;                           ///< the PKS API
    endpoint uaa;                           ///< the UAA
    v0::trust trust;                        ///< for both
    std::optional<credentials> login;       ///< default: none, until async_login
    http_limits limits;                     ///< of every reply
    policy::token_settings tokens;          ///< when tokens are renewed
    policy::retry_settings retry;           ///< how often and when requests are sent again
    policy::pool_settings pool;             ///< of each of the two servers
    v0::deadlines deadlines;                ///< of each step, and of the whole
    std::shared_ptr<v0::clock const> clock; ///< default: the system's. Deadlines and retries are by the real one

    /// What host names are looked up with. Default: getaddrinfo.
    std::shared_ptr<net::name_resolver> resolver;

    /// What the servers are reached by. Default: none; net::proxy::from_environment() asks HTTPS_PROXY and NO_PROXY.
    net::proxy proxy;

    /// Where tokens outlive this process. Default: nowhere.
    std::shared_ptr<v0::token_storage> storage;

    /// Is told of each attempt, retry and token. Default: nobody.
    std::shared_ptr<v0::observer> observer;
};

/// One PKS control plane, as one identity.
///
/// A copyable handle on shared state: connections that stay open for the next exchange, and the access token. That is
/// fetched once, whoever asks; renewed ahead of its end, with the refresh token or else the credentials of the login,
/// while the old one is still used; and fetched again, once, where the API refuses it. What failed is sent again exactly
/// where that does no harm: policy::repeatable says what each operation is.
///
/// Executor: the operations work on a strand of the executor given to the constructor, and complete on the handler's
/// associated executor. There is no `run` inside, and no thread but for the look-up of host names: one for each that is
/// under way, at most 32 in an execution context.
/// Cancellation: terminal, partial and total, for each operation alone; cancel() ends all of them. An operation that is
/// cancelled leaves no connection behind.
/// Thread safety: every member may be called from any thread at any time.
/// Lifetimes: the handle need not outlive its operations; a diagnostics object must. The execution context must outlive
/// every handle.
class client
{
public:
    using executor_type = boost::asio::any_io_executor;

    /// @param executor  where the operations work.
    /// @param api       the API's address, as in client_options.
    /// @param policy    whom to trust. Read at the first connection; errors then name the file.
    PKS_DECL client(executor_type executor, std::string_view api, trust policy);

    PKS_DECL client(executor_type executor, client_options options);

    PKS_DECL executor_type get_executor() const;

    /// A handle on the same control plane whose operations end with errc::timeout after `d`, from their start to their
    /// completion. Default: deadlines::whole.
    PKS_DECL client within(std::chrono::steady_clock::duration d) const;

    /// The access token at hand, if it has not expired. Never suspends.
    PKS_DECL std::optional<access_token> cached_token() const;

    /// Ends all operations of this control plane that are under way with boost::asio::error::operation_aborted.
    PKS_DECL void cancel();

    /// How it is doing: tokens, connections, failures. Never suspends.
    PKS_DECL client_report explain() const;

    /// Trusts by another policy from now on: for a CA that was rotated, in its old place or a new one. No connection and
    /// no TLS session of the old policy is used again; operations under way end their present exchange over theirs. The
    /// token stays, and is sent to servers alone that the new policy trusts. Errors in it come with the next connection;
    /// boost::asio::error::try_again is one that was opened three times while the policy changed.
    PKS_DECL void use_trust(trust policy);

    /// Asks the UAA what it is. Signature `void(error_code, target_info)`. Errors: as uaa::async_target, and
    /// errc::ca_*, tls_errc, errc::timeout, the resolver's and the system's.
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_target(CompletionToken&& token = {})
    {
        return start<target_info>(&client::target, std::forward<CompletionToken>(token), nullptr);
    }
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_target(diagnostics& diag, CompletionToken&& token = {})
    {
        return start<target_info>(&client::target, std::forward<CompletionToken>(token), &diag);
    }

    /// The access token at hand, or a new one, for which all who ask wait together. Signature
    /// `void(error_code, access_token)`. Errors: as uaa::async_get_token, and those of a connection as for async_target;
    /// after a fetch that failed, the same for a while (policy::token_settings); errc::no_credentials before a login, and
    /// errc::reauthentication_required where another one is needed.
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_get_token(CompletionToken&& token = {})
    {
        return start<access_token>(&client::get_token, std::forward<CompletionToken>(token), nullptr);
    }
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_get_token(diagnostics& diag, CompletionToken&& token = {})
    {
        return start<access_token>(&client::get_token, std::forward<CompletionToken>(token), &diag);
    }

    /// Logs in, and makes this the identity of the client: credentials and token replace what was there. A failed login
    /// changes nothing. Signature `void(error_code, access_token)`. Errors: as pks::async_login, and those of a
    /// connection as for async_target.
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_login(credentials with, CompletionToken&& token = {})
    {
        return start<access_token, credentials>(
            &client::login, std::forward<CompletionToken>(token), nullptr, std::move(with));
    }
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_login(credentials with, diagnostics& diag, CompletionToken&& token = {})
    {
        return start<access_token, credentials>(
            &client::login, std::forward<CompletionToken>(token), &diag, std::move(with));
    }

    /// The clusters that the identity may see; gets a token first where none is at hand. Signature
    /// `void(error_code, cluster_list)`. Errors: as async_get_token and pks::async_list_clusters. A token that the API
    /// refuses is replaced once, and the request sent again with the new one.
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_list_clusters(CompletionToken&& token = {})
    {
        return start<cluster_list>(&client::list_clusters, std::forward<CompletionToken>(token), nullptr);
    }
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_list_clusters(diagnostics& diag, CompletionToken&& token = {})
    {
        return start<cluster_list>(&client::list_clusters, std::forward<CompletionToken>(token), &diag);
    }

    // ---- declared here, defined in client_operations.hpp ----

    /// Any request to either of the two servers: the way to an endpoint without an operation of its own. Signature
    /// `void(error_code, proto::response)`; the response of a status from 200 to 299, or of 404 where a deletion that was
    /// sent before has been executed. Errors: as async_list_clusters, of the UAA oauth_errc. What becomes of it where it
    /// fails on its way is up to `what.repeats()`.
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_request(server_request what, CompletionToken&& token = {});
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_request(server_request what, diagnostics& diag, CompletionToken&& token = {});

    /// A cluster. Signature `void(error_code, cluster)`. Errors: as async_list_clusters and pks::async_get_cluster.
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_get_cluster(std::string name, CompletionToken&& token = {});
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_get_cluster(std::string name, diagnostics& diag, CompletionToken&& token = {});

    /// Begins to create a cluster. Signature `void(error_code, cluster)`. Errors: as async_list_clusters and
    /// pks::async_create_cluster; condition::outcome_unknown where nobody knows whether it was begun: look by name.
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_create_cluster(cluster_request what, CompletionToken&& token = {});
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_create_cluster(cluster_request what, diagnostics& diag, CompletionToken&& token = {});

    /// Begins to change a cluster. Signature `void(error_code, accepted)`. Errors: as async_create_cluster.
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_update_cluster(std::string name, cluster_update what, CompletionToken&& token = {});
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_update_cluster(std::string name, cluster_update what, diagnostics& diag, CompletionToken&& token = {});

    /// Begins to delete a cluster; that there is none (any more) is a success. Signature `void(error_code, accepted)`. Errors:
    /// as async_create_cluster.
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_delete_cluster(std::string name, CompletionToken&& token = {});
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_delete_cluster(std::string name, diagnostics& diag, CompletionToken&& token = {});

    /// Credentials of a cluster. Signature `void(error_code, kubeconfig)`. Errors: as async_create_cluster.
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_bind(binding_request what, CompletionToken&& token = {});
    /// \overload
    template <class CompletionToken = boost::asio::deferred_t>
    auto async_bind(binding_request what, diagnostics& diag, CompletionToken&& token = {});

private:
    /// What an operation does: a coroutine over what the client's copies share.
    template <class T, class... Args>
    using body = net::task<T> (*)(client_impl&, Args const&..., net::deadline&, diagnostics&);

    PKS_DECL static net::task<target_info> target(client_impl& self, net::deadline& ends, diagnostics& diag);
    PKS_DECL static net::task<access_token> get_token(client_impl& self, net::deadline& ends, diagnostics& diag);
    PKS_DECL static net::task<access_token> login(
        client_impl& self, credentials const& with, net::deadline& ends, diagnostics& diag);
    PKS_DECL static net::task<cluster_list> list_clusters(client_impl& self, net::deadline& ends, diagnostics& diag);
    PKS_DECL static net::task<proto::response> request(
        client_impl& self, server_request const& what, net::deadline& ends, diagnostics& diag);
    PKS_DECL static net::task<cluster> get_cluster(
        client_impl& self, std::string const& name, net::deadline& ends, diagnostics& diag);
    PKS_DECL static net::task<cluster> create_cluster(
        client_impl& self, cluster_request const& what, net::deadline& ends, diagnostics& diag);
    PKS_DECL static net::task<accepted> update_cluster(
        client_impl& self, std::string const& name, cluster_update const& what, net::deadline& ends, diagnostics& diag);
    PKS_DECL static net::task<accepted> delete_cluster(
        client_impl& self, std::string const& name, net::deadline& ends, diagnostics& diag);
    PKS_DECL static net::task<kubeconfig> bind(
        client_impl& self, binding_request const& what, net::deadline& ends, diagnostics& diag);

    /// The token, if nobody has to do anything about it; `diag` tells so.
    PKS_DECL std::optional<access_token> quiet_token(diagnostics* diag) const;

    /// Moves from `args`. A template, so that the header-only mode compiles no operation that nobody starts; the compiled
    /// mode instantiates it for each.
    template <class T, class... Args>
    static void begin(client& self, diagnostics* diag, net::handler<T> then,
        std::type_identity_t<body<T, Args...>> what, Args&... args);

    template <class T, class... Args>
    struct initiate : net::initiation
    {
        using net::initiation::initiation;

        template <class Handler>
        void operator()(Handler&& then, client self, diagnostics* diag, body<T, Args...> what, Args... args) const
        {
            // Neither a coroutine nor an allocation for what is at hand. The handler keeps its type: with Boost 1.81 the
            // executor of one that is erased costs two allocations.
            if constexpr (std::is_same_v<T, access_token> && sizeof...(Args) == 0)
                if (auto token = self.quiet_token(diag)) {
                    auto done = boost::asio::append(std::forward<Handler>(then), error_code(), std::move(*token));
                    boost::asio::post(get_executor(), std::move(done));
                    return;
                }
            begin<T, Args...>(self, diag, net::handler<T>(std::forward<Handler>(then)), what, args...);
        }
    };

    // `token` may be an lvalue of the caller: nothing is moved from it then.
    template <class T, class... Args, class CompletionToken>
    auto start(std::type_identity_t<body<T, Args...>> what, CompletionToken&& token, diagnostics* diag,
        std::type_identity_t<Args>&&... args)
    {
        return boost::asio::async_initiate<CompletionToken, void(error_code, T)>(
            initiate<T, Args...>(get_executor()), token, *this, diag, what, std::move(args)...);
    }

    std::shared_ptr<client_impl> impl_;
    std::optional<std::chrono::steady_clock::duration> deadline_; // by within()
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/client.ipp>
#endif
