// Bodies of testing/token_store.hpp.
#pragma once

#include <pks/testing/token_store.hpp>

namespace pks::inline v0::testing {

PKS_DECL void token_store::add(token_content token, std::int64_t now)
{
    remove(token.jti);
    while (!by_expiry_.empty() && (by_expiry_.begin()->first <= now || tokens_.size() >= limit_)) {
        tokens_.erase(by_expiry_.begin()->second);
        by_expiry_.erase(by_expiry_.begin());
    }
    by_expiry_.emplace(token.expires, token.jti);
    auto id = token.jti;
    tokens_.emplace(std::move(id), std::move(token));
}

PKS_DECL token_content const* token_store::find(std::string_view id, std::int64_t now) const
{
    auto const at = tokens_.find(id);
    return at == tokens_.end() || at->second.expires <= now ? nullptr : &at->second;
}

PKS_DECL bool token_store::remove(std::string_view id)
{
    auto const at = tokens_.find(id);
    if (at == tokens_.end())
        return false;
    by_expiry_.erase({at->second.expires, at->first});
    tokens_.erase(at);
    return true;
}

} // namespace pks::inline v0::testing
