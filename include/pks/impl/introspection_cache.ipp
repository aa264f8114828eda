// Bodies of policy/introspection_cache.hpp.
#pragma once

#include <pks/policy/introspection_cache.hpp>
#include <pks/policy/token_errc.hpp>

#include <algorithm>
#include <utility>

namespace pks::inline v0::policy {

namespace introspection_detail {

// Whatever leeway the rules allow, nothing is said about a token after its end.
inline bool has_ended(introspection_answer const& answer, clock::time_point now) noexcept
{
    if (!answer.claims)
        return false;
    auto const exp = answer.claims->exp();
    return exp && now >= *exp;
}

} // namespace introspection_detail

PKS_DECL introspection_cache::introspection_cache(introspection_settings settings)
    : settings_(settings), active_(settings.active), inactive_(settings.inactive)
{}

PKS_DECL std::optional<introspection_answer> introspection_cache::find(token_tag const& token, instant now)
{
    for (auto* const of : {&active_, &inactive_}) {
        auto* const found = of->find(token);
        if (!found)
            continue;
        if (now.steady < found->until && !introspection_detail::has_ended(found->answer, now.calendar)) {
            found->used = true;
            return found->answer;
        }
        of->erase(token);
    }
    return std::nullopt;
}

PKS_DECL introspection_cache::step introspection_cache::ask(token_tag const& token, waiter& who, instant now)
{
    step out;
    if (auto known = find(token, now)) {
        out.what = action::answered;
        out.answer = std::move(*known);
        return out;
    }
    auto question = questions_.find(token);
    if (question != questions_.end()) {
        out.what = action::wait;
    } else if (questions_.size() < settings_.questions) {
        question = questions_.try_emplace(token).first;
        out.what = action::ask;
    } else {
        out.answer.refusal = token_errc::too_many_questions;
        return out;
    }
    question->second.add(who);
    return out;
}

PKS_DECL void introspection_cache::complete(
    token_tag const& token, introspection_answer const& answer, instant now, waiting_list& told)
{
    if (auto const question = questions_.find(token); question != questions_.end()) {
        told.take_over(question->second);
        questions_.erase(question);
    }
    bool const inactive =
        answer.refusal == error_code(token_errc::inactive) || answer.refusal == error_code(token_errc::expired);
    if ((!answer.claims && !inactive) || introspection_detail::has_ended(answer, now.calendar))
        return;
    auto kept = inactive ? settings_.inactive_kept : settings_.active_kept;
    if (!inactive)
        if (auto const exp = answer.claims->exp())
            kept = std::min(kept, std::chrono::floor<std::chrono::milliseconds>(*exp - now.calendar));
    if (kept.count() <= 0)
        return;
    entry e;
    e.token = token;
    e.answer = answer;
    e.until = now.steady + kept;
    (inactive ? active_ : inactive_).erase(token);
    (inactive ? inactive_ : active_).insert(std::move(e), now.steady);
}

PKS_DECL bool introspection_cache::awaited(token_tag const& token) const
{
    auto const question = questions_.find(token);
    return question != questions_.end() && !question->second.empty();
}

PKS_DECL void introspection_cache::clear()
{
    active_.clear();
    inactive_.clear();
}

PKS_DECL introspection_cache::entry* introspection_cache::table::find(token_tag const& token)
{
    auto const found = index_.find(token);
    return found == index_.end() ? nullptr : &entries_[found->second];
}

PKS_DECL void introspection_cache::table::insert(entry e, clock::steady_time_point now)
{
    if (limit_ == 0)
        return;
    if (auto* const known = find(e.token)) {
        *known = std::move(e);
        return;
    }
    if (entries_.size() < limit_) {
        index_.emplace(e.token, entries_.size());
        entries_.push_back(std::move(e));
        return;
    }
    // Ends after one round, in which every mark is taken off.
    while (entries_[hand_].used && now < entries_[hand_].until) {
        entries_[hand_].used = false;
        hand_ = (hand_ + 1) % entries_.size();
    }
    index_.erase(entries_[hand_].token);
    index_.emplace(e.token, hand_);
    entries_[hand_] = std::move(e);
    hand_ = (hand_ + 1) % entries_.size();
}

PKS_DECL void introspection_cache::table::erase(token_tag const& token)
{
    auto const found = index_.find(token);
    if (found == index_.end())
        return;
    auto const place = found->second;
    index_.erase(found);
    if (place + 1 != entries_.size()) {
        entries_[place] = std::move(entries_.back());
        index_[entries_[place].token] = place;
    }
    entries_.pop_back();
    if (hand_ >= entries_.size())
        hand_ = 0;
}

PKS_DECL void introspection_cache::table::clear() noexcept
{
    entries_.clear();
    index_.clear();
    hand_ = 0;
}

} // namespace pks::inline v0::policy
