// Certificates that a client must take or refuse, each shown by a server in a real handshake.
#pragma once

#include "runner/suite_tally.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace conform {

class certificate_factory;

/// Judges the `cases` of tls/cases.json in TLS 1.2 and in TLS 1.3, as `1.2/valid-dns-name`. Throws suites::suite_error.
/// Returns what suite_tally::end prints.
std::string run_certificate_cases(boost::json::object const& suite, certificate_factory& factory, suite_tally& tally);

} // namespace conform
