// What the UAA said of tokens, and who waits for what it will say.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/policy/instant.hpp>
#include <pks/policy/introspection_answer.hpp>
#include <pks/policy/token_tag.hpp>
#include <pks/policy/waiting_list.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace pks::inline v0::policy {

class introspection_settings
{
public:
    introspection_settings() = default;

    /// How long an answer counts, at most until `exp`: so long a token that was revoked is accepted. Zero: not at all.
    std::chrono::milliseconds active_kept = std::chrono::seconds(30);

    /// The same of a refusal.
    std::chrono::milliseconds inactive_kept = std::chrono::seconds(10);

    std::size_t active = 10'000;   ///< tokens whose answer is kept
    std::size_t inactive = 10'000; ///< and refused ones, apart: nobody drives out good tokens with bad ones
    std::size_t questions = 1'000; ///< at once
};

/// A state machine: one question at a time about each token, whoever asks.
///
/// Only what the UAA says of a token is kept: claims, token_errc::inactive and expired. A failure reaches those who wait, and
/// whoever comes next asks again.
/// Thread safety: none. Its waiters are guarded by the same lock.
class introspection_cache
{
public:
    enum class action : std::uint8_t {
        answered, ///< `answer` holds
        ask,      ///< the waiter waits, and whoever called asks the UAA: nobody else will
        wait,     ///< the waiter waits for a question that is under way
        refused,  ///< token_errc::too_many_questions, in `answer`
    };

    class step
    {
    public:
        action what = action::refused;
        introspection_answer answer;
    };

    PKS_DECL explicit introspection_cache(introspection_settings settings = {});

    /// About a token. `who` waits until it is taken from `told` of `complete`, or leaves.
    PKS_DECL step ask(token_tag const& token, waiter& who, instant now);

    /// An answer that is at hand.
    PKS_DECL std::optional<introspection_answer> find(token_tag const& token, instant now);

    /// The question ended. Those who waited for it stand in `told` then, in the order in which they came; each may
    /// still leave until it is taken.
    PKS_DECL void complete(token_tag const& token, introspection_answer const& answer, instant now, waiting_list& told);

    /// Whether anybody still waits for the question about a token.
    PKS_DECL bool awaited(token_tag const& token) const;

    std::size_t questions() const noexcept
    {
        return questions_.size();
    }
    std::size_t size() const noexcept
    {
        return active_.size() + inactive_.size();
    }

    /// Forgets all answers; questions under way go on.
    PKS_DECL void clear();

private:
    struct tag_hash
    {
        std::size_t operator()(token_tag const& t) const noexcept
        {
            return t.hash();
        }
    };

    struct entry
    {
        token_tag token;
        introspection_answer answer;
        clock::steady_time_point until;
        bool used = false; // since the hand passed
    };

    // Bounded; what was not used since the hand passed last gives way.
    class table
    {
    public:
        explicit table(std::size_t limit) : limit_(limit) {}

        PKS_DECL entry* find(token_tag const& token);
        PKS_DECL void insert(entry e, clock::steady_time_point now);
        PKS_DECL void erase(token_tag const& token);
        PKS_DECL void clear() noexcept;
        std::size_t size() const noexcept
        {
            return entries_.size();
        }

    private:
        std::size_t limit_;
        std::size_t hand_ = 0;
        std::vector<entry> entries_;
        std::unordered_map<token_tag, std::size_t, tag_hash> index_;
    };

    introspection_settings settings_;
    table active_;
    table inactive_;
    std::unordered_map<token_tag, waiting_list, tag_hash> questions_;
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/introspection_cache.ipp>
#endif
