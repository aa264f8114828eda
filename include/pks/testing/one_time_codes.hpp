// Codes that a UAA hands out in a browser and takes back once: passcodes and authorization codes.
#pragma once

#include <pks/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::testing {

/// What a code stands for. Configuration: fill in what the browser's request would have said.
struct one_time_code
{
    std::string user_id{};
    std::string client_id{};          ///< empty: a passcode, good at any client
    std::vector<std::string> scope{}; ///< that the user has approved
    std::string redirect_uri{};       ///< empty: the authorization request had none
    std::string code_challenge{};     ///< of PKCE, empty: none
    bool plain_challenge = false;     ///< code_challenge_method `plain`, otherwise `S256`
    bool password_shown = false;      ///< the user had logged in with a password
    std::int64_t expires = 0;         ///< s since the epoch
};

/// Codes, of bounded number. A user has one passcode at most: a new one replaces it.
///
/// Thread safety: none of its own.
class one_time_codes
{
public:
    PKS_DECL void add(std::string code, one_time_code what, std::int64_t now);

    /// Takes a code out, whether it is still good or not.
    PKS_DECL std::optional<one_time_code> take(std::string_view code);

private:
    static constexpr std::size_t limit = 1000;
    std::map<std::string, one_time_code, std::less<>> codes_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/one_time_codes.ipp>
#endif
