// Bodies of jose/jwk_set.hpp.
#pragma once

#include <pks/jose/jwk_set.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/json_document.hpp>
#include <pks/impl/jwk.ipp>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace pks::inline v0::jose {

PKS_DECL jwk_set::jwk_set(std::vector<jwk> keys, jwk_rules const& rules) : keys_(std::move(keys))
{
    for (auto const& key : keys_)
        had_private_members_ = had_private_members_ || key.had_private_members();
    std::vector<std::size_t> positions(keys_.size());
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    refuse_what_conflicts(positions, rules);
}

// `positions`: where each of keys_ stood in the set.
PKS_DECL void jwk_set::refuse_what_conflicts(std::vector<std::size_t> const& positions, jwk_rules const& rules)
{
    std::vector<std::string_view> names;
    for (auto const& key : keys_)
        if (auto const kid = key.kid())
            names.push_back(*kid);
    // A key for encryption may have the name of one for signatures.
    for (auto const& refused : refused_)
        if (refused.kid && refused.reason != jose_errc::wrong_key_use)
            names.push_back(*refused.kid);
    std::sort(names.begin(), names.end());
    auto const is_public = [](jwk const& key) { return key.kty() != key_type::oct; };
    bool const only_public = !rules.mixed_set && std::any_of(keys_.begin(), keys_.end(), is_public);

    std::vector<jwk> kept;
    std::vector<refused_key> conflicting;
    for (std::size_t i = 0; i != keys_.size(); ++i) {
        auto const kid = keys_[i].kid();
        auto const range = std::equal_range(names.begin(), names.end(), kid.value_or(std::string_view()));
        error_code reason;
        if (kid && std::distance(range.first, range.second) > 1)
            reason = jose_errc::duplicate_key_id;
        else if (only_public && !is_public(keys_[i]))
            reason = jose_errc::mixed_key_set;
        if (!reason) {
            kept.push_back(keys_[i]);
            continue;
        }
        refused_key refused;
        refused.position = positions[i];
        if (kid)
            refused.kid = std::string(*kid);
        refused.reason = reason;
        conflicting.push_back(std::move(refused));
    }
    refused_.insert(
        refused_.end(), std::make_move_iterator(conflicting.begin()), std::make_move_iterator(conflicting.end()));
    std::sort(refused_.begin(), refused_.end(), [](auto const& a, auto const& b) { return a.position < b.position; });
    keys_ = std::move(kept);
}

PKS_DECL jwk const* jwk_set::find(std::string_view kid) const noexcept
{
    for (auto const& key : keys_)
        if (key.kid() == kid)
            return &key;
    return nullptr;
}

PKS_DECL boost::system::result<jwk const*> jwk_set::select(
    std::optional<std::string_view> kid, algorithm alg) const noexcept
{
    if (kid) {
        auto const key = find(*kid);
        if (!key)
            return error_code(jose_errc::unknown_key);
        if (!key->fits(alg))
            return error_code(jose_errc::key_mismatch);
        return key;
    }
    jwk const* out = nullptr;
    for (auto const& key : keys_) {
        if (!key.fits(alg))
            continue;
        if (out)
            return error_code(jose_errc::ambiguous_key);
        out = &key;
    }
    if (!out)
        return error_code(keys_.empty() ? jose_errc::unknown_key : jose_errc::key_mismatch);
    return out;
}

PKS_DECL std::string jwk_set::public_json() const
{
    std::string out = "{\"keys\":[";
    for (auto const& key : keys_) {
        if (key.public_json().empty())
            continue;
        if (out.back() == '}')
            out += ',';
        out += key.public_json();
    }
    return out += "]}";
}

PKS_DECL boost::system::result<jwk_set> parse_jwk_set(std::string_view json, jwk_rules const& rules)
{
    if (json.size() > rules.max_size)
        return error_code(jose_errc::key_set_too_large);
    json_document document;
    jwk_detail::wiper const wiper(document);
    if (auto const failed = document.parse(json))
        return failed;
    auto const keys = document.root()["keys"];
    if (keys.type() != json_type::array)
        return error_code(jose_errc::malformed_key_set);
    if (keys.size() > rules.max_keys)
        return error_code(jose_errc::too_many_keys);

    jwk_set out;
    std::vector<std::size_t> positions;
    std::size_t position = 0;
    for (auto const& element : keys.elements()) {
        auto key = read_jwk(element, rules);
        if (key) {
            out.had_private_members_ = out.had_private_members_ || key->had_private_members();
            out.keys_.push_back(std::move(*key));
            positions.push_back(position);
        } else {
            refused_key refused;
            refused.position = position;
            if (auto const kid = element["kid"].if_string())
                refused.kid = std::string(*kid);
            refused.reason = key.error();
            out.refused_.push_back(std::move(refused));
        }
        ++position;
    }
    out.refuse_what_conflicts(positions, rules);
    return out;
}

} // namespace pks::inline v0::jose
