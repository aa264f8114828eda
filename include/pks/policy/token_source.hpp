// The token of one identity: who gets it, who waits for it, and when it is fetched.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/access_token.hpp>
#include <pks/clock.hpp>
#include <pks/credentials.hpp>
#include <pks/error.hpp>
#include <pks/policy/token_settings.hpp>
#include <pks/policy/waiting_list.hpp>
#include <pks/secret.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace pks::inline v0::policy {

/// A fetch that is under way, and those who wait for it. Whoever starts it makes request after request with `next()`
/// until the source says that it is over, and then tells those who wait.
class token_fetch
{
public:
    token_fetch(credentials login, std::optional<secret> refresh_token)
        : login_(std::move(login)), refresh_token_(std::move(refresh_token))
    {}

    /// What to ask the UAA with: the refresh token, or what the identity logged in with.
    PKS_DECL credentials next() const;

    /// Whether that is the refresh token.
    bool refreshing() const noexcept
    {
        return refresh_token_.has_value();
    }

    waiting_list waiting;

private:
    friend class token_source;

    credentials login_;
    std::optional<secret> refresh_token_;
};

/// A state machine: `ask` for each use of the token, fetch when told so, report how it ended.
///
/// One fetch is under way at a time, whoever asks. Ahead of its end a token is renewed while it is still given out, also
/// if that fails. Whoever finds none waits for the fetch; after one that failed nobody asks the UAA for a while, and
/// everybody gets that failure. A refresh token that the UAA refuses gives way to the credentials of the login in the
/// same fetch, if these may be sent again: a passcode or a code may not, and a password that was refused is not either,
/// since a UAA locks the account after five.
///
/// Without a lifetime nobody knows how long a token may be kept, so it goes to those who wait and is forgotten.
/// Thread safety: none. Those who wait are guarded by the same lock.
/// Source: RFC 6749 §5.1, §6; facts on UAA's grants (§2.2) and on the account lockout (§2.2.4).
class token_source
{
public:
    enum class action : std::uint8_t {
        serve,  ///< `token`
        wait,   ///< whoever asked stands in the list of a fetch
        refuse, ///< `refusal`
    };

    class step
    {
    public:
        action what = action::refuse;
        access_token token;
        std::uint64_t generation = 0;       ///< of `token`
        error_code refusal;                 ///< errc::no_credentials, or what the last fetch failed with
        std::shared_ptr<token_fetch> start; ///< whoever asked starts this fetch: nobody else will
    };

    PKS_DECL token_source(token_settings settings, std::optional<credentials> login);

    /// `who` waits until it is taken from the list of the fetch, or leaves.
    PKS_DECL step ask(waiter& who, clock::steady_time_point now);

    /// The token, if it is good and nothing is to be done about it.
    PKS_DECL access_token const* peek(clock::steady_time_point now) const noexcept;

    /// The token, while it is good.
    PKS_DECL access_token const* current(clock::steady_time_point now) const noexcept;

    /// The fetch succeeded. `asked_at`: before the request was sent, so that no token is used beyond its end. `random`:
    /// from 0 to 1. Returns the token's generation: 0 where it is not kept.
    PKS_DECL std::uint64_t on_token(std::shared_ptr<token_fetch> const& fetch, access_token const& token,
        clock::steady_time_point asked_at, double random);

    /// A request of the fetch failed. True: the fetch goes on with what its `next()` gives now. False: it is over, for
    /// the reason that `failure` is now.
    PKS_DECL bool goes_on(std::shared_ptr<token_fetch> const& fetch, error_code& failure);

    /// The fetch is over without a token. `sent`: a request of it may have reached the UAA. One that was cancelled is
    /// followed by no cool-down.
    PKS_DECL void on_failure(
        std::shared_ptr<token_fetch> const& fetch, error_code failure, bool sent, clock::steady_time_point now);

    /// The API refused the token of this generation. What has replaced it meanwhile stays. Where the token before was
    /// refused as well a moment ago, the UAA is not asked again at once: whatever the API dislikes, it is not the token.
    PKS_DECL void drop(std::uint64_t generation, error_code refusal, clock::steady_time_point now);

    /// Somebody logged in: their token, or one that comes later, is the one of this source from now on.
    PKS_DECL void become(
        credentials const& login, access_token const& token, clock::steady_time_point asked_at, double random);

    /// A token of an earlier life of this client: `left` is how long it is good, nothing where it is not. Not where there
    /// is one already.
    PKS_DECL void adopt(access_token const& token, std::optional<clock::steady_time_point::duration> left,
        clock::steady_time_point now);

    std::optional<secret> const& refresh_token() const noexcept
    {
        return refresh_token_;
    }
    bool is_current(std::shared_ptr<token_fetch> const& fetch) const noexcept
    {
        return fetch == fetch_;
    }
    std::optional<credentials> const& login() const noexcept
    {
        return login_;
    }
    bool fetching() const noexcept
    {
        return fetch_ != nullptr;
    }
    std::uint64_t generation() const noexcept
    {
        return generation_;
    }
    std::uint64_t failures_in_a_row() const noexcept
    {
        return failures_;
    }
    error_code failure() const noexcept ///< of the last fetch; success where it succeeded
    {
        return failure_;
    }
    clock::steady_time_point expires() const noexcept ///< of the token that is kept
    {
        return until_;
    }

private:
    PKS_DECL void keep(access_token const& token, clock::steady_time_point asked_at, double random);
    PKS_DECL void cool_down(error_code failure, clock::steady_time_point now);
    PKS_DECL bool good(clock::steady_time_point now) const noexcept;
    PKS_DECL std::shared_ptr<token_fetch> begin();

    token_settings settings_;
    std::optional<credentials> login_;
    std::optional<secret> refresh_token_;
    bool spent_ = false; // what the identity logged in with may not be sent again

    std::optional<access_token> token_;
    std::uint64_t generation_ = 0;
    clock::steady_time_point renew_at_{};
    clock::steady_time_point until_{};

    std::shared_ptr<token_fetch> fetch_;
    bool replaces_refused_ = false; // the token, or the one that is fetched, comes after one that the API refused
    clock::steady_time_point asked_at_{};
    std::uint64_t failures_ = 0;
    error_code failure_;
    clock::steady_time_point retry_at_{};
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/token_source.ipp>
#endif
