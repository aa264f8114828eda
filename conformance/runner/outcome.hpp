// What an operation came to, as JSON of the form that cases expect.
#pragma once

#include "runner/difference.hpp"

#include <pks/accepted.hpp>
#include <pks/access_token.hpp>
#include <pks/cluster.hpp>
#include <pks/diagnostics.hpp>
#include <pks/kubeconfig.hpp>
#include <pks/target_info.hpp>
#include <pks/token_claims.hpp>
#include <pks/token_keys.hpp>

#include <boost/json/object.hpp>

#include <string>

namespace conform {

boost::json::object describe(pks::target_info const& info);
boost::json::object describe(pks::access_token const& token);
boost::json::object describe(pks::token_claims const& claims);
boost::json::object describe(pks::token_keys const& keys);
boost::json::object describe(pks::cluster_list const& clusters);
boost::json::object describe(pks::cluster const& cluster);
boost::json::object describe(pks::accepted const& word);
boost::json::object describe(pks::kubeconfig const& config);

/// `result` or `error`, and what diagnostics say besides.
boost::json::object outcome_of(pks::error_code ec, boost::json::object result, pks::diagnostics const& diag);

/// Whatever the case expects must be there, and of a result nothing more.
differences compare_outcomes(boost::json::object const& expected, boost::json::object const& seen);

} // namespace conform
