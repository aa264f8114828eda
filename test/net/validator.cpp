// validator.hpp, offline: which tokens are accepted, and what the others get.
#include <net/loopback_server.hpp>
#include <net/scripted_uaa.hpp>
#include <net/validation.hpp>

#include <boost/json/array.hpp>

#include <openssl/err.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace json = boost::json;
using net_test::all_of;
using net_test::json_reply;
using net_test::mint;
using net_test::said;
using pks::condition;
using pks::error_code;
using pks::jose_errc;
using pks::token_errc;
using pks::testing::uaa_generation;
using namespace std::chrono_literals;

uaa_generation const generations[] = {uaa_generation::v4_30, uaa_generation::v77_18};

std::string name_of(uaa_generation g)
{
    return g == uaa_generation::v4_30 ? "4.30" : "77.18";
}

// A UAA that a script plays, whose keys are key-1 and key-2.
struct fixture : net_test::validation
{
    fixture() : uaa(ctx)
    {
        uaa.reply(json_reply(mint::key_set({1, 2})));
    }

    pks::validator_options options() const
    {
        return validation::options(uaa.endpoint());
    }
    pks::validator validator()
    {
        return pks::validator(ctx.get_executor(), options());
    }

    net_test::scripted_uaa uaa;
};

// A part of a token with its last octet but one changed: the last one may hold bits that do not count.
std::string altered(std::string part)
{
    auto& c = part[part.size() - 2];
    c = c == 'A' ? 'B' : 'A';
    return part;
}

} // namespace

BOOST_AUTO_TEST_SUITE(validator)

// ---- tokens of the embedded UAA ----

BOOST_AUTO_TEST_CASE(accepts_the_tokens_of_clients_and_users)
{
    for (auto const g : generations)
        BOOST_TEST_CONTEXT(name_of(g))
        {
            net_test::validation_with_uaa with(g);
            pks::validator v(with.ctx.get_executor(), with.options());

            auto const of_client = with.validate(v, with.client_token());
            BOOST_TEST_REQUIRE(!of_client.ec);
            BOOST_TEST(!of_client.value.user());
            BOOST_TEST(of_client.value.name() == "automated-client");
            BOOST_TEST(of_client.value.client_id() == "automated-client");
            BOOST_TEST(of_client.value.has_scope("pks.clusters.admin"));
            BOOST_TEST(of_client.value.has_scope("pks.clusters.manage"));
            BOOST_TEST(!of_client.value.has_scope("pks.clusters"));
            BOOST_TEST_REQUIRE(of_client.value.expires_at().has_value());
            BOOST_TEST(
                (*of_client.value.expires_at() == std::chrono::floor<std::chrono::seconds>(with.clock->now()) + 12h));

            auto const of_user = with.validate(v, with.user_token());
            BOOST_TEST_REQUIRE(!of_user.ec);
            BOOST_TEST(of_user.value.user());
            BOOST_TEST(of_user.value.name() == "alana");
            BOOST_TEST(of_user.value.client_id() == "pks_cli");
            BOOST_TEST(of_user.value.claims().zid() == "uaa");
            BOOST_TEST(of_user.value.has_scope("pks.clusters.manage"));

            BOOST_TEST(with.requests("/token_keys") == 1U);
            BOOST_TEST(with.plane->count().uaa_connections == 1U);
            BOOST_TEST(::ERR_peek_error() == 0UL);
        }
}

BOOST_AUTO_TEST_CASE(refuses_what_a_uaa_makes_for_other_purposes)
{
    for (auto const g : generations)
        BOOST_TEST_CONTEXT(name_of(g))
        {
            net_test::validation_with_uaa with(g);
            auto options = with.options();
            options.rules.any_audience = true;
            pks::validator v(with.ctx.get_executor(), options);
            auto const grant = with.grant("browser-client", "browser-secret",
                "grant_type=password&username=alana&password=alana-password&response_type=token+id_token");
            BOOST_TEST(!with.validate(v, grant.at("access_token").as_string()).ec);
            auto const id = with.validate(v, grant.at("id_token").as_string());
            BOOST_TEST(id.ec == token_errc::id_token);
            BOOST_TEST((id.ec == condition::unauthorized));
            auto const refresh = with.validate(v, grant.at("refresh_token").as_string());
            // The later generation's is opaque.
            BOOST_TEST(refresh.ec ==
                (g == uaa_generation::v4_30 ? error_code(token_errc::refresh_token)
                                            : error_code(jose_errc::not_compact)));
            BOOST_TEST((refresh.ec == condition::unauthorized));
            BOOST_TEST(!refresh.value);
            BOOST_TEST(with.validate(v, with.client_token("&token_format=opaque")).ec == jose_errc::not_compact);
        }
}

BOOST_AUTO_TEST_CASE(expects_the_issuer_that_follows_from_the_address)
{
    net_test::validation_with_uaa with;
    pks::validator v(with.ctx.get_executor(), with.options());
    auto const token = with.client_token();
    auto const good = with.validate(v, token);
    BOOST_TEST(good.value.claims().iss() == with.plane->uaa_url() + "/oauth/token");

    // The same server under another of its names.
    pks::validator other(with.ctx.get_executor(), [&] {
        pks::validator_options out("127.0.0.1:" + std::to_string(with.plane->uaa_port()), with.plane->trust());
        out.rules.audiences = {"pks.clusters"};
        out.clock = with.clock;
        return out;
    }());
    BOOST_TEST(with.validate(other, token).ec == token_errc::wrong_issuer);
}

// ---- what the rules say ----

BOOST_FIXTURE_TEST_CASE(each_rule_has_its_code, fixture)
{
    struct wrong
    {
        char const* name;
        std::function<void(json::object&)> change;
        token_errc code;
    };
    wrong const all[] = {
        {"another issuer", [](auto& c) { c["iss"] = "https://uaa.example/oauth/token/"; }, token_errc::wrong_issuer},
        {"no issuer", [](auto& c) { c.erase("iss"); }, token_errc::issuer_missing},
        {"refresh", [](auto& c) { c["jti"] = "abc-r"; }, token_errc::refresh_token},
        {"granted scopes", [](auto& c) { c["granted_scopes"] = json::array{"pks.clusters.manage"}; },
            token_errc::refresh_token},
        {"no id", [](auto& c) { c.erase("jti"); }, token_errc::token_id_missing},
        {"no scope", [](auto& c) { c.erase("scope"); }, token_errc::scope_missing},
        {"no expiry", [](auto& c) { c.erase("exp"); }, token_errc::expiry_missing},
        {"expired", [this](auto& c) { c["exp"] = coin.now().time_since_epoch().count(); }, token_errc::expired},
        {"not yet", [this](auto& c) { c["nbf"] = coin.now().time_since_epoch().count() + 62; },
            token_errc::not_yet_valid},
        {"of tomorrow", [this](auto& c) { c["iat"] = coin.now().time_since_epoch().count() + 62; },
            token_errc::issued_in_the_future},
        {"no audience", [](auto& c) { c.erase("aud"); }, token_errc::audience_missing},
        {"another audience", [](auto& c) { c["aud"] = json::array{"pks.clusters.admin", "PKS.clusters"}; },
            token_errc::wrong_audience},
    };
    auto v = validator();
    BOOST_TEST(!validate(v, coin.token()).ec);
    for (auto const& one : all)
        BOOST_TEST_CONTEXT(one.name)
        {
            auto claims = coin.claims();
            one.change(claims);
            auto const token = coin.token(claims);
            for (int i = 0; i < 2; ++i) {
                auto const got = validate(v, token);
                BOOST_TEST(got.ec == one.code);
                BOOST_TEST((got.ec == condition::unauthorized));
                BOOST_TEST((got.ec != condition::forbidden));
                BOOST_TEST(!got.value);
            }
            auto const at_once = v.try_validate(token);
            BOOST_TEST_REQUIRE(at_once.has_value());
            BOOST_TEST(at_once->error() == one.code);
        }
    BOOST_TEST(uaa.requests() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_scope_that_is_missing_is_forbidden, fixture)
{
    auto v = validator();
    auto const token = coin.token();
    auto const lacking = validate(v, token, all_of({"pks.clusters.manage", "pks.clusters.admin"}));
    BOOST_TEST(lacking.ec == token_errc::insufficient_scope);
    BOOST_TEST((lacking.ec == condition::forbidden));
    BOOST_TEST((lacking.ec != condition::unauthorized));
    BOOST_TEST(!lacking.value);
    // The next request needs less, and the one after it more again.
    BOOST_TEST(!validate(v, token, all_of({"pks.clusters.manage"})).ec);
    BOOST_TEST(validate(v, token, all_of({"pks.clusters.admin"})).ec == token_errc::insufficient_scope);
    BOOST_TEST(validate(v, token, all_of({"PKS.clusters.manage"})).ec == token_errc::insufficient_scope);
}

BOOST_FIXTURE_TEST_CASE(a_cached_token_ends_when_it_expires, fixture)
{
    auto v = validator();
    auto const token = coin.token();
    BOOST_TEST(!validate(v, token).ec);
    clock->set(coin.now() + 600s - 1ms);
    BOOST_TEST(!validate(v, token).ec);
    clock->advance(1ms);
    auto const over = validate(v, token);
    BOOST_TEST(over.ec == token_errc::expired);
    BOOST_TEST((over.ec == condition::unauthorized));
    // A clock that is set back revives it as any token whose time has not come.
    clock->advance(-1ms);
    BOOST_TEST(!validate(v, token).ec);
}

// ---- signatures ----

BOOST_FIXTURE_TEST_CASE(refuses_what_the_uaa_has_not_signed, fixture)
{
    auto v = validator();
    auto const token = coin.token();
    auto const first = token.find('.');
    auto const second = token.rfind('.');
    auto const header = token.substr(0, first);
    auto const payload = token.substr(first + 1, second - first - 1);
    auto const signature = token.substr(second + 1);
    auto const other = coin.token();
    auto const others_signature = other.substr(other.rfind('.') + 1);

    BOOST_TEST(!validate(v, token).ec);
    auto const check = [&](std::string const& forged, jose_errc code) {
        auto const got = validate(v, forged);
        BOOST_TEST(got.ec == code);
        BOOST_TEST((got.ec == condition::unauthorized));
        BOOST_TEST(!got.value);
    };
    check(header + '.' + payload + '.' + altered(signature), jose_errc::bad_signature);
    check(header + '.' + payload + '.' + others_signature, jose_errc::bad_signature);
    check(header + '.' + payload + '.', jose_errc::wrong_signature_length);
    check(header + '.' + payload + '.' + signature.substr(0, 340), jose_errc::wrong_signature_length);
    check(header + '.' + other.substr(first + 1, other.rfind('.') - first - 1) + '.' + signature,
        jose_errc::bad_signature);
    // Of another key under this one's name.
    check(coin.token(coin.header(1), coin.claims(), 3), jose_errc::bad_signature);
    check(coin.token(coin.header(1), coin.claims(), 2), jose_errc::bad_signature);
    // Under its own name, which nobody knows here.
    check(coin.token(3), jose_errc::unknown_key);
    BOOST_TEST(!validate(v, token).ec);
    BOOST_TEST(::ERR_peek_error() == 0UL);
}

BOOST_FIXTURE_TEST_CASE(asks_for_no_key_that_no_key_could_help, fixture)
{
    auto const with_alg = [this](json::value alg) {
        auto header = coin.header(1);
        header["alg"] = std::move(alg);
        return coin.token(header, coin.claims(), 1);
    };
    auto header = coin.header(1);
    header["typ"] = "dpop+jwt";
    std::pair<std::string, jose_errc> const all[] = {
        {with_alg("none"), jose_errc::algorithm_not_allowed},
        {with_alg("nOnE"), jose_errc::algorithm_not_allowed},
        {with_alg(42), jose_errc::malformed_header},
        {with_alg("HS256"), jose_errc::algorithm_not_allowed},
        {with_alg("RS384"), jose_errc::algorithm_not_allowed},
        {coin.token(header, coin.claims(), 1), jose_errc::wrong_token_type},
        {coin.token() + ".x", jose_errc::not_compact},
        {"", jose_errc::not_compact},
        {"opaque", jose_errc::not_compact},
        {coin.token() + "=", jose_errc::invalid_base64url},
        {std::string(1'000'000, '.'), jose_errc::token_too_large},
    };
    auto options = fixture::options();
    options.algorithms = pks::jose::algorithm_set{pks::jose::algorithm::rs256};
    pks::validator v(ctx.get_executor(), options);
    for (auto const& [token, code] : all) {
        auto const got = validate(v, token);
        BOOST_TEST(got.ec == code);
        BOOST_TEST((got.ec == condition::unauthorized));
    }
    BOOST_TEST(uaa.connections() == 0U);
    BOOST_TEST(!validate(v, coin.token()).ec);
    BOOST_TEST(uaa.connections() == 1U);
}

// J9
BOOST_FIXTURE_TEST_CASE(without_kid_as_configured, fixture)
{
    auto header = coin.header(1);
    header.erase("kid");
    for (auto const& [how, bad, good] :
        {std::tuple(pks::jose::missing_kid::refused, error_code(jose_errc::missing_key_id),
             error_code(jose_errc::missing_key_id)),
            std::tuple(pks::jose::missing_kid::any_key, error_code(jose_errc::bad_signature), error_code())}) {
        auto o = options();
        o.without_kid = how;
        auto other = pks::validator(ctx.get_executor(), o);
        BOOST_TEST(validate(other, coin.token(header, coin.claims(), 3)).ec == bad);
        BOOST_TEST(validate(other, coin.token(header, coin.claims(), 1)).ec == good);
    }
}

// J6, J7
BOOST_FIXTURE_TEST_CASE(nothing_in_a_token_leads_anywhere, fixture)
{
    using net_test::loopback_server;
    loopback_server trap(
        ctx.get_executor(), {.does = loopback_server::manner::replying, .reply = json_reply(mint::key_set({3}))});
    auto const address = "http://127.0.0.1:" + std::to_string(trap.port()) + "/keys";
    auto v = validator();
    BOOST_TEST(!validate(v, coin.token()).ec);

    for (auto const* const name : {"jku", "x5u"}) {
        auto header = coin.header(1);
        header[name] = address;
        BOOST_TEST(!validate(v, coin.token(header, coin.claims(), 1)).ec);
        BOOST_TEST(validate(v, coin.token(header, coin.claims(), 3)).ec == jose_errc::bad_signature);
    }
    auto header = coin.header(1);
    header["jwk"] = mint::key(3).jwk(false);
    header["x5c"] = json::array{"MIIB"};
    BOOST_TEST(!validate(v, coin.token(header, coin.claims(), 1)).ec);
    BOOST_TEST(validate(v, coin.token(header, coin.claims(), 3)).ec == jose_errc::bad_signature);
    header.erase("kid");
    BOOST_TEST(validate(v, coin.token(header, coin.claims(), 3)).ec == jose_errc::ambiguous_key);

    for (auto const& kid :
        {std::string("../../dev/null"), std::string("/proc/self/environ"), address, std::string("x' UNION SELECT 'key"),
            std::string("|sleep 10"), std::string("a\r\nX: y"), std::string("key-1\0", 6), std::string("key-1 "),
            std::string("KEY-1"), std::string(), std::string(40'000, 'k')}) {
        header["kid"] = kid;
        auto const got = validate(v, coin.token(header, coin.claims(), 3));
        BOOST_TEST(got.ec == jose_errc::unknown_key);
        BOOST_TEST((kid.empty() || said(got.ec, diag).find(kid) == std::string::npos));
    }
    BOOST_TEST(trap.connections() == 0U);
    // One to learn the keys, and one for all the kids.
    BOOST_TEST(uaa.requests() == 2U);
    BOOST_TEST(uaa.connections() == 1U);
}

// ---- predicates (J27) ----

BOOST_FIXTURE_TEST_CASE(predicates_see_good_tokens_only_and_each_once, fixture)
{
    std::vector<std::string> seen;
    auto options = fixture::options();
    options.rules.predicates.emplace_back([&seen](pks::jose::claims const& c) {
        seen.emplace_back(c.jti());
        return c.has("blocked") ? error_code(pks::errc::duplicate_member) : error_code();
    });
    pks::validator v(ctx.get_executor(), options);
    auto const token = coin.token();
    auto claims = coin.claims();
    claims["blocked"] = true;
    auto const blocked = coin.token(claims);
    auto late = coin.claims();
    late["exp"] = 1;

    validate(v, coin.token(coin.header(1), coin.claims(), 3));
    validate(v, coin.token(3));
    validate(v, coin.token(late));
    validate(v, coin.token(), all_of({"pks.clusters.admin"}));
    validate(v, token + "A");
    BOOST_TEST(seen.empty());

    // Also the first time, and from the cache.
    for (std::size_t i = 1; i <= 3; ++i) {
        BOOST_TEST(!validate(v, token).ec);
        BOOST_TEST(seen.size() == i);
    }
    BOOST_TEST(validate(v, blocked).ec == pks::errc::duplicate_member);
    BOOST_TEST(seen.size() == 4U);
    BOOST_TEST(seen.back() == claims.at("jti").as_string());
}

BOOST_FIXTURE_TEST_CASE(a_predicate_is_asked_once_where_the_keys_had_to_be_fetched, fixture)
{
    int asked = 0;
    auto options = fixture::options();
    options.rules.predicates.emplace_back([&asked](pks::jose::claims const&) {
        ++asked;
        return error_code();
    });
    pks::validator v(ctx.get_executor(), options);
    BOOST_TEST(!validate(v, coin.token()).ec);
    BOOST_TEST(asked == 1);
    BOOST_TEST(!validate(v, coin.token(2)).ec);
    BOOST_TEST(asked == 2);
}

BOOST_FIXTURE_TEST_CASE(the_exception_of_a_predicate_passes_through, fixture)
{
    auto options = fixture::options();
    options.rules.predicates.emplace_back(
        [](pks::jose::claims const&) -> error_code { throw std::runtime_error("of the predicate"); });
    pks::validator v(ctx.get_executor(), options);
    v.async_validate_token(coin.token(), [](error_code, pks::identity const&) {});
    BOOST_CHECK_EXCEPTION(
        ctx.run(), std::runtime_error, [](auto const& e) { return std::string(e.what()) == "of the predicate"; });
    BOOST_CHECK_THROW((void)v.try_validate(coin.token()), std::runtime_error);
}

// ---- texts ----

BOOST_FIXTURE_TEST_CASE(no_text_holds_anything_of_a_token, fixture)
{
    auto v = validator();
    auto claims = coin.claims();
    claims["sub"] = "somebody-of-note";
    claims["exp"] = 1;
    auto header = coin.header(3);
    header["kid"] = "a-kid-of-note";
    std::vector<std::string> const tokens = {coin.token(claims), coin.token(header, coin.claims(), 3),
        coin.token(coin.header(1), claims, 3), "opaque-token-of-note"};
    for (auto const& token : tokens) {
        auto const got = validate(v, token);
        BOOST_TEST_REQUIRE(!!got.ec);
        auto const text = said(got.ec, diag);
        for (auto const& part : {token, token.substr(0, 20), token.substr(token.size() / 2), std::string("of-note"),
                 mint::issuer + std::string()})
            BOOST_TEST(text.find(part) == std::string::npos, text);
    }
}

// ---- settings ----

BOOST_FIXTURE_TEST_CASE(refuses_settings_that_cannot_be_meant, fixture)
{
    auto const code_of = [this](pks::validator_options const& o) {
        try {
            pks::validator v(ctx.get_executor(), o);
        } catch (boost::system::system_error const& e) {
            return e.code();
        }
        return error_code();
    };
    BOOST_TEST(!code_of(options()));
    auto o = options();
    o.rules.issuer.clear();
    BOOST_TEST(code_of(o) == token_errc::no_issuer_set);
    o = options();
    o.rules.audiences.clear();
    BOOST_TEST(code_of(o) == token_errc::no_audience_set);
    o.rules.scopes = all_of({"pks.clusters.manage"});
    BOOST_TEST(!code_of(o));
    o = options();
    o.rules.start_leeway = 301s;
    BOOST_TEST(code_of(o) == token_errc::leeway_out_of_range);
    for (auto const how : {pks::validation::online, pks::validation::offline_first}) {
        o = options();
        o.how = how;
        BOOST_TEST(code_of(o) == pks::errc::no_credentials);
        o.as = pks::client_authentication::assertion(pks::secret("eyJhbGciOiJSUzI1NiJ9.e30.AA"), "pks_client");
        BOOST_TEST(code_of(o) == pks::errc::missing_parameter);
        o.as = pks::client_authentication::basic("pks\nclient", pks::secret("s"));
        BOOST_TEST(code_of(o) == pks::errc::forbidden_character);
        o.as = pks::client_authentication::basic("pks_client", pks::secret("s"));
        BOOST_TEST(!code_of(o));
    }
    BOOST_CHECK_THROW(pks::validator_options("https://user@host", pks::skip_verification), boost::system::system_error);
}

BOOST_AUTO_TEST_SUITE_END()
