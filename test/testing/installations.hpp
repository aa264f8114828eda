// The clients, users and keys that stood behind the recordings.
#pragma once

#include <pks/testing/uaa_server.hpp>

#include <string_view>

namespace testing_recorded {

/// A UAA as the one that a folder of recordings was made with: `4.30.0`, `77.18.0`, `77.18.0/extra`, `pks`, `pks-uaa77`.
pks::testing::uaa_server uaa_of(std::string_view folder);

} // namespace testing_recorded
