// All public headers.
#pragma once

#include <pks/access_token.hpp>
#include <pks/async_list_clusters.hpp>
#include <pks/async_login.hpp>
#include <pks/client.hpp>
#include <pks/clock.hpp>
#include <pks/cluster.hpp>
#include <pks/credentials.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/error.hpp>
#include <pks/guard.hpp>
#include <pks/identity.hpp>
#include <pks/limits.hpp>
#include <pks/peer.hpp>
#include <pks/secret.hpp>
#include <pks/target_info.hpp>
#include <pks/token_claims.hpp>
#include <pks/token_keys.hpp>
#include <pks/trust.hpp>
#include <pks/uaa/async_check_token.hpp>
#include <pks/uaa/async_get_token.hpp>
#include <pks/uaa/async_target.hpp>
#include <pks/uaa/async_token_keys.hpp>
#include <pks/validator.hpp>
