// Which host a certificate must be for, which chains are good, and what the reasons against one are called.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/endpoint.hpp>
#include <pks/error.hpp>

#include <openssl/ossl_typ.h>

namespace pks::inline v0::net {

/// Demands a certificate for this host: DNS names by RFC 6125 against subject alternative names only, addresses against
/// IP entries only. Sets SNI for names. False where OpenSSL fails.
PKS_DECL bool require_host(::SSL* ssl, endpoint const& server);

/// Verifies a server's chain: OpenSSL's verification, then what RFC 5280 forbids and OpenSSL lets pass. That is in the
/// server's own certificate name constraints (section 4.2.1.10) and DNS names that are none (4.2.1.6), in any other name
/// constraints without a name (4.2.1.10), and in all keys for other signatures than RSA, ECDSA and EdDSA. What is found
/// is told to the verify callback as OpenSSL tells it, and the callback has the last word.
///
/// For SSL_CTX_set_cert_verify_callback, as make_tls_context does; the second argument is not used.
PKS_DECL int verify_server_chain(::X509_STORE_CTX* store, void* unused);

/// The reason why `store` refused a chain: to be called from the verify callback.
PKS_DECL tls_errc reason_of_refusal(::X509_STORE_CTX* store, endpoint const& server);

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/certificate_check.ipp>
#endif
