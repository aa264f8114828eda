// Bodies of jose/claims.hpp.
#pragma once

#include <pks/jose/claims.hpp>
#include <pks/jose/jose_errc.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace pks::inline v0::jose {

namespace claims_detail {

// A NumericDate in milliseconds, exact; nothing if it lies outside of the years 1970 to 9999. Source: RFC 7519 §2.
// `seconds`: the number, where it is an integer.
inline std::optional<std::int64_t> milliseconds(std::string_view number, std::optional<std::int64_t> seconds) noexcept
{
    constexpr std::int64_t most = 253'402'300'799'999;

    if (seconds) {
        if (*seconds < 0 || *seconds > most / 1000)
            return std::nullopt;
        return *seconds * 1000;
    }
    auto const mantissa = number.substr(0, std::min(number.find_first_of("eE"), number.size()));
    std::int64_t exponent = 3;
    if (mantissa.size() != number.size()) {
        auto digits = number.substr(mantissa.size() + 1);
        bool const negative = digits.front() == '-';
        if (negative || digits.front() == '+')
            digits.remove_prefix(1);
        std::int64_t value = 0;
        for (char const c : digits)
            value = std::min<std::int64_t>(value * 10 + (c - '0'), 1'000'000'000);
        exponent += negative ? -value : value;
    }

    bool const negative = mantissa.front() == '-';
    auto const body = mantissa.substr(negative ? 1 : 0);
    auto const whole = std::min(body.find('.'), body.size());
    // How many of the digits count, which may be fewer than there are, none, or more.
    auto count = static_cast<std::int64_t>(whole) + exponent;
    std::int64_t out = 0;
    bool any = false;
    for (std::size_t i = 0; i != body.size(); ++i) {
        if (i == whole)
            continue;
        any = any || body[i] != '0';
        if (count <= 0)
            continue;
        --count;
        out = out * 10 + (body[i] - '0');
        if (out > most)
            return std::nullopt;
    }
    if (negative && any)
        return std::nullopt;
    for (; count > 0 && out != 0; --count) {
        out *= 10;
        if (out > most)
            return std::nullopt;
    }
    return out;
}

inline bool has_control(std::string_view text) noexcept
{
    return std::any_of(text.begin(), text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f; });
}

} // namespace claims_detail

PKS_DECL claims::claim claims::claim_of(std::string_view name) noexcept
{
    auto const either = [name](std::string_view known, claim which) { return name == known ? which : claim::none; };
    switch (name.size()) {
    case 3: {
        constexpr auto packed = [](std::string_view s) {
            return static_cast<unsigned char>(s[0]) << 16 | static_cast<unsigned char>(s[1]) << 8 |
                static_cast<unsigned char>(s[2]);
        };
        switch (packed(name)) {
        case packed("iss"):
            return claim::iss;
        case packed("sub"):
            return claim::sub;
        case packed("jti"):
            return claim::jti;
        case packed("cid"):
            return claim::cid;
        case packed("azp"):
            return claim::azp;
        case packed("zid"):
            return claim::zid;
        case packed("aud"):
            return claim::aud;
        case packed("amr"):
            return claim::amr;
        case packed("exp"):
            return claim::exp;
        case packed("nbf"):
            return claim::nbf;
        case packed("iat"):
            return claim::iat;
        default:
            return claim::none;
        }
    }
    case 5:
        return name.front() == 's' ? either("scope", claim::scope)
            : name.front() == 'e'  ? either("email", claim::email)
                                   : either("nonce", claim::nonce);
    case 6:
        return either("origin", claim::origin);
    case 7:
        return name.front() == 'u' ? either("user_id", claim::user_id) : either("rev_sig", claim::rev_sig);
    case 9:
        return name.front() == 'c' ? either("client_id", claim::client_id)
            : name.front() == 'u'  ? either("user_name", claim::user_name)
            : name.front() == 'a'  ? either("auth_time", claim::auth_time)
                                   : either("revocable", claim::revocable);
    case 10:
        return either("grant_type", claim::grant_type);
    case 11:
        return either("authorities", claim::authorities);
    case 14:
        return either("granted_scopes", claim::granted_scopes);
    default:
        return claim::none;
    }
}

PKS_DECL error_code claims::parse(std::string_view payload, json_document_limits const& limits)
{
    where_ = {};
    times_ = {};
    revocable_ = false;
    if (auto const failed = document_.parse(payload, limits))
        return failed;
    // JSON writes a control with an escape, but for DEL.
    bool const may_hold_controls = document_.escapes_ || payload.find('\x7f') != payload.npos;
    error_code out;
    if (document_.root().type() != json_type::object)
        out = jose_errc::malformed_claims;
    else
        for (auto const& [name, value] : document_.root().members()) {
            auto const which = claim_of(name);
            if (which != claim::none)
                out = take(which, value, may_hold_controls);
            if (out)
                break;
        }
    if (out)
        *this = claims();
    return out;
}

PKS_DECL error_code claims::take(claim which, json_value value, bool may_hold_controls)
{
    if (which == claim::revocable) {
        auto const flag = value.if_boolean();
        if (!flag)
            return jose_errc::wrong_claim_type;
        revocable_ = *flag;
        return {};
    }
    if (which >= first_time) {
        auto const number = value.if_number();
        if (!number)
            return jose_errc::wrong_claim_type;
        auto const read = claims_detail::milliseconds(*number, value.if_int64());
        if (!read)
            return jose_errc::time_out_of_range;
        constexpr std::int64_t year_2200 = 7'258'118'400'000;
        times_[static_cast<std::size_t>(which) - static_cast<std::size_t>(first_time)] =
            clock::time_point(std::chrono::milliseconds(std::min(*read, year_2200)));
        return {};
    }
    if (auto const text = value.if_string()) {
        if (may_hold_controls && claims_detail::has_control(*text))
            return jose_errc::forbidden_character;
    } else if (which >= first_list && value.type() == json_type::array) {
        for (auto const& element : value.elements()) {
            auto const word = element.if_string();
            if (!word)
                return jose_errc::wrong_claim_type;
            if ((may_hold_controls && claims_detail::has_control(*word)) ||
                (which >= first_split_list && word->find(' ') != word->npos))
                return jose_errc::forbidden_character;
        }
    } else
        return jose_errc::wrong_claim_type;
    where_[static_cast<std::size_t>(which)] = value.index_;
    return {};
}

PKS_DECL std::string_view claims::text(claim which) const noexcept
{
    auto const index = where_[static_cast<std::size_t>(which)];
    return index == 0 ? std::string_view() : json_value(document_, index).text();
}

PKS_DECL string_list claims::list(claim which, bool split) const noexcept
{
    auto const index = where_[static_cast<std::size_t>(which)];
    return index == 0 ? string_list() : string_list(json_value(document_, index), split);
}

PKS_DECL std::optional<clock::time_point> claims::time(claim which) const noexcept
{
    return times_[static_cast<std::size_t>(which) - static_cast<std::size_t>(first_time)];
}

} // namespace pks::inline v0::jose
