// Lets a contestant go through the tokens of a case: once each, or for a while.
#pragma once

#include "contestant.hpp"
#include "data.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bench {

/// How many tokens get the wrong verdict.
std::size_t count_wrong(contestant& who, token_case const& which, token_data const& data);

/// What a slice of time was worth. All but tokens_per_second is of one token.
class slice
{
public:
    double tokens_per_second = 0;
    double cpu_us = 0; ///< of the threads that validate
    double allocations = 0;
    std::uint64_t wrong = 0; ///< verdicts, of all
};

/// Each thread goes through all tokens, from a place of its own on, after some that are not counted.
slice measure(contestant& who, token_case const& which, token_data const& data, unsigned threads,
    std::chrono::duration<double> time);

} // namespace bench
