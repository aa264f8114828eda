// From the arguments of a case to the call of an operation.
#pragma once

#include "runner/cases.hpp"
#include "runner/stream.hpp"

#include <pks/access_token.hpp>
#include <pks/credentials.hpp>
#include <pks/peer.hpp>

#include <boost/asio/io_context.hpp>

namespace conform {

/// The server of a case, at the time of its recording. Throws environment_error.
pks::peer peer_of(test_case const& c, std::chrono::system_clock::time_point now);

/// Credentials as a case describes them. Throws environment_error.
pks::credentials credentials_of(boost::json::object const& arguments);

struct call_outcome
{
    boost::json::object seen; ///< see outcome.hpp
    pks::access_token token;  ///< empty unless the operation gave one
};

/// Calls the case's operation over a stream, runs the context until it has completed, and says what came of it.
/// Throws environment_error for an operation or arguments that there are none of, and if no answer comes for a minute.
call_outcome call(boost::asio::io_context& context, stream& over, test_case const& c, pks::peer const& server);

} // namespace conform
