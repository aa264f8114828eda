// Bodies of net/certificate_check.hpp.
#pragma once

#include <pks/net/certificate_check.hpp>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace pks::inline v0::net::certificate_detail {

inline constexpr unsigned host_flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

inline bool names(::X509* certificate, std::string const& host, unsigned flags)
{
    return ::X509_check_host(certificate, host.data(), host.size(), flags, nullptr) == 1;
}

// The two mistakes that made a certificate work with older clients.
inline tls_errc name_mismatch(::X509* certificate, endpoint const& server)
{
    if (certificate == nullptr)
        return tls_errc::host_mismatch;
    if (server.host_is_address() && names(certificate, server.host(), host_flags))
        return tls_errc::ip_as_dns_name;
    static constexpr unsigned with_subject =
        X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    return names(certificate, server.host(), with_subject) ? tls_errc::common_name_only : tls_errc::host_mismatch;
}

} // namespace pks::inline v0::net::certificate_detail

namespace pks::inline v0::net {

PKS_DECL bool require_host(::SSL* ssl, endpoint const& server)
{
    ::X509_VERIFY_PARAM* const parameters = ::SSL_get0_param(ssl);
    if (server.host_is_address())
        return ::X509_VERIFY_PARAM_set1_ip_asc(parameters, server.host().c_str()) == 1;
    ::X509_VERIFY_PARAM_set_hostflags(parameters, certificate_detail::host_flags);
    return ::X509_VERIFY_PARAM_set1_host(parameters, server.host().data(), server.host().size()) == 1 &&
        ::SSL_set_tlsext_host_name(ssl, server.host().c_str()) == 1;
}

PKS_DECL tls_errc reason_of_refusal(::X509_STORE_CTX* store, endpoint const& server)
{
    switch (::X509_STORE_CTX_get_error(store)) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return tls_errc::unknown_issuer;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return tls_errc::self_signed;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return tls_errc::self_signed_in_chain;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return tls_errc::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return tls_errc::not_yet_valid;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return certificate_detail::name_mismatch(::X509_STORE_CTX_get0_cert(store), server);
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return tls_errc::bad_signature;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return tls_errc::weak;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        return tls_errc::invalid_purpose;
    case X509_V_ERR_CERT_REVOKED:
        return tls_errc::revoked;
    default:
        return tls_errc::rejected;
    }
}

} // namespace pks::inline v0::net
