// Runs pks-conform as scripts do.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace conformance_test {

/// A folder of this name for what a test writes; it is there, and may hold what an earlier run left.
std::filesystem::path scratch(std::string_view name);

/// For a shell.
std::string quoted(std::filesystem::path const& path);

std::string text_of(std::filesystem::path const& file);

bool contains(std::string_view text, std::string_view part);

struct result
{
    int status; ///< -1: not ended by itself
    std::string out;
    std::string err;
};

/// The program with these arguments, in the shell's syntax, and that standard input.
result run(std::string const& arguments, std::string const& input = {});

} // namespace conformance_test
