// Tokens that a UAA did not make, made from those that it did.
#pragma once

#include "mixed_tokens.hpp"

#include <string>
#include <vector>

namespace testing_recorded {

/// From two tokens of one UAA, and the public key in PEM form that verifies them.
std::vector<mixed_token> forgeries(std::string const& token, std::string const& other, std::string const& public_pem);

} // namespace testing_recorded
