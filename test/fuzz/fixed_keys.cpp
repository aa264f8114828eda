// Key pairs that are the same in every process: secrets of nobody.
#include "fuzz/fixed_keys.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fuzz {

namespace {

using jose_test::signer;

template <auto Free>
struct freed_by
{
    template <class T>
    void operator()(T* p) const
    {
        Free(p);
    }
};
using bignum = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using bignum_context = std::unique_ptr<BN_CTX, freed_by<BN_CTX_free>>;
using parameter_builder = std::unique_ptr<OSSL_PARAM_BLD, freed_by<OSSL_PARAM_BLD_free>>;
using parameters = std::unique_ptr<OSSL_PARAM, freed_by<OSSL_PARAM_free>>;

void require(bool condition)
{
    if (!condition)
        throw std::runtime_error("a fixed key cannot be made");
}

// Octets that follow from a name.
std::string octets_of(std::string_view name, std::size_t size)
{
    std::string out;
    for (int i = 0; out.size() < size; ++i) {
        auto const text = std::string(name) + '/' + std::to_string(i);
        std::array<unsigned char, 32> digest;
        require(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
        out.append(digest.begin(), digest.end());
    }
    return out.substr(0, size);
}

bignum number_of(std::string const& octets)
{
    return bignum(
        BN_bin2bn(reinterpret_cast<unsigned char const*>(octets.data()), static_cast<int>(octets.size()), nullptr));
}

std::shared_ptr<EVP_PKEY> make_key(char const* type, OSSL_PARAM_BLD* builder)
{
    parameters const all(OSSL_PARAM_BLD_to_param(builder));
    std::unique_ptr<EVP_PKEY_CTX, freed_by<EVP_PKEY_CTX_free>> const context(
        EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    require(EVP_PKEY_fromdata_init(context.get()) == 1 &&
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, all.get()) == 1);
    return {key, EVP_PKEY_free};
}

// The first prime p from there on of which 65537 does not divide p - 1.
bignum prime_from(std::string_view name, BN_CTX* context)
{
    auto out = number_of(octets_of(name, 128));
    require(BN_set_bit(out.get(), 1023) == 1 && BN_set_bit(out.get(), 1022) == 1 && BN_set_bit(out.get(), 0) == 1);
    while (BN_check_prime(out.get(), context, nullptr) != 1 || BN_mod_word(out.get(), 65537) == 1)
        require(BN_add_word(out.get(), 2) == 1);
    return out;
}

signer make_rsa()
{
    bignum_context const context(BN_CTX_new());
    auto const p = prime_from("p", context.get());
    auto const q = prime_from("q", context.get());
    bignum const n(BN_new()), e(BN_new()), d(BN_new()), order(BN_new());
    require(BN_set_word(e.get(), 65537) == 1 && BN_mul(n.get(), p.get(), q.get(), context.get()) == 1 &&
        BN_sub_word(p.get(), 1) == 1 && BN_sub_word(q.get(), 1) == 1 &&
        BN_mul(order.get(), p.get(), q.get(), context.get()) == 1 &&
        BN_mod_inverse(d.get(), e.get(), order.get(), context.get()) != nullptr);
    parameter_builder const builder(OSSL_PARAM_BLD_new());
    require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, d.get()) == 1);
    return signer(make_key("RSA", builder.get()));
}

signer make_ec(int curve, char const* name)
{
    bignum_context const context(BN_CTX_new());
    std::unique_ptr<EC_GROUP, freed_by<EC_GROUP_free>> const group(EC_GROUP_new_by_curve_name(curve));
    std::unique_ptr<EC_POINT, freed_by<EC_POINT_free>> const point(EC_POINT_new(group.get()));
    auto const secret = number_of(octets_of(name, 31)); // smaller than the order of each of the curves
    require(EC_POINT_mul(group.get(), point.get(), secret.get(), nullptr, nullptr, context.get()) == 1);
    std::array<unsigned char, 133> encoded;
    auto const size = EC_POINT_point2oct(
        group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(), context.get());
    parameter_builder const builder(OSSL_PARAM_BLD_new());
    require(size != 0 && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), size) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get()) == 1);
    return signer(make_key("EC", builder.get()));
}

signer make_ed25519()
{
    auto const secret = octets_of("ed25519", 32);
    EVP_PKEY* const key = EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<unsigned char const*>(secret.data()), secret.size());
    require(key != nullptr);
    return signer({key, EVP_PKEY_free});
}

} // namespace

signer const& fixed_rsa()
{
    static auto const out = make_rsa();
    return out;
}

signer const& fixed_p256()
{
    static auto const out = make_ec(NID_X9_62_prime256v1, "P-256");
    return out;
}

signer const& fixed_p384()
{
    static auto const out = make_ec(NID_secp384r1, "P-384");
    return out;
}

signer const& fixed_p521()
{
    static auto const out = make_ec(NID_secp521r1, "P-521");
    return out;
}

signer const& fixed_ed25519()
{
    static auto const out = make_ed25519();
    return out;
}

signer const& fixed_secret()
{
    static auto const out = signer::hmac(octets_of("secret", 64));
    return out;
}

} // namespace fuzz
