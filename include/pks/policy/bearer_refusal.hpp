// What a request is answered that is not let through.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>
#include <pks/policy/scope_requirement.hpp>

#include <string>
#include <string_view>

namespace pks::inline v0::policy {

/// Status, challenge and body. Nothing in it comes from the request or from the UAA.
///
/// | reason | status | `error` |
/// |---|---|---|
/// | bearer_errc::no_token | 401 | none: the challenge says only what is wanted |
/// | the other bearer_errc | 400 | `invalid_request` |
/// | jose_errc and token_errc that are condition::unauthorized | 401 | `invalid_token` |
/// | condition::forbidden | 403 | `insufficient_scope`, with the scopes |
/// | all else: whoever was asked could not say | 503 | `temporarily_unavailable`, without a challenge |
///
/// Source: RFC 6750 §3, §3.1; RFC 9110 §11.6.1, §15.6.4.
class bearer_refusal
{
public:
    bearer_refusal() = default;

    /// @param realm   any text of visible ASCII and blanks; what is not, is left out.
    /// @param needed  named in the challenge of a 403.
    PKS_DECL bearer_refusal(error_code reason, std::string_view realm, scope_requirement const& needed);

    unsigned status = 0;
    std::string www_authenticate; ///< empty: no such field
    std::string body;             ///< JSON
};

} // namespace pks::inline v0::policy

#ifdef PKS_HEADER_ONLY
#include <pks/impl/bearer_refusal.ipp>
#endif
