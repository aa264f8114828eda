// Bodies of policy/key_cache.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/json_document.hpp>
#include <pks/policy/key_cache.hpp>
#include <pks/policy/token_errc.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace pks::inline v0::policy {

namespace key_cache_detail {

inline constexpr std::chrono::seconds least_lifetime = std::chrono::minutes(1);
inline constexpr std::chrono::seconds most_lifetime = std::chrono::hours(24);

inline char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

inline bool same_word(std::string_view a, std::string_view b) noexcept
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

inline std::string_view trimmed(std::string_view text) noexcept
{
    constexpr std::string_view blank = " \t";
    auto const first = text.find_first_not_of(blank);
    if (first == text.npos)
        return {};
    return text.substr(first, text.find_last_not_of(blank) + 1 - first);
}

// Of a value that is no number: none at all, as RFC 9111 §4.2.1 has it. Beyond a day it does not matter by how much.
inline std::chrono::seconds delta_seconds(std::string_view text) noexcept
{
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    std::int64_t out = 0;
    for (char const c : text) {
        if (c < '0' || c > '9')
            return std::chrono::seconds(0);
        out = std::min<std::int64_t>(out * 10 + (c - '0'), most_lifetime.count());
    }
    return std::chrono::seconds(out);
}

inline std::chrono::seconds lifetime_of(std::string_view cache_control, std::chrono::seconds usual) noexcept
{
    std::optional<std::chrono::seconds> told;
    while (!cache_control.empty()) {
        auto const comma = std::min(cache_control.find(','), cache_control.size());
        auto const directive = trimmed(cache_control.substr(0, comma));
        cache_control.remove_prefix(std::min(comma + 1, cache_control.size()));
        auto const equals = std::min(directive.find('='), directive.size());
        auto const name = trimmed(directive.substr(0, equals));
        if (same_word(name, "no-store") || same_word(name, "no-cache"))
            return usual;
        if (same_word(name, "max-age")) {
            auto const value = delta_seconds(trimmed(directive.substr(std::min(equals + 1, directive.size()))));
            told = told ? std::min(*told, value) : value;
        }
    }
    return std::clamp(told.value_or(usual), least_lifetime, most_lifetime);
}

// The same name and the same octets. Of an HMAC key they are not shown, so that it is never the same.
inline bool same_key(jose::jwk const& a, jose::jwk const& b)
{
    return a.kid() == b.kid() && !a.public_json().empty() && a.public_json() == b.public_json();
}

} // namespace key_cache_detail

PKS_DECL key_cache::key_cache(key_cache_settings settings)
    : settings_(std::move(settings)), known_(std::make_shared<known_keys const>())
{
    using std::chrono::seconds;
    auto const day = key_cache_detail::most_lifetime;
    settings_.lifetime = std::clamp(settings_.lifetime, key_cache_detail::least_lifetime, day);
    settings_.cool_down = std::clamp(settings_.cool_down, seconds(1), day);
    settings_.kept_while_failing = std::clamp(settings_.kept_while_failing, seconds(0), 30 * day);
    settings_.unknown_kid_kept = std::clamp(settings_.unknown_kid_kept, seconds(0), day);
    lifetime_ = settings_.lifetime;
}

PKS_DECL bool key_cache::current(clock::steady_time_point now) const noexcept
{
    return !held_.empty() && now < fetched_ + lifetime_;
}

// A fifth of the lifetime is left for a fetch beside the validations.
PKS_DECL bool key_cache::due(clock::steady_time_point now) const noexcept
{
    return held_.empty() || report_.failure || now >= fetched_ + lifetime_ * 4 / 5;
}

PKS_DECL void key_cache::begin(bool for_unknown_kid)
{
    fetching_ = true;
    for_unknown_kid_ = for_unknown_kid;
    ++begun_;
    publish();
}

PKS_DECL void key_cache::end(error_code failure, instant now)
{
    if (!fetching_)
        ++begun_;
    fetching_ = false;
    ended_ = begun_;
    if (std::exchange(for_unknown_kid_, false))
        unknown_kid_at_ = now.steady + settings_.cool_down;
    ++report_.fetches;
    report_.failure = failure;
    if (failure) {
        retry_at_ = now.steady + settings_.cool_down;
        report_.last_failure = failure;
        report_.last_failed_at = now.calendar;
        ++report_.failures_in_a_row;
    } else {
        report_.fetched_at = now.calendar;
        report_.failures_in_a_row = 0;
    }
    drop_expired(now.steady);
    publish();
}

PKS_DECL key_decision key_cache::wait(bool start, std::uint64_t ticket) const noexcept
{
    key_decision out;
    out.what = key_decision::action::wait;
    out.start_fetch = start;
    // A fetch that was under way already may have been answered before the key was made.
    out.ticket = ticket != 0 ? ticket : start ? begun_ : begun_ + 1;
    return out;
}

// While fetches fail nobody can tell whether there is such a key.
PKS_DECL key_decision key_cache::refuse() const noexcept
{
    key_decision out;
    if (held_.empty() || report_.failure)
        out.refusal = token_errc::keys_unavailable;
    else
        out.refusal = jose_errc::unknown_key;
    return out;
}

PKS_DECL key_decision key_cache::ask(
    std::optional<std::string_view> kid, jose::algorithm alg, clock::steady_time_point now, std::uint64_t ticket)
{
    drop_expired(now);
    bool const waited = ticket != 0 && ended_ >= ticket;
    bool const may_retry = !fetching_ && now >= retry_at_;

    auto const chosen = set_.select(kid, alg);
    if (!held_.empty() && (chosen.has_value() || chosen.error() != jose_errc::unknown_key)) {
        bool const start = may_retry && due(now);
        // Without a fetch that failed the keys are not late but have not been asked for.
        if (!current(now) && !report_.failure) {
            if (start)
                begin(false);
            return wait(start, ticket);
        }
        if (start)
            begin(false);
        key_decision out;
        out.what = key_decision::action::use;
        out.start_fetch = start;
        return out;
    }

    if (held_.empty() || !current(now)) {
        if (waited)
            return refuse();
        if (fetching_)
            return wait(false, ticket);
        if (!may_retry)
            return refuse();
        begin(!held_.empty());
        return wait(true, ticket);
    }

    if (waited) {
        // Also where that fetch was not made for an unknown `kid` but was the first of all.
        if (!report_.failure)
            unknown_kid_at_ = std::max(unknown_kid_at_, now + settings_.cool_down);
        if (kid && !report_.failure)
            remember_unknown(*kid, now);
        return refuse();
    }
    if (kid && !unknown_.empty()) {
        auto const found = unknown_.find(token_tag::of(*kid));
        if (found != unknown_.end() && now < found->second)
            return refuse();
    }
    if (fetching_)
        return wait(false, ticket);
    if (!may_retry || now < unknown_kid_at_)
        return refuse();
    begin(true);
    return wait(true, ticket);
}

PKS_DECL bool key_cache::start_if_due(clock::steady_time_point now)
{
    drop_expired(now);
    if (fetching_ || now < retry_at_ || !due(now))
        return false;
    begin(false);
    return true;
}

PKS_DECL bool key_cache::on_reply(key_reply const& reply, instant now)
{
    auto const lifetime = key_cache_detail::lifetime_of(reply.cache_control, settings_.lifetime);
    if (reply.not_modified) {
        if (held_.empty() || etag_.empty()) {
            end(errc::unexpected_status, now);
            return false;
        }
        for (auto& held : held_)
            held.seen = now.steady;
    } else {
        auto read = jose::parse_jwk_set(reply.body, settings_.rules);
        if (!read) {
            end(read.error(), now);
            return false;
        }
        report_.refused = read->refused();
        report_.private_members = read->had_private_members();
        if (read->keys().empty()) {
            end(jose_errc::key_set_empty, now);
            return false;
        }
        take(std::move(*read), now.steady);
        // With a key carried on, "not modified" would have no meaning.
        etag_ = report_.carried == 0 ? std::string(reply.etag) : std::string();
    }
    lifetime_ = lifetime;
    fetched_ = now.steady;
    end({}, now);
    return true;
}

PKS_DECL void key_cache::on_failure(error_code why, instant now)
{
    end(why ? why : make_error_code(errc::unexpected_status), now);
}

PKS_DECL void key_cache::take(jose::jwk_set read, clock::steady_time_point seen)
{
    std::vector<held_key> next;
    for (auto const& key : read.keys()) {
        // The handle at hand is kept: verifiers keep contexts for it.
        auto const old = std::find_if(held_.begin(), held_.end(),
            [&key](held_key const& held) { return key_cache_detail::same_key(held.key, key); });
        next.push_back({old == held_.end() ? key : old->key, seen});
    }
    auto const spoiled = [&read](std::string_view kid) {
        return read.find(kid) == nullptr &&
            std::any_of(read.refused().begin(), read.refused().end(),
                [kid](jose::refused_key const& refused) { return refused.kid == kid; });
    };
    report_.carried = 0;
    for (auto const& held : held_)
        if (held.key.kty() != jose::key_type::oct && held.key.kid() && spoiled(*held.key.kid())) {
            next.push_back(held);
            ++report_.carried;
        }
    hold(std::move(next));
}

PKS_DECL void key_cache::drop_expired(clock::steady_time_point now)
{
    auto const kept = lifetime_ + settings_.kept_while_failing;
    auto const expired = [now, kept](held_key const& held) { return now >= held.seen + kept; };
    if (std::none_of(held_.begin(), held_.end(), expired))
        return;
    std::vector<held_key> left;
    std::remove_copy_if(held_.begin(), held_.end(), std::back_inserter(left), expired);
    hold(std::move(left));
    etag_.clear();
    publish();
}

PKS_DECL void key_cache::hold(std::vector<held_key> keys)
{
    bool const gone = !std::all_of(held_.begin(), held_.end(), [&keys](held_key const& old) {
        return std::any_of(keys.begin(), keys.end(), [&old](held_key const& held) {
            return held.key.id() == old.key.id() || key_cache_detail::same_key(held.key, old.key);
        });
    });
    if (gone)
        ++epoch_;
    held_ = std::move(keys);
    std::vector<jose::jwk> handles;
    handles.reserve(held_.size());
    for (auto const& held : held_)
        handles.push_back(held.key);
    set_ = jose::jwk_set(std::move(handles), settings_.rules);
}

PKS_DECL void key_cache::publish()
{
    auto next = std::make_shared<known_keys>();
    next->keys = set_;
    next->epoch = epoch_;
    if (!held_.empty()) {
        // Whatever happens meanwhile, from one of these times on somebody has to ask.
        auto quiet = fetching_ ? fetched_ + lifetime_ : fetched_ + lifetime_ * 4 / 5;
        if (report_.failure)
            quiet = fetching_ ? clock::steady_time_point::max() : retry_at_;
        for (auto const& held : held_)
            quiet = std::min(quiet, held.seen + lifetime_ + settings_.kept_while_failing);
        next->quiet_until = quiet;
    }
    known_ = std::move(next);
}

PKS_DECL void key_cache::remember_unknown(std::string_view kid, clock::steady_time_point now)
{
    if (settings_.unknown_kids == 0)
        return;
    if (unknown_.size() >= settings_.unknown_kids)
        std::erase_if(unknown_, [now](auto const& entry) { return now >= entry.second; });
    if (unknown_.size() >= settings_.unknown_kids)
        unknown_.erase(unknown_.begin());
    unknown_.insert_or_assign(token_tag::of(kid), now + settings_.unknown_kid_kept);
}

PKS_DECL std::string key_cache::save() const
{
    std::string out;
    bool const all_public = std::none_of(
        held_.begin(), held_.end(), [](held_key const& held) { return held.key.kty() == jose::key_type::oct; });
    bool const any_public = std::any_of(
        held_.begin(), held_.end(), [](held_key const& held) { return held.key.kty() != jose::key_type::oct; });
    if (!any_public || !report_.fetched_at)
        return out;
    auto const quoted = [](std::string_view text) {
        return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
    };
    auto const since = std::chrono::floor<std::chrono::seconds>(report_.fetched_at->time_since_epoch());
    out = set_.public_json();
    out.pop_back(); // the brace of the set, which gets more members
    out += ",\"source\":" + quoted(settings_.source);
    out += ",\"fetched_at\":" + std::to_string(since.count());
    // The ETag of a set stands for all of it.
    if (all_public && !etag_.empty() && pks::detail::all_are(pks::detail::is_visible, etag_))
        out += ",\"etag\":" + quoted(etag_);
    return out + "}";
}

PKS_DECL error_code key_cache::restore(std::string_view saved, instant now)
{
    jose::json_document document;
    if (saved.size() > settings_.rules.max_size || document.parse(saved))
        return token_errc::malformed_saved_keys;
    auto const root = document.root();
    auto const source = root["source"].if_string();
    auto const fetched_at = root["fetched_at"].if_int64();
    auto const etag = root["etag"];
    if (!source || !fetched_at || *fetched_at < 0 || (etag.exists() && !etag.if_string()))
        return token_errc::malformed_saved_keys;
    if (*source != settings_.source)
        return token_errc::saved_keys_of_another;

    auto const today = std::chrono::floor<std::chrono::seconds>(now.calendar.time_since_epoch());
    auto age = settings_.lifetime;
    // Of a time that lies ahead only one thing is certain: one of two clocks is wrong.
    if (*fetched_at <= today.count())
        age = today - std::chrono::seconds(*fetched_at);
    if (age >= settings_.lifetime + settings_.kept_while_failing)
        return token_errc::saved_keys_too_old;
    auto read = jose::parse_jwk_set(saved, settings_.rules);
    if (!read)
        return read.error();
    if (read->keys().empty())
        return jose_errc::key_set_empty;
    if (!held_.empty())
        return {}; // what the UAA said since is better

    lifetime_ = settings_.lifetime;
    fetched_ = now.steady - age;
    report_.fetched_at = now.calendar - age;
    report_.refused = read->refused();
    report_.private_members = read->had_private_members();
    take(std::move(*read), fetched_);
    auto const text = etag.if_string().value_or(std::string_view());
    etag_ = pks::detail::all_are(pks::detail::is_visible, text) ? std::string(text) : std::string();
    publish();
    return {};
}

} // namespace pks::inline v0::policy
