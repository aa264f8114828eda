// What a token of the embedded UAA says, whatever its form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pks::inline v0::testing {

/// The facts behind a token, from which its claims are written.
struct token_content
{
    enum class kind {
        access,
        refresh,
        id,
    };

    kind what = kind::access;
    std::string jti;
    std::string client_id;
    std::string user_id;            ///< empty for a token of the client itself
    std::vector<std::string> scope; ///< of a refresh token: the granted scopes
    std::string grant_type;
    std::int64_t issued = 0;               ///< s since the epoch
    std::int64_t expires = 0;              ///< s since the epoch
    std::optional<std::int64_t> auth_time; ///< s since the epoch
    bool password_shown = false;           ///< the user came with a password: `amr`
    std::string client_auth_method;        ///< empty: no such claim
    std::string az_attr;                   ///< JSON, empty: no such claim
    std::string rev_sig;
    std::int64_t previous_logon = 0; ///< ms since the epoch, 0: no such claim
    bool revocable = false;          ///< valid only while it is stored
};

} // namespace pks::inline v0::testing
