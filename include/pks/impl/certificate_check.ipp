// Bodies of net/certificate_check.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/net/certificate_check.hpp>

#include <algorithm>
#include <memory>
#include <string_view>

#include <openssl/evp.h>
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

struct name_constraints_free
{
    void operator()(::NAME_CONSTRAINTS* c) const noexcept
    {
        ::NAME_CONSTRAINTS_free(c);
    }
};
struct general_names_free
{
    void operator()(::GENERAL_NAMES* n) const noexcept
    {
        ::GENERAL_NAMES_free(n);
    }
};

inline bool constrains_nothing(::X509* certificate)
{
    std::unique_ptr<::NAME_CONSTRAINTS, name_constraints_free> const constraints(
        static_cast<::NAME_CONSTRAINTS*>(::X509_get_ext_d2i(certificate, NID_name_constraints, nullptr, nullptr)));
    return constraints && sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) <= 0 &&
        sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees) <= 0;
}

// What may stand in a certificate as DNS name: labels that are not empty, of whatever is graphic. Wildcards are one
// label or a part of one; a dot at the end is not seldom, and matches nothing.
inline bool is_dns_entry(std::string_view name)
{
    if (name.ends_with('.'))
        name.remove_suffix(1);
    for (std::size_t begin = 0; begin <= name.size();) {
        auto const end = std::min(name.find('.', begin), name.size());
        if (end == begin)
            return false;
        begin = end + 1;
    }
    return pks::detail::all_are([](char c) { return c > ' ' && c <= '~'; }, name);
}

inline bool names_are_names(::X509* certificate)
{
    std::unique_ptr<::GENERAL_NAMES, general_names_free> const names(
        static_cast<::GENERAL_NAMES*>(::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        auto const* const entry = sk_GENERAL_NAME_value(names.get(), i);
        if (entry->type != GEN_DNS)
            continue;
        auto const* const text = reinterpret_cast<char const*>(::ASN1_STRING_get0_data(entry->d.dNSName));
        if (!is_dns_entry({text, static_cast<std::size_t>(::ASN1_STRING_length(entry->d.dNSName))}))
            return false;
    }
    return true;
}

inline bool has_usual_key(::X509* certificate)
{
    auto* const key = ::X509_get0_pubkey(certificate);
    switch (key == nullptr ? EVP_PKEY_NONE : ::EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
    case EVP_PKEY_EC:
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
        return true;
    default:
        return false;
    }
}

// Of one certificate of a chain that OpenSSL found good. X509_V_OK where there is nothing against it.
inline int further_fault(::X509* certificate, bool servers_own)
{
    if (!has_usual_key(certificate))
        return X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM;
    if (constrains_nothing(certificate))
        return X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX;
    if (!servers_own)
        return X509_V_OK;
    if (::X509_get_ext_by_NID(certificate, NID_name_constraints, -1) >= 0)
        return X509_V_ERR_INVALID_EXTENSION;
    return names_are_names(certificate) ? X509_V_OK : X509_V_ERR_UNSUPPORTED_NAME_SYNTAX;
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

PKS_DECL int verify_server_chain(::X509_STORE_CTX* store, void*)
{
    auto const verdict = ::X509_verify_cert(store);
    if (verdict <= 0)
        return verdict;
    auto* const chain = ::X509_STORE_CTX_get0_chain(store);
    for (int depth = 0; depth < sk_X509_num(chain); ++depth) {
        auto* const certificate = sk_X509_value(chain, depth);
        auto const fault = certificate_detail::further_fault(certificate, depth == 0);
        if (fault == X509_V_OK)
            continue;
        ::X509_STORE_CTX_set_error(store, fault);
        ::X509_STORE_CTX_set_error_depth(store, depth);
        ::X509_STORE_CTX_set_current_cert(store, certificate);
        auto const callback = ::X509_STORE_CTX_get_verify_cb(store);
        if (callback == nullptr || callback(0, store) != 1)
            return 0;
    }
    return verdict;
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
    case X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM:
        return tls_errc::weak;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
        return tls_errc::name_not_permitted;
    case X509_V_ERR_INVALID_EXTENSION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
    case X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH:
    case X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY:
    case X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA:
    case X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN:
    case X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA:
    case X509_V_ERR_ISSUER_NAME_EMPTY:
    case X509_V_ERR_SUBJECT_NAME_EMPTY:
    case X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER:
    case X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER:
    case X509_V_ERR_EMPTY_SUBJECT_ALT_NAME:
    case X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL:
    case X509_V_ERR_CA_BCONS_NOT_CRITICAL:
    case X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL:
    case X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL:
    case X509_V_ERR_CA_CERT_MISSING_KEY_USAGE:
    case X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3:
    case X509_V_ERR_EC_KEY_EXPLICIT_PARAMS:
        return tls_errc::malformed;
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
