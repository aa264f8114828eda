// Bodies of proto/path_segment.hpp.
#pragma once

#include <pks/detail/printable.hpp>
#include <pks/proto/path_segment.hpp>

namespace pks::inline v0::proto {

PKS_DECL error_code check_path_segment(std::string_view name, std::string_view what, diagnostics& diag)
{
    error_code ec;
    if (name.empty())
        ec = errc::missing_parameter;
    else if (name == "." || name == ".." || name.find_first_of("/\\") != name.npos || !pks::detail::is_printable(name))
        ec = errc::forbidden_character;
    if (ec)
        diag.detail = what;
    return ec;
}

PKS_DECL void append_path_segment(std::string& path, std::string_view name)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    path += '/';
    for (char const c : name) {
        bool const unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            path += c;
        } else {
            auto const octet = static_cast<unsigned char>(c);
            path += '%';
            path += digits[octet >> 4];
            path += digits[octet & 15];
        }
    }
}

} // namespace pks::inline v0::proto
