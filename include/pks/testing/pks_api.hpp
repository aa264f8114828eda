// The PKS API as a state machine: requests and verdicts on tokens in, replies out, no socket and no clock.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/testing/cluster_inventory.hpp>
#include <pks/testing/reply.hpp>
#include <pks/testing/request.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0::testing {

/// Whoever is behind an access token, in the words of the UAA.
struct api_identity
{
    std::string owner; ///< user name, or client id of an automated client
    std::vector<std::string> scope;
    std::vector<std::string> audience;
};

/// What the UAA said about the token of a request.
struct api_authentication
{
    enum class outcome {
        none, ///< the request bears no token
        accepted,
        refused, ///< not accepted; `text` says why
        failed,  ///< the UAA could not be asked, or refused the API itself
    };

    outcome result = outcome::none;
    api_identity identity{};
    std::string text{};
};

/// `/v1/clusters`, `/v1/plans` and `/actuator/health` of a PKS API.
///
/// Each request is answered in two steps, so that the question to the UAA lies outside: token() takes the bearer token
/// out, handle() answers with what the UAA said about it. `pks.clusters.manage` sees and changes its own clusters,
/// `pks.clusters.admin` all, `pks.clusters.admin.read` sees all and changes none. A foreign cluster is a missing one.
///
/// Thread safety: none of its own; control_plane serializes its calls.
/// Source: facts §3 to §7 of the PKS API; the recordings of `pks`, which are reconstructed, not recorded.
class pks_api
{
public:
    explicit pks_api(broker_options options = {}) : inventory_(std::move(options)) {}

    /// The bearer token of a request that needs one; nothing where the request bears none, or needs none.
    PKS_DECL static std::optional<std::string> token(request const& req);

    PKS_DECL reply handle(request const& req, api_authentication const& who, clock::time_point now);

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
    PKS_DECL reply clusters(request const& req, api_identity const& who, clock::time_point now);
    PKS_DECL reply one_cluster(
        request const& req, std::string const& name, api_identity const& who, clock::time_point now);
    PKS_DECL reply create(request const& req, api_identity const& who, clock::time_point now);

    cluster_inventory inventory_;
    std::map<std::string, std::size_t, std::less<>> requests_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/pks_api.ipp>
#endif
