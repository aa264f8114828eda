// Plays recorded exchanges to the library.
#pragma once

#include "runner/cases.hpp"
#include "runner/difference.hpp"

#include <memory>
#include <string>
#include <vector>

namespace conform {

/// How a recording is played: over which kind of stream, in reads of how many octets.
struct replay_mode
{
    bool tls;
    std::size_t piece;
};

/// `memory, 7 octets`
std::string name_of(replay_mode mode);

/// In memory and over TLS, each in reads of 1, 7 and 1460 octets and all at once.
std::vector<replay_mode> const& all_modes();

/// Replays with one difference from what the case expects, or more; modes that agree in them stand together.
struct finding
{
    std::vector<replay_mode> modes;
    differences what;
};

class replayer
{
public:
    replayer();
    ~replayer();

    /// Plays one case in each of the modes. No findings: all as expected. Throws environment_error.
    std::vector<finding> play(test_case const& c, std::vector<replay_mode> const& modes);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace conform
