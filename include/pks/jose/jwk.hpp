// A key that verifies signatures.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>
#include <pks/jose/algorithm.hpp>
#include <pks/jose/jwk_rules.hpp>
#include <pks/jose/json_value.hpp>

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pks::inline v0::jose {

enum class key_type : std::uint8_t {
    rsa, ///< `RSA`
    ec,  ///< `EC`: P-256, P-384, P-521
    okp, ///< `OKP`: Ed25519
    oct, ///< `oct`, and UAA's `MAC`
};

/// A handle on the public part of a JSON Web Key, or on an HMAC secret; copies share it.
///
/// Source: RFC 7517, RFC 7518 §6, RFC 8037.
///
/// Thread safety: immutable; copies may be used from any thread.
class jwk
{
public:
    /// What a token's `kid` is compared with, octet for octet. Nothing where the key has none.
    PKS_DECL std::optional<std::string_view> kid() const noexcept;

    PKS_DECL key_type kty() const noexcept;

    /// The algorithm that the key itself names; it serves for no other.
    PKS_DECL std::optional<algorithm> alg() const noexcept;

    /// Whether the key's type, curve, length and `alg` go with that algorithm.
    PKS_DECL bool fits(algorithm a) const noexcept;

    /// Of the modulus, the curve, or the secret.
    PKS_DECL std::size_t bits() const noexcept;

    /// The key came with private members, which were dropped: whoever published it should hear of that.
    PKS_DECL bool had_private_members() const noexcept;

    /// The public part as JSON, with `kid`, `alg` and `use`; empty for an HMAC key.
    PKS_DECL std::string const& public_json() const noexcept;

    /// Different for each key that was ever read in this process.
    PKS_DECL std::uint64_t id() const noexcept;

private:
    friend class jwk_reader;
    friend class verifier;
    class material;

    explicit jwk(std::shared_ptr<material const> m) noexcept : material_(std::move(m)) {}

    std::shared_ptr<material const> material_;
};

/// Reads one key. Errors: those of json_document::parse, key_set_too_large, and the codes of keys in jose_errc.
/// The text may hold a secret, which is the caller's to wipe; none of it is kept but what an HMAC key needs.
PKS_DECL boost::system::result<jwk> parse_jwk(std::string_view json, jwk_rules const& rules = {});

/// Reads a key that was parsed already: a member of a set.
PKS_DECL boost::system::result<jwk> read_jwk(json_value key, jwk_rules const& rules = {});

} // namespace pks::inline v0::jose

#ifdef PKS_HEADER_ONLY
#include <pks/impl/jwk.ipp>
#endif
