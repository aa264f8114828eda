// Bodies of policy/token_cache.hpp.
#pragma once

#include <pks/policy/token_cache.hpp>
#include <pks/policy/token_errc.hpp>

#include <algorithm>
#include <utility>

namespace pks::inline v0::policy {

PKS_DECL token_cache::token_cache(token_cache_settings settings) : settings_(settings) {}

PKS_DECL token_cache::hit token_cache::find(
    token_tag const& token, std::uint64_t epoch, claim_rules const& rules, instant now, scope_requirement const& also)
{
    hit out;
    if (settings_.tokens == 0)
        return out;
    auto const counts = [epoch, &now](entry const& e) { return e.epoch == epoch && now.steady < e.until; };
    bool const looked = own_.try_own([&](table& own) {
        if (auto const* const e = own.find(token); e && counts(*e))
            out.claims = e->claims;
    });
    if (!out.claims) {
        entry copy;
        common_.at(token.hash(), [&](table& common) {
            if (auto const* const e = common.find(token); e && counts(*e))
                copy = *e;
        });
        if (!copy.claims)
            return out;
        copy.claims = std::make_shared<jose::claims const>(*copy.claims);
        out.claims = copy.claims;
        if (looked)
            own_.try_own([&](table& own) { own.insert(std::move(copy), settings_.tokens); });
    }
    out.refusal = rules.check_now(*out.claims, now.calendar, also);
    if (out.refusal) {
        if (out.refusal == error_code(token_errc::expired))
            erase(token);
        out.claims.reset();
    }
    return out;
}

PKS_DECL void token_cache::insert(token_tag const& token, std::uint64_t epoch,
    std::shared_ptr<jose::claims const> claims, std::size_t token_size, clock::steady_time_point until)
{
    if (settings_.tokens == 0 || !claims || token_size > settings_.token_size)
        return;
    entry e;
    e.token = token;
    e.epoch = epoch;
    e.until = until;
    e.claims = std::move(claims);
    auto shared = e;
    own_.own([&](table& own) { own.insert(std::move(e), settings_.tokens); });
    auto const share = std::max<std::size_t>(settings_.tokens / common_.count(), 1);
    common_.at(token.hash(), [&](table& common) { common.insert(std::move(shared), share); });
}

PKS_DECL void token_cache::erase(token_tag const& token)
{
    own_.own([&](table& own) { own.erase(token); });
    common_.at(token.hash(), [&](table& common) { common.erase(token); });
}

PKS_DECL void token_cache::clear()
{
    auto const emptied = [](table& t) { t.clear(); };
    common_.each(emptied);
    own_.each(emptied);
}

PKS_DECL token_cache::entry* token_cache::table::set_of(token_tag const& token) noexcept
{
    // The lowest bits chose the table, where it is one of many.
    return entries_.data() + (token.hash() >> 8) % (entries_.size() / ways) * ways;
}

PKS_DECL token_cache::entry* token_cache::table::find(token_tag const& token) noexcept
{
    if (entries_.empty())
        return nullptr;
    auto* const set = set_of(token);
    for (std::size_t i = 0; i != ways; ++i)
        if (set[i].claims && set[i].token == token) {
            set[i].used = ++time_;
            return set + i;
        }
    return nullptr;
}

PKS_DECL void token_cache::table::insert(entry&& e, std::size_t limit)
{
    if (entries_.empty())
        entries_.resize((limit + ways - 1) / ways * ways);
    auto* place = find(e.token);
    if (!place) {
        auto* const set = set_of(e.token);
        place = std::min_element(set, set + ways, [](entry const& a, entry const& b) { return a.used < b.used; });
    }
    e.used = ++time_;
    *place = std::move(e);
}

PKS_DECL void token_cache::table::erase(token_tag const& token) noexcept
{
    if (auto* const e = find(token))
        *e = entry();
}

PKS_DECL void token_cache::table::clear() noexcept
{
    entries_.clear();
    entries_.shrink_to_fit();
}

} // namespace pks::inline v0::policy
