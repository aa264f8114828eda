// /oauth/token of the embedded UAA.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/testing/token_content.hpp>
#include <pks/testing/uaa_client_login.hpp>
#include <pks/testing/uaa_directory.hpp>
#include <pks/testing/uaa_replies.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::testing {

class uaa_server;

/// One token request: client, grant, scopes, tokens. Lives for one call of uaa_server::handle().
///
/// Source: facts §2.2; the recordings seed-flow and token-*.
class uaa_token_endpoint
{
public:
    PKS_DECL uaa_token_endpoint(
        uaa_server& server, request const& req, uaa_replies const& replies, clock::time_point now);

    PKS_DECL reply answer();

private:
    // A grant that was accepted, from which tokens are made.
    struct accepted
    {
        uaa_user const* user = nullptr;
        std::vector<std::string> scope;
        std::string grant_type;
        std::optional<std::int64_t> auth_time;
        bool password_shown = false;
        std::int64_t previous_logon = 0;
        token_content const* refreshed = nullptr; ///< the refresh token that was used
        std::string refresh_text;                 ///< as it was sent
    };

    PKS_DECL reply client_credentials();
    PKS_DECL reply password();
    PKS_DECL reply passcode();
    PKS_DECL reply jwt_bearer();
    PKS_DECL reply refresh();
    PKS_DECL reply authorization_code();
    PKS_DECL reply user_token();
    PKS_DECL reply grant(accepted const& what);
    PKS_DECL reply grant_to(
        uaa_user const& user, std::vector<std::string> scope, std::string grant_type, bool password_shown = false);

    PKS_DECL uaa_user& log_in_user();
    PKS_DECL std::vector<std::string> scope_of_user(uaa_user const& user, char const* challenge);
    PKS_DECL void require_grant(std::string_view name) const;
    PKS_DECL void require_own_client_id() const;
    PKS_DECL token_content content(token_content::kind kind, accepted const& what) const;
    PKS_DECL std::string refresh_token(accepted const& what);
    PKS_DECL std::vector<std::string> requested_scope() const;
    PKS_DECL std::string az_attr() const;

    uaa_server& server_;
    request const& request_;
    uaa_replies const& replies_;
    clock::time_point now_;
    std::int64_t seconds_;
    request_parameters parameters_;
    uaa_caller caller_;
    bool session_ = false;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/uaa_token_endpoint.ipp>
#endif
