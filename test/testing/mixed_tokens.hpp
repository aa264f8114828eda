// Tokens of every kind that a resource server is shown: good ones, dead ones, ones for somebody else, and forgeries.
#pragma once

#include "running_uaa.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace testing_recorded {

/// What a token is. Tokens of one group come out alike.
namespace groups {
inline constexpr std::string_view user = "of a user";
inline constexpr std::string_view client = "of a client";
inline constexpr std::string_view refreshed = "refreshed";
inline constexpr std::string_view opaque = "opaque";
inline constexpr std::string_view other_audience = "for others";
inline constexpr std::string_view opaque_other_audience = "opaque, for others";
inline constexpr std::string_view id_token = "ID token";
inline constexpr std::string_view refresh_token = "refresh token";
inline constexpr std::string_view expired = "expired";
inline constexpr std::string_view revoked_opaque = "opaque, revoked";
inline constexpr std::string_view revoked_by_id = "refreshed, revoked by id";
inline constexpr std::string_view revoked_with_user = "revoked with its user";
inline constexpr std::string_view revoked_with_client = "revoked with its client";
inline constexpr std::string_view revoked_refreshed = "refreshed, revoked with its user";
inline constexpr std::string_view altered_header = "header altered";
inline constexpr std::string_view altered_payload = "payload altered";
inline constexpr std::string_view altered_signature = "signature altered";
inline constexpr std::string_view loose_base64 = "base64 not canonical";
inline constexpr std::string_view algorithm = "algorithm exchanged";
inline constexpr std::string_view key = "key exchanged";
inline constexpr std::string_view spliced = "spliced";
inline constexpr std::string_view no_token = "no token";
} // namespace groups

struct mixed_token
{
    std::string_view group;
    std::string text;
};

/// At least 200, of each group some. Revokes all earlier tokens of the user rory and of reader-client, and waits until
/// some have expired.
std::vector<mixed_token> mixed_tokens(running_uaa& uaa);

} // namespace testing_recorded
