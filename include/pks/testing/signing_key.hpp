// An RSA key that signs tokens, and what a UAA publishes of it.
#pragma once

#include <pks/detail/config.hpp>

#include <boost/json/object.hpp>
#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace pks::inline v0::testing {

/// A copyable handle on an RSA key pair with its key id.
///
/// Errors: the makers throw std::runtime_error; OpenSSL's error queue is left empty.
/// Thread safety: as a value; signing and verifying with copies of one key from several threads is allowed.
class signing_key
{
public:
    /// Makes a new key. 2048 bits take about a tenth of a second.
    PKS_DECL static signing_key generate(std::string kid, unsigned bits = 2048);

    /// Reads a private key in PEM form.
    PKS_DECL static signing_key from_pem(std::string kid, std::string_view private_key_pem);

    std::string const& kid() const noexcept
    {
        return kid_;
    }

    /// A signature of the text, as octets. `alg`: RS256, RS384, RS512, PS256, PS384, PS512. Source: RFC 7518 §3.3, §3.5.
    PKS_DECL std::string sign(std::string_view text, std::string_view alg = "RS256") const;

    /// Whether the octets are a signature of the text. `alg`: RS256, RS384, RS512, PS256, PS384, PS512; any other text
    /// gives false.
    PKS_DECL bool verify(std::string_view alg, std::string_view text, std::string_view signature) const;

    /// The public half, without a line end after its last line.
    PKS_DECL std::string public_pem() const;

    /// The private half in PEM form: for tests that sign outside the server.
    PKS_DECL std::string private_pem() const;

    /// The public half as UAA writes it: `kty e use kid alg value n`. UAA before 75.5.0 writes `n` with a leading zero
    /// octet. Source: facts on /token_keys (§2.5).
    PKS_DECL boost::json::object jwk(bool leading_zero) const;

private:
    signing_key(std::string kid, std::shared_ptr<EVP_PKEY> key) : kid_(std::move(kid)), key_(std::move(key)) {}

    std::string kid_;
    std::shared_ptr<EVP_PKEY> key_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/signing_key.ipp>
#endif
