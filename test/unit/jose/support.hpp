// What the tests of jose share: keys that sign, tokens of any text, suites that may be absent.
#pragma once

#include <boost/json/fwd.hpp>
#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace jose_test {

/// A key pair, or an HMAC secret, that signs what it is told to.
class signer
{
public:
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
    std::shared_ptr<EVP_PKEY> key_;
    std::string secret_;
    std::string members_;
};

/// One RSA key for all tests: making one takes a tenth of a second.
signer const& rsa_key();

/// A signed token; header and payload as JSON, `alg` of the signature apart from what the header says.
std::string make_token(signer const& key, std::string_view alg, std::string_view header, std::string_view payload);

/// A file below PKS_SHARED_DIR; nothing, and a line that says so, where it is absent.
std::optional<std::string> read_shared(std::string_view path);
std::optional<std::filesystem::path> shared_folder(std::string_view path);

/// Octets taken from the heap by this thread, and how often.
class allocation_count
{
public:
    allocation_count() noexcept;
    std::size_t calls() const noexcept;
    std::size_t octets() const noexcept;

private:
    std::size_t calls_;
    std::size_t octets_;
};

} // namespace jose_test
