// Certificates that are good, or lack what a test leaves out.
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace made {

using key_ptr = std::shared_ptr<::EVP_PKEY>;
using certificate_ptr = std::shared_ptr<::X509>;

inline key_ptr new_key()
{
    key_ptr out(::EVP_EC_gen("P-256"), &::EVP_PKEY_free);
    BOOST_TEST_REQUIRE((out != nullptr));
    return out;
}

using extensions = std::vector<std::pair<int, std::string>>;

// What every good CA and every good server certificate has, for tests to leave something out or add it.
inline extensions of_ca()
{
    return {{NID_basic_constraints, "critical,CA:TRUE"}, {NID_key_usage, "critical,keyCertSign,cRLSign"},
        {NID_subject_key_identifier, "hash"}};
}

inline extensions of_server(std::string const& names = "DNS:api.pks.test")
{
    return {{NID_basic_constraints, "critical,CA:FALSE"}, {NID_key_usage, "critical,digitalSignature"},
        {NID_ext_key_usage, "serverAuth"}, {NID_subject_key_identifier, "hash"},
        {NID_authority_key_identifier, "keyid"}, {NID_subject_alt_name, names}};
}

inline extensions without(extensions all, int nid)
{
    std::erase_if(all, [nid](auto const& each) { return each.first == nid; });
    return all;
}

inline extensions with(extensions all, int nid, std::string const& value)
{
    all.emplace_back(nid, value);
    return all;
}

inline certificate_ptr certificate(char const* name, key_ptr const& key, extensions const& has,
    certificate_ptr const& issuer, key_ptr const& issuers_key, ::EVP_MD const* digest = ::EVP_sha256())
{
    certificate_ptr out(::X509_new(), &::X509_free);
    auto* const made = out.get();
    auto* const from = issuer ? issuer.get() : made;
    ::X509_set_version(made, X509_VERSION_3);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(made), 7);
    ::X509_NAME_add_entry_by_txt(
        ::X509_get_subject_name(made), "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>(name), -1, -1, 0);
    ::X509_set_issuer_name(made, ::X509_get_subject_name(from));
    ::X509_gmtime_adj(::X509_getm_notBefore(made), -3600);
    ::X509_gmtime_adj(::X509_getm_notAfter(made), 86400);
    ::X509_set_pubkey(made, key.get());
    for (auto const& [nid, value] : has) {
        if (nid == NID_name_constraints && value.empty()) {
            std::unique_ptr<::NAME_CONSTRAINTS, decltype(&::NAME_CONSTRAINTS_free)> const none(
                ::NAME_CONSTRAINTS_new(), &::NAME_CONSTRAINTS_free);
            BOOST_TEST_REQUIRE(::X509_add1_ext_i2d(made, nid, none.get(), 1, X509V3_ADD_APPEND) == 1);
            continue;
        }
        ::X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        ::X509V3_set_ctx(&context, from, made, nullptr, nullptr, 0);
        std::unique_ptr<::X509_EXTENSION, decltype(&::X509_EXTENSION_free)> const extension(
            ::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), &::X509_EXTENSION_free);
        BOOST_TEST_REQUIRE((extension && ::X509_add_ext(made, extension.get(), -1) == 1), value);
    }
    BOOST_TEST_REQUIRE(::X509_sign(made, issuers_key.get(), digest) != 0);
    return out;
}

inline std::string pem(certificate_ptr const& one)
{
    std::unique_ptr<::BIO, decltype(&::BIO_free)> const out(::BIO_new(::BIO_s_mem()), &::BIO_free);
    BOOST_TEST_REQUIRE(::PEM_write_bio_X509(out.get(), one.get()) == 1);
    char* data = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

// One root for most tests.
struct authority
{
    key_ptr key = new_key();
    certificate_ptr root = certificate("root", key, of_ca(), nullptr, key);

    certificate_ptr issue(extensions const& has, ::EVP_MD const* digest = ::EVP_sha256()) const
    {
        return certificate("api.pks.test", new_key(), has, root, key, digest);
    }
};

} // namespace made
