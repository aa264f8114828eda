// std::make_shared for what is made seldom.
#pragma once

#include <memory>
#include <utility>

namespace pks::inline v0::detail {

/// Two allocations instead of one, for a quarter of the functions: std::make_shared costs whoever compiles the header-only
/// mode forty for each T.
template <class T, class... Args>
std::shared_ptr<T> new_shared(Args&&... args)
{
    return std::shared_ptr<T>(new T(std::forward<Args>(args)...));
}

} // namespace pks::inline v0::detail
