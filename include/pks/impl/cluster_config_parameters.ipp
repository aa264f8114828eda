// Bodies of cluster_config_parameters.hpp.
#pragma once

#include <pks/cluster_config_parameters.hpp>

#include <pks/detail/cluster_members.hpp>

#include <utility>

namespace pks::inline v0::cluster_config_detail {

inline void set_proxy(
    boost::json::object& proxy, std::string_view url, std::string_view username, secret const& password)
{
    proxy.clear();
    proxy["url"].emplace_string() = url;
    if (!username.empty())
        proxy["username"].emplace_string() = username;
    if (!password.empty())
        proxy["password"].emplace_string() = password.reveal();
}

} // namespace pks::inline v0::cluster_config_detail

namespace pks::inline v0 {

PKS_DECL cluster_config_parameters& cluster_config_parameters::custom_ca(
    std::string_view certificate, secret const& private_key)
{
    auto& ca = detail::object_in(body_.members(), "custom_ca");
    ca["certificate"].emplace_string() = certificate;
    ca["private_key"].emplace_string() = private_key.reveal();
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::http_proxy(
    std::string_view url, std::string_view username, secret const& password)
{
    cluster_config_detail::set_proxy(detail::object_in(body_.members(), "http_proxy"), url, username, password);
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::https_proxy(
    std::string_view url, std::string_view username, secret const& password)
{
    cluster_config_detail::set_proxy(detail::object_in(body_.members(), "https_proxy"), url, username, password);
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::no_proxy(std::string_view list)
{
    body_.set("no_proxy", list);
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::global_no_proxy_merge(bool merge)
{
    body_.members()["global_no_proxy_merge"] = merge;
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::instance_group(
    std::string_view name, boost::json::value vm_extension)
{
    auto& group = detail::array_in(body_.members(), "instance_groups").emplace_back(nullptr).emplace_object();
    group["name"].emplace_string() = name;
    group["vm_extension"] = std::move(vm_extension);
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::net_permission(
    std::string_view name, std::string_view ips, std::string_view permissions, bool rootsquash)
{
    auto& rule = detail::array_in(body_.members(), "net_permissions").emplace_back(nullptr).emplace_object();
    rule["name"].emplace_string() = name;
    rule["ips"].emplace_string() = ips;
    rule["permissions"].emplace_string() = permissions;
    rule["rootsquash"] = rootsquash;
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::disable_net_permissions(bool disable)
{
    body_.members()["disable_net_permissions"] = disable;
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::target_vsan_fileshare_datastore_urls(
    std::string_view urls)
{
    body_.set("target_vsan_fileshare_datastore_urls", urls);
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::disable_target_vsan_fileshare_datastore_urls(
    bool disable)
{
    body_.members()["disable_target_vsan_fileshare_datastore_urls"] = disable;
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::enable_gmsa(bool enable)
{
    body_.members()["enable_gmsa"] = enable;
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::domain_controller_ip_address(std::string_view address)
{
    body_.set("domain_controller_ip_address", address);
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::domain_fqdn(std::string_view name)
{
    body_.set("domain_fqdn", name);
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::domain_security_group(std::string_view name)
{
    body_.set("domain_security_group", name);
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::domain_service_account(std::string_view name)
{
    body_.set("domain_service_account", name);
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::domain_user_username(std::string_view name)
{
    body_.set("domain_user_username", name);
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::domain_user_password(secret const& password)
{
    body_.set("domain_user_password", password.reveal());
    return *this;
}
PKS_DECL cluster_config_parameters& cluster_config_parameters::member(std::string_view name, boost::json::value value)
{
    body_.members()[name] = std::move(value);
    return *this;
}

} // namespace pks::inline v0
