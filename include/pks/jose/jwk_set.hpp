// A set of keys, and the choice of one for a token.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>
#include <pks/jose/algorithm.hpp>
#include <pks/jose/jwk.hpp>
#include <pks/jose/jwk_rules.hpp>

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::jose {

/// A key of a set that is not used, and why.
class refused_key
{
public:
    std::size_t position = 0;       ///< in the array `keys`
    std::optional<std::string> kid; ///< where it has one that can be read: text of the server
    error_code reason;
};

/// Keys that may be asked for by `kid`. A value.
class jwk_set
{
public:
    jwk_set() = default;

    /// Keys from configuration. Those of one `kid`, and HMAC keys beside public ones, are refused as in a set.
    PKS_DECL explicit jwk_set(std::vector<jwk> keys, jwk_rules const& rules = {});

    std::vector<jwk> const& keys() const noexcept
    {
        return keys_;
    }
    std::vector<refused_key> const& refused() const noexcept
    {
        return refused_;
    }

    /// The key of that `kid`, or null.
    PKS_DECL jwk const* find(std::string_view kid) const noexcept;

    /// The key for a token.
    ///
    /// With `kid`: the key of that name, which must fit `alg`. Without: the one key that fits.
    /// Errors: unknown_key, key_mismatch, ambiguous_key.
    PKS_DECL boost::system::result<jwk const*> select(
        std::optional<std::string_view> kid, algorithm alg) const noexcept;

    /// Whether any key came with private members.
    bool had_private_members() const noexcept
    {
        return had_private_members_;
    }

    /// The public parts as a set again: to be saved for a start without the UAA. HMAC keys are left out.
    PKS_DECL std::string public_json() const;

private:
    friend PKS_DECL boost::system::result<jwk_set> parse_jwk_set(std::string_view json, jwk_rules const& rules);

    PKS_DECL void refuse_what_conflicts(std::vector<std::size_t> const& positions, jwk_rules const& rules);

    std::vector<jwk> keys_;
    std::vector<refused_key> refused_;
    bool had_private_members_ = false;
};

/// Reads a JWK Set (RFC 7517 §5), as of `/token_keys`. A key that cannot be used does not spoil the others: it is in
/// `refused()`, and the set may turn out empty. All keys of one `kid` are refused, and HMAC keys beside public ones
/// unless the rules say otherwise.
///
/// Errors: key_set_too_large, those of json_document::parse, malformed_key_set, too_many_keys.
PKS_DECL boost::system::result<jwk_set> parse_jwk_set(std::string_view json, jwk_rules const& rules = {});

} // namespace pks::inline v0::jose

#ifdef PKS_HEADER_ONLY
#include <pks/impl/jwk_set.ipp>
#endif
