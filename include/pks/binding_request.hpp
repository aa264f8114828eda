// Which credentials of which cluster are asked for.
#pragma once

#include <string>
#include <utility>

namespace pks::inline v0 {

/// A cluster whose kubeconfig is wanted, for the caller or for somebody else.
///
/// Nothing is checked here; an operation that cannot send it completes with errc::missing_parameter or
/// errc::forbidden_character, and sends nothing.
/// Thread safety: as a value.
/// Source: facts on the endpoints (§4.2).
class binding_request
{
public:
    /// Of the caller: `POST /v1/clusters/NAME/binds`, which makes new credentials each time.
    binding_request(std::string cluster_name) : cluster_name_(std::move(cluster_name)) {}
    binding_request(char const* cluster_name) : cluster_name_(cluster_name) {}

    /// Of a user: `GET /v1/clusters/NAME/binds/USER`, which changes nothing. An empty name is the caller.
    binding_request& user(std::string name)
    {
        user_ = std::move(name);
        return *this;
    }

    /// Sends `suppressClusterRoleBinding=true` with it. Of a user only; the vendor does not say what it means.
    binding_request& suppress_cluster_role_binding(bool suppress)
    {
        suppress_ = suppress;
        return *this;
    }

    std::string const& cluster_name() const noexcept
    {
        return cluster_name_;
    }
    std::string const& user() const noexcept
    {
        return user_;
    }
    bool suppress_cluster_role_binding() const noexcept
    {
        return suppress_;
    }

private:
    std::string cluster_name_;
    std::string user_;
    bool suppress_ = false;
};

} // namespace pks::inline v0
