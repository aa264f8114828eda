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
    removal, ///< of the token itself
    client_revocation,
};

enum class thing {
    refresh_token,
    opaque_access_token,
    opaque_client_token,
    passcode,
    code,
    code_with_pkce,
    user_of_the_target,
    stored_jwt, ///< one that a refresh brought
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
    {"token-errors/refresh-after-user-lost-one-of-two-groups", thing::refresh_token, "twogroups", "pks_cli",
        event::lost_group},
    {"token-errors/check-token-after-user-lost-one-of-two-groups", thing::user_of_the_target, "twogroups", "",
        event::lost_group},
    {"0/check-token/opaque-token", thing::opaque_access_token, "alana", "opaque-client"},
    {"0/introspect/opaque-token", thing::opaque_access_token, "alana", "opaque-client"},
    {"0/check-token/opaque-client-token", thing::opaque_client_token, "alana", "opaque-client"},
    {"0/introspect/opaque-client-token", thing::opaque_client_token, "alana", "opaque-client"},
    {"0/check-token/refresh-token", thing::refresh_token, "alana", "pks_cli"},
    {"0/check-token/opaque-refresh-token", thing::refresh_token, "alana", "opaque-client"},
    {"0/check-token/reader-token", thing::user_of_the_target, "reader", ""},
    {"0/introspect/reader-token", thing::user_of_the_target, "reader", ""},
    {"0/check-token/after-password-change", thing::user_of_the_target, "quitter1", "", event::new_password},
    {"0/check-token/after-user-revocation", thing::user_of_the_target, "quitter1", "", event::revocation},
    {"0/check-token/after-loss-of-the-group", thing::user_of_the_target, "quitter1", "", event::lost_group},
    {"0/check-token/opaque-revoked", thing::user_of_the_target, "alana", "", event::removal},
    {"0/introspect/opaque-revoked", thing::user_of_the_target, "alana", "", event::removal},
    {"/after-client-revocation-jwt", thing::user_of_the_target, "alana", "revoke-client", event::client_revocation},
    {"extra/check-token/refreshed-jwt", thing::stored_jwt, "cody", ""},
    {"extra/introspect/refreshed-jwt", thing::stored_jwt, "cody", ""},
    {"extra/check-token/refreshed-jwt-after-revocation", thing::user_of_the_target, "cody", "", event::removal},
    {"extra/introspect/refreshed-jwt-after-revocation", thing::user_of_the_target, "cody", "", event::removal},
    {"extra/check-token/user-token-opaque", thing::opaque_access_token, "alana", "pks_cli"},
    {"extra/introspect/user-token-opaque", thing::opaque_access_token, "alana", "pks_cli"},
    {"extra/check-token/client-token-opaque", thing::opaque_client_token, "alana", "automated-client"},
    {"extra/introspect/client-token-opaque", thing::opaque_client_token, "alana", "automated-client"},
    {"extra/check-token/refresh-token-opaque", thing::refresh_token, "alana", "pks_cli"},
    {"extra/check-token/after-user-revocation-jwt", thing::user_of_the_target, "revokeme", "", event::revocation},
    {"extra/check-token/after-user-revocation-opaque", thing::opaque_access_token, "revokeme", "pks_cli",
        event::revocation},
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

// The claims of the JWT that the request carries, if it does.
boost::json::object claims_of(exchange const& recorded)
{
    pks::testing::request_parameters const parameters(recorded.request);
    for (auto const name : {"token", "refresh_token"}) {
        auto const token = parameters.get(name);
        auto const first = token.find('.');
        auto const second = token.rfind('.');
        if (first == std::string::npos || first == second)
            continue;
        boost::system::error_code ec;
        auto claims = boost::json::parse(
            pks::jose::base64url_decode(std::string_view(token).substr(first + 1, second - first - 1)).value_or(""),
            ec);
        if (!ec && claims.is_object())
            return std::move(claims.get_object());
    }
    return {};
}

// The id of the user that a path or a JWT of the request names.
std::string named_user(exchange const& recorded)
{
    std::string_view const target = recorded.request.target;
    if (auto const at = target.find("/user/"); at != std::string_view::npos)
        return std::string(target.substr(at + 6, 36));
    auto const claims = claims_of(recorded);
    auto const* const id = claims.if_contains("user_id");
    return id ? std::string(id->as_string()) : std::string();
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
    if (row->user == "reader")
        user.groups = {"pks.clusters.admin.read"};
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

    if (row->made == thing::refresh_token || row->made == thing::opaque_access_token ||
        row->made == thing::opaque_client_token) {
        pks::testing::token_content token;
        bool const access = row->made != thing::refresh_token;
        bool const of_client = row->made == thing::opaque_client_token;
        token.what = access ? pks::testing::token_content::kind::access : pks::testing::token_content::kind::refresh;
        token.jti = parameters.get(parameters.find("refresh_token") ? "refresh_token" : "token");
        token.client_id = client_id;
        token.user_id = of_client ? "" : user.id;
        token.scope = of_client ? client->authorities : granted(*client, user);
        token.grant_type = of_client ? "client_credentials" : "password";
        token.password_shown = !of_client;
        token.issued = recorded.time;
        token.expires = recorded.time + 600;
        if (!of_client)
            token.auth_time = recorded.time;
        token.client_auth_method = newer(recorded) && client->secrets.front().empty() ? "none" : "";
        token.rev_sig = pks::testing::token_issuer::revocation_signature(
            *client, client->secrets.front(), of_client ? nullptr : &user);
        token.revocable = true;
        user.last_logon = user.previous_logon = recorded.time * 1000;
        uaa.issuer().store().add(std::move(token), recorded.time);
    } else if (row->made == thing::stored_jwt) {
        pks::testing::token_content token;
        token.jti = claims_of(recorded).at("jti").as_string();
        token.expires = recorded.time + 600;
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
            code.scope =
                recorded.id.ends_with("scope-openid") ? std::vector<std::string>{"openid"} : granted(*client, user);
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
    case event::removal:
        uaa.issuer().store().remove(pks::testing::request_parameters(recorded.request).get("token"));
        if (auto const claims = claims_of(recorded); claims.contains("jti"))
            uaa.issuer().store().remove(std::string(claims.at("jti").as_string()));
        break;
    case event::client_revocation:
        uaa.revoke_client(row->client);
        break;
    case event::new_secret: {
        auto const [id, secret] = basic(recorded);
        uaa.directory().find_client(id)->secrets = {secret};
        break;
    }
    }
}

} // namespace testing_recorded
