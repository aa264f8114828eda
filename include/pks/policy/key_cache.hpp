// Decides when a UAA's keys are fetched, and which keys count meanwhile.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/error.hpp>
#include <pks/jose/algorithm.hpp>
#include <pks/jose/jwk_rules.hpp>
#include <pks/jose/jwk_set.hpp>
#include <pks/policy/instant.hpp>
#include <pks/policy/known_keys.hpp>
#include <pks/policy/token_tag.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pks::inline v0::policy {

class key_cache_settings
{
public:
    key_cache_settings() = default;

    /// How long a set counts. A UAA forbids to store it (`no-store`), which would mean to ask it for each token; a
    /// `Cache-Control` with `max-age` and without `no-store` overrides this. Either is brought between 1 min and 24 h.
    std::chrono::seconds lifetime = std::chrono::minutes(5);

    /// Between a fetch that an unknown `kid` caused, or that failed, and the next one; at least 1 s.
    std::chrono::seconds cool_down{10};

    /// How long keys are used on after their lifetime while fetches fail.
    std::chrono::seconds kept_while_failing = std::chrono::hours(24);

    /// How long a `kid` that the UAA did not have is not asked for again. Somebody can name a `kid` before it exists,
    /// so this is also how much later a new key may be noticed.
    std::chrono::seconds unknown_kid_kept = std::chrono::minutes(1);

    std::size_t unknown_kids = 1024; ///< that are remembered

    jose::jwk_rules rules;

    /// Whose keys these are, its address say: a saved set is taken only if it was saved under the same name.
    std::string source;
};

/// A reply of the key endpoint that could be read as HTTP: 200, or 304 to a request with an ETag.
class key_reply
{
public:
    key_reply() = default;

    bool not_modified = false;
    std::string_view body;
    std::string_view etag;          ///< as received, quotes included; empty where there was none
    std::string_view cache_control; ///< as received
};

/// What to do about the key of a token.
class key_decision
{
public:
    enum class action : std::uint8_t {
        use,    ///< verify with `known()`: the key is there, or it does not fit the token, which `select` will tell
        wait,   ///< ask again after the fetch that is under way
        refuse, ///< for `refusal`
    };

    action what = action::refuse;
    error_code refusal;       ///< jose_errc::unknown_key, token_errc::keys_unavailable
    bool start_fetch = false; ///< whoever asked starts the fetch: nobody else will
    std::uint64_t ticket = 0; ///< of `wait`: to be handed in when asking again
};

/// How it went.
class key_report
{
public:
    key_report() = default;

    error_code failure;                          ///< of the last fetch; success where it succeeded
    error_code last_failure;                     ///< of the last fetch that failed, kept after one that succeeded
    std::optional<clock::time_point> fetched_at; ///< when the last one succeeded
    std::optional<clock::time_point> last_failed_at;
    std::uint64_t fetches = 0; ///< that have ended
    std::uint64_t failures_in_a_row = 0;
    std::vector<jose::refused_key> refused; ///< of the set that was read last: text of the server
    std::size_t carried = 0;                ///< keys of earlier sets that count on, because the last one spoiled them
    bool private_members = false;           ///< the set read last holds private keys: the UAA leaks them
    error_code saved_keys;                  ///< why a saved set was not taken
};

/// A state machine: `ask` about each token whose key is not quietly known, fetch when told so, report how it ended.
///
/// Keys once known keep verifying, whatever the endpoint replies: until their lifetime is over if it says that they are
/// gone, and `kept_while_failing` longer if it says nothing that can be used. A key that a set names but spoils (twice
/// in it, not for verifying, too short …) counts as not mentioned. After an idle time the first token waits for a
/// fetch, so that a key which was removed meanwhile is not taken for good.
///
/// Source: RFC 7517 §5, RFC 9111 §5.2.2; facts on `/token_keys` (§2.5) and rotation (§3.5).
/// Thread safety: none; `known()` gives a value that may be used anywhere.
class key_cache
{
public:
    PKS_DECL explicit key_cache(key_cache_settings settings = {});

    /// About a token with this `kid` and `alg`. `ticket`: of the answer `wait` that this token got before, otherwise 0.
    PKS_DECL key_decision ask(std::optional<std::string_view> kid, jose::algorithm alg, clock::steady_time_point now,
        std::uint64_t ticket = 0);

    /// Without a token: whether to start a fetch now, because there are no keys or they will soon be too old.
    PKS_DECL bool start_if_due(clock::steady_time_point now);

    /// The fetch ended with a reply. False if nothing of it could be used: `report()` says why.
    PKS_DECL bool on_reply(key_reply const& reply, instant now);

    /// The fetch ended without a reply of use: not connected, refused, redirected, no HTTP, cancelled …
    PKS_DECL void on_failure(error_code why, instant now);

    bool fetching() const noexcept
    {
        return fetching_;
    }

    /// What to send as `If-None-Match`, octet for octet as it came; empty: nothing.
    std::string const& etag() const noexcept
    {
        return etag_;
    }

    /// Never null. Another one after `ask`, `on_reply`, `on_failure` and `restore` may have changed it.
    std::shared_ptr<known_keys const> const& known() const noexcept
    {
        return known_;
    }

    key_report const& report() const noexcept
    {
        return report_;
    }

    /// The set for a start without the UAA: a JWK Set with members of its own; no private key, no HMAC secret. Empty if
    /// there are no keys.
    PKS_DECL std::string save() const;

    /// Takes a saved set, before the first fetch. It is as old as it is: what expired meanwhile has to be fetched, and
    /// is used if that fails. Whoever can write it can make tokens: it belongs where configuration does.
    /// Errors: malformed_saved_keys, saved_keys_of_another, saved_keys_too_old, those of parse_jwk_set, key_set_empty.
    PKS_DECL error_code restore(std::string_view saved, instant now);

    key_cache_settings const& settings() const noexcept
    {
        return settings_;
    }

private:
    struct held_key
    {
        jose::jwk key;
        clock::steady_time_point seen; // in a set of the UAA
    };

    PKS_DECL bool current(clock::steady_time_point now) const noexcept;
    PKS_DECL bool due(clock::steady_time_point now) const noexcept;
    PKS_DECL void begin(bool for_unknown_kid);
    PKS_DECL void end(error_code failure, instant now);
    PKS_DECL void take(jose::jwk_set read, clock::steady_time_point seen);
    PKS_DECL void drop_expired(clock::steady_time_point now);
    PKS_DECL void hold(std::vector<held_key> keys);
    PKS_DECL void publish();
    PKS_DECL key_decision wait(bool start, std::uint64_t ticket) const noexcept;
    PKS_DECL key_decision refuse() const noexcept;
    PKS_DECL void remember_unknown(std::string_view kid, clock::steady_time_point now);

    key_cache_settings settings_;
    std::shared_ptr<known_keys const> known_;

    // The set, of which `set_` is the form to choose from.
    std::vector<held_key> held_;
    jose::jwk_set set_;
    std::uint64_t epoch_ = 0;
    std::string etag_;
    clock::steady_time_point fetched_;
    std::chrono::seconds lifetime_{};

    // Fetches: their numbers, and before when there is none.
    bool fetching_ = false;
    bool for_unknown_kid_ = false;
    std::uint64_t begun_ = 0;
    std::uint64_t ended_ = 0;
    clock::steady_time_point retry_at_ = clock::steady_time_point::min();       // after a failure
    clock::steady_time_point unknown_kid_at_ = clock::steady_time_point::min(); // for another unknown `kid`

    struct tag_hash
    {
        std::size_t operator()(token_tag const& t) const noexcept
        {
            return t.hash();
        }
    };
    std::unordered_map<token_tag, clock::steady_time_point, tag_hash> unknown_; // `kid`s, until when

    key_report report_;
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/key_cache.ipp>
#endif
