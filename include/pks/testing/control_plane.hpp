// An embedded PKS control plane: a UAA and a PKS API on two TLS ports, for tests, examples and benchmarks.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/endpoint.hpp>
#include <pks/secret.hpp>
#include <pks/testing/certificate_authority.hpp>
#include <pks/testing/cluster_effects.hpp>
#include <pks/testing/cluster_inventory.hpp>
#include <pks/testing/signing_key.hpp>
#include <pks/testing/uaa_directory.hpp>
#include <pks/testing/uaa_server.hpp>
#include <pks/trust.hpp>
#include <pks/validator.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::testing {

/// How an embedded control plane is set up. Configuration: fill in what differs from the defaults.
struct control_plane_options
{
    uaa_generation generation = uaa_generation::v77_18;
    std::string host = "localhost";                                                        ///< in its URLs and in `iss`
    std::uint16_t uaa_port = 0;                                                            ///< 0: any
    std::uint16_t api_port = 0;                                                            ///< 0: any
    std::vector<std::string> dns_names{"localhost", "uaa.localhost", "api.pks.localhost"}; ///< of the certificate
    std::vector<std::string> ip_addresses{"127.0.0.1", "::1"};                             ///< of the certificate
    uaa_directory directory = uaa_directory::pks_installation();
    broker_options broker{};
    std::shared_ptr<pks::clock const> clock{}; ///< null: the system's. TLS always takes the system's time
    std::optional<signing_key> key{};          ///< nothing: a new one. Sharing one saves a tenth of a second a plane
    std::optional<certificate_authority> authority{}; ///< nothing: a new one
    std::optional<server_identity> identity{}; ///< nothing: issued by the authority. For tests with bad certificates
    validation checks = validation::online;    ///< how the API checks tokens
    std::string api_client = "pks_client";     ///< with which it asks /check_token
    secret api_secret{"pks-client-secret"};
    std::size_t max_connections = 4096;          ///< beyond them new ones are closed at once
    std::size_t max_body = std::size_t{1} << 20; ///< of a request, in octets
};

/// A UAA and a PKS API, listening from construction to stop() on 127.0.0.1, and on ::1 where there is one.
///
/// The API stands behind a pks::guard. As the real one it asks the UAA about the token of each request by POST
/// /check_token over TLS, as `api_client`; requests with the same token at the same time share a question. Told to check
/// offline, it takes no opaque tokens, and revoked ones until they expire.
///
/// Executor: sessions are coroutines, each on a strand of the executor given; whoever runs that executor, in however
/// many threads, runs the plane. There are no threads of its own.
/// Thread safety: every member may be called from any thread at any time.
/// Connections: kept open as UAA keeps them; an idle one stays until its peer or stop() closes it.
/// Lifetimes: the execution context must outlive the object. Sessions still under way hold what they need.
/// Errors: the constructor throws boost::system::system_error where it cannot listen, std::runtime_error where it
/// cannot make keys or certificates.
class control_plane
{
public:
    PKS_DECL explicit control_plane(boost::asio::any_io_executor executor, control_plane_options options = {});

    control_plane(control_plane const&) = delete;
    control_plane& operator=(control_plane const&) = delete;

    /// As stop().
    PKS_DECL ~control_plane();

    /// Stops listening and closes every connection; both take effect as the executor is run. Idempotent.
    PKS_DECL void stop();

    PKS_DECL std::uint16_t uaa_port() const noexcept;
    PKS_DECL std::uint16_t api_port() const noexcept;

    /// Listens on two more ports over the same state: another replica behind a load balancer. Returns its number; that
    /// of the first is 0. The API of each asks the UAA of the first.
    PKS_DECL std::size_t add_replica();
    PKS_DECL std::uint16_t uaa_port(std::size_t replica) const;
    PKS_DECL std::uint16_t api_port(std::size_t replica) const;

    /// As if the machine of this replica were gone: nobody listens any more, and every connection is reset.
    PKS_DECL void cut_off(std::size_t replica);

    PKS_DECL std::string uaa_url() const; ///< `https://HOST:PORT`
    PKS_DECL std::string api_url() const; ///< `https://HOST:PORT`
    PKS_DECL endpoint uaa() const;
    PKS_DECL endpoint api() const;

    /// The root certificate in PEM form.
    PKS_DECL std::string const& ca_pem() const noexcept;

    /// Writes the root certificate to a file. Throws std::runtime_error.
    PKS_DECL void write_ca(std::string const& path) const;

    /// A trust policy with the root certificate.
    PKS_DECL pks::trust trust() const;

    PKS_DECL void add_user(uaa_user user);
    PKS_DECL bool remove_user(std::string_view name);
    PKS_DECL void add_client(uaa_client client);
    PKS_DECL bool remove_client(std::string_view id);
    PKS_DECL bool lock_user(std::string_view name);
    PKS_DECL bool revoke_user(std::string_view name); ///< all tokens of a user
    PKS_DECL bool revoke_client(std::string_view id); ///< all tokens of a client
    PKS_DECL void rotate_key(signing_key key);        ///< signs with it from now on; older keys stay published
    PKS_DECL bool forget_key(std::string_view kid);   ///< tokens signed with it are refused from now on

    /// Puts in a cluster that is already there.
    PKS_DECL void add_cluster(std::string name, std::string owner, std::string plan = "small");
    /// Lets the action under way at a cluster, or its last one, end as failed.
    PKS_DECL bool fail_cluster(std::string_view name);

    /// Calls `what` with the UAA while no request is being answered: for whatever has no member here. `what` must not
    /// call the plane.
    PKS_DECL void with_uaa(std::function<void(uaa_server&)> const& what);

    /// What happened so far.
    struct counters
    {
        std::size_t uaa_connections = 0; ///< accepted
        std::size_t api_connections = 0; ///< accepted
        std::size_t open_connections = 0;
        std::size_t tokens_issued = 0;
    };
    PKS_DECL counters count() const;
    PKS_DECL cluster_effects effects(std::string_view cluster) const; ///< done to clusters of that name
    PKS_DECL cluster_effects effects() const;                         ///< done to all clusters
    PKS_DECL std::size_t uaa_requests(std::string_view path) const;   ///< requests to that path, without query
    PKS_DECL std::size_t api_requests(std::string_view path) const;   ///< requests to that path, without query

private:
    class plane;
    std::shared_ptr<plane> plane_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/control_plane.ipp>
#endif
