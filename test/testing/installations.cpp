// Sets up the UAAs that were recorded.
#include "installations.hpp"

#include <array>
#include <chrono>

namespace testing_recorded {

namespace {

using namespace std::chrono_literals;
using pks::testing::signing_key;
using pks::testing::uaa_client;
using pks::testing::uaa_directory;
using pks::testing::uaa_generation;
using pks::testing::uaa_options;
using pks::testing::uaa_user;

constexpr char admin[] = "pks.clusters.admin";
constexpr char manage[] = "pks.clusters.manage";
constexpr char read[] = "pks.clusters.admin.read";

// Users carry the ids of the recording, so that recorded tokens fit them.
struct known_id
{
    std::string_view folder;
    std::string_view name;
    std::string_view id;
};
constexpr std::array ids{
    known_id{"pks", "alana", "75b1c3c8-ab66-5fbf-89d1-d88b836ba034"},
    known_id{"pks", "cody", "d6fe8764-b81a-52dc-b9e1-6990325a4f35"},
    known_id{"pks", "naomi", "8f442fe8-43c0-53dc-ac46-dfb67d3e5c5a"},
    known_id{"4.30.0", "alana", "cab4060f-749d-48ff-a01a-bf96aaa73c19"},
    known_id{"77.18.0", "alana", "3fe805ca-402b-4618-a982-eca0d9d7e3b8"},
    known_id{"77.18.0/extra", "alana", "9a62920f-9a7c-4110-92e8-af2b6c8b1ba9"},
    known_id{"77.18.0/extra", "rita", "aea266f1-c819-4630-a003-0609eb5351c0"},
    known_id{"77.18.0/extra", "dual", "6b2fe25e-6924-416f-b372-f84b4ce3419c"},
    known_id{"77.18.0/extra", "cody", "637851c3-f1de-45db-8cce-a06250a79444"},
    known_id{"77.18.0/extra", "lockme", "9b534454-023e-4e16-a767-aa6a8f8f4be8"},
    known_id{"77.18.0/extra", "changepw", "d5d0eb21-6545-4aad-94e1-6fa7555953ab"},
};

void add_user(uaa_directory& to, std::string_view folder, uaa_user user)
{
    for (auto const& known : ids)
        if (known.folder == folder && known.name == user.name)
            user.id = known.id;
    to.add(std::move(user));
}

signing_key key(std::string const& kid)
{
    static auto const first = signing_key::generate("key").private_pem();
    static auto const second = signing_key::generate("key").private_pem();
    return signing_key::from_pem(kid, kid == "key-1" ? first : second);
}

// What was prepared by requests that were not kept.
uaa_directory live_directory(std::string_view folder)
{
    auto out = uaa_directory::pks_installation();
    for (auto const name : {"alana", "admin", "cody", "rory", "naomi"}) {
        auto user = *out.find_user(name);
        user.id.clear();
        add_user(out, folder, std::move(user));
    }
    add_user(out, folder,
        {.name = "ren\xc3\xa9"
                 "e",
            .password = "pass w\xc3\xb6rd+&=%",
            .email = "renee@example.org",
            .groups = {manage}});
    add_user(out, folder,
        {.name = "stale",
            .password = "stale-password",
            .email = "stale@example.org",
            .groups = {manage},
            .password_change_required = true});
    add_user(out, folder,
        {.name = "sleepy",
            .password = "sleepy-password",
            .email = "sleepy@example.org",
            .groups = {manage},
            .active = false});
    add_user(out, folder,
        {.name = "newbie",
            .password = "newbie-password",
            .email = "newbie@example.org",
            .groups = {manage},
            .verified = false});
    return out;
}

uaa_directory extra_directory()
{
    uaa_directory out;
    std::vector<std::string> const cli_scope{admin, manage, read};
    std::vector<std::string> const refreshing{"password", "refresh_token"};
    out.add(uaa_client{.id = "admin",
        .secrets = {"adminsecret"},
        .grants = {"client_credentials"},
        .scope = {"uaa.none"},
        .authorities = {"clients.read", "zones.read", "clients.secret", "uaa.resource", "tokens.revoke", "uaa.admin",
            "clients.admin", "scim.read", "password.write", "zones.write", "clients.write", "scim.write",
            "tokens.list"}});
    out.add(uaa_client{.id = "pks_cli",
        .grants = refreshing,
        .scope = cli_scope,
        .authorities = {"uaa.none"},
        .access_validity = 600s,
        .refresh_validity = 21600s});
    out.add(uaa_client{.id = "pks_cluster_client",
        .grants = refreshing,
        .scope = {"openid", "roles"},
        .authorities = {"uaa.none"},
        .access_validity = 600s,
        .refresh_validity = 21600s});
    out.add(uaa_client{.id = "app",
        .secrets = {"appsecret"},
        .grants = {"password", "refresh_token", "client_credentials", "authorization_code", "implicit", "user_token",
            "urn:ietf:params:oauth:grant-type:jwt-bearer"},
        .scope = {"password.write", "scim.userids", manage, "scim.me", "openid", "profile", "roles", "user_attributes",
            admin, "uaa.user"},
        .authorities = {"clients.read", "scim.read"}});
    out.add(uaa_client{.id = "code-client",
        .secrets = {"codesecret"},
        .grants = {"authorization_code", "refresh_token"},
        .scope = {manage, "openid", admin},
        .authorities = {"uaa.none"},
        .access_validity = 600s,
        .refresh_validity = 21600s});
    out.add(uaa_client{.id = "public-client",
        .secrets = {},
        .grants = {"authorization_code", "refresh_token"},
        .scope = {manage, "openid"},
        .authorities = {"uaa.none"},
        .allow_public = true});
    out.add(uaa_client{.id = "group-client",
        .secrets = {"groupsecret"},
        .grants = refreshing,
        .scope = cli_scope,
        .authorities = {"uaa.none"},
        .required_user_groups = {admin}});
    out.add(uaa_client{.id = "short-client",
        .secrets = {"shortsecret"},
        .grants = {"client_credentials", "password", "refresh_token"},
        .scope = cli_scope,
        .authorities = {manage},
        .access_validity = 2s,
        .refresh_validity = 6s});
    auto const automated = [&out](std::string id, std::string secret, std::vector<std::string> authorities) {
        out.add(uaa_client{.id = std::move(id),
            .secrets = {std::move(secret)},
            .grants = {"client_credentials"},
            .scope = {"uaa.none"},
            .authorities = std::move(authorities)});
    };
    automated("pks_client", "pksclientsecret", {"uaa.resource"});
    automated("automated-client", "automatedsecret", {admin, manage});
    automated("noscope-client", "noscopesecret", {"uaa.none"});
    automated("odd-client", "p+q%41 r:s&t=u/\xc3\xa9", {manage});
    automated("odd client+id", "oddsecret", {manage});
    automated("pct-client", "50%", {manage});
    automated("revoke-client", "revokesecret", {manage});
    auto signing = *out.find_client("revoke-client");
    signing.id = "jwt-client";
    signing.secrets = {};
    signing.assertion_keys = {key("jwt-client-key")};
    out.add(std::move(signing));

    auto const user = [&out](std::string name, std::string password, std::vector<std::string> groups) {
        uaa_user u;
        u.email = name + "@example.org";
        u.name = std::move(name);
        u.password = std::move(password);
        u.groups = std::move(groups);
        add_user(out, "77.18.0/extra", std::move(u));
    };
    user("alana", "psswrdabc123...!", {manage});
    user("cody", "codypw", {admin});
    user("rita", "ritapw", {read});
    user("naomi", "naomipw", {});
    user("dual", "dualpw", {admin, manage});
    user("zo\xc3\xab m\xc3\xbcller", "p\xc3\xa4 ss&w\xc3\xb6=rd+%", {manage});
    user("lockme", "lockpw", {manage});
    user("changepw", "newpw", {manage});
    user("inactive", "Pw1-xxxxxx", {manage});
    user("unverified", "Pw1-xxxxxx", {manage});
    user("mustchange", "Pw1-xxxxxx", {manage});
    out.find_user("alana")->given_name = "Alana";
    out.find_user("alana")->family_name = "Xu";
    out.find_user("inactive")->active = false;
    out.find_user("unverified")->verified = false;
    out.find_user("mustchange")->password_change_required = true;
    return out;
}

uaa_directory pks_directory()
{
    auto out = uaa_directory::pks_installation();
    auto automated = *out.find_client("automated-client");
    automated.secrets = {"randomly-generated-secret"};
    out.add(automated);
    auto const user = [&out](std::string name, std::vector<std::string> groups) {
        uaa_user u;
        u.email = name + "@example.com";
        u.name = std::move(name);
        u.password = "psswrdabc123...!";
        u.groups = std::move(groups);
        add_user(out, "pks", std::move(u));
    };
    user("alana", {admin});
    user("cody", {read});
    user("naomi", {manage});
    user("kim", {});
    return out;
}

} // namespace

pks::testing::uaa_server uaa_of(std::string_view folder)
{
    uaa_options options;
    options.generation = folder == "4.30.0" || folder == "pks" ? uaa_generation::v4_30 : uaa_generation::v77_18;
    bool const reconstructed = folder.substr(0, 3) == "pks";
    bool const extra = folder == "77.18.0/extra";
    if (reconstructed)
        options.issuer_url = "https://api.pks.example.com:8443";
    else
        options.issuer_url = folder == "4.30.0" ? "https://localhost:8443" : "https://localhost:8444";
    if (reconstructed)
        options.host_names.push_back("api.pks.example.com");
    if (extra) {
        options.context_path = "/uaa";
        options.issuer_url += options.context_path;
    }
    auto directory = reconstructed ? pks_directory() : extra ? extra_directory() : live_directory(folder);
    pks::testing::uaa_server out(std::move(options), std::move(directory), key("key-1"));
    out.issuer().publish(key(extra ? "key-2" : "key-0"));
    return out;
}

} // namespace testing_recorded
