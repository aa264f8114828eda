// The names of error codes.
#pragma once

#include <pks/error.hpp>

#include <string>

namespace conform {

/// `pks.oauth:bad_credentials`: category and enumerator. A code of another category by its number.
std::string name_of(pks::error_code ec);

} // namespace conform
