// A server that sends its part of a handshake record by record, and not all of it.
#pragma once

#include "runner/scripted_server.hpp"

#include <openssl/types.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace conform {

/// The TLS records in these octets, which end with a whole one.
std::vector<std::string_view> records_in(std::string_view octets);

/// Shakes hands as far as `send` lets it: that is called with each flight, numbered from 0, and returns false when it
/// has sent what it meant to and no more shall come. Returns when the handshake is complete, or send says so, or the
/// peer has gone.
void shake_hands_partially(server_socket& socket, ::SSL_CTX* context,
    std::function<bool(std::size_t flight, std::string_view octets)> const& send);

} // namespace conform
