// Bodies of support.hpp.
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <new>

#ifndef PKS_SHARED_DIR
#define PKS_SHARED_DIR ""
#endif

namespace {

thread_local std::size_t allocation_calls = 0;
thread_local std::size_t allocation_octets = 0;

} // namespace

// The whole program counts: what is replaced here cannot be replaced for one test.
void* operator new(std::size_t size)
{
    ++allocation_calls;
    allocation_octets += size;
    if (void* const out = std::malloc(size == 0 ? 1 : size))
        return out;
    throw std::bad_alloc();
}

void operator delete(void* p) noexcept
{
    std::free(p);
}

void operator delete(void* p, std::size_t) noexcept
{
    std::free(p);
}

namespace jose_test {

std::optional<std::filesystem::path> shared_folder(std::string_view path)
{
    auto const out = std::filesystem::path(PKS_SHARED_DIR) / path;
    std::error_code absent;
    if (std::filesystem::exists(out, absent))
        return out;
    std::cout << "skipped: " << path << " (no ../shared)\n";
    BOOST_TEST_MESSAGE("skipped: " << path << " (no ../shared)");
    return std::nullopt;
}

std::optional<std::string> read_shared(std::string_view path)
{
    auto const found = shared_folder(path);
    if (!found)
        return std::nullopt;
    std::ifstream file(*found, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

allocation_count::allocation_count() noexcept : calls_(allocation_calls), octets_(allocation_octets) {}

std::size_t allocation_count::calls() const noexcept
{
    return allocation_calls - calls_;
}

std::size_t allocation_count::octets() const noexcept
{
    return allocation_octets - octets_;
}

} // namespace jose_test
