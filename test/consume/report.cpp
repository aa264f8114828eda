// The second unit of the program: the same headers again, and others.
#include "report.hpp"

#include <pks/client.hpp>
#include <pks/endpoint.hpp>

#include <cstdio>

bool report(pks::error_code refusal, pks::diagnostics const& diag)
{
    auto const uaa = pks::endpoint::parse("uaa.pks.example", 8443).value();
    std::printf("%s: %s (%s)\n", uaa.authority().c_str(), refusal.message().c_str(), diag.message().c_str());
    return refusal == pks::errc::ca_not_found;
}
