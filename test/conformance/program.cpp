// Runs pks-conform as scripts do.
#include "conformance/program.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <sys/wait.h>

namespace conformance_test {

std::filesystem::path scratch(std::string_view name)
{
    auto out = std::filesystem::path(PKS_BINARY_DIR) / ("conformance-" + std::string(name));
    std::filesystem::create_directories(out);
    return out;
}

std::string quoted(std::filesystem::path const& path)
{
    return "'" + path.string() + "'";
}

std::string text_of(std::filesystem::path const& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != text.npos;
}

result run(std::string const& arguments, std::string const& input)
{
    auto const folder = scratch("program");
    auto const in = folder / "in";
    auto const out = folder / "out";
    auto const err = folder / "err";
    std::ofstream(in, std::ios::binary) << input;
    auto const program = std::filesystem::path(PKS_BINARY_DIR) / "bin" / "pks-conform";
    auto const line = quoted(program) + " " + arguments + " <" + quoted(in) + " >" + quoted(out) + " 2>" + quoted(err);
    int const status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(out), text_of(err)};
}

} // namespace conformance_test
