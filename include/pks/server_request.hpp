// A request of one's own to the UAA or the PKS API.
#pragma once

#include <pks/credentials.hpp>
#include <pks/detail/config.hpp>
#include <pks/detail/wiped_string.hpp>
#include <pks/policy/repeatable.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0 {

enum class server_role {
    api, ///< the PKS API
    uaa,
};

/// Put together for client::async_request. `Host`, `Accept` and `Authorization` are added.
///
/// Nothing is checked here; an operation that cannot send it completes with errc::forbidden_character, and sends nothing.
/// What it holds is wiped. Thread safety: as a value.
class server_request
{
public:
    /// @param target  path below the server's prefix, and query, both encoded: `/v1/quotas/USER`.
    ///
    /// GET and HEAD are taken for reads and DELETE for a deletion, which may be sent again; all else for a change, which
    /// never is once it may have arrived.
    PKS_DECL server_request(server_role to, std::string method, std::string target);

    /// What becomes of it that is sent twice, where the method does not say: a POST that changes nothing is a read.
    PKS_DECL server_request& repeats(policy::repeatable what);

    PKS_DECL server_request& field(std::string name, std::string_view value);
    PKS_DECL server_request& body(std::string_view text, std::string media_type = "application/json");

    /// Without an access token: for `/info`, `/token_keys` …
    PKS_DECL server_request& without_token();

    /// With a client's Basic credentials instead of an access token: for `/introspect` and `/check_token`.
    PKS_DECL server_request& as(client_authentication client);

    server_role to() const noexcept
    {
        return to_;
    }
    std::string const& method() const noexcept
    {
        return method_;
    }
    std::string const& target() const noexcept
    {
        return target_;
    }
    policy::repeatable repeats() const noexcept
    {
        return repeats_;
    }
    std::vector<std::pair<std::string, pks::detail::wiped_string>> const& fields() const noexcept
    {
        return fields_;
    }
    std::optional<pks::detail::wiped_string> const& body() const noexcept
    {
        return body_;
    }
    std::string const& media_type() const noexcept
    {
        return media_type_;
    }
    bool with_token() const noexcept
    {
        return with_token_;
    }
    std::optional<client_authentication> const& as() const noexcept
    {
        return as_;
    }

private:
    server_role to_;
    std::string method_;
    std::string target_;
    policy::repeatable repeats_;
    std::vector<std::pair<std::string, pks::detail::wiped_string>> fields_;
    std::optional<pks::detail::wiped_string> body_;
    std::string media_type_;
    bool with_token_ = true;
    std::optional<client_authentication> as_;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/server_request.ipp>
#endif
