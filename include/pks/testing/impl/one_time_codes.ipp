// Bodies of testing/one_time_codes.hpp.
#pragma once

#include <pks/testing/one_time_codes.hpp>

#include <algorithm>

namespace pks::inline v0::testing {

PKS_DECL void one_time_codes::add(std::string code, one_time_code what, std::int64_t now)
{
    std::erase_if(codes_, [&](auto const& entry) {
        auto const& other = entry.second;
        bool const superseded = what.client_id.empty() && other.client_id.empty() && other.user_id == what.user_id;
        return superseded || other.expires <= now;
    });
    if (codes_.size() >= limit)
        codes_.erase(codes_.begin());
    codes_.insert_or_assign(std::move(code), std::move(what));
}

PKS_DECL std::optional<one_time_code> one_time_codes::take(std::string_view code)
{
    auto const at = codes_.find(code);
    if (at == codes_.end())
        return std::nullopt;
    auto out = std::move(at->second);
    codes_.erase(at);
    return out;
}

} // namespace pks::inline v0::testing
