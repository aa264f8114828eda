// A change of a cluster: what `pks update-cluster` and `pks resize` send.
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

/// The API's UpdateClusterParameters, to put together. Only what is set is sent, and only that is changed.
///
/// Nothing is checked here; an operation that cannot send it completes with errc::missing_parameter (nothing is set) or
/// errc::forbidden_character, and sends nothing. May hold passwords and keys: its storage is wiped.
/// Thread safety: as a value.
/// Source: facts on the API's models (§4.3).
class cluster_update
{
public:
    /// Changes nothing yet.
    cluster_update() = default;

    PKS_DECL cluster_update& kubernetes_worker_instances(std::int32_t number);
    PKS_DECL cluster_update& node_pool_instances(std::string_view instances); ///< for example `node-pool1:2`
    PKS_DECL cluster_update& network_profile_name(std::string_view name);
    PKS_DECL cluster_update& compute_profile_name(std::string_view name);
    PKS_DECL cluster_update& kubernetes_profile_name(std::string_view name);

    /// Adds a `cluster_tags` entry. The tags that are sent replace all that the cluster has.
    PKS_DECL cluster_update& cluster_tag(std::string_view name, std::string_view value, std::string_view category = {});
    PKS_DECL cluster_update& delete_all_tags(bool all);

    /// Adds a `custom_ca_certs` entry: the certificate, in PEM form, of a container registry's authority.
    PKS_DECL cluster_update& custom_ca_cert(std::string_view domain_name, std::string_view ca_cert);
    PKS_DECL cluster_update& insecure_registries(std::vector<std::string> const& registries);

    // k8s_customization_parameters
    PKS_DECL cluster_update& unset_http_proxy(std::vector<std::string> const& components);
    PKS_DECL cluster_update& vsphere_cloud_provider_config_key(std::string_view key);

    PKS_DECL cluster_update& cluster_config_parameters(v0::cluster_config_parameters const& parameters);

    // Texts on the wire, numbers of minutes and seconds among them.
    PKS_DECL cluster_update& kubelet_drain_timeout(std::string_view minutes);
    PKS_DECL cluster_update& kubelet_drain_grace_period(std::string_view seconds);
    PKS_DECL cluster_update& kubelet_drain_force(std::string_view force);
    PKS_DECL cluster_update& kubelet_drain_force_node(std::string_view force);
    PKS_DECL cluster_update& kubelet_drain_ignore_daemonsets(std::string_view ignore);
    PKS_DECL cluster_update& kubelet_drain_delete_local_data(std::string_view remove);

    /// Sets any other member.
    PKS_DECL cluster_update& member(std::string_view name, boost::json::value value);

    /// All of it, as it is sent: confidential.
    boost::json::object const& reveal() const
    {
        return body_.get();
    }

private:
    detail::json_body body_;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/cluster_update.ipp>
#endif
