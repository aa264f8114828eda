// What the library makes of a case. Header-only, so that tests of both ways to build the library can use it.
#pragma once

#include "suites/suite_case.hpp"

#include <pks/jose/algorithm_set.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/json_document.hpp>
#include <pks/jose/jwk.hpp>
#include <pks/jose/jwk_set.hpp>
#include <pks/jose/jws.hpp>
#include <pks/jose/verifier.hpp>
#include <pks/proto/strict_json.hpp>

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <string_view>

namespace suites {

inline constexpr auto all_algorithms = pks::jose::algorithm_set::asymmetric() | pks::jose::algorithm_set::symmetric();

/// Keys of a suite come from whoever asks: HMAC secrets are admitted.
inline pks::jose::jwk_rules with_secrets()
{
    pks::jose::jwk_rules out;
    out.symmetric = true;
    return out;
}

/// A JWK Set, or one JWK as a set.
inline boost::system::result<pks::jose::jwk_set> read_keys(
    std::string_view json, pks::jose::jwk_rules const& rules = with_secrets())
{
    pks::jose::json_document document;
    if (!document.parse(json) && document.root()["keys"].exists())
        return pks::jose::parse_jwk_set(json, rules);
    auto const one = pks::jose::parse_jwk(json, rules);
    if (!one)
        return one.error();
    return pks::jose::jwk_set({*one}, rules);
}

/// Whether a token is one, and its signature verifies; what it says is not looked at.
inline pks::error_code verify_token(
    std::string_view token, std::string_view keys, pks::jose::jwk_rules const& rules = with_secrets())
{
    pks::jose::jws parsed;
    if (auto const failed = parsed.parse(token))
        return failed;
    auto const set = read_keys(keys, rules);
    if (!set)
        return set.error();
    return pks::jose::verifier::of_this_thread().verify(parsed, *set, all_algorithms);
}

inline pks::error_code judge(suite_case const& c)
{
    switch (c.what) {
    case subject::token:
        return verify_token(c.text, c.key);
    case subject::key: {
        auto const key = pks::jose::parse_jwk(c.text, with_secrets());
        return key ? pks::error_code() : key.error();
    }
    case subject::jose_json: {
        pks::jose::json_document document;
        return document.parse(c.text);
    }
    case subject::general_json: {
        auto const value = pks::proto::parse_json(c.text);
        return value ? pks::error_code() : value.error();
    }
    }
    return {};
}

inline bool is_as_aimed(aim expected, pks::error_code got)
{
    switch (expected) {
    case aim::accept:
        return !got;
    case aim::refuse:
        return static_cast<bool>(got);
    case aim::refuse_as_not_compact:
        return got == pks::error_code(pks::jose_errc::not_compact);
    case aim::either:
        return true;
    }
    return false;
}

} // namespace suites
