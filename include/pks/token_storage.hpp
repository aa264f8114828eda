// Where tokens outlive the process.
#pragma once

#include <pks/access_token.hpp>

namespace pks::inline v0 {

/// Keeps the token of one client, as `~/.pks/creds.yml` does for `pks login`.
///
/// Thread safety: called on the strand of the client, one call at a time. The calls hold its operations up, so that they
/// must be short; what fails in them is theirs to tell.
class token_storage
{
public:
    virtual ~token_storage() = default;

    /// Before the first token is fetched. What is kept counts as the token of the client's login: an access token until
    /// `expires_at()`, without which it is not used, and a refresh token. An empty one where there is none.
    virtual access_token load() noexcept = 0;

    /// A token was fetched, and is given to nobody before this returns. Where the UAA gave no refresh token with it, the
    /// one that is good is in it all the same.
    virtual void save(access_token const& token) noexcept = 0;
};

} // namespace pks::inline v0
