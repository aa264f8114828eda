// Bodies of testing/cluster_inventory.hpp.
#pragma once

#include <pks/testing/cluster_inventory.hpp>

#include <pks/testing/random_id.hpp>

#include <algorithm>

namespace pks::inline v0::testing {

namespace cluster_inventory_detail {

namespace json = boost::json;

// Takes a member over where the request has it; otherwise the server's default.
inline json::value member_or(json::object const& from, std::string_view name, json::value fallback)
{
    auto const* const given = from.if_contains(name);
    return given ? *given : fallback;
}

inline json::object complete_parameters(json::object const& given, std::string_view cluster)
{
    json::object out;
    out["kubernetes_master_host"] =
        member_or(given, "kubernetes_master_host", json::string(std::string(cluster) + ".example.com"));
    out["kubernetes_master_port"] = member_or(given, "kubernetes_master_port", 8443);
    out["worker_haproxy_ip_addresses"] = member_or(given, "worker_haproxy_ip_addresses", nullptr);
    out["kubernetes_worker_instances"] = member_or(given, "kubernetes_worker_instances", 3);
    out["authorization_mode"] = member_or(given, "authorization_mode", nullptr);
    out["nsxt_network_profile"] = member_or(given, "nsxt_network_profile", nullptr);
    out["compute_profile"] = member_or(given, "compute_profile", nullptr);
    json::object customization;
    for (auto const name : {"vsphere_cloud_provider_config_key", "unset_http_proxy", "insecure_registries"})
        customization[name] = nullptr;
    out["k8s_customization_parameters"] = member_or(given, "k8s_customization_parameters", std::move(customization));
    out["cluster_tags"] = member_or(given, "cluster_tags", json::array());
    return out;
}

inline std::string description_of(inventory_cluster const& cluster, clock::time_point now)
{
    using state = inventory_cluster::state;
    bool const creation = cluster.last_action == inventory_cluster::action::create;
    switch (cluster.last_state) {
    case state::succeeded:
        break;
    case state::in_progress:
        if (!creation)
            return "Instance deletion in progress";
        return now - cluster.started < (cluster.done - cluster.started) / 4 ? "Creating cluster"
                                                                            : "Instance provisioning in progress";
    case state::failed:
        if (!creation)
            return "Instance deletion failed: There was a problem completing your request. Please contact your operations team.";
        return "Instance provisioning failed: There was a problem completing your request. Please contact your operations team "
               "providing the following information: service: p.pks, service-instance-guid: " +
            cluster.uuid + ", operation: create";
    }
    return "Instance provisioning completed";
}

} // namespace cluster_inventory_detail

PKS_DECL std::string cluster_inventory::next_address()
{
    auto const n = 10 + addresses_++;
    return "10.0." + std::to_string(11 + n / 250) + '.' + std::to_string(n % 250);
}

PKS_DECL inventory_cluster* cluster_inventory::look_up(std::string_view name)
{
    auto const at =
        std::find_if(clusters_.begin(), clusters_.end(), [name](inventory_cluster const& c) { return c.name == name; });
    return at == clusters_.end() ? nullptr : &*at;
}

PKS_DECL void cluster_inventory::settle(clock::time_point now)
{
    using state = inventory_cluster::state;
    for (auto& c : clusters_)
        if (c.last_state == state::in_progress && now >= c.done)
            c.last_state = c.will_fail ? state::failed : state::succeeded;
    std::erase_if(clusters_, [](inventory_cluster const& c) {
        return c.last_action == inventory_cluster::action::delete_ && c.last_state == state::succeeded;
    });
}

PKS_DECL inventory_cluster const& cluster_inventory::create(
    boost::json::object const& request, std::string owner, clock::time_point now)
{
    using namespace cluster_inventory_detail;
    settle(now);
    inventory_cluster c;
    c.name = request.at("name").as_string();
    c.plan = request.at("plan_name").as_string();
    c.owner = std::move(owner);
    c.uuid = random_uuid();
    c.address = next_address();
    auto const* const given = request.if_contains("parameters");
    c.parameters = complete_parameters(given && given->is_object() ? given->get_object() : json::object(), c.name);
    c.profiles["network_profile_name"] = member_or(request, "network_profile_name", nullptr);
    c.profiles["compute_profile_name"] = member_or(request, "compute_profile_name", "");
    c.profiles["kubernetes_profile_name"] = member_or(request, "kubernetes_profile_name", "");
    c.last_state = inventory_cluster::state::in_progress;
    c.started = now;
    c.done = now + options_.provisioning;
    c.will_fail = !options_.failing_marker.empty() && c.name.find(options_.failing_marker) != std::string::npos;
    return clusters_.emplace_back(std::move(c));
}

PKS_DECL inventory_cluster const& cluster_inventory::add(std::string name, std::string owner, std::string plan)
{
    std::erase_if(clusters_, [&name](inventory_cluster const& c) { return c.name == name; });
    boost::json::object request;
    request["name"] = name;
    request["plan_name"] = std::move(plan);
    create(request, std::move(owner), clock::time_point());
    auto& c = clusters_.back();
    c.last_state = inventory_cluster::state::succeeded;
    c.will_fail = false;
    return c;
}

PKS_DECL bool cluster_inventory::remove(std::string_view name, clock::time_point now)
{
    settle(now);
    auto* const c = look_up(name);
    if (!c)
        return false;
    c->last_action = inventory_cluster::action::delete_;
    c->last_state = inventory_cluster::state::in_progress;
    c->started = now;
    c->done = now + options_.deletion;
    c->will_fail = false;
    return true;
}

PKS_DECL bool cluster_inventory::fail(std::string_view name)
{
    auto* const c = look_up(name);
    if (!c)
        return false;
    c->will_fail = true;
    if (c->last_state == inventory_cluster::state::succeeded)
        c->last_state = inventory_cluster::state::failed;
    return true;
}

PKS_DECL inventory_cluster const* cluster_inventory::find(std::string_view name, clock::time_point now)
{
    settle(now);
    return look_up(name);
}

PKS_DECL std::vector<inventory_cluster const*> cluster_inventory::list(std::string_view owner, clock::time_point now)
{
    settle(now);
    std::vector<inventory_cluster const*> out;
    for (auto const& c : clusters_)
        if (owner.empty() || c.owner == owner)
            out.push_back(&c);
    return out;
}

PKS_DECL bool cluster_inventory::has_plan(std::string_view name) const
{
    return name == "small" || name == "medium" || name == "large";
}

PKS_DECL boost::json::array cluster_inventory::plans() const
{
    auto const plan = [](char const* id, char const* name, char const* description, int workers, int masters) {
        boost::json::object out;
        out["id"] = id;
        out["name"] = name;
        out["description"] = description;
        out["worker_instances"] = workers;
        out["master_instances"] = masters;
        out["allow-privileged-containers"] = false;
        return out;
    };
    boost::json::array out;
    out.emplace_back(
        plan("8A0E21A8-8072-4D80-B365-D1F502085560", "small", "One control plane node, few workers", 3, 1));
    out.emplace_back(plan("58375a45-17f7-4291-acf1-455bfdc8e371", "medium", "Three control plane nodes", 5, 3));
    // The id of this plan is no well-formed UUID, as in the product.
    out.emplace_back(
        plan("241118e5-69b2-4ef9-b47f-4d2ab071aff5x", "large", "Three control plane nodes, many workers", 10, 3));
    return out;
}

PKS_DECL boost::json::object cluster_inventory::describe(inventory_cluster const& cluster, clock::time_point now) const
{
    using state = inventory_cluster::state;
    bool const creation = cluster.last_action == inventory_cluster::action::create;
    boost::json::object out;
    out["name"] = cluster.name;
    out["plan_name"] = cluster.plan;
    out["last_action"] = creation ? "CREATE" : "DELETE";
    out["last_action_state"] = cluster.last_state == state::in_progress ? "in progress"
        : cluster.last_state == state::failed                           ? "failed"
                                                                        : "succeeded";
    out["last_action_description"] = cluster_inventory_detail::description_of(cluster, now);
    out["uuid"] = cluster.uuid;
    boost::json::array addresses;
    addresses.emplace_back(creation && cluster.last_state == state::in_progress ? "In Progress" : cluster.address);
    out["kubernetes_master_ips"] = std::move(addresses);
    for (auto const& profile : cluster.profiles)
        out[profile.key()] = profile.value();
    out["pks_version"] = "1.10.0-build.1";
    out["k8s_version"] = "1.19.5";
    out["parameters"] = cluster.parameters;
    return out;
}

} // namespace pks::inline v0::testing
