// Reads and searches lists.
#include "listed.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

namespace testing_recorded {

bool matches(std::string_view pattern, std::string_view text)
{
    while (!pattern.empty() && pattern.front() != '*') {
        if (text.empty() || text.front() != pattern.front())
            return false;
        pattern.remove_prefix(1);
        text.remove_prefix(1);
    }
    if (pattern.empty())
        return text.empty();
    for (std::size_t i = 0; i <= text.size(); ++i)
        if (matches(pattern.substr(1), text.substr(i)))
            return true;
    return false;
}

std::vector<listed> read_list(std::string const& file, bool with_errors)
{
    std::vector<listed> out;
    std::ifstream in(PKS_SOURCE_DIR "/test/testing/" + file);
    BOOST_REQUIRE_MESSAGE(in, "cannot read " << file);
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line[0] == '#')
            continue;
        listed read;
        auto const first = line.find('\t');
        auto const last = line.rfind('\t');
        BOOST_REQUIRE_MESSAGE(
            first != std::string::npos && (first != last) == with_errors, "columns of " << file << ": " << line);
        read.pattern = line.substr(0, first);
        if (with_errors)
            read.error = line.substr(first + 1, last - first - 1);
        read.reason = line.substr(last + 1);
        BOOST_REQUIRE_MESSAGE(!read.reason.empty(), "no reason in " << file << ": " << line);
        out.push_back(std::move(read));
    }
    return out;
}

listed* find_listed(std::vector<listed>& list, std::string_view id)
{
    listed* found = nullptr;
    for (auto& line : list)
        if (matches(line.pattern, id))
            found = &line;
    return found;
}

void expect_all_used(std::vector<listed> const& list, std::string const& file)
{
    for (auto const& line : list)
        BOOST_CHECK_MESSAGE(line.used > 0, "nothing on " << file << " matches " << line.pattern);
}

} // namespace testing_recorded
