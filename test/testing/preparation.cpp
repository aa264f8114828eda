// The preparations behind recorded requests, told by their ids.
#include "preparation.hpp"

#include <pks/jose/base64url.hpp>
#include <pks/testing/uaa_client_login.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace testing_recorded {

namespace {

enum class event {
    none,
    new_password,
    revocation,
    deactivation,
    lost_group,
    new_secret,
};

enum class thing {
    refresh_token,
    opaque_access_token,
    passcode,
    code,
    code_with_pkce,
    user_of_the_target,
    locked_user,
};

struct preparation
{
    std::string_view id; ///< the end of the recorded id
    thing made;
    std::string_view user;
    std::string_view client;
    event then = event::none;
};

constexpr std::string_view rotating = "rotating-client";

constexpr preparation table[] = {
    {"token-refresh/after-password-change", thing::refresh_token, "quitter1", "pks_cli", event::new_password},
    {"token-refresh/revoke-user", thing::user_of_the_target, "quitter1", ""},
    {"token-refresh/after-user-revocation", thing::refresh_token, "quitter1", "pks_cli", event::revocation},
    {"token-refresh/after-user-deactivation", thing::refresh_token, "quitter1", "pks_cli", event::deactivation},
    {"token-refresh/after-loss-of-the-group", thing::refresh_token, "quitter1", "pks_cli", event::lost_group},
    {"token-refresh/after-client-secret-change", thing::refresh_token, "alana", rotating, event::new_secret},
    {"/token/refresh-narrow-scope", thing::refresh_token, "dual", "pks_cli"},
    {"/token/refresh-opaque", thing::refresh_token, "dual", "pks_cli"},
    {"/token/refresh-post-empty-secret", thing::refresh_token, "dual", "pks_cli"},
    {"/token/refresh-with-id-token", thing::refresh_token, "alana", "app"},
    {"/token/refresh-tls", thing::refresh_token, "alana", "app"},
    {"/token/refresh-concurrent-1", thing::refresh_token, "alana", "pks_cli"},
    {"/token/refresh-concurrent-2", thing::refresh_token, "alana", "pks_cli"},
    {"/token/refresh-concurrent-3", thing::refresh_token, "alana", "pks_cli"},
    {"/token/refresh-concurrent-4", thing::refresh_token, "alana", "pks_cli"},
    {"token-errors/refresh-access-token-opaque", thing::opaque_access_token, "alana", "pks_cli"},
    {"token-errors/refresh-token-of-other-client", thing::refresh_token, "alana", "pks_cli"},
    {"token-errors/refresh-scope-widening", thing::refresh_token, "alana", "pks_cli"},
    {"token-errors/refresh-scope-unknown", thing::refresh_token, "alana", "pks_cli"},
    {"token-errors/refresh-still-good", thing::refresh_token, "alana", "pks_cli"},
    {"token-errors/revoke-user-tokens", thing::user_of_the_target, "revokeme", ""},
    {"token-errors/refresh-after-user-tokens-revoked", thing::refresh_token, "revokeme", "pks_cli", event::revocation},
    {"token-errors/revoke-user-client-tokens", thing::user_of_the_target, "revokeme", ""},
    {"token-errors/refresh-after-client-secret-change", thing::refresh_token, "alana", rotating, event::new_secret},
    {"token-errors/refresh-after-first-secret-deleted", thing::refresh_token, "alana", rotating, event::new_secret},
    {"token-errors/refresh-after-password-change", thing::refresh_token, "changer", "pks_cli", event::new_password},
    {"token-errors/check-token-after-password-change", thing::user_of_the_target, "changepw", "", event::new_password},
    {"token-errors/refresh-after-user-deactivated", thing::refresh_token, "quitter1", "pks_cli", event::deactivation},
    {"token-errors/refresh-after-user-lost-group", thing::refresh_token, "losegroup", "pks_cli", event::lost_group},
    {"token-errors/check-token-after-user-lost-group", thing::user_of_the_target, "losegroup", "", event::lost_group},
    {"token-errors/refresh-after-user-lost-one-of-two-groups", thing::refresh_token, "twogroups", "pks_cli", event::lost_group},
    {"token-errors/check-token-after-user-lost-one-of-two-groups", thing::user_of_the_target, "twogroups", "", event::lost_group},
    {"login/user-locked", thing::locked_user, "alana", ""},
    {"login/sso-token", thing::passcode, "alana", ""},
    {"token-passcode/passcode", thing::passcode, "alana", ""},
    {"token-passcode/client-without-the-grant", thing::passcode, "alana", ""},
    {"token-passcode/passcode-other-client", thing::passcode, "alana", ""},
    {"token-passcode/passcode-body-credentials", thing::passcode, "alana", ""},
    {"token-authcode/code", thing::code, "alana", "browser-client"},
    {"token-authcode/redirect-uri-mismatch", thing::code, "alana", "browser-client"},
    {"token-authcode/redirect-uri-missing", thing::code, "alana", "browser-client"},
    {"token-authcode/other-client", thing::code, "alana", "browser-client"},
    {"token-authcode/code-opaque", thing::code, "alana", "browser-client"},
    {"token-authcode/code-scope-openid", thing::code, "alana", "browser-client"},
    {"token-authcode/code-wrong-pkce-verifier", thing::code_with_pkce, "alana", "browser-client"},
    {"token-authcode/code-from-api", thing::code, "alana", "browser-client"},
    {"/token/authorization-code", thing::code, "alana", "code-client"},
    {"/token/authorization-code-pkce-public-client", thing::code_with_pkce, "alana", "public-client"},
    {"/token/authorization-code-pkce-confidential", thing::code_with_pkce, "alana", "code-client"},
    {"token-errors/code-redirect-mismatch", thing::code, "alana", "code-client"},
    {"token-errors/code-redirect-missing", thing::code, "alana", "code-client"},
    {"token-errors/code-of-other-client", thing::code, "alana", "code-client"},
    {"token-errors/code-pkce-wrong-verifier", thing::code_with_pkce, "alana", "public-client"},
    {"token-errors/code-verifier-without-challenge", thing::code, "alana", "code-client"},
};

preparation const* find(exchange const& recorded)
{
    auto const at = std::find_if(
        std::begin(table), std::end(table), [&](preparation const& p) { return recorded.id.ends_with(p.id); });
    return at == std::end(table) ? nullptr : at;
}

bool newer(exchange const& recorded)
{
    return recorded.id.starts_with("77.18.0");
}

// What the two recorders' clients sent: the challenge belongs to this verifier.
std::string challenge()
{
    constexpr std::string_view verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-0123456789";
    unsigned char digest[32];
    EVP_Digest(verifier.data(), verifier.size(), digest, nullptr, EVP_sha256(), nullptr);
    return pks::jose::base64url_encode({reinterpret_cast<char const*>(digest), sizeof digest});
}

// The id of the user that a path or a JWT of the request names.
std::string named_user(exchange const& recorded)
{
    std::string_view const target = recorded.request.target;
    if (auto const at = target.find("/user/"); at != std::string_view::npos)
        return std::string(target.substr(at + 6, 36));
    pks::testing::request_parameters const parameters(recorded.request);
    for (auto const name : {"token", "refresh_token"}) {
        auto const token = parameters.get(name);
        auto const first = token.find('.');
        auto const second = token.rfind('.');
        if (first == std::string::npos || first == second)
            continue;
        boost::system::error_code ec;
        auto const claims = boost::json::parse(
            pks::jose::base64url_decode(std::string_view(token).substr(first + 1, second - first - 1)).value_or(""), ec);
        if (!ec && claims.is_object() && claims.get_object().contains("user_id"))
            return std::string(claims.at("user_id").as_string());
    }
    return {};
}

// The client and its secret in the request's Basic credentials.
std::pair<std::string, std::string> basic(exchange const& recorded)
{
    auto text = std::string(recorded.request.field("Authorization").substr(6));
    while (!text.empty() && text.back() == '=')
        text.pop_back();
    auto const decoded = pks::jose::base64url_decode(text).value_or(":");
    auto const colon = decoded.find(':');
    return {decoded.substr(0, colon), decoded.substr(colon + 1)};
}

std::vector<std::string> granted(pks::testing::uaa_client const& client, pks::testing::uaa_user const& user)
{
    std::vector<std::string> out;
    for (auto const& s : client.scope)
        if (pks::testing::uaa_directory::is_member(user, s))
            out.push_back(s);
    return out;
}

} // namespace

void prepare(exchange const& recorded, pks::testing::uaa_server& uaa)
{
    auto const* const row = find(recorded);
    if (!row)
        return;
    auto& directory = uaa.directory();
    if (!directory.find_user(row->user)) {
        pks::testing::uaa_user user;
        user.name = row->user;
        user.password = "old";
        user.email = user.name + "@example.org";
        user.groups = {"pks.clusters.manage"};
        if (row->user == "twogroups")
            user.groups.push_back("pks.clusters.admin");
        user.id = named_user(recorded);
        directory.add(std::move(user));
    }
    auto& user = *directory.find_user(row->user);
    if (auto id = named_user(recorded); !id.empty())
        user.id = std::move(id);
    // Events of an earlier entry are undone.
    user.active = true;
    if (row->then == event::lost_group && !pks::testing::uaa_directory::is_member(user, "pks.clusters.manage"))
        user.groups.push_back("pks.clusters.manage");
    std::string client_id(row->client);
    if (row->client == rotating) {
        client_id = basic(recorded).first;
        auto client = *directory.find_client("pks_cli");
        client.id = client_id;
        client.secrets = {"before"};
        directory.add(std::move(client));
    }
    auto const* const client = directory.find_client(client_id);
    pks::testing::request_parameters const parameters(recorded.request);

    if (row->made == thing::refresh_token || row->made == thing::opaque_access_token) {
        pks::testing::token_content token;
        bool const access = row->made == thing::opaque_access_token;
        token.what = access ? pks::testing::token_content::kind::access : pks::testing::token_content::kind::refresh;
        token.jti = parameters.get("refresh_token");
        token.client_id = client_id;
        token.user_id = user.id;
        token.scope = granted(*client, user);
        token.grant_type = "password";
        token.password_shown = true;
        token.issued = recorded.time;
        token.expires = recorded.time + 600;
        token.auth_time = recorded.time;
        token.client_auth_method = newer(recorded) && client->secrets.front().empty() ? "none" : "";
        token.rev_sig = pks::testing::token_issuer::revocation_signature(*client, client->secrets.front(), &user);
        token.revocable = true;
        user.last_logon = user.previous_logon = recorded.time * 1000;
        uaa.issuer().store().add(std::move(token), recorded.time);
    } else if (row->made == thing::locked_user) {
        uaa.lock_user(user.name, pks::clock::time_point(std::chrono::seconds(recorded.time)));
    } else if (row->made != thing::user_of_the_target) {
        pks::testing::one_time_code code;
        code.user_id = user.id;
        code.client_id = client_id;
        code.expires = recorded.time + 300;
        user.last_logon = user.previous_logon = recorded.time * 1000;
        bool const is_code = row->made != thing::passcode;
        if (is_code) {
            bool const extra = recorded.id.starts_with("77.18.0/extra");
            code.redirect_uri = extra ? "http://localhost:8081/callback" : "https://localhost:7443/callback";
            code.scope = recorded.id.ends_with("scope-openid") ? std::vector<std::string>{"openid"} : granted(*client, user);
            code.password_shown = !extra && !recorded.id.ends_with("from-api");
        }
        if (row->made == thing::code_with_pkce)
            code.code_challenge = challenge();
        uaa.codes().add(parameters.get(is_code ? "code" : "passcode"), std::move(code), recorded.time);
    }
}

void interfere(exchange const& recorded, pks::testing::uaa_server& uaa)
{
    auto const* const row = find(recorded);
    if (!row || row->then == event::none)
        return;
    auto& user = *uaa.directory().find_user(row->user);
    switch (row->then) {
    case event::none:
        break;
    case event::new_password:
        // As far as its tokens can tell.
        ++user.salt;
        break;
    case event::revocation:
        uaa.revoke_user(row->user);
        break;
    case event::deactivation:
        user.active = false;
        break;
    case event::lost_group:
        std::erase(user.groups, "pks.clusters.manage");
        break;
    case event::new_secret: {
        auto const [id, secret] = basic(recorded);
        uaa.directory().find_client(id)->secrets = {secret};
        break;
    }
    }
}

} // namespace testing_recorded
