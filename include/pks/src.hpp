// The bodies of the core, for one translation unit of the compiled mode.
#pragma once

#ifndef PKS_SEPARATE_COMPILATION
#error "define PKS_SEPARATE_COMPILATION for every translation unit that uses pks, and include this in exactly one"
#endif

#include <pks/impl/algorithm.ipp>
#include <pks/impl/async_check_token.ipp>
#include <pks/impl/async_get_token.ipp>
#include <pks/impl/async_list_clusters.ipp>
#include <pks/impl/async_login.ipp>
#include <pks/impl/async_target.ipp>
#include <pks/impl/async_token_keys.ipp>
#include <pks/impl/base64url.ipp>
#include <pks/impl/basic_credentials.ipp>
#include <pks/impl/certificate_check.ipp>
#include <pks/impl/claim_rules.ipp>
#include <pks/impl/claims.ipp>
#include <pks/impl/client.ipp>
#include <pks/impl/cluster.ipp>
#include <pks/impl/cluster_messages.ipp>
#include <pks/impl/connection.ipp>
#include <pks/impl/connector.ipp>
#include <pks/impl/credentials.ipp>
#include <pks/impl/diagnostics.ipp>
#include <pks/impl/endpoint.ipp>
#include <pks/impl/error.ipp>
#include <pks/impl/exchange.ipp>
#include <pks/impl/form.ipp>
#include <pks/impl/identity.ipp>
#include <pks/impl/introspection_answer.ipp>
#include <pks/impl/introspection_cache.ipp>
#include <pks/impl/jose_errc.ipp>
#include <pks/impl/json_document.ipp>
#include <pks/impl/json_value.ipp>
#include <pks/impl/jwk.ipp>
#include <pks/impl/jwk_set.ipp>
#include <pks/impl/jws.ipp>
#include <pks/impl/key_cache.ipp>
#include <pks/impl/refusal.ipp>
#include <pks/impl/request.ipp>
#include <pks/impl/response_parser.ipp>
#include <pks/impl/scope_requirement.ipp>
#include <pks/impl/secret.ipp>
#include <pks/impl/strict_json.ipp>
#include <pks/impl/string_list.ipp>
#include <pks/impl/tls_context.ipp>
#include <pks/impl/token_cache.ipp>
#include <pks/impl/token_claims.ipp>
#include <pks/impl/token_errc.ipp>
#include <pks/impl/token_messages.ipp>
#include <pks/impl/token_tag.ipp>
#include <pks/impl/trust.ipp>
#include <pks/impl/uaa_messages.ipp>
#include <pks/impl/validator.ipp>
#include <pks/impl/verifier.ipp>
