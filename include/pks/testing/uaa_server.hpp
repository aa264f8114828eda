// A UAA as a state machine: requests in, replies out, no socket and no clock.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/testing/one_time_codes.hpp>
#include <pks/testing/reply.hpp>
#include <pks/testing/request.hpp>
#include <pks/testing/signing_key.hpp>
#include <pks/testing/token_issuer.hpp>
#include <pks/testing/uaa_directory.hpp>
#include <pks/testing/uaa_generation.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0::testing {

class uaa_replies;

/// How an embedded UAA is set up. Configuration: fill in what differs from the defaults.
struct uaa_options
{
    uaa_generation generation = uaa_generation::v77_18;
    std::string issuer_url = "https://localhost:8443"; ///< `iss` is this and `/oauth/token`
    std::string context_path{};                        ///< empty, or `/uaa` as in a stand-alone Tomcat
    std::vector<std::string> host_names{"localhost", "uaa.localhost", "api.pks.localhost", "127.0.0.1", "[::1]"};
    int lockout_failures = 5;                   ///< wrong passwords that lock a user
    std::chrono::seconds lockout_window{1200};  ///< within this time
    std::chrono::seconds lockout_duration{300}; ///< for this long
};

/// The UAA of a PKS installation, of either generation: `/oauth/token`, `/check_token`, `/introspect`, `/token_key`,
/// `/token_keys`, `/oauth/token/revoke`, `/login` and `/info` for programs, `/healthz`, discovery. Users, groups and
/// clients are changed through directory(), not over HTTP. There are no browser sessions: issue_passcode() and
/// issue_code() do what a login page would.
///
/// A reply is what the recorded UAA of that generation sends: status, header fields and their order, media type,
/// challenge, texts, chunks.
///
/// Thread safety: none of its own; control_plane serializes its calls.
/// Source: facts §2 and §3; the recordings of 4.30.0 and 77.18.0.
class uaa_server
{
public:
    PKS_DECL uaa_server(uaa_options options, uaa_directory directory, signing_key key);

    /// Answers one request at the time `now`.
    PKS_DECL reply handle(request const& req, clock::time_point now);

    token_issuer& issuer() noexcept
    {
        return issuer_;
    }
    uaa_directory& directory() noexcept
    {
        return issuer_.directory();
    }
    uaa_options const& options() const noexcept
    {
        return options_;
    }

    /// From now on sign with this key. Changes the ETag of the key set.
    PKS_DECL void rotate_key(signing_key key, clock::time_point now);

    /// Publishes another key without signing with it, or forgets one. Both change the ETag, as every change of a zone does.
    PKS_DECL void publish_key(signing_key key, clock::time_point now);
    PKS_DECL bool forget_key(std::string_view kid, clock::time_point now);

    /// Revokes all tokens of a user or of a client, as `DELETE /oauth/token/revoke/…` does.
    PKS_DECL bool revoke_user(std::string_view name);
    PKS_DECL bool revoke_client(std::string_view id);

    /// A one-time passcode, as the page /passcode shows it to a user who has logged in. Good for five minutes; empty where
    /// there is no such user.
    PKS_DECL std::string issue_passcode(std::string_view user, clock::time_point now);

    /// An authorization code, as /oauth/authorize hands it to a client in a redirect. Good for five minutes unless `what`
    /// says otherwise.
    PKS_DECL std::string issue_code(one_time_code what, clock::time_point now);

    one_time_codes& codes() noexcept
    {
        return codes_;
    }

    /// Locks a user as if the password had been wrong too often.
    PKS_DECL bool lock_user(std::string_view name, clock::time_point now);

    /// Requests so far, by path without query.
    std::map<std::string, std::size_t, std::less<>> const& requests() const noexcept
    {
        return requests_;
    }
    std::size_t tokens_issued() const noexcept
    {
        return tokens_issued_;
    }

private:
    friend class uaa_token_endpoint;
    friend class uaa_token_questions;

    PKS_DECL reply route(request const& req, std::string_view path, uaa_replies const& replies, clock::time_point now);
    PKS_DECL reply information(request const& req, bool login, uaa_replies const& replies);
    PKS_DECL reply discovery(request const& req, uaa_replies const& replies);
    PKS_DECL reply keys(request const& req, bool all, uaa_replies const& replies);
    PKS_DECL reply health(request const& req, uaa_replies const& replies);
    PKS_DECL reply revocation(
        request const& req, std::string_view what, uaa_replies const& replies, clock::time_point now);
    PKS_DECL bool serves(request const& req) const;
    PKS_DECL void change_etag(clock::time_point now);
    PKS_DECL bool locked(uaa_user const& user, clock::time_point now) const;

    bool old() const noexcept
    {
        return options_.generation == uaa_generation::v4_30;
    }

    uaa_options options_;
    token_issuer issuer_;
    one_time_codes codes_;
    std::int64_t etag_ = 0; ///< ms since the epoch of the last change; 0 before the first request
    std::map<std::string, std::size_t, std::less<>> requests_;
    std::size_t tokens_issued_ = 0;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/uaa_server.ipp>
#endif
