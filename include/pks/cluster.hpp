// A Kubernetes cluster as the PKS API describes it.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>

#include <boost/json/fwd.hpp>
#include <pks/result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0 {

/// What was last done to a cluster. New values appear with new servers: they read as `unknown`, and the text is kept.
enum class cluster_action {
    unknown,
    create,
    update,
    delete_,
    upgrade,
    rotate_nsx_certificates,
    add_custom_certificate_authority,
    sign_with_custom_certificate_authority,
    purge_old_custom_certificate_authority,
};

/// How it went.
enum class cluster_state {
    unknown,
    in_progress,
    succeeded,
    failed,
    queued,
};

/// The `parameters` of a cluster: ClusterParameters of the API.
///
/// A view that shares the reply it was read from: cheap to copy, immutable. Members that the server left out or sent
/// as null read as empty. `json()` has all of it, members unknown to this library included.
/// Source: facts on the API's models (§4.3).
class cluster_parameters
{
public:
    /// A `cluster_tags` entry.
    struct tag
    {
        std::string category;
        std::string name;
        std::string value;
    };

    /// A `custom_ca_certs` entry.
    struct custom_ca
    {
        std::string domain_name;
        std::string ca_cert;
    };

    PKS_DECL std::string_view kubernetes_master_host() const;
    PKS_DECL std::optional<std::int32_t> kubernetes_master_port() const;
    PKS_DECL std::optional<std::int32_t> kubernetes_worker_instances() const;
    PKS_DECL std::string_view authorization_mode() const;
    PKS_DECL std::string_view node_pool_instances() const;
    PKS_DECL std::string_view compute_profile() const;      ///< JSON in a string
    PKS_DECL std::string_view nsxt_network_profile() const; ///< JSON in a string
    PKS_DECL std::string_view nsxt_network_details() const; ///< JSON in a string
    PKS_DECL std::string_view worker_haproxy_ip_addresses() const;
    PKS_DECL std::vector<tag> cluster_tags() const;
    PKS_DECL std::vector<custom_ca> custom_ca_certs() const;
    PKS_DECL boost::json::object const* cluster_config_parameters() const;          ///< null where absent
    PKS_DECL boost::json::object const* k8s_customization_parameters() const;       ///< null where absent
    PKS_DECL boost::json::object const* kubernetes_setting_cluster_details() const; ///< null where absent
    PKS_DECL boost::json::object const* kubernetes_setting_plan_details() const;    ///< null where absent

    PKS_DECL boost::json::object const& json() const;

private:
    friend class cluster;
    cluster_parameters(std::shared_ptr<boost::json::value const> reply, boost::json::object const* object)
        : reply_(std::move(reply)), object_(object)
    {}

    std::shared_ptr<boost::json::value const> reply_;
    boost::json::object const* object_;
};

/// A cluster.
///
/// A view that shares the reply it was read from: cheap to copy, immutable, valid on its own. Members that the server
/// left out or sent as null read as empty. `json()` has all of it, members unknown to this library included.
/// Thread safety: as a value; copies may be used from different threads.
/// Source: facts on the API's models (§4.3).
class cluster
{
public:
    /// An `available_upgrades` entry.
    struct available_upgrade
    {
        std::string component;
        std::string version;
    };

    /// None: every member reads as empty.
    PKS_DECL cluster();

    PKS_DECL std::string_view name() const;
    PKS_DECL std::string_view uuid() const; ///< opaque: not always a well-formed UUID
    PKS_DECL std::string_view plan_name() const;
    PKS_DECL cluster_action last_action() const;
    PKS_DECL std::string_view last_action_text() const; ///< as the server wrote it: `CREATE`
    PKS_DECL cluster_state last_action_state() const;
    PKS_DECL std::string_view last_action_state_text() const; ///< as the server wrote it: `in progress`
    PKS_DECL std::string_view last_action_description() const;
    PKS_DECL std::vector<std::string> kubernetes_master_ips() const; ///< `In Progress` alone until they are known
    PKS_DECL std::string_view k8s_version() const;
    PKS_DECL std::string_view pks_version() const;
    PKS_DECL std::string_view network_profile_name() const;
    PKS_DECL std::string_view compute_profile_name() const;
    PKS_DECL std::string_view kubernetes_profile_name() const;
    PKS_DECL std::vector<available_upgrade> available_upgrades() const;
    PKS_DECL cluster_parameters parameters() const;

    PKS_DECL boost::json::object const& json() const;

    /// Reads a cluster out of a reply: `object` lies within `reply`. Checks the type of every member of the model;
    /// `where` gets the name of the first one that does not fit. Errors: errc::unexpected_json.
    PKS_DECL static result<cluster> read(std::shared_ptr<boost::json::value const> reply,
        boost::json::value const& object, std::string* where = nullptr);

private:
    cluster(std::shared_ptr<boost::json::value const> reply, boost::json::object const* object)
        : reply_(std::move(reply)), object_(object)
    {}

    std::shared_ptr<boost::json::value const> reply_;
    boost::json::object const* object_;
};

/// The clusters that an identity may see, in the server's order.
class cluster_list
{
public:
    using const_iterator = std::vector<cluster>::const_iterator;

    cluster_list() = default;
    explicit cluster_list(std::vector<cluster> clusters) : clusters_(std::move(clusters)) {}

    const_iterator begin() const noexcept
    {
        return clusters_.begin();
    }
    const_iterator end() const noexcept
    {
        return clusters_.end();
    }
    std::size_t size() const noexcept
    {
        return clusters_.size();
    }
    bool empty() const noexcept
    {
        return clusters_.empty();
    }
    cluster const& operator[](std::size_t i) const noexcept
    {
        return clusters_[i];
    }

    /// The cluster of that name, or null.
    PKS_DECL cluster const* find(std::string_view name) const;

private:
    std::vector<cluster> clusters_;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/cluster.ipp>
#endif
