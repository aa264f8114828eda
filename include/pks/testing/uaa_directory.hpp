// The clients and users that the embedded UAA knows.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/testing/signing_key.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::testing {

/// A UAA client. Configuration: fill in what differs from the defaults.
struct uaa_client
{
    std::string id{};
    std::vector<std::string> secrets{""};   ///< any of them is accepted; none: the client has no secret at all
    std::vector<std::string> grants{};      ///< authorized grant types
    std::vector<std::string> scope{};       ///< for tokens of users
    std::vector<std::string> authorities{}; ///< for tokens of the client itself
    std::chrono::seconds access_validity{43200};
    std::chrono::seconds refresh_validity{2592000};
    std::vector<std::string> required_user_groups{};
    std::vector<signing_key> assertion_keys{}; ///< for client assertions (private_key_jwt), UAA 77.18.0
    bool allow_public = false;                 ///< may come without a secret
    std::uint64_t salt = 0;                    ///< changes when its tokens are revoked
};

/// A UAA user of origin `uaa`.
struct uaa_user
{
    std::string name{};
    std::string password{};
    std::string email{};
    std::string given_name{};
    std::string family_name{};
    std::vector<std::string> groups{}; ///< beyond those that every user has
    std::string id{};                  ///< empty: made when the user is added
    bool active = true;
    bool verified = true;
    bool password_change_required = false;
    std::uint64_t salt = 0;                                        ///< changes when the user's tokens are revoked
    std::int64_t previous_logon = 0;                               ///< ms since the epoch, 0 before the second login
    std::int64_t last_logon = 0;                                   ///< ms since the epoch
    std::vector<std::chrono::system_clock::time_point> failures{}; ///< wrong passwords since the last right one
};

/// Clients and users by id and name. User names are compared without regard to case.
///
/// Pointers that the finders return are good until the next addition or removal.
/// Thread safety: none of its own; control_plane guards its directory.
/// Source: the configuration of the recorded UAA (`live/uaa`), whose names, secrets and passwords these are.
class uaa_directory
{
public:
    uaa_directory() = default;

    /// The clients, groups and users of a PKS installation: admin, pks_cli, pks_cluster_client, pks_client,
    /// automated-client, reader-client …; users admin, alana, cody, rory, naomi, whose password is NAME-password.
    PKS_DECL static uaa_directory pks_installation();

    PKS_DECL void add(uaa_client client);  ///< replaces the one of that id
    PKS_DECL uaa_user& add(uaa_user user); ///< replaces the one of that name
    PKS_DECL bool remove_client(std::string_view id);
    PKS_DECL bool remove_user(std::string_view name);

    PKS_DECL uaa_client* find_client(std::string_view id);
    PKS_DECL uaa_user* find_user(std::string_view name);
    PKS_DECL uaa_user* find_user_by_id(std::string_view id);

    /// The groups of every user.
    PKS_DECL static std::vector<std::string> const& default_groups();

    /// Membership, default groups included.
    PKS_DECL static bool is_member(uaa_user const& user, std::string_view group);

private:
    std::vector<uaa_client> clients_;
    std::vector<uaa_user> users_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/uaa_directory.ipp>
#endif
