// The PKS API as a state machine: requests and what the guard said of them in, replies out, no socket and no clock.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/guard.hpp>
#include <pks/identity.hpp>
#include <pks/policy/claim_rules.hpp>
#include <pks/policy/scope_requirement.hpp>
#include <pks/testing/cluster_inventory.hpp>
#include <pks/testing/reply.hpp>
#include <pks/testing/request.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pks::inline v0::testing {

/// `/v1/clusters` with one cluster and its binds, `/v1/plans` and `/actuator/health` of a PKS API.
///
/// Each request is answered in two steps, so that the judgement of its token lies outside: a guard authorizes it, under
/// rules() and required_scopes(), unless is_open(); handle() answers with what the guard said. `pks.clusters.manage`
/// sees and changes its own clusters, `pks.clusters.admin` all, `pks.clusters.admin.read` sees all, changes none, and
/// gets no credentials. A foreign cluster is a missing one, and who has no name owns none. Refusals are in the words of
/// Spring Security, as the real API's.
///
/// Thread safety: none of its own; control_plane serializes its calls.
/// Source: facts §3 to §7 of the PKS API; the recordings of `pks`, which are reconstructed, not recorded.
class pks_api
{
public:
    explicit pks_api(broker_options options = {}) : inventory_(std::move(options)) {}

    /// Which tokens of a UAA the API accepts: for its resource, whatever their scopes.
    PKS_DECL static policy::claim_rules rules(std::string issuer);

    /// Whether whatever is at that target is for everybody.
    PKS_DECL static bool is_open(std::string_view target) noexcept;

    /// What a token must have for a request.
    PKS_DECL static policy::scope_requirement required_scopes(std::string_view method, std::string_view target);

    /// `who` is not looked at where the target is open.
    PKS_DECL reply handle(request const& req, authorization const& who, clock::time_point now);

    cluster_inventory& inventory() noexcept
    {
        return inventory_;
    }

    /// Requests so far, by path without query.
    std::map<std::string, std::size_t, std::less<>> const& requests() const noexcept
    {
        return requests_;
    }

private:
    PKS_DECL reply clusters(request const& req, identity const& who, clock::time_point now);
    PKS_DECL reply one_cluster(request const& req, std::string const& name, identity const& who, clock::time_point now);
    PKS_DECL reply create(request const& req, identity const& who, clock::time_point now);
    PKS_DECL reply update(request const& req, inventory_cluster const& cluster, clock::time_point now);
    PKS_DECL reply binds(request const& req, std::string const& name, std::optional<std::string> const& user,
        identity const& who, clock::time_point now);

    cluster_inventory inventory_;
    std::map<std::string, std::size_t, std::less<>> requests_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/pks_api.ipp>
#endif
