// /check_token and /introspect of the embedded UAA.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/testing/uaa_client_login.hpp>
#include <pks/testing/uaa_replies.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace pks::inline v0::testing {

class uaa_server;

/// One question about a token. Lives for one call of uaa_server::handle().
///
/// Source: facts §2.3 and §2.4; the recordings check_token and introspect.
class uaa_token_questions
{
public:
    PKS_DECL uaa_token_questions(
        uaa_server& server, request const& req, uaa_replies const& replies, clock::time_point now);

    PKS_DECL reply check_token();
    PKS_DECL reply introspect();

private:
    PKS_DECL void require_authority();
    PKS_DECL void require_scopes(boost::json::object const& claims) const;
    PKS_DECL static boost::json::object answer(boost::json::object const& claims);

    uaa_server& server_;
    request const& request_;
    uaa_replies const& replies_;
    std::int64_t seconds_;
    request_parameters parameters_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/uaa_token_questions.ipp>
#endif
