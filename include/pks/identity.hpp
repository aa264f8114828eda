// Who stands behind a request: the claims of a token that was validated.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/jose/claims.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace pks::inline v0 {

/// A handle on the claims of a valid token; the token itself is not in it. Nobody, if made by default.
///
/// Texts live as long as any copy. Thread safety: immutable, copies may be used from any thread.
class identity
{
public:
    identity() = default;
    explicit identity(std::shared_ptr<jose::claims const> validated) : claims_(std::move(validated)) {}

    explicit operator bool() const noexcept
    {
        return claims_ != nullptr;
    }

    /// Of somebody.
    jose::claims const& claims() const noexcept
    {
        return *claims_;
    }

    /// A user, and not a client on its own behalf.
    bool user() const noexcept
    {
        return !claims_->user_id().empty();
    }

    /// What an owner is called: the user's name, or else the client's id.
    PKS_DECL std::string_view name() const noexcept;

    /// The client that the token was issued to.
    PKS_DECL std::string_view client_id() const noexcept;

    /// Whether the token has this very scope.
    PKS_DECL bool has_scope(std::string_view name) const noexcept;

    /// When the token ends.
    std::optional<clock::time_point> expires_at() const noexcept
    {
        return claims_->exp();
    }

private:
    std::shared_ptr<jose::claims const> claims_;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/identity.ipp>
#endif
