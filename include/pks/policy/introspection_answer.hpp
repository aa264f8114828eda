// What the UAA says of a token when it is asked, as claims.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>
#include <pks/jose/claims.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace pks::inline v0::policy {

/// Claims, or why there are none.
class introspection_answer
{
public:
    introspection_answer() = default;
    introspection_answer(error_code why) : refusal(why) {}
    introspection_answer(std::shared_ptr<jose::claims const> what) : claims(std::move(what)) {}

    error_code refusal;                         ///< success where there are claims
    std::shared_ptr<jose::claims const> claims; ///< not yet judged by any rules
};

enum class introspection_endpoint : std::uint8_t {
    introspect,  ///< `/introspect`: `active` decides
    check_token, ///< `/check_token`: a reply 200 is about a valid token
};

/// Reads the body of a reply 200.
///
/// Refusals: token_errc::inactive unless `active` is true and nothing that looks like it; those of jose::claims::parse
/// for a body that is no claims set.
/// Source: RFC 7662 §2.2; facts on `/check_token` and `/introspect` (§2.3, §2.4).
PKS_DECL introspection_answer read_introspection(std::string_view body, introspection_endpoint from);

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/introspection_answer.ipp>
#endif
