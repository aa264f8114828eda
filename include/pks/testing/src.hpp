// The bodies of pks::testing, for the one translation unit that compiles them.
#pragma once

#ifndef PKS_SEPARATE_COMPILATION
#error pks/testing/src.hpp is for builds with PKS_SEPARATE_COMPILATION
#endif

#include <pks/testing/impl/certificate_authority.ipp>
#include <pks/testing/impl/cluster_inventory.ipp>
#include <pks/testing/impl/control_plane.ipp>
#include <pks/testing/impl/fault_server.ipp>
#include <pks/testing/impl/one_time_codes.ipp>
#include <pks/testing/impl/pks_api.ipp>
#include <pks/testing/impl/random_id.ipp>
#include <pks/testing/impl/reply.ipp>
#include <pks/testing/impl/signing_key.ipp>
#include <pks/testing/impl/token_issuer.ipp>
#include <pks/testing/impl/token_store.ipp>
#include <pks/testing/impl/uaa_client_login.ipp>
#include <pks/testing/impl/uaa_directory.ipp>
#include <pks/testing/impl/uaa_replies.ipp>
#include <pks/testing/impl/uaa_server.ipp>
#include <pks/testing/impl/uaa_token_endpoint.ipp>
#include <pks/testing/impl/uaa_token_questions.ipp>
