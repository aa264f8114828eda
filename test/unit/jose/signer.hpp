// Keys that sign, and tokens of any text.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace jose_test {

/// A key pair, or an HMAC secret, that signs what it is told to.
class signer
{
public:
    /// An RSA, EC (P-256, P-384, P-521) or Ed25519 key pair.
    explicit signer(std::shared_ptr<EVP_PKEY> key);

    static signer rsa(unsigned bits = 2048);
    static signer ec(char const* curve); ///< P-256, P-384, P-521
    static signer ed25519();
    static signer hmac(std::string secret);

    /// A JWS signature as it stands in a token, before base64url. `alg` decides digest and padding.
    std::string sign(std::string_view alg, std::string_view message) const;

    /// The public JWK (of an HMAC key the secret one) with these members, each `,"name":value`, behind it.
    std::string jwk(std::string_view more = "") const;

    std::string public_pem() const;
    std::string public_der() const;

    /// The members of the public key, decoded: n, e, x, y, k.
    std::string member(std::string_view name) const;

private:
    signer() = default;

    std::shared_ptr<EVP_PKEY> key_;
    std::string secret_;
    std::string members_;
};

/// One RSA key for all tests: making one takes a tenth of a second.
signer const& rsa_key();

/// A signed token; header and payload as JSON, `alg` of the signature apart from what the header says.
std::string make_token(signer const& key, std::string_view alg, std::string_view header, std::string_view payload);

} // namespace jose_test
