// What the guard of the API says of a request.
#include "judged.hpp"

#include <pks/identity.hpp>
#include <pks/jose/claims.hpp>
#include <pks/policy/bearer_refusal.hpp>
#include <pks/testing/pks_api.hpp>

#include <memory>
#include <string>

namespace testing_recorded {

pks::authorization judged(std::string_view claims, pks::testing::request const& req, pks::clock::time_point now)
{
    using pks::testing::pks_api;
    auto const read = std::make_shared<pks::jose::claims>();
    if (auto const ec = read->parse(claims))
        return refused(ec);
    auto const rules = pks_api::rules(std::string(read->iss()));
    if (auto const ec = rules.check(*read, now, pks_api::required_scopes(req.method, req.target)))
        return refused(ec);
    return pks::authorization(pks::identity(read));
}

pks::authorization refused(pks::error_code reason)
{
    return pks::authorization(reason, pks::policy::bearer_refusal(reason, "oauth2-resource", {}));
}

} // namespace testing_recorded
