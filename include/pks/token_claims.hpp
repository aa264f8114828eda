// What the UAA says of a token.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>

#include <boost/json/fwd.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0 {

/// The claims that `/check_token` answers for a valid token.
///
/// Source: facts on `/check_token` (§2.3) and on the claims (§3.2).
class token_claims
{
public:
    token_claims() = default;

    std::string jti;
    std::string sub; ///< user id of a user token, client id of a client token
    std::string client_id;
    std::string grant_type;
    std::string iss;
    std::string zid;
    std::string user_id;   ///< empty for a client token
    std::string user_name; ///< empty for a client token
    std::string email;
    std::string origin;
    std::vector<std::string> scope;
    std::vector<std::string> aud;
    std::optional<clock::time_point> issued_at;
    std::optional<clock::time_point> expires_at;
    bool revocable = false;

    /// All members as received; null before a reply was read.
    std::shared_ptr<boost::json::value const> json;

    /// A user's token, not a client's.
    bool user() const noexcept
    {
        return !user_id.empty();
    }

    PKS_DECL bool has_scope(std::string_view name) const noexcept;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/token_claims.ipp>
#endif
