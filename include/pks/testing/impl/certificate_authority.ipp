// Bodies of testing/certificate_authority.hpp.
#pragma once

#include <pks/testing/certificate_authority.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <stdexcept>
#include <utility>

namespace pks::inline v0::testing {

namespace certificate_authority_detail {

inline void require(bool good)
{
    if (good)
        return;
    ERR_clear_error();
    throw std::runtime_error("cannot make a certificate");
}

inline std::shared_ptr<EVP_PKEY> new_key()
{
    std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    require(key != nullptr);
    return key;
}

template <class Write>
std::string pem(Write write)
{
    std::unique_ptr<BIO, decltype(&BIO_free)> const out(BIO_new(BIO_s_mem()), &BIO_free);
    require(out && write(out.get()) == 1);
    char* data = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

inline std::string pem_of(X509* certificate)
{
    return pem([certificate](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

inline void set_name(X509_NAME* name, std::string const& common_name)
{
    auto const add = [name](char const* field, std::string const& text) {
        require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                    reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()), -1, 0) == 1);
    };
    add("O", "pks testing");
    if (!common_name.empty())
        add("CN", common_name);
}

inline void set_time(ASN1_TIME* field, clock::time_point t)
{
    require(ASN1_TIME_set(field, std::chrono::system_clock::to_time_t(t)) != nullptr);
}

inline void add_extension(X509* certificate, X509* issuer, int nid, std::string const& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> const extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), &X509_EXTENSION_free);
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

// Version, serial, subject, validity and key: what roots and other certificates have in common.
inline std::shared_ptr<X509> new_certificate(
    std::string const& common_name, EVP_PKEY* key, clock::time_point not_before, clock::time_point not_after)
{
    std::shared_ptr<X509> out(X509_new(), &X509_free);
    require(out && X509_set_version(out.get(), X509_VERSION_3) == 1);
    unsigned char serial[16];
    require(RAND_bytes(serial, sizeof serial) == 1);
    serial[0] &= 0x7f;
    std::unique_ptr<BIGNUM, decltype(&BN_free)> const number(BN_bin2bn(serial, sizeof serial, nullptr), &BN_free);
    require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(out.get())) != nullptr);
    set_name(X509_get_subject_name(out.get()), common_name);
    set_time(X509_getm_notBefore(out.get()), not_before);
    set_time(X509_getm_notAfter(out.get()), not_after);
    require(X509_set_pubkey(out.get(), key) == 1);
    return out;
}

} // namespace certificate_authority_detail

PKS_DECL certificate_authority::certificate_authority(std::string const& common_name)
    : key_(certificate_authority_detail::new_key())
{
    using namespace certificate_authority_detail;
    auto const now = std::chrono::system_clock::now();
    root_ = new_certificate(common_name, key_.get(), now - std::chrono::hours(1), now + std::chrono::hours(24 * 30));
    auto* const root = root_.get();
    require(X509_set_issuer_name(root, X509_get_subject_name(root)) == 1);
    add_extension(root, root, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(root, root, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(root, root, NID_subject_key_identifier, "hash");
    require(X509_sign(root, key_.get(), EVP_sha256()) != 0);
    root_pem_ = pem_of(root);
}

PKS_DECL server_identity certificate_authority::issue(certificate_request const& what) const
{
    using namespace certificate_authority_detail;
    auto const key = new_key();
    auto const certificate = new_certificate(what.common_name, key.get(), what.not_before, what.not_after);
    auto* const issuer = what.self_signed ? certificate.get() : root_.get();
    require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1);

    std::string names;
    for (auto const& name : what.dns_names)
        names += (names.empty() ? "DNS:" : ",DNS:") + name;
    for (auto const& address : what.ip_addresses)
        names += (names.empty() ? "IP:" : ",IP:") + address;
    add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate.get(), issuer, NID_ext_key_usage, what.server ? "serverAuth" : "clientAuth");
    if (what.key_identifiers) {
        add_extension(certificate.get(), issuer, NID_subject_key_identifier, "hash");
        add_extension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
    }
    if (!names.empty())
        add_extension(certificate.get(), issuer, NID_subject_alt_name, names);
    require(X509_sign(certificate.get(), what.self_signed ? key.get() : key_.get(), EVP_sha256()) != 0);

    server_identity out;
    out.certificate = pem_of(certificate.get());
    out.private_key =
        pem([&key](BIO* to) { return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    ERR_clear_error();
    return out;
}

PKS_DECL server_identity certificate_authority::issue(
    std::vector<std::string> dns_names, std::vector<std::string> ip_addresses) const
{
    certificate_request what;
    what.common_name = dns_names.empty() ? std::string() : dns_names.front();
    what.dns_names = std::move(dns_names);
    what.ip_addresses = std::move(ip_addresses);
    return issue(what);
}

} // namespace pks::inline v0::testing
