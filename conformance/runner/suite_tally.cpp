// Counts the cases of a suite, and prints those that come out otherwise.
#include "runner/suite_tally.hpp"
#include "runner/glob.hpp"
#include "runner/report.hpp"

#include <ostream>

namespace conform {

bool suite_tally::wants(std::string_view id) const
{
    return glob_match(only_, name_ + '/' + std::string(id));
}

void suite_tally::hold()
{
    ++held_;
}

void suite_tally::fail(std::string_view id, suite_finding const& what)
{
    ++failed_;
    print_failure(out_,
        {name_ + '/' + std::string(id), case_kind::operation, {{what.note, {{what.field, what.expected, what.seen}}}}},
        colour_);
}

void suite_tally::differ_as_known(std::string_view id, std::string_view how)
{
    ++known_;
    out_ << "differs as listed: " << name_ << '/' << id << " (" << how << ")\n";
}

void suite_tally::cannot_run(std::string_view id, std::string_view why)
{
    ++not_run_;
    out_ << "not runnable yet: " << name_ << '/' << id << " (" << why << ")\n";
}

exit_status suite_tally::end(std::ostream& complaints, std::string_view more) const
{
    auto const all = held_ + failed_ + known_ + not_run_;
    if (all == 0) {
        complaints << "pks-conform: no case of " << name_ << " matches " << only_ << '\n';
        return usage;
    }
    out_ << name_ << ": " << all << " cases: " << held_ << " as aimed at, " << failed_ << " not";
    if (known_ != 0)
        out_ << ", " << known_ << " not but listed";
    if (not_run_ != 0)
        out_ << ", " << not_run_ << " not runnable yet";
    if (!more.empty())
        out_ << " (" << more << ')';
    out_ << '\n' << std::flush;
    return failed_ == 0 ? as_expected : case_failed;
}

} // namespace conform
