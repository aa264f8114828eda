// What `pks create-cluster --config-file` reads: proxies, certificate authority and machines of one cluster.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/detail/json_body.hpp>
#include <pks/secret.hpp>

#include <boost/json/fwd.hpp>

#include <string_view>

namespace pks::inline v0 {

/// The API's ClusterConfigParameters, to put together. Only what is set is sent.
///
/// Nothing is checked here; an operation that cannot send it completes with errc::forbidden_character, and sends
/// nothing. Holds passwords and keys: its storage is wiped.
/// Thread safety: as a value.
/// Source: facts on the API's models (§4.3).
class cluster_config_parameters
{
public:
    cluster_config_parameters() = default;

    PKS_DECL cluster_config_parameters& custom_ca(std::string_view certificate, secret const& private_key); ///< PEM
    PKS_DECL cluster_config_parameters& http_proxy(
        std::string_view url, std::string_view username = {}, secret const& password = {});
    PKS_DECL cluster_config_parameters& https_proxy(
        std::string_view url, std::string_view username = {}, secret const& password = {});
    PKS_DECL cluster_config_parameters& no_proxy(std::string_view list);

    /// Merges with the list of the installation instead of replacing it.
    PKS_DECL cluster_config_parameters& global_no_proxy_merge(bool merge);

    /// Adds an `instance_groups` entry; `vm_extension` is an object.
    PKS_DECL cluster_config_parameters& instance_group(std::string_view name, boost::json::value vm_extension);

    /// Adds a `net_permissions` entry; `permissions` is `READ_WRITE`, `READ_ONLY` or `NO_ACCESS`.
    PKS_DECL cluster_config_parameters& net_permission(
        std::string_view name, std::string_view ips, std::string_view permissions, bool rootsquash);
    PKS_DECL cluster_config_parameters& disable_net_permissions(bool disable);
    PKS_DECL cluster_config_parameters& target_vsan_fileshare_datastore_urls(std::string_view urls);
    PKS_DECL cluster_config_parameters& disable_target_vsan_fileshare_datastore_urls(bool disable);

    // Windows nodes.
    PKS_DECL cluster_config_parameters& enable_gmsa(bool enable);
    PKS_DECL cluster_config_parameters& domain_controller_ip_address(std::string_view address);
    PKS_DECL cluster_config_parameters& domain_fqdn(std::string_view name);
    PKS_DECL cluster_config_parameters& domain_security_group(std::string_view name);
    PKS_DECL cluster_config_parameters& domain_service_account(std::string_view name);
    PKS_DECL cluster_config_parameters& domain_user_username(std::string_view name);
    PKS_DECL cluster_config_parameters& domain_user_password(secret const& password);

    /// Sets any other member.
    PKS_DECL cluster_config_parameters& member(std::string_view name, boost::json::value value);

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
#include <pks/impl/cluster_config_parameters.ipp>
#endif
