// Bodies of signer.hpp.
#include "signer.hpp"

#include <pks/jose/base64url.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdexcept>
#include <utility>

namespace jose_test {

namespace {

using pks::jose::base64url_decode;
using pks::jose::base64url_encode;

unsigned char const* octets(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

// Also for programs without a test framework.
void require(bool condition)
{
    if (!condition)
        throw std::runtime_error("a key for tests cannot be made or used");
}

EVP_MD const* digest_of(std::string_view alg)
{
    return alg.ends_with("256") ? EVP_sha256() : alg.ends_with("384") ? EVP_sha384() : EVP_sha512();
}

std::shared_ptr<EVP_PKEY> own(EVP_PKEY* key)
{
    require(key != nullptr);
    return {key, EVP_PKEY_free};
}

std::string number(EVP_PKEY* key, char const* name, std::size_t size = 0)
{
    BIGNUM* read = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &read) == 1);
    std::string out(size != 0 ? size : static_cast<std::size_t>(BN_num_bytes(read)), '\0');
    BN_bn2binpad(read, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    BN_free(read);
    return out;
}

std::size_t coordinate_of(EVP_PKEY* key)
{
    return static_cast<std::size_t>((EVP_PKEY_get_bits(key) + 7) / 8);
}

std::string text_of(BIO* bio)
{
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    std::string out(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return out;
}

} // namespace

signer::signer(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key))
{
    auto const pkey = key_.get();
    switch (EVP_PKEY_get_base_id(pkey)) {
    case EVP_PKEY_RSA:
        members_ = "\"kty\":\"RSA\",\"n\":\"" + base64url_encode(number(pkey, OSSL_PKEY_PARAM_RSA_N)) + "\",\"e\":\"" +
            base64url_encode(number(pkey, OSSL_PKEY_PARAM_RSA_E)) + '"';
        return;
    case EVP_PKEY_EC: {
        auto const size = coordinate_of(pkey);
        members_ = "\"kty\":\"EC\",\"crv\":\"P-" + std::to_string(EVP_PKEY_get_bits(pkey)) + "\",\"x\":\"" +
            base64url_encode(number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, size)) + "\",\"y\":\"" +
            base64url_encode(number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, size)) + '"';
        return;
    }
    default: {
        std::string x(32, '\0');
        auto size = x.size();
        require(EVP_PKEY_get_raw_public_key(pkey, reinterpret_cast<unsigned char*>(x.data()), &size) == 1);
        members_ = "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + base64url_encode(x) + '"';
    }
    }
}

signer signer::rsa(unsigned bits)
{
    return signer(own(EVP_RSA_gen(bits)));
}

signer signer::ec(char const* curve)
{
    return signer(own(EVP_EC_gen(curve)));
}

signer signer::ed25519()
{
    return signer(own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
}

signer signer::hmac(std::string secret)
{
    signer out;
    out.secret_ = std::move(secret);
    out.members_ = "\"kty\":\"oct\",\"k\":\"" + base64url_encode(out.secret_) + '"';
    return out;
}

std::string signer::sign(std::string_view alg, std::string_view message) const
{
    if (!key_) {
        std::string out(EVP_MAX_MD_SIZE, '\0');
        unsigned size = 0;
        HMAC(digest_of(alg), secret_.data(), static_cast<int>(secret_.size()), octets(message), message.size(),
            reinterpret_cast<unsigned char*>(out.data()), &size);
        out.resize(size);
        return out;
    }
    bool const eddsa = alg == "EdDSA";
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* key_context = nullptr;
    require(
        EVP_DigestSignInit(context.get(), &key_context, eddsa ? nullptr : digest_of(alg), nullptr, key_.get()) == 1);
    if (alg.starts_with("PS")) {
        EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST);
    }
    std::string out(4096, '\0');
    auto size = out.size();
    require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, octets(message),
                message.size()) == 1);
    out.resize(size);
    if (!alg.starts_with("ES"))
        return out;
    auto at = octets(out);
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> const parts(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(out.size())), ECDSA_SIG_free);
    auto const half = coordinate_of(key_.get());
    std::string raw(2 * half, '\0');
    auto const to = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), to, static_cast<int>(half));
    BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), to + half, static_cast<int>(half));
    return raw;
}

std::string signer::jwk(std::string_view more) const
{
    return '{' + members_ + std::string(more) + '}';
}

std::string signer::public_pem() const
{
    auto const bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key_.get());
    return text_of(bio);
}

std::string signer::public_der() const
{
    auto const bio = BIO_new(BIO_s_mem());
    i2d_PUBKEY_bio(bio, key_.get());
    return text_of(bio);
}

std::string signer::member(std::string_view name) const
{
    auto const start = members_.find('"' + std::string(name) + "\":\"");
    require(start != members_.npos);
    auto const from = start + name.size() + 4;
    return base64url_decode(std::string_view(members_).substr(from, members_.find('"', from) - from)).value();
}

signer const& rsa_key()
{
    static auto const instance = signer::rsa();
    return instance;
}

std::string make_token(signer const& key, std::string_view alg, std::string_view header, std::string_view payload)
{
    auto const input = base64url_encode(header) + '.' + base64url_encode(payload);
    return input + '.' + base64url_encode(key.sign(alg, input));
}

} // namespace jose_test
