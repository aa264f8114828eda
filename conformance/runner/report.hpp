// What a run found, for people and for machines.
#pragma once

#include "runner/cases.hpp"
#include "runner/difference.hpp"

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace conform {

/// Differences, and where they showed: `memory, 7 octets`.
struct failure
{
    std::string where;
    differences what;
};

struct verdict
{
    std::string id;
    case_kind kind;
    std::vector<failure> failures; ///< none: as expected
};

struct summary
{
    std::vector<verdict> verdicts;
    std::size_t plays = 0; ///< times that a case was played
    double seconds = 0;

    std::size_t failed() const;
    std::size_t of_kind(case_kind kind) const;
};

/// Colours where the stream is a terminal and NO_COLOR is not set.
bool wants_colour(int descriptor);

/// A paragraph for a failing case that names what differs.
void print_failure(std::ostream& out, verdict const& v, bool colour);

/// The last line.
void print_totals(std::ostream& out, summary const& s, bool colour);

/// Throw environment_error if the file cannot be written.
void write_json(std::filesystem::path const& file, summary const& s);
void write_junit(std::filesystem::path const& file, summary const& s);

} // namespace conform
