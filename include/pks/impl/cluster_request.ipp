// Bodies of cluster_request.hpp.
#pragma once

#include <pks/cluster_request.hpp>

#include <pks/detail/cluster_members.hpp>

#include <utility>

namespace pks::inline v0 {

PKS_DECL cluster_request::cluster_request(
    std::string_view name, std::string_view plan_name, std::string_view kubernetes_master_host)
{
    body_.set("name", name);
    body_.set("plan_name", plan_name);
    parameters()["kubernetes_master_host"].emplace_string() = kubernetes_master_host;
}

PKS_DECL boost::json::object& cluster_request::parameters()
{
    return detail::object_in(body_.members(), "parameters");
}

PKS_DECL cluster_request& cluster_request::network_profile_name(std::string_view name)
{
    body_.set("network_profile_name", name);
    return *this;
}
PKS_DECL cluster_request& cluster_request::compute_profile_name(std::string_view name)
{
    body_.set("compute_profile_name", name);
    return *this;
}
PKS_DECL cluster_request& cluster_request::kubernetes_profile_name(std::string_view name)
{
    body_.set("kubernetes_profile_name", name);
    return *this;
}
PKS_DECL cluster_request& cluster_request::kubernetes_master_port(std::int32_t port)
{
    parameters()["kubernetes_master_port"] = port;
    return *this;
}
PKS_DECL cluster_request& cluster_request::kubernetes_worker_instances(std::int32_t number)
{
    parameters()["kubernetes_worker_instances"] = number;
    return *this;
}
PKS_DECL cluster_request& cluster_request::authorization_mode(std::string_view mode)
{
    parameters()["authorization_mode"].emplace_string() = mode;
    return *this;
}
PKS_DECL cluster_request& cluster_request::worker_haproxy_ip_addresses(std::string_view addresses)
{
    parameters()["worker_haproxy_ip_addresses"].emplace_string() = addresses;
    return *this;
}
PKS_DECL cluster_request& cluster_request::node_pool_instances(std::string_view instances)
{
    parameters()["node_pool_instances"].emplace_string() = instances;
    return *this;
}
PKS_DECL cluster_request& cluster_request::nsxt_network_profile(std::string_view json)
{
    parameters()["nsxt_network_profile"].emplace_string() = json;
    return *this;
}
PKS_DECL cluster_request& cluster_request::compute_profile(std::string_view json)
{
    parameters()["compute_profile"].emplace_string() = json;
    return *this;
}
PKS_DECL cluster_request& cluster_request::cluster_tag(
    std::string_view name, std::string_view value, std::string_view category)
{
    detail::add_cluster_tag(parameters(), name, value, category);
    return *this;
}
PKS_DECL cluster_request& cluster_request::custom_ca_cert(std::string_view domain_name, std::string_view ca_cert)
{
    detail::add_custom_ca_cert(parameters(), domain_name, ca_cert);
    return *this;
}
PKS_DECL cluster_request& cluster_request::insecure_registries(std::vector<std::string> const& registries)
{
    detail::set_texts(detail::customization_in(parameters(), "insecure_registries"), registries);
    return *this;
}
PKS_DECL cluster_request& cluster_request::unset_http_proxy(std::vector<std::string> const& components)
{
    detail::set_texts(detail::customization_in(parameters(), "unset_http_proxy"), components);
    return *this;
}
PKS_DECL cluster_request& cluster_request::vsphere_cloud_provider_config_key(std::string_view key)
{
    detail::customization_in(parameters(), "vsphere_cloud_provider_config_key").emplace_string() = key;
    return *this;
}
PKS_DECL cluster_request& cluster_request::cluster_config_parameters(v0::cluster_config_parameters const& parameters)
{
    this->parameters()["cluster_config_parameters"].emplace_object() = parameters.reveal();
    return *this;
}
PKS_DECL cluster_request& cluster_request::parameter(std::string_view name, boost::json::value value)
{
    parameters()[name] = std::move(value);
    return *this;
}
PKS_DECL cluster_request& cluster_request::member(std::string_view name, boost::json::value value)
{
    body_.members()[name] = std::move(value);
    return *this;
}

PKS_DECL std::string_view cluster_request::name() const
{
    return body_.text("name");
}
PKS_DECL std::string_view cluster_request::plan_name() const
{
    return body_.text("plan_name");
}
PKS_DECL std::string_view cluster_request::kubernetes_master_host() const
{
    auto const* const parameters = body_.get().if_contains("parameters");
    auto const* const object = parameters ? parameters->if_object() : nullptr;
    auto const* const host = object ? object->if_contains("kubernetes_master_host") : nullptr;
    auto const* const text = host ? host->if_string() : nullptr;
    return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

} // namespace pks::inline v0
