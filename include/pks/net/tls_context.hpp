// A trust policy made ready for handshakes.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>
#include <pks/trust.hpp>

#include <boost/asio/ssl/context.hpp>
#include <pks/result.hpp>

#include <memory>
#include <string>

namespace pks::inline v0::net {

/// Reads what the policy names. Nothing falls back to anything else: a CA that cannot be used is an error, never the
/// system's store. `detail` gets the file's name and the reason. Blocks on the file system.
///
/// Errors: errc::ca_*, errc::client_certificate_invalid. The thread's OpenSSL error queue is left empty.
PKS_DECL result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(
    trust const& policy, std::string* detail = nullptr);

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/tls_context.ipp>
#endif
