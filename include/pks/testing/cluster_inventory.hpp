// The clusters of an embedded control plane, and the broker that makes and removes them.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/testing/certificate_authority.hpp>
#include <pks/testing/cluster_effects.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::testing {

/// How the broker works. Configuration.
struct broker_options
{
    std::chrono::milliseconds provisioning{std::chrono::seconds(30)}; ///< from the request to the end of a creation
    std::chrono::milliseconds deletion{std::chrono::seconds(10)};     ///< from the request to the end of a deletion
    std::chrono::milliseconds update{std::chrono::seconds(20)};       ///< from the request to the end of an update
    std::string failing_marker = "fail"; ///< a cluster whose name contains it cannot be created; empty: none
};

/// Credentials of a cluster.
struct inventory_binding
{
    std::string account; ///< the service account: a UUID
    std::string owner;   ///< for whom it was made: user name, or client id of an automated client
    std::string token;
};

/// A cluster as the inventory keeps it.
struct inventory_cluster
{
    enum class state {
        in_progress,
        succeeded,
        failed,
    };
    enum class action {
        create,
        update,
        delete_,
    };

    std::string name;
    std::string owner; ///< user name, or client id of an automated client
    std::string uuid;
    std::string plan;
    std::string address; ///< of the control plane VM, known once it is there
    boost::json::object parameters;
    boost::json::object profiles; ///< network, compute and Kubernetes profile names
    boost::json::object changes;  ///< of the update under way, made when it is done
    std::vector<inventory_binding> bindings;
    action last_action = action::create;
    state last_state = state::succeeded;
    clock::time_point started{};
    clock::time_point done{};
    bool will_fail = false;
};

/// Clusters, plans, and what happens to clusters with time.
///
/// Nothing happens by itself: every member that takes `now` first settles what has become due by then.
/// Pointers are good until the next call.
/// Thread safety: none of its own; control_plane serializes its calls.
/// Source: facts §4 to §7 of the PKS API.
class cluster_inventory
{
public:
    explicit cluster_inventory(broker_options options = {}) : options_(std::move(options)) {}

    /// Begins to create a cluster from a ClusterRequest that has been checked.
    PKS_DECL inventory_cluster const& create(
        boost::json::object const& request, std::string owner, clock::time_point now);

    /// Puts in a cluster that is already there.
    PKS_DECL inventory_cluster const& add(std::string name, std::string owner, std::string plan = "small");

    /// Begins to change a cluster by an UpdateClusterParameters that has been checked; what was set shows when the
    /// update is done. Changes of an update under way are made with it. False where there is no cluster of that name.
    PKS_DECL bool update(std::string_view name, boost::json::object const& changes, clock::time_point now);

    /// Begins to delete a cluster, unless that is under way. False where there is none of that name.
    PKS_DECL bool remove(std::string_view name, clock::time_point now);

    /// Lets the action under way, or the last one, end as failed. False where there is none of that name.
    PKS_DECL bool fail(std::string_view name);

    PKS_DECL inventory_cluster const* find(std::string_view name, clock::time_point now);

    /// Those of an owner, in the order of their creation; without one, all.
    PKS_DECL std::vector<inventory_cluster const*> list(std::optional<std::string_view> owner, clock::time_point now);

    /// Makes credentials of a cluster, another pair each time, as a kubeconfig. There must be a cluster of that name.
    PKS_DECL boost::json::object bind(std::string_view name, std::string owner, clock::time_point now);

    /// The newest credentials that were made for an owner, or those of an account; nothing where there are none.
    PKS_DECL std::optional<boost::json::object> binding(
        std::string_view name, std::string_view owner_or_account, clock::time_point now);

    /// What was done to clusters of that name, and to all.
    PKS_DECL cluster_effects effects(std::string_view name) const;
    PKS_DECL cluster_effects effects() const;

    PKS_DECL bool has_plan(std::string_view name) const;
    PKS_DECL int max_workers(std::string_view plan) const; ///< of a plan that there is
    PKS_DECL boost::json::array plans() const;

    /// A cluster as the API describes it.
    PKS_DECL boost::json::object describe(inventory_cluster const& cluster, clock::time_point now) const;

private:
    PKS_DECL inventory_cluster& make(boost::json::object const& request, std::string owner, clock::time_point now);
    PKS_DECL void settle(clock::time_point now);
    PKS_DECL inventory_cluster* look_up(std::string_view name);
    PKS_DECL std::string next_address();
    PKS_DECL cluster_effects& counted(std::string_view name);
    PKS_DECL boost::json::object kubeconfig(inventory_cluster const& cluster, inventory_binding const& binding);

    broker_options options_;
    std::vector<inventory_cluster> clusters_;
    std::map<std::string, cluster_effects, std::less<>> effects_;
    std::optional<certificate_authority> authority_; // of the clusters' own certificates; made when first needed
    std::uint32_t addresses_ = 0;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/cluster_inventory.ipp>
#endif
