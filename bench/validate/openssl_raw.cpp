// The limit: OpenSSL alone, which digests and verifies what somebody else has taken apart before.
#include "contestants.hpp"

#include <pks/jose/jws.hpp>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

namespace {

unsigned char const* octets(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

struct release
{
    void operator()(EVP_MD* p) const noexcept
    {
        EVP_MD_free(p);
    }
    void operator()(EVP_MD_CTX* p) const noexcept
    {
        EVP_MD_CTX_free(p);
    }
    void operator()(EVP_PKEY_CTX* p) const noexcept
    {
        EVP_PKEY_CTX_free(p);
    }
    void operator()(ECDSA_SIG* p) const noexcept
    {
        ECDSA_SIG_free(p);
    }
    void operator()(BIO* p) const noexcept
    {
        BIO_free(p);
    }
};

template <class T>
using owned = std::unique_ptr<T, release>;

// A token that was taken apart; ECDSA signatures as OpenSSL wants them.
class parsed_token
{
public:
    std::size_t key = 0;
    std::string_view signing_input;
    std::string signature;
};

class parsed_set
{
public:
    std::vector<std::shared_ptr<EVP_PKEY>> keys;
    std::vector<parsed_token> tokens;
};

std::string der_of(std::string_view raw)
{
    auto const half = static_cast<int>(raw.size() / 2);
    owned<ECDSA_SIG> const parts(ECDSA_SIG_new());
    ECDSA_SIG_set0(parts.get(), BN_bin2bn(octets(raw), half, nullptr), BN_bin2bn(octets(raw) + half, half, nullptr));
    std::string out(static_cast<std::size_t>(i2d_ECDSA_SIG(parts.get(), nullptr)), '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    i2d_ECDSA_SIG(parts.get(), &to);
    return out;
}

// What one thread keeps.
class raw_verifier
{
public:
    explicit raw_verifier(parsed_set const& set)
        : set_(set), sha256_(EVP_MD_fetch(nullptr, "SHA2-256", nullptr)), digest_(EVP_MD_CTX_new())
    {
        for (auto const& key : set.keys) {
            owned<EVP_PKEY_CTX> made(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
            auto const type = EVP_PKEY_get_base_id(key.get());
            bool good = made != nullptr;
            if (type != EVP_PKEY_ED25519)
                good = good && EVP_PKEY_verify_init(made.get()) == 1 &&
                    (type != EVP_PKEY_RSA || EVP_PKEY_CTX_set_rsa_padding(made.get(), RSA_PKCS1_PADDING) == 1) &&
                    EVP_PKEY_CTX_set_signature_md(made.get(), sha256_.get()) == 1;
            if (!good)
                throw std::runtime_error("openssl_raw: no context");
            contexts_.push_back(std::move(made));
            whole_.emplace_back(EVP_MD_CTX_new());
        }
    }

    bool verify(std::size_t i) const
    {
        auto const& token = set_.tokens[i];
        bool const good = EVP_PKEY_get_base_id(set_.keys[token.key].get()) == EVP_PKEY_ED25519 ? verify_whole(token)
                                                                                               : verify_digest(token);
        if (!good)
            ERR_clear_error();
        return good;
    }

private:
    bool verify_digest(parsed_token const& token) const
    {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
        unsigned size = 0;
        return EVP_DigestInit_ex2(digest_.get(), sha256_.get(), nullptr) == 1 &&
            EVP_DigestUpdate(digest_.get(), token.signing_input.data(), token.signing_input.size()) == 1 &&
            EVP_DigestFinal_ex(digest_.get(), digest.data(), &size) == 1 &&
            EVP_PKEY_verify(
                contexts_[token.key].get(), octets(token.signature), token.signature.size(), digest.data(), size) == 1;
    }

    bool verify_whole(parsed_token const& token) const
    {
        auto const context = whole_[token.key].get();
        return EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, set_.keys[token.key].get()) == 1 &&
            EVP_DigestVerify(context, octets(token.signature), token.signature.size(), octets(token.signing_input),
                token.signing_input.size()) == 1;
    }

    parsed_set const& set_;
    owned<EVP_MD> sha256_;
    owned<EVP_MD_CTX> digest_;
    std::vector<owned<EVP_PKEY_CTX>> contexts_;
    std::vector<owned<EVP_MD_CTX>> whole_; // Ed25519 digests by itself; one that had a key keeps it
};

class openssl_raw : public contestant
{
public:
    explicit openssl_raw(token_data const& data)
    {
        for (auto const& set : openssl_raw::cases())
            parse(data, set);
    }

    std::string name() const override
    {
        return "openssl_raw";
    }

    std::string version() const override
    {
        return OpenSSL_version(OPENSSL_VERSION_STRING);
    }

    std::vector<std::string> cases() const override
    {
        return {"rs256", "es256", "eddsa", "forged_signature"};
    }

    validation start(token_case const& which) override
    {
        auto const verifier = std::make_shared<raw_verifier>(sets_.at(which.set()));
        return [verifier](std::size_t i) { return verifier->verify(i); };
    }

private:
    void parse(token_data const& data, std::string const& name)
    {
        auto& set = sets_[name];
        std::map<std::string, std::size_t> number_of;
        pks::jose::jws jws;
        for (auto const& token : data.tokens(name)) {
            auto const [known, is_new] = number_of.emplace(token.kid, set.keys.size());
            if (is_new)
                set.keys.push_back(read_key(data.public_pem(token.kid)));
            if (jws.parse(token.text))
                throw std::runtime_error("openssl_raw: a token that is none");
            parsed_token parsed;
            parsed.key = known->second;
            parsed.signing_input = jws.signing_input();
            parsed.signature = name == "es256" ? der_of(jws.signature()) : std::string(jws.signature());
            set.tokens.push_back(std::move(parsed));
        }
    }

    static std::shared_ptr<EVP_PKEY> read_key(std::string const& pem)
    {
        owned<BIO> const bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
        std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
        if (!key)
            throw std::runtime_error("openssl_raw: a key that is none");
        return key;
    }

    std::map<std::string, parsed_set> sets_;
};

} // namespace

std::unique_ptr<contestant> make_openssl_raw(token_data const& data)
{
    return std::make_unique<openssl_raw>(data);
}

} // namespace bench
