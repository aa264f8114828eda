// Bodies of identity.hpp.
#pragma once

#include <pks/identity.hpp>

namespace pks::inline v0 {

PKS_DECL std::string_view identity::name() const noexcept
{
    auto const user_name = claims_->user_name();
    return user_name.empty() ? client_id() : user_name;
}

PKS_DECL std::string_view identity::client_id() const noexcept
{
    auto const id = claims_->client_id();
    return id.empty() ? claims_->cid() : id;
}

PKS_DECL bool identity::has_scope(std::string_view name) const noexcept
{
    return claims_->scope().contains(name);
}

} // namespace pks::inline v0
