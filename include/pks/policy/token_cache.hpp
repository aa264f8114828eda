// Tokens that were verified lately.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/error.hpp>
#include <pks/jose/claims.hpp>
#include <pks/policy/claim_rules.hpp>
#include <pks/policy/instant.hpp>
#include <pks/policy/striped.hpp>
#include <pks/policy/token_tag.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace pks::inline v0::policy {

class token_cache_settings
{
public:
    token_cache_settings() = default;

    std::size_t tokens = 4096;          ///< of each thread, and again of all together; 0: nothing is kept
    std::size_t token_size = 16 * 1024; ///< octets: a larger token is not kept
};

/// Saves the signature of a token that comes again: its time, audience and scopes, and the predicates of the rules, are
/// judged anew each time. What a token is from the start (claim_rules::check_origin) is judged before it is kept: a
/// cache belongs to one set of rules.
///
/// Bounded: of each set of eight places the one that was used longest ago gives way. Each thread has places and claims
/// of its own, so that threads which get the same token share not even a count of references; a token that a thread has
/// not seen yet is copied from a table that all share.
///
/// Thread safety: every member may be called from any thread at any time.
class token_cache
{
public:
    class hit
    {
    public:
        std::shared_ptr<jose::claims const> claims; ///< null: the token is not here
        error_code refusal;                         ///< what speaks against it now; then there are no claims either

        /// The token is here: it is accepted or refused without looking at its signature.
        bool found() const noexcept
        {
            return claims || refusal;
        }
    };

    PKS_DECL explicit token_cache(token_cache_settings settings = {});

    /// Looks for a token that was verified with the keys of this epoch, and judges its claims. Allocates nothing, but
    /// when a thread meets a token first that another thread has verified.
    PKS_DECL hit find(token_tag const& token, std::uint64_t epoch, claim_rules const& rules, instant now,
        scope_requirement const& also = {});

    /// Keeps the claims of a token that was verified with the keys of this epoch and has the right origin, not longer
    /// than `until`.
    PKS_DECL void insert(token_tag const& token, std::uint64_t epoch, std::shared_ptr<jose::claims const> claims,
        std::size_t token_size, clock::steady_time_point until = clock::steady_time_point::max());

    /// Forgets a token, or all of them.
    PKS_DECL void erase(token_tag const& token);
    PKS_DECL void clear();

private:
    struct entry
    {
        token_tag token;
        std::uint64_t epoch = 0;
        clock::steady_time_point until;
        std::uint64_t used = 0;
        std::shared_ptr<jose::claims const> claims;
    };

    class table
    {
    public:
        PKS_DECL entry* find(token_tag const& token) noexcept;
        PKS_DECL void insert(entry&& e, std::size_t limit);
        PKS_DECL void erase(token_tag const& token) noexcept;
        PKS_DECL void clear() noexcept;

    private:
        static constexpr std::size_t ways = 8;

        PKS_DECL entry* set_of(token_tag const& token) noexcept;

        std::vector<entry> entries_; // sets of eight; none before the first token
        std::uint64_t time_ = 0;     // counts the uses
    };

    token_cache_settings settings_;
    striped<table> own_;
    striped<table> common_; // which a token's tag chooses from
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/token_cache.ipp>
#endif
