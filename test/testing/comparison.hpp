// Where a reply of ours differs from the recorded one.
#pragma once

#include "recording.hpp"

#include <pks/testing/reply.hpp>

#include <string>
#include <vector>

namespace testing_recorded {

/// Every difference as a line of text; ids, times and tokens aside. Compared are status, media type, challenge, body (of
/// a refusal: all of it; of a success: members, their order, and the values that do not vary), and, where they were
/// recorded, names and order of the header fields, framing, number of chunks, and whether the connection is closed.
std::vector<std::string> differences(exchange const& recorded, pks::testing::reply const& ours);

} // namespace testing_recorded
