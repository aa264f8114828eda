// The clusters of an embedded control plane, and the broker that makes and removes them.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::testing {

/// How the broker works. Configuration.
struct broker_options
{
    std::chrono::milliseconds provisioning{std::chrono::seconds(30)}; ///< from the request to the end of a creation
    std::chrono::milliseconds deletion{std::chrono::seconds(10)};     ///< from the request to the end of a deletion
    std::string failing_marker = "fail"; ///< a cluster whose name contains it cannot be created; empty: none
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
        delete_,
    };

    std::string name;
    std::string owner; ///< user name, or client id of an automated client
    std::string uuid;
    std::string plan;
    std::string address; ///< of the control plane VM, known once it is there
    boost::json::object parameters;
    boost::json::object profiles; ///< network, compute and Kubernetes profile names
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

    /// Begins to delete a cluster. False where there is none of that name.
    PKS_DECL bool remove(std::string_view name, clock::time_point now);

    /// Lets the action under way, or the last one, end as failed. False where there is none of that name.
    PKS_DECL bool fail(std::string_view name);

    PKS_DECL inventory_cluster const* find(std::string_view name, clock::time_point now);

    /// Those of an owner, in the order of their creation; an empty owner means all.
    PKS_DECL std::vector<inventory_cluster const*> list(std::string_view owner, clock::time_point now);

    PKS_DECL bool has_plan(std::string_view name) const;
    PKS_DECL boost::json::array plans() const;

    /// A cluster as the API describes it.
    PKS_DECL boost::json::object describe(inventory_cluster const& cluster, clock::time_point now) const;

private:
    PKS_DECL void settle(clock::time_point now);
    PKS_DECL inventory_cluster* look_up(std::string_view name);
    PKS_DECL std::string next_address();

    broker_options options_;
    std::vector<inventory_cluster> clusters_;
    std::uint32_t addresses_ = 0;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/cluster_inventory.ipp>
#endif
