// Bodies of jose/jws.hpp.
#pragma once

#include <pks/jose/jws.hpp>
#include <pks/jose/base64url.hpp>
#include <pks/jose/jose_errc.hpp>

#include <algorithm>
#include <iterator>
#include <span>

namespace pks::inline v0::jose {

namespace jws_detail {

inline char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

inline bool same_letters(std::string_view a, std::string_view b) noexcept
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

// A media type without `application/`, which may be left out where no other slash follows. Source: RFC 7515 §4.1.9.
inline std::string_view short_type(std::string_view type) noexcept
{
    constexpr std::string_view prefix = "application/";
    if (same_letters(type.substr(0, prefix.size()), prefix) && type.find('/', prefix.size()) == type.npos)
        type.remove_prefix(prefix.size());
    return type;
}

// What `crit` may not name. Source: RFC 7515 §4.1.11, RFC 7518 §4.
inline bool is_registered(std::string_view name) noexcept
{
    constexpr std::string_view names[] = {"alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty",
        "crit", "enc", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"};
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

inline jose_errc check_crit(json_value crit, json_value header) noexcept
{
    if (crit.size() == 0 || crit.type() != json_type::array)
        return jose_errc::malformed_crit;
    auto const elements = crit.elements();
    for (auto at = elements.begin(); at != elements.end(); ++at) {
        auto const name = (*at).if_string();
        if (!name || is_registered(*name) || !header[*name].exists())
            return jose_errc::malformed_crit;
        for (auto earlier = elements.begin(); earlier != at; ++earlier)
            if ((*earlier).if_string() == name)
                return jose_errc::malformed_crit;
    }
    return jose_errc::unknown_crit;
}

} // namespace jws_detail

PKS_DECL error_code jws::parse(std::string_view token, jws_limits const& limits)
{
    if (token.size() > limits.token)
        return jose_errc::token_too_large;
    auto const first = token.find('.');
    auto const second = first == token.npos ? first : token.find('.', first + 1);
    if (second == token.npos || first == 0 || token.find('.', second + 1) != token.npos)
        return jose_errc::not_compact;
    signing_input_ = token.substr(0, second);

    if (auto const failed = parse_header(token.substr(0, first), limits))
        return failed;

    auto const signature = token.substr(second + 1);
    if (base64url_decoded_size(signature.size()) > signature_.size())
        return jose_errc::wrong_signature_length;
    auto const signature_size = base64url_decode(signature, std::span<char>(signature_));
    auto const payload = token.substr(first + 1, second - first - 1);
    payload_.resize(base64url_decoded_size(payload.size()));
    if (!signature_size || !base64url_decode(payload, std::span<char>(payload_)))
        return jose_errc::invalid_base64url;
    signature_size_ = *signature_size;
    return {};
}

PKS_DECL error_code jws::parse_header(std::string_view encoded, jws_limits const& limits)
{
    header_text_.resize(base64url_decoded_size(encoded.size()));
    if (!base64url_decode(encoded, std::span<char>(header_text_)))
        return jose_errc::invalid_base64url;
    if (auto const failed = header_.parse(header_text_, limits.header))
        return failed;
    return check_header();
}

PKS_DECL error_code jws::check_header()
{
    auto const header = header_.root();
    if (header.type() != json_type::object)
        return jose_errc::malformed_header;
    std::optional<std::string_view> alg, cty;
    std::optional<json_value> crit;
    bool unencoded = false, compressed = false;
    for (auto const& [name, value] : header.members()) {
        if (name == "alg" || name == "kid" || name == "typ" || name == "cty") {
            auto const text = value.if_string();
            if (!text)
                return jose_errc::malformed_header;
            if (name == "alg")
                alg = text;
            else if (name == "cty")
                cty = text;
        } else if (name == "crit")
            crit = value;
        else if (name == "zip")
            compressed = true;
        else if (name == "b64") {
            auto const encoded = value.if_boolean();
            if (!encoded)
                return jose_errc::malformed_header;
            unencoded = !*encoded;
        }
    }
    if (!alg)
        return jose_errc::malformed_header;
    if (unencoded)
        return jose_errc::unencoded_payload;
    if (crit)
        return jws_detail::check_crit(*crit, header);
    if (compressed)
        return jose_errc::compressed;
    if (cty && jws_detail::same_letters(jws_detail::short_type(*cty), "JWT"))
        return jose_errc::nested_token;
    auto const known = parse_algorithm(*alg);
    if (!known)
        return jose_errc::algorithm_not_allowed;
    alg_ = *known;
    return {};
}

PKS_DECL bool jws::has_type(std::string_view type) const noexcept
{
    auto const own = typ();
    return own && jws_detail::same_letters(jws_detail::short_type(*own), jws_detail::short_type(type));
}

} // namespace pks::inline v0::jose
