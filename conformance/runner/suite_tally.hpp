// Counts the cases of a suite, and prints those that come out otherwise.
#pragma once

#include "runner/exit_status.hpp"

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace conform {

/// What came of one case.
struct suite_finding
{
    std::string note;     ///< what the case is about, or how it was played
    std::string field;    ///< what differs: `verdict`, `error`
    std::string expected; ///< empty, as is `seen`, where nothing differs
    std::string seen;
};

class suite_tally
{
public:
    /// `name`: of the suite; `only`: as for glob_match, over ids as `http/own/status-204`.
    suite_tally(std::string_view name, std::string_view only, std::ostream& out, bool colour)
        : name_(name), only_(only), out_(out), colour_(colour)
    {}

    /// Whether this case is to be judged; then it must be counted once, by one of the next four.
    bool wants(std::string_view id) const;

    void hold();
    void fail(std::string_view id, suite_finding const& what);

    /// A verdict that is not the suite's, as a list of the suite foresees.
    void differ_as_known(std::string_view id, std::string_view how);

    /// A case that needs what the library does not have yet. Named, and counted apart: neither held nor failed.
    void cannot_run(std::string_view id, std::string_view why);

    std::size_t held() const noexcept
    {
        return held_;
    }
    std::size_t failed() const noexcept
    {
        return failed_;
    }

    /// The last line, `tls: 221 cases: 200 as aimed at, 0 not, 21 not runnable yet (…)`, and what the program ends with.
    /// `more`: what stands in the parentheses.
    exit_status end(std::ostream& complaints, std::string_view more) const;

private:
    std::string name_;
    std::string only_;
    std::ostream& out_;
    bool colour_;
    std::size_t held_ = 0;
    std::size_t failed_ = 0;
    std::size_t known_ = 0;
    std::size_t not_run_ = 0;
};

} // namespace conform
