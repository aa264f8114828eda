// Bodies of support.hpp.
#include "support.hpp"

#include <pks/jose/base64url.hpp>

#include <boost/test/unit_test.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <new>
#include <stdexcept>

#ifndef PKS_SHARED_DIR
#define PKS_SHARED_DIR ""
#endif

namespace {

thread_local std::size_t allocation_calls = 0;
thread_local std::size_t allocation_octets = 0;

} // namespace

// The whole program counts: what is replaced here cannot be replaced for one test.
void* operator new(std::size_t size)
{
    ++allocation_calls;
    allocation_octets += size;
    if (void* const out = std::malloc(size == 0 ? 1 : size))
        return out;
    throw std::bad_alloc();
}

void operator delete(void* p) noexcept
{
    std::free(p);
}

void operator delete(void* p, std::size_t) noexcept
{
    std::free(p);
}

namespace jose_test {

namespace {

using pks::jose::base64url_decode;
using pks::jose::base64url_encode;

unsigned char const* octets(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

EVP_MD const* digest_of(std::string_view alg)
{
    return alg.ends_with("256") ? EVP_sha256() : alg.ends_with("384") ? EVP_sha384() : EVP_sha512();
}

std::shared_ptr<EVP_PKEY> own(EVP_PKEY* key)
{
    BOOST_REQUIRE(key != nullptr);
    return {key, EVP_PKEY_free};
}

std::string number(EVP_PKEY* key, char const* name, std::size_t size = 0)
{
    BIGNUM* read = nullptr;
    BOOST_REQUIRE(EVP_PKEY_get_bn_param(key, name, &read) == 1);
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

signer signer::rsa(unsigned bits)
{
    signer out;
    out.key_ = own(EVP_RSA_gen(bits));
    out.members_ = "\"kty\":\"RSA\",\"n\":\"" + base64url_encode(number(out.key_.get(), OSSL_PKEY_PARAM_RSA_N)) +
        "\",\"e\":\"" + base64url_encode(number(out.key_.get(), OSSL_PKEY_PARAM_RSA_E)) + '"';
    return out;
}

signer signer::ec(char const* curve)
{
    signer out;
    out.key_ = own(EVP_EC_gen(curve));
    auto const size = coordinate_of(out.key_.get());
    out.members_ = "\"kty\":\"EC\",\"crv\":\"" + std::string(curve) + "\",\"x\":\"" +
        base64url_encode(number(out.key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, size)) + "\",\"y\":\"" +
        base64url_encode(number(out.key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, size)) + '"';
    return out;
}

signer signer::ed25519()
{
    signer out;
    out.key_ = own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    std::string x(32, '\0');
    auto size = x.size();
    BOOST_REQUIRE(EVP_PKEY_get_raw_public_key(out.key_.get(), reinterpret_cast<unsigned char*>(x.data()), &size) == 1);
    out.members_ = "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + base64url_encode(x) + '"';
    return out;
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
    BOOST_REQUIRE(
        EVP_DigestSignInit(context.get(), &key_context, eddsa ? nullptr : digest_of(alg), nullptr, key_.get()) == 1);
    if (alg.starts_with("PS")) {
        EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST);
    }
    std::string out(4096, '\0');
    auto size = out.size();
    BOOST_REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, octets(message),
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
    BOOST_REQUIRE(start != members_.npos);
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

std::optional<std::filesystem::path> shared_folder(std::string_view path)
{
    auto const out = std::filesystem::path(PKS_SHARED_DIR) / path;
    std::error_code absent;
    if (std::filesystem::exists(out, absent))
        return out;
    std::cout << "skipped: " << path << " (no ../shared)\n";
    BOOST_TEST_MESSAGE("skipped: " << path << " (no ../shared)");
    return std::nullopt;
}

std::optional<std::string> read_shared(std::string_view path)
{
    auto const found = shared_folder(path);
    if (!found)
        return std::nullopt;
    std::ifstream file(*found, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

allocation_count::allocation_count() noexcept : calls_(allocation_calls), octets_(allocation_octets) {}

std::size_t allocation_count::calls() const noexcept
{
    return allocation_calls - calls_;
}

std::size_t allocation_count::octets() const noexcept
{
    return allocation_octets - octets_;
}

} // namespace jose_test
