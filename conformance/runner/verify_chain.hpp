// Verifies a server's chain without a connection, by what a handshake would use.
#pragma once

#include <pks/error.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace conform {

/// Certificates as PEM text, one each.
struct chain_question
{
    std::string leaf;
    std::vector<std::string> intermediates; ///< that the server sends
    std::vector<std::string> trusted;
    std::string host;                             ///< name or address
    std::optional<std::chrono::sys_seconds> at{}; ///< default: now
    std::optional<int> most_intermediates{};      ///< default: OpenSSL's
};

struct chain_verdict
{
    pks::error_code ec;
    std::string detail; ///< OpenSSL's reason, or what cannot be read
};

/// The context is that of net::make_tls_context, the host is demanded by net::require_host, the chain verified by
/// net::verify_server_chain and a refusal named by net::reason_of_refusal: what differs from a handshake is that the
/// certificates do not come from a peer.
chain_verdict verify_chain(chain_question const& question);

} // namespace conform
