// Bodies of cluster.hpp.
#pragma once

#include <pks/cluster.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace pks::inline v0::cluster_detail {

inline boost::json::value const* present(boost::json::object const& object, std::string_view name)
{
    auto const* const value = object.if_contains(name);
    return value && !value->is_null() ? value : nullptr;
}

inline std::string_view text(boost::json::object const& object, std::string_view name)
{
    auto const* const value = present(object, name);
    auto const* const string = value ? value->if_string() : nullptr;
    return string ? std::string_view(string->data(), string->size()) : std::string_view();
}

inline std::optional<std::int32_t> int32(boost::json::object const& object, std::string_view name)
{
    auto const* const value = present(object, name);
    auto const* const number = value ? value->if_int64() : nullptr;
    return number ? std::optional(static_cast<std::int32_t>(*number)) : std::nullopt;
}

inline boost::json::object const* object_member(boost::json::object const& object, std::string_view name)
{
    auto const* const value = present(object, name);
    return value ? value->if_object() : nullptr;
}

template <class Visitor>
void for_each_object(boost::json::object const& object, std::string_view name, Visitor visit)
{
    auto const* const value = present(object, name);
    auto const* const array = value ? value->if_array() : nullptr;
    if (!array)
        return;
    for (auto const& element : *array)
        if (auto const* const inner = element.if_object())
            visit(*inner);
}

// The types of the model's members. Anything else a server sends is kept and not looked at.
enum class type {
    text,
    int32,
    object,
    texts,
    objects,
};

inline bool has_type(boost::json::value const& value, type wanted)
{
    switch (wanted) {
    case type::text:
        return value.is_string();
    case type::int32:
        return value.is_int64() && value.get_int64() >= std::numeric_limits<std::int32_t>::min() &&
            value.get_int64() <= std::numeric_limits<std::int32_t>::max();
    case type::object:
        return value.is_object();
    case type::texts:
    case type::objects:
        if (!value.is_array())
            return false;
        for (auto const& element : value.get_array())
            if (wanted == type::texts ? !element.is_string() : !element.is_object())
                return false;
        return true;
    }
    return false;
}

using member = std::pair<std::string_view, type>;

template <std::size_t N>
std::string_view first_misfit(boost::json::object const& object, std::array<member, N> const& model)
{
    for (auto const& [name, wanted] : model)
        if (auto const* const value = present(object, name); value && !has_type(*value, wanted))
            return name;
    return {};
}

inline constexpr std::array<member, 14> cluster_model = {{
    {"name", type::text},
    {"uuid", type::text},
    {"plan_name", type::text},
    {"last_action", type::text},
    {"last_action_state", type::text},
    {"last_action_description", type::text},
    {"kubernetes_master_ips", type::texts},
    {"k8s_version", type::text},
    {"pks_version", type::text},
    {"network_profile_name", type::text},
    {"compute_profile_name", type::text},
    {"kubernetes_profile_name", type::text},
    {"available_upgrades", type::objects},
    {"parameters", type::object},
}};

inline constexpr std::array<member, 15> parameters_model = {{
    {"kubernetes_master_host", type::text},
    {"kubernetes_master_port", type::int32},
    {"kubernetes_worker_instances", type::int32},
    {"authorization_mode", type::text},
    {"node_pool_instances", type::text},
    {"compute_profile", type::text},
    {"nsxt_network_profile", type::text},
    {"nsxt_network_details", type::text},
    {"worker_haproxy_ip_addresses", type::text},
    {"cluster_tags", type::objects},
    {"custom_ca_certs", type::objects},
    {"cluster_config_parameters", type::object},
    {"k8s_customization_parameters", type::object},
    {"kubernetes_setting_cluster_details", type::object},
    {"kubernetes_setting_plan_details", type::object},
}};

inline bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept
{
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [lower](char x, char y) { return lower(x) == lower(y); });
}

inline boost::json::object const& no_members()
{
    static boost::json::object const empty;
    return empty;
}

} // namespace pks::inline v0::cluster_detail

namespace pks::inline v0 {

PKS_DECL std::string_view cluster_parameters::kubernetes_master_host() const
{
    return cluster_detail::text(*object_, "kubernetes_master_host");
}
PKS_DECL std::optional<std::int32_t> cluster_parameters::kubernetes_master_port() const
{
    return cluster_detail::int32(*object_, "kubernetes_master_port");
}
PKS_DECL std::optional<std::int32_t> cluster_parameters::kubernetes_worker_instances() const
{
    return cluster_detail::int32(*object_, "kubernetes_worker_instances");
}
PKS_DECL std::string_view cluster_parameters::authorization_mode() const
{
    return cluster_detail::text(*object_, "authorization_mode");
}
PKS_DECL std::string_view cluster_parameters::node_pool_instances() const
{
    return cluster_detail::text(*object_, "node_pool_instances");
}
PKS_DECL std::string_view cluster_parameters::compute_profile() const
{
    return cluster_detail::text(*object_, "compute_profile");
}
PKS_DECL std::string_view cluster_parameters::nsxt_network_profile() const
{
    return cluster_detail::text(*object_, "nsxt_network_profile");
}
PKS_DECL std::string_view cluster_parameters::nsxt_network_details() const
{
    return cluster_detail::text(*object_, "nsxt_network_details");
}
PKS_DECL std::string_view cluster_parameters::worker_haproxy_ip_addresses() const
{
    return cluster_detail::text(*object_, "worker_haproxy_ip_addresses");
}
PKS_DECL std::vector<cluster_parameters::tag> cluster_parameters::cluster_tags() const
{
    std::vector<tag> out;
    cluster_detail::for_each_object(*object_, "cluster_tags", [&out](boost::json::object const& o) {
        tag one;
        one.category = cluster_detail::text(o, "category");
        one.name = cluster_detail::text(o, "name");
        one.value = cluster_detail::text(o, "value");
        out.push_back(std::move(one));
    });
    return out;
}
PKS_DECL std::vector<cluster_parameters::custom_ca> cluster_parameters::custom_ca_certs() const
{
    std::vector<custom_ca> out;
    cluster_detail::for_each_object(*object_, "custom_ca_certs", [&out](boost::json::object const& o) {
        custom_ca one;
        one.domain_name = cluster_detail::text(o, "domain_name");
        one.ca_cert = cluster_detail::text(o, "ca_cert");
        out.push_back(std::move(one));
    });
    return out;
}
PKS_DECL boost::json::object const* cluster_parameters::cluster_config_parameters() const
{
    return cluster_detail::object_member(*object_, "cluster_config_parameters");
}
PKS_DECL boost::json::object const* cluster_parameters::k8s_customization_parameters() const
{
    return cluster_detail::object_member(*object_, "k8s_customization_parameters");
}
PKS_DECL boost::json::object const* cluster_parameters::kubernetes_setting_cluster_details() const
{
    return cluster_detail::object_member(*object_, "kubernetes_setting_cluster_details");
}
PKS_DECL boost::json::object const* cluster_parameters::kubernetes_setting_plan_details() const
{
    return cluster_detail::object_member(*object_, "kubernetes_setting_plan_details");
}
PKS_DECL boost::json::object const& cluster_parameters::json() const
{
    return *object_;
}

PKS_DECL cluster::cluster() : object_(&cluster_detail::no_members()) {}

PKS_DECL std::string_view cluster::name() const
{
    return cluster_detail::text(*object_, "name");
}
PKS_DECL std::string_view cluster::uuid() const
{
    return cluster_detail::text(*object_, "uuid");
}
PKS_DECL std::string_view cluster::plan_name() const
{
    return cluster_detail::text(*object_, "plan_name");
}
PKS_DECL cluster_action cluster::last_action() const
{
    static constexpr std::array<std::pair<std::string_view, cluster_action>, 8> values = {{
        {"CREATE", cluster_action::create},
        {"UPDATE", cluster_action::update},
        {"DELETE", cluster_action::delete_},
        {"UPGRADE", cluster_action::upgrade},
        {"ROTATE_NSX_CERTIFICATES", cluster_action::rotate_nsx_certificates},
        {"ADD_CUSTOM_CERTIFICATE_AUTHORITY", cluster_action::add_custom_certificate_authority},
        {"SIGN_WITH_CUSTOM_CERTIFICATE_AUTHORITY", cluster_action::sign_with_custom_certificate_authority},
        {"PURGE_OLD_CUSTOM_CERTIFICATE_AUTHORITY", cluster_action::purge_old_custom_certificate_authority},
    }};
    // Case: one public server of 2018 sends `create`, and the real CLI took it.
    for (auto const& [text, value] : values)
        if (cluster_detail::equals_ignoring_case(text, last_action_text()))
            return value;
    return cluster_action::unknown;
}
PKS_DECL std::string_view cluster::last_action_text() const
{
    return cluster_detail::text(*object_, "last_action");
}
PKS_DECL cluster_state cluster::last_action_state() const
{
    static constexpr std::array<std::pair<std::string_view, cluster_state>, 4> values = {{
        {"in progress", cluster_state::in_progress},
        {"succeeded", cluster_state::succeeded},
        {"failed", cluster_state::failed},
        {"queued", cluster_state::queued},
    }};
    for (auto const& [text, value] : values)
        if (cluster_detail::equals_ignoring_case(text, last_action_state_text()))
            return value;
    return cluster_state::unknown;
}
PKS_DECL std::string_view cluster::last_action_state_text() const
{
    return cluster_detail::text(*object_, "last_action_state");
}
PKS_DECL std::string_view cluster::last_action_description() const
{
    return cluster_detail::text(*object_, "last_action_description");
}
PKS_DECL std::vector<std::string> cluster::kubernetes_master_ips() const
{
    std::vector<std::string> out;
    auto const* const value = cluster_detail::present(*object_, "kubernetes_master_ips");
    if (auto const* const array = value ? value->if_array() : nullptr)
        for (auto const& element : *array)
            out.emplace_back(element.get_string().data(), element.get_string().size());
    return out;
}
PKS_DECL std::string_view cluster::k8s_version() const
{
    return cluster_detail::text(*object_, "k8s_version");
}
PKS_DECL std::string_view cluster::pks_version() const
{
    return cluster_detail::text(*object_, "pks_version");
}
PKS_DECL std::string_view cluster::network_profile_name() const
{
    return cluster_detail::text(*object_, "network_profile_name");
}
PKS_DECL std::string_view cluster::compute_profile_name() const
{
    return cluster_detail::text(*object_, "compute_profile_name");
}
PKS_DECL std::string_view cluster::kubernetes_profile_name() const
{
    return cluster_detail::text(*object_, "kubernetes_profile_name");
}
PKS_DECL std::vector<cluster::available_upgrade> cluster::available_upgrades() const
{
    std::vector<available_upgrade> out;
    cluster_detail::for_each_object(*object_, "available_upgrades", [&out](boost::json::object const& o) {
        available_upgrade one;
        one.component = cluster_detail::text(o, "component");
        one.version = cluster_detail::text(o, "version");
        out.push_back(std::move(one));
    });
    return out;
}
PKS_DECL cluster_parameters cluster::parameters() const
{
    auto const* const inner = cluster_detail::object_member(*object_, "parameters");
    return {reply_, inner ? inner : &cluster_detail::no_members()};
}
PKS_DECL boost::json::object const& cluster::json() const
{
    return *object_;
}

PKS_DECL result<cluster> cluster::read(
    std::shared_ptr<boost::json::value const> reply, boost::json::value const& object, std::string* where)
{
    auto unexpected = [where](std::string_view prefix, std::string_view name) {
        if (where)
            *where = std::string(prefix) + std::string(name);
        return error_code(errc::unexpected_json);
    };
    auto const* const members = object.if_object();
    if (!members)
        return unexpected("", "no object");
    if (auto const bad = cluster_detail::first_misfit(*members, cluster_detail::cluster_model); !bad.empty())
        return unexpected("", bad);
    // The one member that everything else is addressed by.
    if (cluster_detail::text(*members, "name").empty())
        return unexpected("", "name");
    if (auto const* const inner = cluster_detail::object_member(*members, "parameters"))
        if (auto const bad = cluster_detail::first_misfit(*inner, cluster_detail::parameters_model); !bad.empty())
            return unexpected("parameters.", bad);
    return cluster(std::move(reply), members);
}

PKS_DECL cluster const* cluster_list::find(std::string_view name) const
{
    for (auto const& c : clusters_)
        if (c.name() == name)
            return &c;
    return nullptr;
}

} // namespace pks::inline v0
