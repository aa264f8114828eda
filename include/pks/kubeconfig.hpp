// What lets kubectl into a cluster.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>
#include <pks/secret.hpp>

#include <boost/json/fwd.hpp>
#include <pks/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0 {

/// A client configuration of Kubernetes, as the API answers a binding with.
///
/// Immutable, shares what it was read from: cheap to copy, valid on its own; the storage is wiped with the last copy.
/// What lets somebody in is a pks::secret, or confidential as a whole: there is no way to stream one. Members that the
/// server left out or sent as null read as empty.
/// Thread safety: as a value; copies may be used from different threads.
/// Source: facts on payloads (§7) and on kubeconfig (§11).
class kubeconfig
{
public:
    /// A `clusters` entry.
    struct named_cluster
    {
        std::string name;
        std::string server;
        std::string certificate_authority_data; ///< base64 of PEM
    };

    /// A `contexts` entry.
    struct named_context
    {
        std::string name;
        std::string cluster;
        std::string user;
    };

    /// A `users` entry.
    struct named_user
    {
        std::string name;
        secret token;              ///< of a service account; empty with OIDC
        std::string auth_provider; ///< its name: `oidc`; empty without
        std::vector<std::pair<std::string, secret>> auth_provider_config;
    };

    /// Nothing: every member reads as empty.
    kubeconfig() = default;

    PKS_DECL std::string_view api_version() const;
    PKS_DECL std::string_view kind() const;
    PKS_DECL std::string_view current_context() const;
    PKS_DECL std::vector<named_cluster> clusters() const;
    PKS_DECL std::vector<named_context> contexts() const;
    PKS_DECL std::vector<named_user> users() const;

    /// The whole as JSON text, which kubectl reads as a configuration file.
    PKS_DECL secret text() const;

    /// The whole, members unknown to this library included: confidential.
    PKS_DECL boost::json::object const& reveal() const;

    /// Reads one out of a reply, whose storage is to be a wiping one. Checks the type of every member of the model;
    /// `where` gets the name of the first one that does not fit. Errors: errc::unexpected_json.
    PKS_DECL static result<kubeconfig> read(
        std::shared_ptr<boost::json::value const> reply, std::string* where = nullptr);

private:
    explicit kubeconfig(std::shared_ptr<boost::json::value const> reply) : reply_(std::move(reply)) {}

    std::shared_ptr<boost::json::value const> reply_; // null: nothing
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/kubeconfig.ipp>
#endif
