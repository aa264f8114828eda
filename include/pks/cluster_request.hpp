// A cluster to create: what `pks create-cluster` sends.
#pragma once

#include <pks/cluster_config_parameters.hpp>
#include <pks/detail/config.hpp>
#include <pks/detail/json_body.hpp>

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0 {

/// The API's ClusterRequest with its ClusterParameters, to put together. Only what is set is sent.
///
/// Nothing is checked here; an operation that cannot send it completes with errc::missing_parameter or
/// errc::forbidden_character, and sends nothing. May hold passwords and keys: its storage is wiped.
/// Thread safety: as a value.
/// Source: facts on the API's models (§4.3).
class cluster_request
{
public:
    /// What the API requires. `kubernetes_master_host` is the address from which the cluster will be reached.
    PKS_DECL cluster_request(
        std::string_view name, std::string_view plan_name, std::string_view kubernetes_master_host);

    PKS_DECL cluster_request& network_profile_name(std::string_view name);
    PKS_DECL cluster_request& compute_profile_name(std::string_view name);
    PKS_DECL cluster_request& kubernetes_profile_name(std::string_view name);

    PKS_DECL cluster_request& kubernetes_master_port(std::int32_t port); ///< the server's default: 8443
    PKS_DECL cluster_request& kubernetes_worker_instances(std::int32_t number);
    PKS_DECL cluster_request& authorization_mode(std::string_view mode);
    PKS_DECL cluster_request& worker_haproxy_ip_addresses(std::string_view addresses);
    PKS_DECL cluster_request& node_pool_instances(std::string_view instances); ///< for example `node-pool1:2`
    PKS_DECL cluster_request& nsxt_network_profile(std::string_view json);     ///< JSON in a string
    PKS_DECL cluster_request& compute_profile(std::string_view json);          ///< JSON in a string

    /// Adds a `cluster_tags` entry. `category` on vSphere only.
    PKS_DECL cluster_request& cluster_tag(
        std::string_view name, std::string_view value, std::string_view category = {});

    /// Adds a `custom_ca_certs` entry: the certificate, in PEM form, of a container registry's authority.
    PKS_DECL cluster_request& custom_ca_cert(std::string_view domain_name, std::string_view ca_cert);

    // k8s_customization_parameters
    PKS_DECL cluster_request& insecure_registries(std::vector<std::string> const& registries);
    PKS_DECL cluster_request& unset_http_proxy(std::vector<std::string> const& components);
    PKS_DECL cluster_request& vsphere_cloud_provider_config_key(std::string_view key);

    PKS_DECL cluster_request& cluster_config_parameters(v0::cluster_config_parameters const& parameters);

    /// Sets any other member, of `parameters` or of the request itself.
    PKS_DECL cluster_request& parameter(std::string_view name, boost::json::value value);
    PKS_DECL cluster_request& member(std::string_view name, boost::json::value value);

    PKS_DECL std::string_view name() const;
    PKS_DECL std::string_view plan_name() const;
    PKS_DECL std::string_view kubernetes_master_host() const;

    /// All of it, as it is sent: confidential.
    boost::json::object const& reveal() const
    {
        return body_.get();
    }

private:
    PKS_DECL boost::json::object& parameters();

    detail::json_body body_;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/cluster_request.ipp>
#endif
