// What the tests of jose share: keys that sign, suites that may be absent, a count of allocations.
#pragma once

#include "signer.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace jose_test {

/// A file below PKS_SHARED_DIR; nothing, and a line that says so, where it is absent.
std::optional<std::string> read_shared(std::string_view path);
std::optional<std::filesystem::path> shared_folder(std::string_view path);

/// Octets taken from the heap by this thread, and how often.
class allocation_count
{
public:
    allocation_count() noexcept;
    std::size_t calls() const noexcept;
    std::size_t octets() const noexcept;

private:
    std::size_t calls_;
    std::size_t octets_;
};

} // namespace jose_test
