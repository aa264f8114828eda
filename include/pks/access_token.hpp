// What the UAA gives for credentials.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/detail/characters.hpp>
#include <pks/detail/new_shared.hpp>
#include <pks/secret.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pks::inline v0 {

/// A token reply of the UAA: the access token and what came with it.
///
/// The token is opaque to a client: it may be a JWT or not, and nothing is read from inside it. Copies share the parts,
/// which never change: copying allocates nothing.
/// Thread safety: as a value; copies may be used from different threads.
/// Source: RFC 6749 §5.1; facts on UAA's success reply.
class access_token
{
public:
    /// The members of a reply. An ordinary configuration struct for tests and for tokens kept elsewhere.
    struct parts
    {
        secret value;
        std::string token_type = "bearer";
        std::optional<std::chrono::seconds> expires_in;
        std::optional<clock::time_point> expires_at;
        std::vector<std::string> scope;
        std::string jti;
        std::optional<secret> refresh_token;
        std::optional<secret> id_token;
    };

    /// No token: empty value.
    access_token() = default;

    explicit access_token(parts p) : shared_(detail::new_shared<shared const>(std::move(p))) {}

    secret const& value() const noexcept ///< `access_token`
    {
        return get().value;
    }
    std::string const& token_type() const noexcept ///< as the server wrote it: `bearer`
    {
        return get().token_type;
    }
    std::optional<std::chrono::seconds> expires_in() const noexcept ///< as the server said, from the reply on
    {
        return get().expires_in;
    }
    std::optional<clock::time_point> expires_at() const noexcept ///< time of the reply plus expires_in
    {
        return get().expires_at;
    }
    std::vector<std::string> const& scope() const noexcept ///< granted; empty where the server said none
    {
        return get().scope;
    }
    std::string const& jti() const noexcept ///< the token's id: fit for logs, unless the token is opaque
    {
        return get().jti;
    }
    std::optional<secret> const& refresh_token() const noexcept
    {
        return get().refresh_token;
    }
    std::optional<secret> const& id_token() const noexcept
    {
        return get().id_token;
    }

    parts const& all() const noexcept
    {
        return get();
    }

    bool empty() const noexcept
    {
        return get().value.empty();
    }

    /// The value is not empty, and every octet of it is visible: a request can have it.
    bool sendable() const noexcept
    {
        return shared_ && shared_->sendable;
    }

private:
    struct shared
    {
        explicit shared(parts p)
            : all(std::move(p)), sendable(!all.value.empty() && detail::all_visible(all.value.reveal()))
        {}

        parts all;
        bool sendable; // looked at once, and not with each request
    };

    parts const& get() const noexcept
    {
        static parts const none;
        return shared_ ? shared_->all : none;
    }

    std::shared_ptr<shared const> shared_;
};

} // namespace pks::inline v0
