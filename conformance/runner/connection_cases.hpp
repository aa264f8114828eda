// What a client makes of CA files, and of servers that shake hands badly, end early, or stall.
#pragma once

#include "runner/suite_tally.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace conform {

class certificate_factory;

/// Judges the `connection_cases` of tls/cases.json, as `connection/ca-file-missing`. Those that need what the library
/// does not have are named as not runnable. Throws suites::suite_error, also for a case that this does not know.
/// Returns what suite_tally::end prints.
std::string run_connection_cases(boost::json::object const& suite, certificate_factory& factory, suite_tally& tally);

} // namespace conform
