// Lists of recorded exchanges that are known to come out otherwise, each line with its reason.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace testing_recorded {

/// One line of a list.
struct listed
{
    std::string pattern; ///< of ids; `*` is any text
    std::string error;   ///< the name of an error, where the list has that column
    std::string reason;
    int used = 0; ///< how many exchanges it was right about
};

/// A file of this folder: pattern TAB reason, or pattern TAB error TAB reason. Lines that begin with `#` say nothing.
std::vector<listed> read_list(std::string const& file, bool with_errors = false);

bool matches(std::string_view pattern, std::string_view text);

/// The last line about that id, or null.
listed* find_listed(std::vector<listed>& list, std::string_view id);

/// Fails for each line that was right about nothing.
void expect_all_used(std::vector<listed> const& list, std::string const& file);

} // namespace testing_recorded
