// The claims of a token, with their types.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/error.hpp>
#include <pks/jose/json_document.hpp>
#include <pks/jose/json_value.hpp>
#include <pks/jose/string_list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pks::inline v0::jose {

/// A JWT claims set (RFC 7519 §4, RFC 8693 §4, and those of a UAA: facts on the claims, §3.2).
///
/// A value that holds a copy of the payload: texts and lists refer to it. Parsing again reuses its storage.
/// A claim that is missing is an empty text, an empty list, no time, or false; `has` tells it from one that is empty.
/// Nothing here judges the claims: whether a token has expired, or is for this audience, is a question of policy.
class claims
{
public:
    claims() = default;

    /// Replaces the content by that of a payload. After an error there are no claims.
    ///
    /// Errors: those of json_document::parse; jose_errc::malformed_claims if the payload is no object; wrong_claim_type
    /// if a claim that has a member function below is of another type, null included; time_out_of_range for a time
    /// before 1970 or after 9999; forbidden_character for a control character in one of them, or a space within one
    /// element of an array `scope`, `granted_scopes` or `authorities`.
    PKS_DECL error_code parse(std::string_view payload, json_document_limits const& limits = {});

    std::string_view iss() const noexcept
    {
        return text(claim::iss);
    }
    std::string_view sub() const noexcept
    {
        return text(claim::sub);
    }
    std::string_view jti() const noexcept
    {
        return text(claim::jti);
    }
    std::string_view client_id() const noexcept
    {
        return text(claim::client_id);
    }
    std::string_view cid() const noexcept
    {
        return text(claim::cid);
    }
    std::string_view azp() const noexcept
    {
        return text(claim::azp);
    }
    std::string_view user_id() const noexcept
    {
        return text(claim::user_id);
    }
    std::string_view user_name() const noexcept
    {
        return text(claim::user_name);
    }
    std::string_view email() const noexcept
    {
        return text(claim::email);
    }
    std::string_view origin() const noexcept
    {
        return text(claim::origin);
    }
    std::string_view zid() const noexcept
    {
        return text(claim::zid);
    }
    std::string_view grant_type() const noexcept
    {
        return text(claim::grant_type);
    }
    std::string_view rev_sig() const noexcept
    {
        return text(claim::rev_sig);
    }
    std::string_view nonce() const noexcept
    {
        return text(claim::nonce);
    }

    /// An array of strings, or one string.
    string_list aud() const noexcept
    {
        return list(claim::aud, false);
    }
    string_list amr() const noexcept
    {
        return list(claim::amr, false);
    }

    /// An array of strings, or one string of words between spaces.
    string_list scope() const noexcept
    {
        return list(claim::scope, true);
    }
    string_list granted_scopes() const noexcept
    {
        return list(claim::granted_scopes, true);
    }
    string_list authorities() const noexcept
    {
        return list(claim::authorities, true);
    }

    /// NumericDates, in milliseconds, what is finer cut off. Times after 2200 come out as its first second, so that
    /// adding a leeway cannot overflow.
    std::optional<clock::time_point> exp() const noexcept
    {
        return time(claim::exp);
    }
    std::optional<clock::time_point> nbf() const noexcept
    {
        return time(claim::nbf);
    }
    std::optional<clock::time_point> iat() const noexcept
    {
        return time(claim::iat);
    }
    std::optional<clock::time_point> auth_time() const noexcept
    {
        return time(claim::auth_time);
    }

    /// UAA keeps a record of this token and can revoke it.
    bool revocable() const noexcept
    {
        return revocable_;
    }

    /// Any claim, also those without a member function.
    json_value find(std::string_view name) const noexcept
    {
        return document_.root()[name];
    }
    bool has(std::string_view name) const noexcept
    {
        return find(name).exists();
    }

    /// All claims, in the order of the payload.
    json_value all() const noexcept
    {
        return document_.root();
    }

    /// The payload.
    std::string_view payload() const noexcept
    {
        return document_.text();
    }

private:
    enum class claim : std::uint8_t {
        // texts
        iss,
        sub,
        jti,
        client_id,
        cid,
        azp,
        user_id,
        user_name,
        email,
        origin,
        zid,
        grant_type,
        rev_sig,
        nonce,
        // lists
        aud,
        amr,
        scope,
        granted_scopes,
        authorities,
        // times
        exp,
        nbf,
        iat,
        auth_time,
        revocable,
        none,
    };
    static constexpr auto first_list = claim::aud;
    static constexpr auto first_split_list = claim::scope;
    static constexpr auto first_time = claim::exp;
    static constexpr std::size_t times =
        static_cast<std::size_t>(claim::revocable) - static_cast<std::size_t>(first_time);

    PKS_DECL static claim claim_of(std::string_view name) noexcept;
    PKS_DECL error_code take(claim which, json_value value, bool may_hold_controls);
    PKS_DECL std::string_view text(claim which) const noexcept;
    PKS_DECL string_list list(claim which, bool split) const noexcept;
    PKS_DECL std::optional<clock::time_point> time(claim which) const noexcept;

    json_document document_;
    std::array<std::uint32_t, static_cast<std::size_t>(first_time)> where_ = {}; // index in the document; 0: missing
    std::array<std::optional<clock::time_point>, times> times_;
    bool revocable_ = false;
};

} // namespace pks::inline v0::jose

#ifdef PKS_HEADER_ONLY
#include <pks/impl/claims.ipp>
#endif
