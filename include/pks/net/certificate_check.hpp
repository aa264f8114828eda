// Which host a certificate must be for, and what the reasons against one are called.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/endpoint.hpp>
#include <pks/error.hpp>

#include <openssl/ossl_typ.h>

namespace pks::inline v0::net {

/// Demands a certificate for this host: DNS names by RFC 6125 against subject alternative names only, addresses against
/// IP entries only. Sets SNI for names. False where OpenSSL fails.
PKS_DECL bool require_host(::SSL* ssl, endpoint const& server);

/// The reason why `store` refused a chain: to be called from the verify callback.
PKS_DECL tls_errc reason_of_refusal(::X509_STORE_CTX* store, endpoint const& server);

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/certificate_check.ipp>
#endif
