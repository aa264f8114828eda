// The suite `tls`: certificates, and connections.
#include "runner/tls_suite.hpp"
#include "runner/certificate_factory.hpp"
#include "runner/connection_cases.hpp"
#include "runner/tls_cases.hpp"
#include "suites/read_suite.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace conform {

std::string run_tls(std::filesystem::path const& folder, suite_tally& tally)
{
    auto const suite = suites::read_json(folder / "tls" / "cases.json");
    certificate_factory factory(suite.as_object());
    auto const of_certificates = run_certificate_cases(suite.as_object(), factory, tally);
    return of_certificates + ", " + run_connection_cases(suite.as_object(), factory, tally);
}

} // namespace conform
