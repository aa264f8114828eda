// What the guard of the API says of a request, without the questions that it asks.
#pragma once

#include <pks/clock.hpp>
#include <pks/error.hpp>
#include <pks/guard.hpp>
#include <pks/testing/request.hpp>

#include <string_view>

namespace testing_recorded {

/// Of a token that is good, with these claims, whoever issued it.
pks::authorization judged(std::string_view claims, pks::testing::request const& req, pks::clock::time_point now);

/// Of one that is not, or of none.
pks::authorization refused(pks::error_code reason);

} // namespace testing_recorded
