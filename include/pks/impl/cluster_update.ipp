// Bodies of cluster_update.hpp.
#pragma once

#include <pks/cluster_update.hpp>

#include <pks/detail/cluster_members.hpp>

#include <utility>

namespace pks::inline v0 {

PKS_DECL cluster_update& cluster_update::kubernetes_worker_instances(std::int32_t number)
{
    body_.members()["kubernetes_worker_instances"] = number;
    return *this;
}
PKS_DECL cluster_update& cluster_update::node_pool_instances(std::string_view instances)
{
    body_.set("node_pool_instances", instances);
    return *this;
}
PKS_DECL cluster_update& cluster_update::network_profile_name(std::string_view name)
{
    body_.set("network_profile_name", name);
    return *this;
}
PKS_DECL cluster_update& cluster_update::compute_profile_name(std::string_view name)
{
    body_.set("compute_profile_name", name);
    return *this;
}
PKS_DECL cluster_update& cluster_update::kubernetes_profile_name(std::string_view name)
{
    body_.set("kubernetes_profile_name", name);
    return *this;
}
PKS_DECL cluster_update& cluster_update::cluster_tag(
    std::string_view name, std::string_view value, std::string_view category)
{
    detail::add_cluster_tag(body_.members(), name, value, category);
    return *this;
}
PKS_DECL cluster_update& cluster_update::delete_all_tags(bool all)
{
    body_.members()["delete_all_tags"] = all;
    return *this;
}
PKS_DECL cluster_update& cluster_update::custom_ca_cert(std::string_view domain_name, std::string_view ca_cert)
{
    detail::add_custom_ca_cert(body_.members(), domain_name, ca_cert);
    return *this;
}
PKS_DECL cluster_update& cluster_update::insecure_registries(std::vector<std::string> const& registries)
{
    detail::set_texts(body_.members()["insecure_registries"], registries);
    return *this;
}
PKS_DECL cluster_update& cluster_update::unset_http_proxy(std::vector<std::string> const& components)
{
    detail::set_texts(detail::customization_in(body_.members(), "unset_http_proxy"), components);
    return *this;
}
PKS_DECL cluster_update& cluster_update::vsphere_cloud_provider_config_key(std::string_view key)
{
    detail::customization_in(body_.members(), "vsphere_cloud_provider_config_key").emplace_string() = key;
    return *this;
}
PKS_DECL cluster_update& cluster_update::cluster_config_parameters(v0::cluster_config_parameters const& parameters)
{
    body_.members()["cluster_config_parameters"].emplace_object() = parameters.reveal();
    return *this;
}
PKS_DECL cluster_update& cluster_update::kubelet_drain_timeout(std::string_view minutes)
{
    body_.set("kubelet_drain_timeout", minutes);
    return *this;
}
PKS_DECL cluster_update& cluster_update::kubelet_drain_grace_period(std::string_view seconds)
{
    body_.set("kubelet_drain_grace_period", seconds);
    return *this;
}
PKS_DECL cluster_update& cluster_update::kubelet_drain_force(std::string_view force)
{
    body_.set("kubelet_drain_force", force);
    return *this;
}
PKS_DECL cluster_update& cluster_update::kubelet_drain_force_node(std::string_view force)
{
    body_.set("kubelet_drain_force_node", force);
    return *this;
}
PKS_DECL cluster_update& cluster_update::kubelet_drain_ignore_daemonsets(std::string_view ignore)
{
    body_.set("kubelet_drain_ignore_daemonsets", ignore);
    return *this;
}
PKS_DECL cluster_update& cluster_update::kubelet_drain_delete_local_data(std::string_view remove)
{
    body_.set("kubelet_drain_delete_local_data", remove);
    return *this;
}
PKS_DECL cluster_update& cluster_update::member(std::string_view name, boost::json::value value)
{
    body_.members()[name] = std::move(value);
    return *this;
}

} // namespace pks::inline v0
