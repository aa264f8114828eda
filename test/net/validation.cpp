// Bodies of validation.hpp.
#include <net/validation.hpp>

#include <pks/jose/base64url.hpp>
#include <pks/testing/token_issuer.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <map>
#include <utility>

namespace net_test {

namespace json = boost::json;

pks::testing::signing_key const& mint::key(std::size_t n)
{
    static std::map<std::size_t, pks::testing::signing_key> made;
    auto const at = made.find(n);
    if (at != made.end())
        return at->second;
    return made.emplace(n, pks::testing::signing_key::generate("key-" + std::to_string(n))).first->second;
}

std::string mint::key_set(std::initializer_list<std::size_t> keys)
{
    json::array all;
    for (auto const n : keys)
        all.push_back(key(n).jwk(false));
    json::object out;
    out["keys"] = std::move(all);
    return json::serialize(out);
}

std::chrono::sys_seconds mint::now() const
{
    return std::chrono::floor<std::chrono::seconds>(clock_->now());
}

json::object mint::claims() const
{
    static std::size_t made = 0;
    auto const seconds = now().time_since_epoch().count();
    json::object out;
    out["sub"] = "automated-client";
    out["iss"] = issuer;
    out["client_id"] = "automated-client";
    out["cid"] = "automated-client";
    out["aud"] = json::array{"automated-client", "pks.clusters"};
    out["zid"] = "uaa";
    out["scope"] = json::array{"pks.clusters.manage"};
    out["iat"] = seconds;
    out["exp"] = seconds + 600;
    out["jti"] = "token-" + std::to_string(++made);
    return out;
}

json::object mint::header(std::size_t key) const
{
    json::object out;
    out["alg"] = "RS256";
    out["kid"] = mint::key(key).kid();
    out["typ"] = "JWT";
    return out;
}

std::string mint::token(std::size_t with_key) const
{
    return token(claims(), with_key);
}

std::string mint::token(json::object const& claims, std::size_t with_key) const
{
    return token(header(with_key), claims, with_key);
}

std::string mint::token(json::object const& header, json::object const& claims, std::size_t with_key) const
{
    return pks::testing::token_issuer::sign(header, claims, key(with_key));
}

std::string mint::forged(std::string_view kid) const
{
    auto named = header(1);
    named["kid"] = kid;
    return pks::jose::base64url_encode(json::serialize(named)) + '.' +
        pks::jose::base64url_encode(json::serialize(claims())) + '.' +
        pks::jose::base64url_encode(std::string(256, 's'));
}

pks::policy::scope_requirement all_of(std::initializer_list<char const*> scopes)
{
    pks::policy::scope_requirement out;
    out.all.assign(scopes.begin(), scopes.end());
    return out;
}

std::string said(pks::error_code ec, pks::diagnostics const& diag)
{
    std::string out = ec.message() + '\n' + ec.what();
    for (auto const& text : {diag.message(), diag.endpoint, diag.error, diag.error_description, diag.body, diag.detail})
        out += '\n' + text;
    return out;
}

validation::validation() : clock(std::make_shared<pks::testing::manual_clock>()), coin(clock) {}

pks::validator_options validation::options(pks::endpoint const& uaa) const
{
    pks::validator_options out("localhost", pks::trust::pem(authority().root_pem()));
    out.uaa = uaa;
    out.rules.issuer = mint::issuer;
    out.rules.audiences = {"pks.clusters"};
    out.clock = clock;
    // A machine that stops for a while decides nothing.
    out.fetch_deadline = std::chrono::minutes(10);
    return out;
}

outcome<pks::identity> validation::validate(
    pks::validator v, std::string_view token, pks::policy::scope_requirement scopes)
{
    return finish<pks::identity>(
        ctx, [&](auto const& then) { v.async_validate_token(token, std::move(scopes), diag, then); });
}

validation_with_uaa::validation_with_uaa(pks::testing::uaa_generation g)
{
    auto options = plane_options();
    options.generation = g;
    options.clock = clock;
    plane.emplace(ctx.get_executor(), options);
}

pks::validator_options validation_with_uaa::options() const
{
    pks::validator_options out(plane->uaa_url(), plane->trust());
    out.rules.audiences = {"pks.clusters"};
    out.clock = clock;
    return out;
}

pks::validator_options validation_with_uaa::asking(pks::validation how, pks::policy::introspection_endpoint where) const
{
    auto out = options();
    out.how = how;
    out.asks = where;
    out.as = pks::client_authentication::basic("pks_client", pks::secret("pks-client-secret"));
    return out;
}

json::object validation_with_uaa::grant(std::string_view client, std::string_view secret, std::string const& form)
{
    pks::testing::request asked("POST", "/oauth/token");
    asked.fields = {
        {"Host", "localhost"}, {"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}};
    asked.body = form + "&client_id=" + std::string(client) + "&client_secret=" + std::string(secret);
    pks::testing::reply reply;
    plane->with_uaa([&](pks::testing::uaa_server& uaa) { reply = uaa.handle(asked, clock->now()); });
    BOOST_TEST_REQUIRE(reply.status == 200, reply.body);
    return json::parse(reply.body).as_object();
}

std::string validation_with_uaa::client_token(std::string const& more)
{
    auto const reply = grant("automated-client", "automated-secret", "grant_type=client_credentials" + more);
    return std::string(reply.at("access_token").as_string());
}

std::string validation_with_uaa::user_token(std::string const& more)
{
    auto const reply = grant("pks_cli", "", "grant_type=password&username=alana&password=alana-password" + more);
    return std::string(reply.at("access_token").as_string());
}

std::size_t validation_with_uaa::requests(std::string_view path) const
{
    return plane->uaa_requests(path);
}

} // namespace net_test
