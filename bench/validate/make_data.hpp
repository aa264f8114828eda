// Makes the folder that token_data reads.
#pragma once

#include <cstddef>
#include <filesystem>

namespace bench {

/// `tokens`: how many distinct ones each set has, but `large` and `forged_dots`, which have eight of 1 MB. Private keys
/// are forgotten. Throws std::runtime_error where something cannot be made or written.
void make_data(std::filesystem::path const& folder, std::size_t tokens);

} // namespace bench
