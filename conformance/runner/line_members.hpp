// Reads the members of a JSON line.
#pragma once

#include <pks/jose/json_value.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace conform {

/// A line is not of the form that its verb asks for.
class line_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// All throw line_error where the member is of another type; text_member and binary_member also where it is missing.
std::string_view text_member(pks::jose::json_value line, std::string_view name);
std::string text_member_or(pks::jose::json_value line, std::string_view name, std::string_view fallback);
std::vector<std::string> text_list(pks::jose::json_value line, std::string_view name);
std::optional<std::int64_t> number_member(pks::jose::json_value line, std::string_view name);
bool flag_member(pks::jose::json_value line, std::string_view name); ///< false where it is missing

/// Octets in the line's `encoding`, `hex` or `base64url`.
std::string binary_member(pks::jose::json_value line, std::string_view name);

} // namespace conform
