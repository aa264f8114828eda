// Bodies of testing/cluster_inventory.hpp.
#pragma once

#include <pks/testing/cluster_inventory.hpp>

#include <pks/testing/random_id.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

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
    for (auto const name : {"node_pool_instances", "custom_ca_certs"})
        if (given.contains(name))
            out[name] = given.at(name);
    json::object customization;
    for (auto const name : {"vsphere_cloud_provider_config_key", "unset_http_proxy", "insecure_registries"})
        customization[name] = nullptr;
    out["k8s_customization_parameters"] = member_or(given, "k8s_customization_parameters", std::move(customization));
    out["cluster_tags"] = member_or(given, "cluster_tags", json::array());
    return out;
}

inline std::string_view text_of(json::object const& from, std::string_view name)
{
    auto const* const value = from.if_contains(name);
    auto const* const text = value ? value->if_string() : nullptr;
    return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

inline json::object& object_of(json::object& from, std::string_view name)
{
    auto& value = from[name];
    return value.is_object() ? value.get_object() : value.emplace_object();
}

// What an update that is done has changed. Its cluster_config_parameters hold passwords, and are not shown.
inline void apply(json::object const& changes, inventory_cluster& cluster)
{
    for (auto const& change : changes) {
        std::string_view const name(change.key().data(), change.key().size());
        if (name.ends_with("_profile_name"))
            cluster.profiles[name] = change.value();
        else if (name == "insecure_registries")
            object_of(cluster.parameters, "k8s_customization_parameters")[name] = change.value();
        else if (name.starts_with("kubelet_drain_"))
            object_of(cluster.parameters, "kubernetes_setting_cluster_details")[name] = change.value();
        else if (name == "delete_all_tags" && change.value() == json::value(true))
            cluster.parameters["cluster_tags"] = json::array();
        else if (name == "kubernetes_worker_instances" || name == "node_pool_instances" || name == "cluster_tags" ||
            name == "custom_ca_certs" || name == "k8s_customization_parameters")
            cluster.parameters[name] = change.value();
    }
}

inline std::string_view name_of(inventory_cluster::action action)
{
    switch (action) {
    case inventory_cluster::action::create:
        return "CREATE";
    case inventory_cluster::action::update:
        return "UPDATE";
    case inventory_cluster::action::delete_:
        break;
    }
    return "DELETE";
}

inline std::string description_of(inventory_cluster const& cluster, clock::time_point now)
{
    using action = inventory_cluster::action;
    std::string const what = cluster.last_action == action::create ? "Instance provisioning"
        : cluster.last_action == action::update                    ? "Instance update"
                                                                   : "Instance deletion";
    switch (cluster.last_state) {
    case inventory_cluster::state::succeeded:
        break;
    case inventory_cluster::state::in_progress:
        if (cluster.last_action == action::create && now - cluster.started < (cluster.done - cluster.started) / 4)
            return "Creating cluster";
        return what + " in progress";
    case inventory_cluster::state::failed:
        auto const text =
            what + " failed: There was a problem completing your request. Please contact your operations team";
        if (cluster.last_action == action::delete_)
            return text + '.';
        return text + " providing the following information: service: p.pks, service-instance-guid: " + cluster.uuid +
            ", operation: " + (cluster.last_action == action::create ? "create" : "update");
    }
    return what + " completed";
}

inline std::string base64(std::string_view text)
{
    // EVP_EncodeBlock ends its output with a NUL.
    std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
    int const size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
        reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
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
    for (auto& c : clusters_) {
        if (c.last_state != state::in_progress || now < c.done)
            continue;
        c.last_state = c.will_fail ? state::failed : state::succeeded;
        auto const changes = std::exchange(c.changes, {});
        if (c.last_action == inventory_cluster::action::update && !c.will_fail)
            cluster_inventory_detail::apply(changes, c);
    }
    std::erase_if(clusters_, [](inventory_cluster const& c) {
        return c.last_action == inventory_cluster::action::delete_ && c.last_state == state::succeeded;
    });
}

PKS_DECL cluster_effects& cluster_inventory::counted(std::string_view name)
{
    auto const at = effects_.find(name);
    return at == effects_.end() ? effects_[std::string(name)] : at->second;
}

PKS_DECL cluster_effects cluster_inventory::effects(std::string_view name) const
{
    auto const at = effects_.find(name);
    return at == effects_.end() ? cluster_effects() : at->second;
}

PKS_DECL cluster_effects cluster_inventory::effects() const
{
    cluster_effects out;
    for (auto const& [name, done] : effects_) {
        out.creations += done.creations;
        out.updates += done.updates;
        out.deletions += done.deletions;
        out.binds += done.binds;
    }
    return out;
}

PKS_DECL inventory_cluster const& cluster_inventory::create(
    boost::json::object const& request, std::string owner, clock::time_point now)
{
    auto const& made = make(request, std::move(owner), now);
    ++counted(made.name).creations;
    return made;
}

PKS_DECL inventory_cluster& cluster_inventory::make(
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
    auto& c = make(request, std::move(owner), clock::time_point());
    c.last_state = inventory_cluster::state::succeeded;
    c.will_fail = false;
    return c;
}

PKS_DECL bool cluster_inventory::update(
    std::string_view name, boost::json::object const& changes, clock::time_point now)
{
    settle(now);
    auto* const c = look_up(name);
    if (!c)
        return false;
    ++counted(name).updates;
    for (auto const& change : changes)
        c->changes[change.key()] = change.value();
    c->last_action = inventory_cluster::action::update;
    c->last_state = inventory_cluster::state::in_progress;
    c->started = now;
    c->done = now + options_.update;
    c->will_fail = false;
    return true;
}

PKS_DECL bool cluster_inventory::remove(std::string_view name, clock::time_point now)
{
    settle(now);
    auto* const c = look_up(name);
    if (!c)
        return false;
    if (c->last_action == inventory_cluster::action::delete_ && c->last_state == inventory_cluster::state::in_progress)
        return true;
    ++counted(name).deletions;
    c->changes.clear();
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

PKS_DECL std::vector<inventory_cluster const*> cluster_inventory::list(
    std::optional<std::string_view> owner, clock::time_point now)
{
    settle(now);
    std::vector<inventory_cluster const*> out;
    for (auto const& c : clusters_)
        if (!owner || c.owner == *owner)
            out.push_back(&c);
    return out;
}

PKS_DECL boost::json::object cluster_inventory::kubeconfig(
    inventory_cluster const& cluster, inventory_binding const& binding)
{
    namespace json = boost::json;
    if (!authority_)
        authority_.emplace("kubernetes");
    auto const host = cluster_inventory_detail::text_of(cluster.parameters, "kubernetes_master_host");
    auto const* const port = cluster.parameters.if_contains("kubernetes_master_port");
    auto const number = port && port->is_int64() ? port->get_int64() : 8443;
    auto const entry = [](std::string_view name, std::string_view member, json::object body) {
        json::object out;
        out["name"] = name;
        out[member] = std::move(body);
        json::array list;
        list.emplace_back(std::move(out));
        return list;
    };
    json::object access;
    access["certificate-authority-data"] = cluster_inventory_detail::base64(authority_->root_pem());
    access["server"] = "https://" + std::string(host) + ':' + std::to_string(number);
    json::object context;
    context["cluster"] = cluster.name;
    context["user"] = binding.account;
    json::object user;
    user["token"] = binding.token;
    json::object out;
    out["preferences"] = json::object();
    out["apiVersion"] = "v1";
    out["kind"] = "Config";
    out["current-context"] = cluster.name;
    out["contexts"] = entry(cluster.name, "context", std::move(context));
    out["clusters"] = entry(cluster.name, "cluster", std::move(access));
    out["users"] = entry(binding.account, "user", std::move(user));
    return out;
}

PKS_DECL boost::json::object cluster_inventory::bind(std::string_view name, std::string owner, clock::time_point now)
{
    settle(now);
    auto& c = *look_up(name);
    ++counted(name).binds;
    inventory_binding made;
    made.account = random_uuid();
    made.owner = std::move(owner);
    made.token = random_text(64);
    c.bindings.push_back(std::move(made));
    return kubeconfig(c, c.bindings.back());
}

PKS_DECL std::optional<boost::json::object> cluster_inventory::binding(
    std::string_view name, std::string_view owner_or_account, clock::time_point now)
{
    settle(now);
    auto const* const c = look_up(name);
    if (!c)
        return {};
    auto const at = std::find_if(c->bindings.rbegin(), c->bindings.rend(),
        [=](inventory_binding const& b) { return b.owner == owner_or_account || b.account == owner_or_account; });
    if (at == c->bindings.rend())
        return {};
    return kubeconfig(*c, *at);
}

PKS_DECL bool cluster_inventory::has_plan(std::string_view name) const
{
    return name == "small" || name == "medium" || name == "large";
}

PKS_DECL int cluster_inventory::max_workers(std::string_view plan) const
{
    return plan == "small" ? 5 : plan == "medium" ? 20 : 50;
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
    out["last_action"] = cluster_inventory_detail::name_of(cluster.last_action);
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
