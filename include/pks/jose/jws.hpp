// A signed token in compact serialization, taken apart and not yet verified.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>
#include <pks/jose/algorithm.hpp>
#include <pks/jose/json_document.hpp>
#include <pks/jose/json_value.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pks::inline v0::jose {

class jws_limits
{
public:
    jws_limits() noexcept
    {
        header.values = 256;
    }

    std::size_t token = 64 * 1024; ///< octets; a UAA token of a user with hundreds of groups has more than 8 KiB
    json_document_limits header;   ///< 256 values
};

/// Source: RFC 7515 §5.2, §7.1. An object parses one token after the other and reuses its storage.
///
/// Of the header `alg`, `kid`, `typ`, `crit`, `b64`, `zip` and `cty` are looked at. `jwk`, `jku`, `x5u`, `x5c` and all
/// others have no effect: UAA writes a `jku` into each of its tokens.
class jws
{
public:
    jws() = default;

    /// Takes a token apart; its octets must live as long as `signing_input()` is used. After an error nothing else may
    /// be asked of this object.
    ///
    /// Errors, the first that applies in this order: token_too_large, not_compact, invalid_base64url (header), those of
    /// json_document::parse, malformed_header, unencoded_payload, malformed_crit, unknown_crit, compressed,
    /// nested_token, algorithm_not_allowed, wrong_signature_length (longer than any), invalid_base64url.
    PKS_DECL error_code parse(std::string_view token, jws_limits const& limits = {});

    algorithm alg() const noexcept
    {
        return alg_;
    }

    /// As it stands in the header: any text, of any length. A name to look up, and nothing else.
    std::optional<std::string_view> kid() const noexcept
    {
        return header_.root()["kid"].if_string();
    }

    std::optional<std::string_view> typ() const noexcept
    {
        return header_.root()["typ"].if_string();
    }

    /// Whether `typ` is this media type, without regard to case, and to a prefix `application/` (RFC 7515 §4.1.9).
    PKS_DECL bool has_type(std::string_view type) const noexcept;

    json_value header() const noexcept
    {
        return header_.root();
    }

    /// The octets that are signed: a part of the token.
    std::string_view signing_input() const noexcept
    {
        return signing_input_;
    }

    /// Not to be believed before the signature has been verified.
    std::string_view payload() const noexcept
    {
        return payload_;
    }

    std::string_view signature() const noexcept
    {
        return {signature_.data(), signature_size_};
    }

private:
    PKS_DECL error_code parse_header(std::string_view encoded, jws_limits const& limits);
    PKS_DECL error_code check_header();

    algorithm alg_ = algorithm::rs256;
    json_document header_;
    std::string header_text_;
    std::string payload_;
    std::string_view signing_input_;
    std::size_t signature_size_ = 0;
    std::array<char, 2048> signature_; // RSA of 16384 bits
};

} // namespace pks::inline v0::jose

#ifdef PKS_HEADER_ONLY
#include <pks/impl/jws.ipp>
#endif
