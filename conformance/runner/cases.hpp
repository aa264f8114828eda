// The cases: which call answers to which recorded entry, and what must come of it.
#pragma once

#include "runner/har.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace conform {

enum class case_kind {
    operation, ///< the library makes the recorded request
    reply,     ///< no client library would: its reply is read as the answer to the nearest operation
};

struct test_case
{
    std::string id;
    case_kind kind = case_kind::operation;
    std::string operation;
    std::string why; ///< of kind reply
    boost::json::object arguments;
    boost::json::object expect;
    bool live = false;      ///< makes sense against any UAA with the clients and users of conformance/live
    std::string live_first; ///< the case whose fresh token takes the place of the recorded one
    boost::json::object entry;
};

/// The cases of one recording, in the recording's order.
struct suite
{
    std::string name;
    std::vector<test_case> cases;
};

/// Recordings and cases, each entry with its one case. Throws environment_error, also for an entry without a case, for
/// a case without an entry and for an id that stands twice.
std::vector<suite> read_suites(std::filesystem::path const& recordings, std::filesystem::path const& cases);

} // namespace conform
