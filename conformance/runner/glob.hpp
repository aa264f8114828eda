// Shell patterns over case ids.
#pragma once

#include <string_view>

namespace conform {

/// `*` stands for any text, slashes included, `?` for one character.
bool glob_match(std::string_view pattern, std::string_view text) noexcept;

} // namespace conform
