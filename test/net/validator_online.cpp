// validator.hpp, online and offline first: what the UAA is asked, how often, and what its answers are worth.
#include <net/scripted_uaa.hpp>
#include <net/validation.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/err.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace json = boost::json;
using net_test::all_of;
using net_test::http_reply;
using net_test::json_reply;
using net_test::mint;
using net_test::note;
using net_test::run_until;
using net_test::said;
using net_test::validation_with_uaa;
using pks::condition;
using pks::error_code;
using pks::identity;
using pks::jose_errc;
using pks::token_errc;
using pks::policy::introspection_endpoint;
using pks::testing::uaa_generation;
using namespace std::chrono_literals;

std::string path_of(introspection_endpoint e)
{
    return e == introspection_endpoint::introspect ? "/introspect" : "/check_token";
}

// Each way of asking each generation.
template <class Body>
void with_each(Body body)
{
    for (auto const g : {uaa_generation::v4_30, uaa_generation::v77_18})
        for (auto const where : {introspection_endpoint::introspect, introspection_endpoint::check_token})
            BOOST_TEST_CONTEXT((g == uaa_generation::v4_30 ? "4.30 " : "77.18 ") << path_of(where))
            {
                validation_with_uaa with(g);
                body(with, where, path_of(where));
            }
}

// A UAA that a script plays.
struct fixture : net_test::validation
{
    fixture() : uaa(ctx) {}

    pks::validator_options options(pks::validation how = pks::validation::online) const
    {
        auto out = validation::options(uaa.endpoint());
        out.how = how;
        out.as = pks::client_authentication::basic("pks_client", pks::secret("secret-of-pks-client"));
        return out;
    }

    // As /introspect answers about a token of these claims.
    static std::string active(json::object claims)
    {
        claims["active"] = true;
        return json_reply(json::serialize(claims));
    }

    net_test::scripted_uaa uaa;
};

} // namespace

BOOST_AUTO_TEST_SUITE(validator_online)

// ---- the embedded UAA ----

BOOST_AUTO_TEST_CASE(asks_once_while_an_answer_counts)
{
    with_each([](validation_with_uaa& with, introspection_endpoint where, std::string const& path) {
        pks::validator v(with.ctx.get_executor(), with.asking(pks::validation::online, where));
        auto const token = with.client_token();
        BOOST_TEST(!v.try_validate(token));
        auto const got = with.validate(v, token);
        BOOST_TEST_REQUIRE(!got.ec);
        BOOST_TEST(got.value.name() == "automated-client");
        BOOST_TEST(!got.value.user());
        BOOST_TEST(got.value.has_scope("pks.clusters.manage"));
        BOOST_TEST(with.diag.http_status == 200);
        BOOST_TEST(with.diag.step == pks::step::done);
        BOOST_TEST(with.diag.attempts == 1);

        auto const known = v.try_validate(token);
        BOOST_TEST_REQUIRE(known.has_value());
        BOOST_TEST(!known->error());
        with.clock->advance(29s);
        BOOST_TEST(!with.validate(v, token).ec);
        BOOST_TEST(with.diag.attempts == 0);
        BOOST_TEST(with.requests(path) == 1U);
        with.clock->advance(1s);
        BOOST_TEST(!v.try_validate(token));
        BOOST_TEST(!with.validate(v, token).ec);
        BOOST_TEST(with.requests(path) == 2U);

        auto const user = with.validate(v, with.user_token());
        BOOST_TEST_REQUIRE(!user.ec);
        BOOST_TEST(user.value.user());
        BOOST_TEST(user.value.name() == "alana");
        // No key was needed for any of this.
        BOOST_TEST(with.requests("/token_keys") == 0U);
        BOOST_TEST(::ERR_peek_error() == 0UL);
    });
}

BOOST_AUTO_TEST_CASE(hears_of_a_revocation_when_the_answer_is_over)
{
    with_each([](validation_with_uaa& with, introspection_endpoint where, std::string const&) {
        pks::validator v(with.ctx.get_executor(), with.asking(pks::validation::online, where));
        for (auto const& token : {with.client_token(), with.client_token("&token_format=opaque")})
            BOOST_TEST(!with.validate(v, token).ec);
        auto const token = with.client_token();
        BOOST_TEST(!with.validate(v, token).ec);
        BOOST_TEST(with.plane->revoke_client("automated-client"));
        BOOST_TEST(!with.validate(v, token).ec);
        with.clock->advance(30s);
        auto const revoked = with.validate(v, token);
        BOOST_TEST(revoked.ec == token_errc::inactive);
        BOOST_TEST((revoked.ec == condition::unauthorized));
        BOOST_TEST(!revoked.value);
        // At once where somebody knows.
        auto const next = with.client_token();
        BOOST_TEST(!with.validate(v, next).ec);
        BOOST_TEST(with.plane->revoke_client("automated-client"));
        v.forget_tokens();
        BOOST_TEST(with.validate(v, next).ec == token_errc::inactive);
    });
}

BOOST_AUTO_TEST_CASE(what_is_no_access_token_is_refused)
{
    with_each([](validation_with_uaa& with, introspection_endpoint where, std::string const& path) {
        auto options = with.asking(pks::validation::online, where);
        options.rules.any_audience = true;
        pks::validator v(with.ctx.get_executor(), options);
        auto const grant = with.grant("browser-client", "browser-secret",
            "grant_type=password&username=alana&password=alana-password&response_type=token+id_token&scope=openid");
        std::size_t asked = 0;
        for (auto const& [token, code] :
            {std::pair(std::string(grant.at("id_token").as_string()), token_errc::id_token),
                std::pair(std::string(grant.at("refresh_token").as_string()), token_errc::inactive),
                std::pair(std::string("no-token-of-anybody"), token_errc::inactive),
                std::pair(mint(with.clock).token(), token_errc::inactive)}) {
            auto const got = with.validate(v, token);
            BOOST_TEST(got.ec == code);
            BOOST_TEST((got.ec == condition::unauthorized));
            BOOST_TEST(said(got.ec, with.diag).find(token) == std::string::npos);
            // A refusal is kept for a shorter time.
            with.clock->advance(9s);
            BOOST_TEST(with.validate(v, token).ec == code);
            BOOST_TEST(with.requests(path) == ++asked);
        }
        with.clock->advance(1s);
        BOOST_TEST(with.validate(v, mint(with.clock).token()).ec == token_errc::inactive);
        BOOST_TEST(with.requests(path) == ++asked);
    });
}

BOOST_AUTO_TEST_CASE(offline_first_asks_about_opaque_and_revocable_tokens)
{
    with_each([](validation_with_uaa& with, introspection_endpoint where, std::string const& path) {
        int judged = 0;
        auto options = with.asking(pks::validation::offline_first, where);
        options.rules.predicates.emplace_back([&judged](pks::jose::claims const&) {
            ++judged;
            return error_code();
        });
        pks::validator v(with.ctx.get_executor(), options);
        BOOST_TEST(!with.validate(v, with.client_token()).ec);
        BOOST_TEST(!with.validate(v, with.user_token()).ec);
        BOOST_TEST(with.requests(path) == 0U);
        BOOST_TEST(judged == 2);

        auto const opaque = with.client_token("&token_format=opaque");
        for (int i = 0; i != 2; ++i) {
            auto const got = with.validate(v, opaque);
            BOOST_TEST_REQUIRE(!got.ec);
            BOOST_TEST(got.value.name() == "automated-client");
            BOOST_TEST(got.value.claims().revocable());
            BOOST_TEST(with.requests(path) == 1U);
            BOOST_TEST(judged == 3 + i);
        }

        // A token that came from an opaque refresh token.
        auto const refresh =
            with.grant("pks_cli", "", "grant_type=password&username=alana&password=alana-password&token_format=opaque");
        auto const grant = with.grant("pks_cli", "",
            "grant_type=refresh_token&refresh_token=" + std::string(refresh.at("refresh_token").as_string()));
        auto const token = std::string(grant.at("access_token").as_string());
        BOOST_TEST(std::count(token.begin(), token.end(), '.') == 2);
        judged = 0;
        for (int i = 1; i <= 2; ++i) {
            auto const got = with.validate(v, token);
            BOOST_TEST_REQUIRE(!got.ec);
            BOOST_TEST(got.value.name() == "alana");
            BOOST_TEST(with.requests(path) == 2U);
            BOOST_TEST(judged == i);
        }
        BOOST_TEST(v.try_validate(token).has_value());
        auto const jti = std::string(grant.at("jti").as_string());
        with.plane->with_uaa([&](pks::testing::uaa_server& uaa) { BOOST_TEST(uaa.issuer().store().remove(jti)); });
        with.clock->advance(30s);
        BOOST_TEST(with.validate(v, token).ec == token_errc::inactive);

        // Offline nobody hears of it.
        pks::validator offline(with.ctx.get_executor(), with.options());
        BOOST_TEST(!with.validate(offline, token).ec);

        // What the signature or the claims speak against is not asked about.
        auto const asked = with.requests(path);
        auto const dot = token.rfind('.');
        auto const other = with.client_token();
        BOOST_TEST(with.validate(v, token.substr(0, dot + 1) + other.substr(other.rfind('.') + 1)).ec ==
            jose_errc::bad_signature);
        BOOST_TEST(with.validate(v, mint(with.clock).token()).ec == jose_errc::bad_signature);
        v.forget_tokens();
        with.clock->advance(600s);
        BOOST_TEST(with.validate(v, token).ec == token_errc::expired);
        BOOST_TEST(with.requests(path) == asked);
    });
}

BOOST_AUTO_TEST_CASE(an_opaque_token_needs_no_keys)
{
    validation_with_uaa with;
    pks::validator v(
        with.ctx.get_executor(), with.asking(pks::validation::offline_first, introspection_endpoint::introspect));
    auto const opaque = with.client_token("&token_format=opaque");
    BOOST_TEST(!v.try_validate(opaque));
    BOOST_TEST(!with.validate(v, opaque).ec);
    BOOST_TEST(v.try_validate(opaque).has_value());
    BOOST_TEST(with.requests("/token_keys") == 0U);
    BOOST_TEST(with.requests("/introspect") == 1U);
}

BOOST_AUTO_TEST_CASE(ten_thousand_at_once_make_one_introspection)
{
    with_each([](validation_with_uaa& with, introspection_endpoint where, std::string const& path) {
        pks::validator v(with.ctx.get_executor(), with.asking(pks::validation::offline_first, where));
        auto const opaque = with.client_token("&token_format=opaque");
        note<identity> first;
        std::size_t ended = 0;
        std::size_t good = 0;
        for (int i = 0; i != 10'000; ++i)
            v.async_validate_token(opaque, [&](error_code ec, identity const& whose) {
                ++ended;
                good += !ec && whose.name() == "automated-client" ? 1 : 0;
            });
        BOOST_TEST(ended == 0U);
        BOOST_TEST(run_until(with.ctx, [&ended] { return ended == 10'000; }));
        BOOST_TEST(good == 10'000U);
        BOOST_TEST(with.requests(path) == 1U);
        BOOST_TEST(with.plane->count().uaa_connections == 1U);
    });
}

// The client that asks is not the token's holder, who is told nothing of this.
BOOST_AUTO_TEST_CASE(a_client_that_may_not_ask_speaks_not_against_the_token)
{
    with_each([](validation_with_uaa& with, introspection_endpoint where, std::string const&) {
        auto options = with.asking(pks::validation::online, where);
        auto const token = with.client_token();
        for (auto const& [id, secret, status] :
            {std::tuple("pks_client", "not-its-secret", 401), std::tuple("nobody-here", "not-its-secret", 401),
                std::tuple("powerless-client", "powerless-secret", 403)}) {
            options.as = pks::client_authentication::basic(id, pks::secret(secret));
            pks::validator v(with.ctx.get_executor(), options);
            auto const got = with.validate(v, token);
            BOOST_TEST(got.ec == token_errc::question_refused);
            BOOST_TEST((got.ec != condition::unauthorized));
            BOOST_TEST((got.ec != condition::forbidden));
            BOOST_TEST((got.ec == condition::unavailable));
            BOOST_TEST(with.diag.http_status == status);
            BOOST_TEST(!with.diag.error.empty());
            auto const text = said(got.ec, with.diag);
            BOOST_TEST(text.find(secret) == std::string::npos);
            BOOST_TEST(text.find(token) == std::string::npos);
            BOOST_TEST(!v.try_validate(token));
        }
    });
}

// ---- what a script answers ----

// O12
BOOST_FIXTURE_TEST_CASE(only_true_is_active, fixture)
{
    auto claims = coin.claims();
    std::pair<std::string, error_code> const all[] = {
        {R"("active":false,)", token_errc::inactive},
        {R"("active":"true",)", token_errc::inactive},
        {R"("active":1,)", token_errc::inactive},
        {R"("active":null,)", token_errc::inactive},
        {R"("active":[true],)", token_errc::inactive},
        {"", token_errc::inactive},
        {R"("active":false,"active":true,)", pks::errc::unexpected_json},
        {R"("active":true,)", error_code()},
    };
    int n = 0;
    for (auto const& [member, code] : all) {
        uaa.reply(json_reply('{' + member + json::serialize(claims).substr(1)));
        pks::validator v(ctx.get_executor(), options());
        BOOST_TEST(validate(v, "opaque-" + std::to_string(++n)).ec == code);
    }
}

BOOST_FIXTURE_TEST_CASE(an_active_token_is_judged_by_all_rules, fixture)
{
    pks::validator v(ctx.get_executor(), options());
    auto ask = [this, n = 0](
                   pks::validator by, json::object const& claims, pks::policy::scope_requirement scopes = {}) mutable {
        uaa.reply(active(claims));
        return validate(by, "opaque-" + std::to_string(++n), std::move(scopes)).ec;
    };
    auto claims = coin.claims();
    BOOST_TEST(!ask(v, claims));
    BOOST_TEST(ask(v, claims, all_of({"pks.clusters.admin"})) == token_errc::insufficient_scope);
    claims["aud"] = json::array{"other"};
    BOOST_TEST(ask(v, claims) == token_errc::wrong_audience);
    claims = coin.claims();
    claims["iss"] = "https://other.example/oauth/token";
    BOOST_TEST(ask(v, claims) == token_errc::wrong_issuer);
    claims = coin.claims();
    claims["exp"] = coin.now().time_since_epoch().count();
    BOOST_TEST(ask(v, claims) == token_errc::expired);
    claims = coin.claims();
    claims["jti"] = "1-r";
    BOOST_TEST(ask(v, claims) == token_errc::refresh_token);
    claims = coin.claims();
    claims.erase("exp");
    BOOST_TEST(ask(v, claims) == token_errc::expiry_missing);
    BOOST_TEST(ask(v, {}) == token_errc::issuer_missing);
}

BOOST_FIXTURE_TEST_CASE(no_answer_outlives_the_token, fixture)
{
    pks::validator v(ctx.get_executor(), options());
    auto claims = coin.claims();
    claims["exp"] = coin.now().time_since_epoch().count() + 10;
    uaa.reply(active(claims));
    BOOST_TEST(!validate(v, "opaque").ec);
    clock->set(coin.now() + 10s - 1ms);
    BOOST_TEST(!validate(v, "opaque").ec);
    BOOST_TEST(uaa.requests() == 1U);
    clock->advance(1ms);
    uaa.reply(json_reply(R"({"active":false})"));
    BOOST_TEST(validate(v, "opaque").ec == token_errc::inactive);
    BOOST_TEST(uaa.requests() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_failure_is_no_answer_and_is_not_kept, fixture)
{
    std::pair<std::string, error_code> const all[] = {
        {http_reply(500, "application/json", "{}"), pks::oauth_errc::server_error},
        {http_reply(503, "text/html", "<html>"), pks::oauth_errc::unavailable},
        {http_reply(429, "application/json", R"({"error":"Too many"})"), pks::oauth_errc::too_many_requests},
        {http_reply(404, "text/html", "<html>"), pks::oauth_errc::not_found},
        {http_reply(302, "text/html", "", "Location: http://127.0.0.1:1/\r\n"), pks::errc::redirected},
        {http_reply(204, "text/html", ""), pks::errc::unexpected_status},
        {json_reply("<html>"), pks::errc::unexpected_json},
        {json_reply("[]"), pks::errc::unexpected_json},
        {json_reply(R"({"active":true,"aud":1})"), pks::errc::unexpected_json},
        {json_reply(std::string(2'000'000, ' ')), pks::errc::body_too_large},
        {"HTTP/1.1 200 \r\nContent-Length: 100\r\n\r\n{", pks::errc::truncated},
        {"", pks::errc::connection_closed},
    };
    for (auto const how : {pks::validation::online, pks::validation::offline_first}) {
        pks::validator v(ctx.get_executor(), options(how));
        for (auto const& [reply, code] : all)
            BOOST_TEST_CONTEXT(code.message())
            {
                auto const asked = uaa.requests();
                for (std::size_t i = 1; i <= 2; ++i) {
                    uaa.reply(reply, true);
                    auto const got = validate(v, "opaque");
                    BOOST_TEST(got.ec == code);
                    BOOST_TEST(!got.value);
                    BOOST_TEST(!v.try_validate("opaque"));
                    BOOST_TEST(uaa.requests() == asked + i);
                    BOOST_TEST(diag.endpoint == uaa.endpoint().authority());
                }
            }
        uaa.reply(active(coin.claims()));
        BOOST_TEST(!validate(v, "opaque").ec);
    }
}

BOOST_FIXTURE_TEST_CASE(check_token_says_no_with_400, fixture)
{
    auto o = options();
    o.asks = introspection_endpoint::check_token;
    pks::validator v(ctx.get_executor(), o);
    std::string const dead =
        R"({"error":"invalid_token","error_description":"The token has been revoked: opaque-token"})";
    uaa.reply(http_reply(400, "application/json", dead));
    BOOST_TEST(validate(v, "opaque-token").ec == token_errc::inactive);
    BOOST_TEST(diag.http_status == 400);
    BOOST_TEST(said({}, diag).find("opaque-token") == std::string::npos);
    BOOST_TEST(diag.error_description == "The token has been revoked: [redacted]");
    std::string const ended = R"({"error":"invalid_token","error_description":"Token has expired"})";
    uaa.reply(http_reply(400, "application/json", ended));
    BOOST_TEST(validate(v, "ended").ec == token_errc::expired);
    BOOST_TEST(validate(v, "ended").ec == token_errc::expired, "and is not asked about again");
    // Of any other kind it says nothing about the token.
    uaa.reply(http_reply(401, "application/json", dead));
    BOOST_TEST(validate(v, "another").ec == token_errc::question_refused);
    uaa.reply(http_reply(400, "application/json", R"({"error":"invalid_request"})"));
    BOOST_TEST(validate(v, "another").ec == pks::oauth_errc::invalid_request);
    o.asks = introspection_endpoint::introspect;
    uaa.reply(http_reply(400, "application/json", dead));
    BOOST_TEST(validate(pks::validator(ctx.get_executor(), o), "another").ec == token_errc::question_refused);
}

BOOST_FIXTURE_TEST_CASE(asks_as_its_client_and_shows_no_secret, fixture)
{
    pks::validator v(ctx.get_executor(), options());
    std::string const token = "0123456789abcdef0123456789abcdef";
    uaa.reply(http_reply(
        500, "application/json", R"({"error":"x","error_description":"secret-of-pks-client )" + token + "\"}"));
    auto const got = validate(v, token);
    auto const asked = uaa.last_request();
    BOOST_TEST(asked.starts_with("POST /introspect HTTP/1.1\r\n"));
    BOOST_TEST(asked.ends_with("\r\n\r\ntoken=" + token));
    BOOST_TEST(asked.find("\r\nAuthorization: Basic cGtzX2NsaWVudDpzZWNyZXQtb2YtcGtzLWNsaWVudA==\r\n") != asked.npos);
    BOOST_TEST(diag.error_description == "[redacted] [redacted]");
    auto const text = said(got.ec, diag);
    BOOST_TEST(text.find("secret-of") == std::string::npos);
    BOOST_TEST(text.find(token.substr(0, 12)) == std::string::npos);
}

// ---- what a client of the service can do with its token ----

BOOST_FIXTURE_TEST_CASE(what_cannot_be_a_token_is_not_asked_about, fixture)
{
    uaa.reply(active(coin.claims()));
    std::string const no_tokens[] = {
        "", " ", "a b", "a\nb", std::string("a\0b", 3), "a\x7f", "t\xc3\xb6ken", "a,b", "\"a\"", "a\r\nX: y"};
    for (auto const how : {pks::validation::online, pks::validation::offline_first}) {
        pks::validator v(ctx.get_executor(), options(how));
        for (auto const& token : no_tokens) {
            auto const got = validate(v, token);
            BOOST_TEST(got.ec == jose_errc::not_compact);
            BOOST_TEST((got.ec == condition::unauthorized));
        }
        BOOST_TEST(validate(v, std::string(64 * 1024 + 1, 'a')).ec == jose_errc::token_too_large);
        BOOST_TEST(uaa.connections() == 0U);
    }
    pks::validator v(ctx.get_executor(), options());
    BOOST_TEST(!validate(v, std::string(64 * 1024, 'a')).ec);
    BOOST_TEST(!validate(v, "-._~+/=09azAZ").ec);
    BOOST_TEST(uaa.requests() == 2U);
}

BOOST_FIXTURE_TEST_CASE(asks_about_a_bounded_number_at_once, fixture)
{
    auto o = options();
    o.introspection.questions = 3;
    pks::validator v(ctx.get_executor(), o);
    uaa.hold();
    std::deque<note<identity>> notes(8);
    for (std::size_t i = 0; i != notes.size(); ++i)
        v.async_validate_token("opaque-" + std::to_string(i % 4), notes[i]);
    auto const ended = [&notes] {
        return std::count_if(notes.begin(), notes.end(), [](auto const& n) { return n.seen().completions != 0; });
    };
    BOOST_TEST(run_until(ctx, [&] { return ended() == 2 && uaa.held() == 3; }));
    for (std::size_t i : {3U, 7U}) {
        BOOST_TEST(notes[i].seen().ec == token_errc::too_many_questions);
        BOOST_TEST((notes[i].seen().ec == condition::retryable));
    }
    uaa.answer(active(coin.claims()));
    BOOST_TEST(run_until(ctx, [&] { return ended() == 8; }));
    BOOST_TEST(std::count_if(notes.begin(), notes.end(), [](auto const& n) { return !n.seen().ec; }) == 6);
    BOOST_TEST(uaa.requests() == 3U);
    BOOST_TEST(!validate(v, "opaque-3").ec);
}

BOOST_AUTO_TEST_SUITE_END()
