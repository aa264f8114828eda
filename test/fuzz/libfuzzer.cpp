// One target as a program of libFuzzer. `PROGRAM --seeds FOLDER DICTIONARY` writes what to begin with.
#include "fuzz/target.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

extern "C" {
std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
int LLVMFuzzerInitialize(int* argc, char*** argv);
int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed);
}

namespace {

fuzz::target const& the_target()
{
    static auto const out = fuzz::PKS_FUZZ_TARGET();
    return out;
}

void write_seeds(std::filesystem::path const& folder, std::filesystem::path const& dictionary)
{
    std::filesystem::create_directories(folder);
    int number = 0;
    for (auto const& seed : the_target().seeds())
        std::ofstream(folder / std::to_string(number++), std::ios::binary) << seed;
    std::ofstream words(dictionary, std::ios::binary);
    for (auto const& word : the_target().words()) {
        words << '"';
        for (char const c : word) {
            char escaped[5];
            std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
            words << escaped;
        }
        words << "\"\n";
    }
}

// What the input becomes may be longer or shorter; libFuzzer works in place.
void mutate_octets(std::string& text)
{
    auto const size = text.size();
    text.resize(size + 64);
    text.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(text.data()), size, text.size()));
}

} // namespace

int LLVMFuzzerInitialize(int* argc, char*** argv)
{
    if (*argc == 4 && std::string_view((*argv)[1]) == "--seeds") {
        write_seeds((*argv)[2], (*argv)[3]);
        std::exit(0);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    // A finding is not caught: libFuzzer takes the end of the program for one.
    the_target().run({reinterpret_cast<char const*>(data), size});
    return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed)
{
    if (!the_target().mutate)
        return LLVMFuzzerMutate(data, size, max_size);
    std::string input(reinterpret_cast<char const*>(data), size);
    the_target().mutate(input, mutate_octets, seed);
    auto const length = std::min(input.size(), max_size);
    std::copy_n(input.begin(), length, data);
    return length;
}
