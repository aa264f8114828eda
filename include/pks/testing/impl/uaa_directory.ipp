// Bodies of testing/uaa_directory.hpp.
#pragma once

#include <pks/testing/uaa_directory.hpp>

#include <pks/testing/random_id.hpp>

#include <algorithm>

namespace pks::inline v0::testing {

namespace uaa_directory_detail {

inline bool same_name(std::string_view a, std::string_view b)
{
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace uaa_directory_detail

PKS_DECL uaa_directory uaa_directory::pks_installation()
{
    using namespace std::chrono_literals;
    std::string const admin = "pks.clusters.admin";
    std::string const manage = "pks.clusters.manage";
    std::string const read = "pks.clusters.admin.read";

    uaa_directory out;
    auto const client = [&out](uaa_client c) { out.add(std::move(c)); };
    // UAA writes authorities in the order of a Java set, which for these seven is this one.
    client({.id = "admin",
        .secrets = {"admin-secret"},
        .grants = {"client_credentials"},
        .scope = {"uaa.none"},
        .authorities = {"clients.read", "clients.secret", "uaa.resource", "clients.write", "uaa.admin", "scim.write",
            "scim.read"}});
    client({.id = "pks_cli",
        .grants = {"password", "refresh_token"},
        .scope = {admin, manage, read},
        .authorities = {"uaa.none"},
        .access_validity = 600s,
        .refresh_validity = 21600s});
    client({.id = "pks_cluster_client",
        .grants = {"password", "refresh_token"},
        .scope = {"openid", "roles"},
        .authorities = {"uaa.none"},
        .access_validity = 600s,
        .refresh_validity = 21600s});
    client({.id = "pks_client",
        .secrets = {"pks-client-secret"},
        .grants = {"client_credentials"},
        .scope = {"uaa.none"},
        .authorities = {"uaa.resource"}});
    client({.id = "automated-client",
        .secrets = {"automated-secret"},
        .grants = {"client_credentials"},
        .scope = {"uaa.none"},
        .authorities = {admin, manage}});
    client({.id = "reader-client",
        .secrets = {"reader-secret"},
        .grants = {"client_credentials"},
        .scope = {"uaa.none"},
        .authorities = {read}});
    client({.id = "browser-client",
        .secrets = {"browser-secret"},
        .grants = {"authorization_code", "implicit", "password", "refresh_token", "client_credentials", "user_token"},
        .scope = {"openid", "roles", "uaa.user", "user_attributes", "password.write", admin, manage},
        .authorities = {"uaa.none"}});
    client({.id = "consent-client",
        .secrets = {"consent-secret"},
        .grants = {"authorization_code", "refresh_token"},
        .scope = {"openid", manage},
        .authorities = {"uaa.none"}});
    client({.id = "short-client",
        .secrets = {"short-secret"},
        .grants = {"client_credentials", "password", "refresh_token"},
        .scope = {"openid", admin, manage},
        .authorities = {manage, "uaa.resource"},
        .access_validity = 2s,
        .refresh_validity = 4s});
    client({.id = "opaque-client",
        .secrets = {"opaque-secret"},
        .grants = {"client_credentials", "password", "refresh_token"},
        .scope = {"openid", admin, manage},
        .authorities = {manage}});
    client({.id = "odd-client",
        .secrets = {"ad min+s%ecret:\xc3\xa9&="},
        .grants = {"client_credentials"},
        .scope = {"uaa.none"},
        .authorities = {manage}});
    client({.id = "percent-client",
        .secrets = {"a%2Bb+c"},
        .grants = {"client_credentials"},
        .scope = {"uaa.none"},
        .authorities = {manage}});
    client({.id = "scim-reader",
        .secrets = {"scim-reader-secret"},
        .grants = {"client_credentials"},
        .scope = {"uaa.none"},
        .authorities = {"scim.read"}});
    client({.id = "powerless-client",
        .secrets = {"powerless-secret"},
        .grants = {"client_credentials"},
        .scope = {"uaa.none"},
        .authorities = {"uaa.none"}});
    client({.id = "group-client",
        .secrets = {"group-secret"},
        .grants = {"password"},
        .scope = {"openid", admin},
        .authorities = {"uaa.none"},
        .required_user_groups = {admin}});

    auto const user = [&out](std::string const& name, std::vector<std::string> groups) {
        out.add(uaa_user{
            .name = name, .password = name + "-password", .email = name + "@example.org", .groups = std::move(groups)});
    };
    user("admin", {admin});
    user("alana", {manage});
    user("cody", {admin});
    user("rory", {read});
    user("naomi", {});
    return out;
}

PKS_DECL void uaa_directory::add(uaa_client client)
{
    if (auto* const old = find_client(client.id))
        *old = std::move(client);
    else
        clients_.push_back(std::move(client));
}

PKS_DECL uaa_user& uaa_directory::add(uaa_user user)
{
    if (user.id.empty())
        user.id = random_uuid();
    if (auto* const old = find_user(user.name))
        return *old = std::move(user);
    return users_.emplace_back(std::move(user));
}

PKS_DECL bool uaa_directory::remove_client(std::string_view id)
{
    return std::erase_if(clients_, [id](uaa_client const& c) { return c.id == id; }) != 0;
}

PKS_DECL bool uaa_directory::remove_user(std::string_view name)
{
    return std::erase_if(users_, [name](uaa_user const& u) { return uaa_directory_detail::same_name(u.name, name); }) !=
        0;
}

PKS_DECL uaa_client* uaa_directory::find_client(std::string_view id)
{
    auto const at = std::find_if(clients_.begin(), clients_.end(), [id](uaa_client const& c) { return c.id == id; });
    return at == clients_.end() ? nullptr : &*at;
}

PKS_DECL uaa_user* uaa_directory::find_user(std::string_view name)
{
    auto const at = std::find_if(users_.begin(), users_.end(),
        [name](uaa_user const& u) { return uaa_directory_detail::same_name(u.name, name); });
    return at == users_.end() ? nullptr : &*at;
}

PKS_DECL uaa_user* uaa_directory::find_user_by_id(std::string_view id)
{
    auto const at = std::find_if(users_.begin(), users_.end(), [id](uaa_user const& u) { return u.id == id; });
    return at == users_.end() ? nullptr : &*at;
}

PKS_DECL std::vector<std::string> const& uaa_directory::default_groups()
{
    static std::vector<std::string> const groups{"openid", "password.write", "uaa.user", "approvals.me", "profile",
        "roles", "user_attributes", "uaa.offline_token", "scim.me", "scim.userids", "oauth.approvals",
        "cloud_controller.read", "cloud_controller.write", "cloud_controller_service_permissions.read",
        "notification_preferences.read", "notification_preferences.write"};
    return groups;
}

PKS_DECL bool uaa_directory::is_member(uaa_user const& user, std::string_view group)
{
    auto const has = [group](std::vector<std::string> const& all) {
        return std::find(all.begin(), all.end(), group) != all.end();
    };
    return has(user.groups) || has(default_groups());
}

} // namespace pks::inline v0::testing
