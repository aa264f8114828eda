// Bodies of token_claims.hpp.
#pragma once

#include <pks/token_claims.hpp>

#include <algorithm>

namespace pks::inline v0 {

PKS_DECL bool token_claims::has_scope(std::string_view name) const noexcept
{
    return std::find(scope.begin(), scope.end(), name) != scope.end();
}

} // namespace pks::inline v0
