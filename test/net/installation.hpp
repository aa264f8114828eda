// An embedded control plane for the tests of the client, with one key and one authority for all of them.
#pragma once

#include <pks/client.hpp>
#include <pks/testing/certificate_authority.hpp>
#include <pks/testing/control_plane.hpp>
#include <pks/testing/signing_key.hpp>

#include <boost/asio/io_context.hpp>

#include <string>
#include <utility>

namespace net_test {

inline pks::testing::certificate_authority const& authority()
{
    static pks::testing::certificate_authority const one("the tests' CA");
    return one;
}

inline pks::testing::control_plane_options plane_options()
{
    static auto const key = pks::testing::signing_key::generate("key-1");
    pks::testing::control_plane_options out;
    out.key = key;
    out.authority = authority();
    return out;
}

/// What a client of this plane is made from. The host may be any that the plane listens on.
inline pks::client_options client_options(
    pks::testing::control_plane const& plane, pks::trust trust, std::string const& host = "localhost")
{
    pks::client_options out(host + ':' + std::to_string(plane.api_port()), std::move(trust));
    out.uaa = out.api.with_port(plane.uaa_port());
    return out;
}

inline pks::client_options client_options(pks::testing::control_plane const& plane)
{
    return client_options(plane, plane.trust());
}

inline pks::credentials automated()
{
    return pks::client_credentials("automated-client", pks::secret("automated-secret"));
}

} // namespace net_test
