// Bodies of jose/verifier.hpp.
#pragma once

#include <pks/jose/verifier.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/impl/jwk.ipp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

namespace pks::inline v0::jose {

namespace verifier_detail {

struct release
{
    void operator()(EVP_MD_CTX* p) const noexcept
    {
        ::EVP_MD_CTX_free(p);
    }
    void operator()(EVP_PKEY_CTX* p) const noexcept
    {
        ::EVP_PKEY_CTX_free(p);
    }
};

inline unsigned char const* octets(std::string_view text) noexcept
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

// The digest of an algorithm. Fetched once and never given back: it has to outlive every thread.
inline EVP_MD const* digest_of(algorithm a) noexcept
{
    static EVP_MD* const digests[] = {::EVP_MD_fetch(nullptr, "SHA2-256", nullptr),
        ::EVP_MD_fetch(nullptr, "SHA2-384", nullptr), ::EVP_MD_fetch(nullptr, "SHA2-512", nullptr)};
    switch (a) {
    case algorithm::rs256:
    case algorithm::ps256:
    case algorithm::es256:
    case algorithm::hs256:
        return digests[0];
    case algorithm::rs384:
    case algorithm::ps384:
    case algorithm::es384:
    case algorithm::hs384:
        return digests[1];
    default:
        return digests[2];
    }
}

inline bool is_pss(algorithm a) noexcept
{
    return a == algorithm::ps256 || a == algorithm::ps384 || a == algorithm::ps512;
}

/// An ECDSA signature as OpenSSL reads it, from `r` and `s` after each other.
class der_signature
{
public:
    explicit der_signature(std::string_view raw) noexcept
    {
        auto const half = raw.size() / 2;
        auto const r = minimal(raw.substr(0, half)), s = minimal(raw.substr(half));
        auto const body = size_of(r) + size_of(s);
        put(0x30);
        if (body >= 0x80)
            put(0x81);
        put(body);
        put_integer(r);
        put_integer(s);
    }

    unsigned char const* data() const noexcept
    {
        return octets_.data();
    }
    std::size_t size() const noexcept
    {
        return size_;
    }

private:
    static std::string_view minimal(std::string_view number) noexcept
    {
        while (number.size() > 1 && number.front() == '\0')
            number.remove_prefix(1);
        return number;
    }
    static bool needs_zero(std::string_view number) noexcept
    {
        return (static_cast<unsigned char>(number.front()) & 0x80) != 0;
    }
    static std::size_t size_of(std::string_view number) noexcept
    {
        return 2 + number.size() + (needs_zero(number) ? 1 : 0);
    }
    void put(std::size_t octet) noexcept
    {
        octets_[size_++] = static_cast<unsigned char>(octet);
    }
    void put_integer(std::string_view number) noexcept
    {
        put(0x02);
        put(number.size() + (needs_zero(number) ? 1 : 0));
        if (needs_zero(number))
            put(0);
        for (char const c : number)
            put(static_cast<unsigned char>(c));
    }

    std::array<unsigned char, 3 + 2 * (2 + 1 + 66)> octets_;
    std::size_t size_ = 0;
};

} // namespace verifier_detail

class verifier::contexts
{
public:
    contexts() : digest_(::EVP_MD_CTX_new()) {}

    bool verify(algorithm a, jwk::material const& key, std::string_view message, std::string_view signature)
    {
        if (is_symmetric(a))
            return verify_hmac(a, key, message, signature);
        if (a == algorithm::eddsa)
            return verify_eddsa(key, message, signature);
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
        unsigned digest_size = 0;
        auto const context = context_of(a, key);
        if (!context || !digest_ || ::EVP_DigestInit_ex2(digest_.get(), verifier_detail::digest_of(a), nullptr) != 1 ||
            ::EVP_DigestUpdate(digest_.get(), message.data(), message.size()) != 1 ||
            ::EVP_DigestFinal_ex(digest_.get(), digest.data(), &digest_size) != 1)
            return false;
        if (key.kty == key_type::rsa)
            return ::EVP_PKEY_verify(
                       context, verifier_detail::octets(signature), signature.size(), digest.data(), digest_size) == 1;
        verifier_detail::der_signature const der(signature);
        return ::EVP_PKEY_verify(context, der.data(), der.size(), digest.data(), digest_size) == 1;
    }

private:
    struct slot
    {
        std::uint64_t key = 0;
        algorithm alg = algorithm::rs256;
        std::unique_ptr<EVP_PKEY_CTX, verifier_detail::release> context;
    };

    static bool verify_hmac(
        algorithm a, jwk::material const& key, std::string_view message, std::string_view signature) noexcept
    {
        std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
        unsigned size = 0;
        auto const secret = key.hmac.reveal();
        bool const same = ::HMAC(verifier_detail::digest_of(a), secret.data(), static_cast<int>(secret.size()),
                              verifier_detail::octets(message), message.size(), mac.data(), &size) != nullptr &&
            size == signature.size() && ::CRYPTO_memcmp(mac.data(), signature.data(), size) == 0;
        ::OPENSSL_cleanse(mac.data(), mac.size());
        return same;
    }

    bool verify_eddsa(jwk::material const& key, std::string_view message, std::string_view signature)
    {
        std::unique_ptr<EVP_MD_CTX, verifier_detail::release> const context(::EVP_MD_CTX_new());
        return context && ::EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.key.get()) == 1 &&
            ::EVP_DigestVerify(context.get(), verifier_detail::octets(signature), signature.size(),
                verifier_detail::octets(message), message.size()) == 1;
    }

    EVP_PKEY_CTX* context_of(algorithm a, jwk::material const& key)
    {
        for (auto const& s : slots_)
            if (s.key == key.id && s.alg == a)
                return s.context.get();
        std::unique_ptr<EVP_PKEY_CTX, verifier_detail::release> made(
            ::EVP_PKEY_CTX_new_from_pkey(nullptr, key.key.get(), nullptr));
        auto const digest = verifier_detail::digest_of(a);
        if (!made || ::EVP_PKEY_verify_init(made.get()) != 1)
            return nullptr;
        if (key.kty == key_type::rsa) {
            auto const padding = verifier_detail::is_pss(a) ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
            if (::EVP_PKEY_CTX_set_rsa_padding(made.get(), padding) != 1)
                return nullptr;
        }
        if (::EVP_PKEY_CTX_set_signature_md(made.get(), digest) != 1)
            return nullptr;
        if (verifier_detail::is_pss(a) &&
            (::EVP_PKEY_CTX_set_rsa_mgf1_md(made.get(), digest) != 1 ||
                ::EVP_PKEY_CTX_set_rsa_pss_saltlen(made.get(), RSA_PSS_SALTLEN_DIGEST) != 1))
            return nullptr;
        auto& taken = slots_[next_slot_++ % slots_.size()];
        taken.key = key.id;
        taken.alg = a;
        taken.context = std::move(made);
        return taken.context.get();
    }

    std::unique_ptr<EVP_MD_CTX, verifier_detail::release> digest_;
    std::array<slot, 16> slots_;
    std::size_t next_slot_ = 0;
};

PKS_DECL verifier::verifier() : contexts_(std::make_unique<contexts>()) {}

PKS_DECL verifier::~verifier() = default;

PKS_DECL verifier& verifier::of_this_thread()
{
    static thread_local verifier instance;
    return instance;
}

PKS_DECL error_code verifier::verify(
    jws const& token, jwk_set const& keys, algorithm_set allowed, missing_kid without_kid)
{
    if (!allowed.contains(token.alg()))
        return jose_errc::algorithm_not_allowed;
    if (!token.kid() && without_kid == missing_kid::refused)
        return jose_errc::missing_key_id;
    if (!token.kid() && without_kid == missing_kid::any_key)
        return verify_with_any(token, keys);
    auto const key = keys.select(token.kid(), token.alg());
    if (!key)
        return key.error();
    return verify(token.alg(), **key, token.signing_input(), token.signature());
}

PKS_DECL error_code verifier::verify_with_any(jws const& token, jwk_set const& keys)
{
    constexpr std::ptrdiff_t most = 4;
    auto const fits = [alg = token.alg()](jwk const& key) { return key.fits(alg); };
    if (std::count_if(keys.keys().begin(), keys.keys().end(), fits) > most)
        return jose_errc::ambiguous_key;
    // Where none fits, select says why.
    error_code failed = keys.select(std::nullopt, token.alg()).error();
    for (auto const& key : keys.keys()) {
        if (!fits(key))
            continue;
        failed = verify(token.alg(), key, token.signing_input(), token.signature());
        if (!failed)
            break;
    }
    return failed;
}

PKS_DECL error_code verifier::verify(
    algorithm alg, jwk const& key, std::string_view message, std::string_view signature)
{
    auto const& material = *key.material_;
    if (!material.fits.contains(alg))
        return jose_errc::key_mismatch;
    std::size_t expected = 0;
    switch (material.kty) {
    case key_type::rsa:
        expected = (material.bits + 7) / 8;
        break;
    case key_type::ec:
        expected = (material.bits + 7) / 8 * 2;
        break;
    case key_type::okp:
        expected = 64;
        break;
    case key_type::oct:
        expected = alg == algorithm::hs256 ? 32 : alg == algorithm::hs384 ? 48 : 64;
        break;
    }
    if (signature.size() != expected)
        return jose_errc::wrong_signature_length;
    jwk_detail::error_queue_guard const guard;
    return contexts_->verify(alg, material, message, signature) ? error_code() : jose_errc::bad_signature;
}

} // namespace pks::inline v0::jose
