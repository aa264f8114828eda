// What is fuzzed: the drivers, libFuzzer's and the one of the plain tests, know no more of it than this.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// Something that must hold for every input does not.
class finding : public std::logic_error
{
public:
    using std::logic_error::logic_error;
};

inline void require(bool holds, char const* what)
{
    if (!holds)
        throw finding(what);
}

/// Alters octets somehow.
using octet_mutator = std::function<void(std::string&)>;

struct target
{
    /// Throws finding, crashes or hangs where the library is wrong.
    void (*run)(std::string_view input);

    /// Inputs to begin with, the same ones in every process, so that a finding can be shown again.
    std::vector<std::string> (*seeds)();

    /// What inputs are made of.
    std::vector<std::string> (*words)();

    /// Alters an input where altered octets would only break its outer form; may be null.
    void (*mutate)(std::string& input, octet_mutator const& octets, unsigned random);
};

target jws();
target jwks();
target claims();
target replies();
target bearer();

} // namespace fuzz
