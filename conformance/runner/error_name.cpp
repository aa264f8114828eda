// The names of error codes.
#include "runner/error_name.hpp"

#include <pks/jose/jose_errc.hpp>
#include <pks/policy/bearer_errc.hpp>
#include <pks/policy/token_errc.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace conform {

namespace {

// Names of the enumerators, in the order of the enumerations.
constexpr std::array errc_names = std::to_array<std::string_view>(
    {"invalid_endpoint", "plain_http_refused", "forbidden_character", "missing_parameter", "unsuitable_grant",
        "no_credentials", "ca_not_found", "ca_unreadable", "ca_empty", "ca_malformed", "ca_is_directory",
        "ca_not_directory", "client_certificate_invalid", "timeout", "proxy_refused", "connection_closed",
        "outcome_unknown", "timeout_outcome_unknown", "reauthentication_required", "protocol_error", "head_too_large",
        "body_too_large", "chunk_extension_too_large", "trailer_too_large", "too_many_interim_responses", "truncated",
        "unexpected_status", "redirected", "not_json", "malformed_json", "duplicate_member", "json_too_deep",
        "unexpected_json", "missing_access_token", "unsupported_token_type", "invalid_expires_in"});
constexpr std::array oauth_names = std::to_array<std::string_view>(
    {"unauthorized", "invalid_client", "bad_credentials", "account_locked", "password_expired", "account_unverified",
        "invalid_passcode", "invalid_grant", "invalid_token", "invalid_scope", "insufficient_scope", "invalid_request",
        "unauthorized_grant", "unsupported_grant_type", "access_denied", "method_not_allowed",
        "query_string_not_allowed", "too_many_requests", "unavailable", "server_error", "not_found", "other"});
constexpr std::array api_names = std::to_array<std::string_view>({"unauthorized", "invalid_token", "forbidden",
    "not_found", "conflict", "unprocessable", "bad_request", "method_not_allowed", "too_many_requests", "server_error",
    "bad_gateway", "unavailable", "gateway_timeout", "other"});
constexpr std::array tls_names =
    std::to_array<std::string_view>({"unknown_issuer", "self_signed", "self_signed_in_chain", "expired",
        "not_yet_valid", "host_mismatch", "common_name_only", "ip_as_dns_name", "bad_signature", "weak",
        "invalid_purpose", "revoked", "rejected", "no_certificate", "name_not_permitted", "malformed"});
constexpr std::array jose_names = std::to_array<std::string_view>({"token_too_large", "not_compact",
    "invalid_base64url", "malformed_json", "invalid_utf8", "duplicate_member", "json_too_deep", "too_many_values",
    "number_out_of_range", "malformed_header", "algorithm_not_allowed", "malformed_crit", "unknown_crit",
    "unencoded_payload", "compressed", "nested_token", "wrong_token_type", "unknown_key", "missing_key_id",
    "ambiguous_key", "key_mismatch", "wrong_signature_length", "bad_signature", "malformed_claims", "wrong_claim_type",
    "time_out_of_range", "forbidden_character", "malformed_key", "unsupported_key_type", "unsupported_curve",
    "unknown_key_algorithm", "unsuitable_key_algorithm", "wrong_key_use", "weak_key", "oversized_key", "bad_exponent",
    "roca_key", "invalid_point", "short_secret", "symmetric_key_refused", "mixed_key_set", "duplicate_key_id",
    "malformed_key_set", "key_set_too_large", "too_many_keys", "key_set_empty"});

constexpr std::array token_names =
    std::to_array<std::string_view>({"issuer_missing", "wrong_issuer", "refresh_token", "id_token", "token_id_missing",
        "scope_missing", "client_missing", "conflicting_clients", "user_missing", "zone_missing", "wrong_zone",
        "expiry_missing", "expired", "not_yet_valid", "issued_in_the_future", "issue_time_missing", "too_old",
        "audience_missing", "wrong_audience", "inactive", "insufficient_scope", "keys_unavailable",
        "too_many_questions", "question_refused", "no_issuer_set", "no_audience_set", "leeway_out_of_range",
        "age_out_of_range", "malformed_scope", "malformed_saved_keys", "saved_keys_of_another", "saved_keys_too_old"});
constexpr std::array bearer_names = std::to_array<std::string_view>(
    {"no_token", "several_tokens", "token_in_target", "token_in_form", "malformed_authorization"});

static_assert(errc_names.size() == static_cast<std::size_t>(pks::errc::invalid_expires_in));
static_assert(oauth_names.size() == static_cast<std::size_t>(pks::oauth_errc::other));
static_assert(api_names.size() == static_cast<std::size_t>(pks::api_errc::other));
static_assert(tls_names.size() == static_cast<std::size_t>(pks::tls_errc::malformed));
static_assert(jose_names.size() == static_cast<std::size_t>(pks::jose_errc::key_set_empty));
static_assert(token_names.size() == static_cast<std::size_t>(pks::token_errc::saved_keys_too_old));
static_assert(bearer_names.size() == static_cast<std::size_t>(pks::bearer_errc::malformed_authorization));

} // namespace

std::string name_of(pks::error_code ec)
{
    std::string const category = ec.category().name();
    auto named = [&](std::span<std::string_view const> names) {
        auto const at = static_cast<std::size_t>(ec.value()) - 1;
        return category + ":" + (at < names.size() ? std::string(names[at]) : std::to_string(ec.value()));
    };
    if (ec.category() == pks::client_category())
        return named(errc_names);
    if (ec.category() == pks::oauth_category())
        return named(oauth_names);
    if (ec.category() == pks::api_category())
        return named(api_names);
    if (ec.category() == pks::tls_category())
        return named(tls_names);
    if (ec.category() == pks::jose_category())
        return named(jose_names);
    if (ec.category() == pks::token_category())
        return named(token_names);
    if (ec.category() == pks::bearer_category())
        return named(bearer_names);
    return category + ":" + std::to_string(ec.value());
}

} // namespace conform
