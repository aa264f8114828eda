// How a client proves itself to the embedded UAA.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/testing/request.hpp>
#include <pks/testing/uaa_directory.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0::testing {

/// Parameters of a request: those of the query string, then those of the form, in order.
class request_parameters
{
public:
    PKS_DECL explicit request_parameters(request const& req);

    /// The first value of that name, or null.
    PKS_DECL std::string const* find(std::string_view name) const;

    /// As find(), with an empty text for none.
    PKS_DECL std::string get(std::string_view name) const;

    /// All values of that name, with commas between them, as Spring gives them to an endpoint.
    PKS_DECL std::optional<std::string> joined(std::string_view name) const;

    /// The body was read as a form.
    bool form() const noexcept
    {
        return form_;
    }

    /// A name or value had a `%` without two hex digits.
    bool broken() const noexcept
    {
        return broken_;
    }

private:
    std::vector<std::pair<std::string, std::string>> all_;
    bool form_ = false;
    bool broken_ = false;
};

/// A client that has proved itself.
struct uaa_caller
{
    uaa_client const* client = nullptr;
    std::string secret{};      ///< the one that was shown
    std::string auth_method{}; ///< `none` for an empty secret or `private_key_jwt`, from 77.18.0 on
    bool is_public = false;    ///< came without any secret
};

/// Reads `Authorization: Basic`, or `client_id` and `client_secret` of a form where `form_counts`. Throws uaa_refusal.
///
/// Source: facts on client authentication (§2.2.1).
PKS_DECL uaa_caller log_in_client(
    request const& req, request_parameters const& parameters, uaa_directory& directory, bool old, bool form_counts);

/// Reads `client_assertion`: a JWT that the client signed with a key of its own. Throws uaa_refusal.
///
/// Source: facts on client authentication (§2.2.1); RFC 7523 §2.2.
PKS_DECL uaa_caller log_in_with_assertion(
    request_parameters const& parameters, uaa_directory& directory, std::string_view audience, std::int64_t now);

/// A 401 of the filters: in 77.18.0 a wrong client or user is `invalid_client`, while the challenge keeps its old text.
[[noreturn]] PKS_DECL void refuse_login(std::string const& description, bool old, bool as_invalid_client = true);

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/uaa_client_login.ipp>
#endif
