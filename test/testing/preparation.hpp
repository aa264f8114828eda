// What was done before a recorded request, and was not recorded.
#pragma once

#include "recording.hpp"

#include <pks/testing/uaa_server.hpp>

namespace testing_recorded {

/// Makes the refresh token, code or passcode that the request carries, and the user and client behind it.
void prepare(exchange const& recorded, pks::testing::uaa_server& uaa);

/// Does what happened between that and the request: a password was changed, a group was lost …
void interfere(exchange const& recorded, pks::testing::uaa_server& uaa);

} // namespace testing_recorded
