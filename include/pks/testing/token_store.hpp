// The tokens that a UAA must remember: opaque ones, and JWTs that can be revoked.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/testing/token_content.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace pks::inline v0::testing {

/// Stored tokens by id, of bounded number: what has expired is dropped, and beyond the limit whatever expires first.
///
/// Thread safety: none of its own.
class token_store
{
public:
    explicit token_store(std::size_t limit = 4096) : limit_(limit) {}

    PKS_DECL void add(token_content token, std::int64_t now);

    /// The token of that id, if it is stored and has not expired.
    PKS_DECL token_content const* find(std::string_view id, std::int64_t now) const;

    PKS_DECL bool remove(std::string_view id);

    /// Removes all tokens for which `which` holds. Returns how many.
    template <class Predicate>
    std::size_t remove_if(Predicate which)
    {
        std::size_t removed = 0;
        for (auto at = tokens_.begin(); at != tokens_.end();) {
            if (which(at->second)) {
                by_expiry_.erase({at->second.expires, at->first});
                at = tokens_.erase(at);
                ++removed;
            } else {
                ++at;
            }
        }
        return removed;
    }

    std::size_t size() const noexcept
    {
        return tokens_.size();
    }

private:
    std::size_t limit_;
    std::map<std::string, token_content, std::less<>> tokens_;
    std::set<std::pair<std::int64_t, std::string>> by_expiry_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/token_store.ipp>
#endif
