// Bodies of testing/signing_key.hpp.
#pragma once

#include <pks/testing/signing_key.hpp>

#include <pks/jose/base64url.hpp>

#include <boost/json/string.hpp>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <vector>

namespace pks::inline v0::testing {

namespace signing_key_detail {

[[noreturn]] inline void fail(char const* what)
{
    ERR_clear_error();
    throw std::runtime_error(what);
}

inline unsigned char const* octets(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

inline std::string take(BIO* bio)
{
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using digest_context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

// Null for what is no RSA algorithm of JWS.
inline EVP_MD const* digest_of(std::string_view alg)
{
    if (alg.size() != 5 || (alg.substr(0, 2) != "RS" && alg.substr(0, 2) != "PS"))
        return nullptr;
    auto const bits = alg.substr(2);
    return bits == "256" ? EVP_sha256() : bits == "384" ? EVP_sha384() : bits == "512" ? EVP_sha512() : nullptr;
}

inline bool set_padding(EVP_PKEY_CTX* ctx, std::string_view alg)
{
    return alg[0] == 'R' ||
        (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
}

} // namespace signing_key_detail

PKS_DECL signing_key signing_key::generate(std::string kid, unsigned bits)
{
    std::shared_ptr<EVP_PKEY> key(EVP_RSA_gen(bits), &EVP_PKEY_free);
    if (!key)
        signing_key_detail::fail("cannot make an RSA key");
    return {std::move(kid), std::move(key)};
}

PKS_DECL signing_key signing_key::from_pem(std::string kid, std::string_view private_key_pem)
{
    signing_key_detail::bio_ptr const in(
        BIO_new_mem_buf(private_key_pem.data(), static_cast<int>(private_key_pem.size())), &BIO_free);
    std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    if (!key || !EVP_PKEY_is_a(key.get(), "RSA"))
        signing_key_detail::fail("not an RSA private key in PEM form");
    return {std::move(kid), std::move(key)};
}

PKS_DECL std::string signing_key::sign(std::string_view text, std::string_view alg) const
{
    using namespace signing_key_detail;
    digest_context const ctx(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_PKEY_CTX* key_ctx = nullptr;
    std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = out.size();
    auto const* const digest = digest_of(alg);
    bool const good = ctx && digest && EVP_DigestSignInit(ctx.get(), &key_ctx, digest, nullptr, key_.get()) == 1 &&
        set_padding(key_ctx, alg) &&
        EVP_DigestSign(ctx.get(), reinterpret_cast<unsigned char*>(out.data()), &size, octets(text), text.size()) == 1;
    if (!good)
        fail("cannot sign");
    out.resize(size);
    return out;
}

PKS_DECL bool signing_key::verify(std::string_view alg, std::string_view text, std::string_view signature) const
{
    using namespace signing_key_detail;
    digest_context const ctx(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_PKEY_CTX* key_ctx = nullptr;
    auto const* const digest = digest_of(alg);
    bool const good = ctx && digest && EVP_DigestVerifyInit(ctx.get(), &key_ctx, digest, nullptr, key_.get()) == 1 &&
        set_padding(key_ctx, alg) &&
        EVP_DigestVerify(ctx.get(), octets(signature), signature.size(), octets(text), text.size()) == 1;
    ERR_clear_error();
    return good;
}

PKS_DECL std::string signing_key::public_pem() const
{
    signing_key_detail::bio_ptr const out(BIO_new(BIO_s_mem()), &BIO_free);
    if (!out || PEM_write_bio_PUBKEY(out.get(), key_.get()) != 1)
        signing_key_detail::fail("cannot write a public key");
    auto text = signing_key_detail::take(out.get());
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

PKS_DECL std::string signing_key::private_pem() const
{
    signing_key_detail::bio_ptr const out(BIO_new(BIO_s_mem()), &BIO_free);
    if (!out || PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        signing_key_detail::fail("cannot write a private key");
    return signing_key_detail::take(out.get());
}

PKS_DECL boost::json::object signing_key::jwk(bool leading_zero) const
{
    auto const number = [this](char const* name) {
        BIGNUM* value = nullptr;
        if (EVP_PKEY_get_bn_param(key_.get(), name, &value) != 1)
            signing_key_detail::fail("cannot read an RSA key");
        std::string out(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
        BN_bn2bin(value, reinterpret_cast<unsigned char*>(out.data()));
        BN_free(value);
        return out;
    };
    auto modulus = number(OSSL_PKEY_PARAM_RSA_N);
    if (leading_zero)
        modulus.insert(modulus.begin(), '\0');

    boost::json::object out;
    out["kty"] = "RSA";
    out["e"] = jose::base64url_encode(number(OSSL_PKEY_PARAM_RSA_E));
    out["use"] = "sig";
    out["kid"] = kid_;
    out["alg"] = "RS256";
    out["value"] = public_pem();
    out["n"] = jose::base64url_encode(modulus);
    return out;
}

} // namespace pks::inline v0::testing
