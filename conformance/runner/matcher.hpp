// Does the library's request say what the recorded one says?
#pragma once

#include "runner/difference.hpp"
#include "runner/har.hpp"

#include <optional>
#include <string_view>

namespace conform {

/// Octets of a request, once they are complete: head, and as much body as Content-Length says.
std::optional<http_request> parse_request(std::string_view octets);

/// Compares method, target, Host, Authorization, X-CF-ENCODED-CREDENTIALS, If-None-Match, the media types of Accept and
/// Content-Type, and the body: forms as a set of fields with values, JSON as values, anything else as octets.
/// Parameters of media types, and all other header fields, may differ.
differences compare_requests(http_request const& recorded, http_request const& sent);

} // namespace conform
