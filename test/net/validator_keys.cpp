// validator.hpp: how it gets keys, how often, and what it makes of a bad key endpoint.
#include <net/loopback_server.hpp>
#include <net/scripted_uaa.hpp>
#include <net/validation.hpp>

#include <boost/asio/error.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/err.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace json = boost::json;
using net_test::http_reply;
using net_test::json_reply;
using net_test::mint;
using net_test::note;
using net_test::run_until;
using net_test::said;
using pks::condition;
using pks::error_code;
using pks::identity;
using pks::jose_errc;
using pks::token_errc;
using namespace std::chrono_literals;

struct fixture : net_test::validation
{
    fixture() : uaa(ctx)
    {
        uaa.reply(json_reply(mint::key_set({1})));
    }

    pks::validator_options options() const
    {
        return validation::options(uaa.endpoint());
    }
    pks::validator validator()
    {
        return pks::validator(ctx.get_executor(), options());
    }

    // Validates all of them at once; how each ended, in the order of the tokens.
    std::vector<error_code> validate_at_once(pks::validator v, std::vector<std::string> const& tokens)
    {
        std::deque<note<identity>> notes(tokens.size());
        for (std::size_t i = 0; i != tokens.size(); ++i)
            v.async_validate_token(tokens[i], notes[i]);
        BOOST_TEST(run_until(ctx, [&notes] {
            return std::all_of(notes.begin(), notes.end(), [](auto const& n) { return n.seen().completions != 0; });
        }));
        std::vector<error_code> out;
        for (auto const& n : notes)
            out.push_back(n.seen().ec);
        return out;
    }

    // A token whose key nobody can know.
    std::string alien()
    {
        return coin.forged("alien-" + std::to_string(++aliens));
    }

    net_test::scripted_uaa uaa;
    int aliens = 0;
};

std::size_t count(std::vector<error_code> const& all, error_code ec)
{
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), ec));
}

// A key set whose first key is changed.
std::string changed_set(std::function<void(json::object&)> const& change)
{
    auto set = json::parse(mint::key_set({1}));
    change(set.as_object()["keys"].as_array()[0].as_object());
    return json::serialize(set);
}

// A reply of the key endpoint that is of no use, and what key_report() then names.
struct bad_reply
{
    std::string name;
    std::string octets;
    error_code reason;
    bool then_closes = false;
};

std::vector<bad_reply> bad_replies(std::uint16_t elsewhere)
{
    auto const set = mint::key_set({1});
    auto const keys = [](int n) {
        std::string out = R"({"keys":[{})";
        for (int i = 1; i != n; ++i)
            out += ",{}";
        return out + "]}";
    };
    std::string const html = "<!doctype html><html><body>Log in</body></html>";
    std::string const location = "Location: http://127.0.0.1:" + std::to_string(elsewhere) + "/token_keys\r\n";
    std::string const no_keys = R"({"error":"x"})";
    return {
        {"401", http_reply(401, "application/json", no_keys), pks::oauth_errc::unauthorized},
        {"403", http_reply(403, "application/json", no_keys), pks::oauth_errc::access_denied},
        {"404", http_reply(404, "text/html", html), pks::oauth_errc::not_found},
        {"429", http_reply(429, "application/json", no_keys), pks::oauth_errc::too_many_requests},
        {"500", http_reply(500, "text/html", html), pks::oauth_errc::server_error},
        {"503", http_reply(503, "text/html", html), pks::oauth_errc::unavailable},
        {"302", http_reply(302, "text/html", "", location), pks::errc::redirected},
        {"301 with keys", http_reply(301, "application/json", set, location), pks::errc::redirected},
        {"204", "HTTP/1.1 204 \r\n\r\n", pks::errc::unexpected_status},
        {"206 with keys", http_reply(206, "application/json", set), pks::errc::unexpected_status},
        {"304 that nobody asked for", "HTTP/1.1 304 \r\n\r\n", pks::errc::unexpected_status},
        {"HTML", http_reply(200, "text/html", html), jose_errc::malformed_json},
        {"empty", json_reply(""), jose_errc::malformed_json},
        {"no set", json_reply(R"([])"), jose_errc::malformed_key_set},
        {"no keys", json_reply(R"({"keys":[]})"), jose_errc::key_set_empty},
        {"cut off", json_reply(set.substr(0, set.size() - 3)), jose_errc::malformed_json},
        {"twice the member", json_reply(R"({"keys":[],)" + set.substr(1)), jose_errc::duplicate_member},
        {"101 keys", json_reply(keys(101)), jose_errc::too_many_keys},
        {"10,000 keys", json_reply(keys(10'000)), jose_errc::too_many_values},
        {"depth 10,000", json_reply(R"({"keys":)" + std::string(10'000, '[') + std::string(10'000, ']') + '}'),
            jose_errc::json_too_deep},
        {"5 MB", json_reply(set + std::string(5'000'000, ' ')), pks::errc::body_too_large},
        {"head of 1 MB", json_reply(set, "X: " + std::string(1'000'000, 'x') + "\r\n"), pks::errc::head_too_large},
        {"half", json_reply(set).substr(0, 300), pks::errc::truncated, true},
        {"nothing", "", pks::errc::connection_closed, true},
        {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", pks::errc::protocol_error},
        {"no usable key", json_reply(changed_set([](auto& k) { k["use"] = "enc"; })), jose_errc::key_set_empty},
        {"HMAC key", json_reply(R"({"keys":[{"kty":"MAC","kid":"key-1","alg":"HS256","value":"tokenKey"}]})"),
            jose_errc::key_set_empty},
    };
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(validator_keys, fixture)

// ---- how often ----

BOOST_AUTO_TEST_CASE(many_at_once_cause_one_fetch)
{
    std::vector<std::string> tokens;
    for (int i = 0; i != 200; ++i)
        tokens.push_back(coin.token());
    auto v = validator();
    auto const ends = validate_at_once(v, tokens);
    BOOST_TEST(count(ends, error_code()) == tokens.size());
    BOOST_TEST(uaa.requests() == 1U);
    BOOST_TEST(uaa.connections() == 1U);
    auto const report = v.key_report();
    BOOST_TEST(report.fetches == 1U);
    BOOST_TEST(!report.failure);
    BOOST_TEST((report.fetched_at == clock->now()));
    BOOST_TEST(uaa.last_request().starts_with("GET /token_keys HTTP/1.1\r\n"));
    BOOST_TEST(uaa.last_request().find("Authorization") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_known_needs_no_waiting)
{
    auto v = validator();
    auto const token = coin.token();
    BOOST_TEST(!v.try_validate(token));
    BOOST_TEST(uaa.connections() == 0U);
    BOOST_TEST(!validate(v, token).ec);
    for (auto const& one : {token, coin.token()}) {
        auto const known = v.try_validate(one);
        BOOST_TEST_REQUIRE(known.has_value());
        BOOST_TEST(!known->error());
        BOOST_TEST((**known).name() == "automated-client");
    }
    // What would have to be fetched is not, and nothing is said of it.
    BOOST_TEST(!v.try_validate(coin.token(2)));
    ctx.restart();
    ctx.poll();
    BOOST_TEST(uaa.requests() == 1U);
}

// J8
BOOST_AUTO_TEST_CASE(ten_thousand_unknown_kids_cause_one_fetch_in_each_cool_down)
{
    auto v = validator();
    BOOST_TEST(!validate(v, coin.token()).ec);
    BOOST_TEST(uaa.requests() == 1U);
    std::size_t fetches = 1;
    for (int round = 0; round != 2; ++round) {
        clock->advance(10s);
        std::vector<std::string> flood;
        for (int i = 0; i != 5'000; ++i)
            flood.push_back(alien());
        // At once, one after the other, and good ones among them.
        auto const ends = validate_at_once(v, flood);
        BOOST_TEST(count(ends, jose_errc::unknown_key) == flood.size());
        BOOST_TEST((ends[0] == condition::unauthorized));
        for (int i = 0; i != 50; ++i) {
            BOOST_TEST(validate(v, alien()).ec == jose_errc::unknown_key);
            BOOST_TEST(!validate(v, coin.token()).ec);
        }
        BOOST_TEST(uaa.requests() == ++fetches);
        clock->advance(9s);
        BOOST_TEST(validate(v, alien()).ec == jose_errc::unknown_key);
        BOOST_TEST(uaa.requests() == fetches);
        clock->advance(-9s);
    }
    BOOST_TEST(v.key_report().fetches == fetches);
}

BOOST_AUTO_TEST_CASE(a_flood_while_the_uaa_is_away_does_not_multiply_the_fetches)
{
    uaa.reply(http_reply(503, "text/html", ""));
    auto v = validator();
    std::vector<std::string> flood;
    for (int i = 0; i != 1'000; ++i)
        flood.push_back(i % 2 == 0 ? alien() : coin.token());
    for (std::size_t round = 1; round <= 3; ++round) {
        auto const ends = validate_at_once(v, flood);
        BOOST_TEST(count(ends, token_errc::keys_unavailable) == flood.size());
        BOOST_TEST((ends[0] == condition::unavailable));
        BOOST_TEST((ends[0] == condition::retryable));
        BOOST_TEST((ends[0] != condition::unauthorized));
        BOOST_TEST(count(validate_at_once(v, flood), token_errc::keys_unavailable) == flood.size());
        BOOST_TEST(uaa.requests() == round);
        BOOST_TEST(v.key_report().failures_in_a_row == round);
        clock->advance(10s);
    }
}

BOOST_AUTO_TEST_CASE(a_kid_that_was_unknown_is_found_once_it_exists)
{
    auto v = validator();
    BOOST_TEST(!validate(v, coin.token()).ec);
    auto const token = coin.token(2);
    clock->advance(10s);
    BOOST_TEST(validate(v, token).ec == jose_errc::unknown_key);
    uaa.reply(json_reply(mint::key_set({1, 2})));
    // Remembered as unknown for a minute.
    clock->advance(59s);
    BOOST_TEST(validate(v, token).ec == jose_errc::unknown_key);
    BOOST_TEST(uaa.requests() == 2U);
    clock->advance(1s);
    BOOST_TEST(!validate(v, token).ec);
    BOOST_TEST(uaa.requests() == 3U);
}

// ---- rotation (J24) ----

BOOST_AUTO_TEST_CASE(a_new_key_costs_one_fetch)
{
    auto v = validator();
    BOOST_TEST(!validate(v, coin.token()).ec);
    clock->advance(10s);
    uaa.reply(json_reply(mint::key_set({2, 1})));
    std::vector<std::string> tokens;
    for (int i = 0; i != 50; ++i)
        tokens.push_back(coin.token(i % 2 == 0 ? 1 : 2));
    BOOST_TEST(count(validate_at_once(v, tokens), error_code()) == tokens.size());
    BOOST_TEST(uaa.requests() == 2U);
    BOOST_TEST(!v.key_report().failure);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_gone_is_refused_after_the_lifetime_at_the_latest)
{
    uaa.reply(json_reply(mint::key_set({1, 2})));
    auto v = validator();
    auto claims = coin.claims();
    claims["exp"] = coin.now().time_since_epoch().count() + 3600;
    auto const token = coin.token(claims);
    BOOST_TEST(!validate(v, token).ec);
    uaa.reply(json_reply(mint::key_set({2})));
    clock->advance(4min);
    // Fetched beside the validation, which is by the keys at hand.
    BOOST_TEST(!validate(v, token).ec);
    BOOST_TEST(run_until(ctx, [&] { return v.key_report().fetches == 2; }));
    BOOST_TEST(validate(v, token).ec == jose_errc::unknown_key);
    BOOST_TEST(v.try_validate(token).has_value() == false);
    clock->advance(1min);
    BOOST_TEST(validate(v, token).ec == jose_errc::unknown_key);
}

BOOST_AUTO_TEST_CASE(after_an_idle_time_the_first_token_waits_for_the_keys)
{
    auto v = validator();
    auto claims = coin.claims();
    claims["exp"] = coin.now().time_since_epoch().count() + 3600;
    auto const token = coin.token(claims);
    BOOST_TEST(!validate(v, token).ec);
    uaa.reply(json_reply(mint::key_set({2})));
    clock->advance(5min);
    BOOST_TEST(!v.try_validate(token));
    BOOST_TEST(validate(v, token).ec == jose_errc::unknown_key);
    BOOST_TEST(uaa.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(another_key_under_the_same_name_ends_what_the_old_one_verified)
{
    auto v = validator();
    auto const token = coin.token();
    BOOST_TEST(!validate(v, token).ec);
    uaa.reply(json_reply(changed_set([](auto& k) {
        auto other = mint::key(2).jwk(false);
        other["kid"] = "key-1";
        k = other;
    })));
    clock->advance(5min);
    BOOST_TEST(validate(v, token).ec == jose_errc::bad_signature);
    BOOST_TEST(validate(v, token).ec == jose_errc::bad_signature);
    BOOST_TEST(!validate(v, coin.token(coin.header(1), coin.claims(), 2)).ec);
}

// ---- ETag, Cache-Control (J23) ----

BOOST_AUTO_TEST_CASE(an_etag_comes_back_octet_for_octet)
{
    std::string const tag = "W/\"1729600000123\\x\xe4\"";
    uaa.reply(json_reply(mint::key_set({1}), "ETag: " + tag + "\r\n"));
    auto v = validator();
    BOOST_TEST(!validate(v, coin.token()).ec);
    BOOST_TEST(uaa.last_request().find("If-None-Match") == std::string::npos);

    uaa.reply("HTTP/1.1 304 \r\n\r\n");
    for (std::uint64_t round = 2; round <= 4; ++round) {
        clock->advance(5min);
        BOOST_TEST(!validate(v, coin.token()).ec);
        BOOST_TEST(uaa.requests() == round);
        BOOST_TEST(uaa.last_request().find("\r\nIf-None-Match: " + tag + "\r\n") != std::string::npos);
        BOOST_TEST(v.key_report().fetches == round);
        BOOST_TEST(!v.key_report().failure);
        BOOST_TEST((v.key_report().fetched_at == clock->now()));
    }
    // A 304 keeps what was verified by these keys.
    auto const token = coin.token();
    BOOST_TEST(!validate(v, token).ec);
    clock->advance(5min);
    BOOST_TEST(!validate(v, token).ec);
}

BOOST_AUTO_TEST_CASE(an_etag_that_could_not_be_sent_is_not)
{
    uaa.reply(json_reply(mint::key_set({1}), "ETag: \"a\tb\"\r\n"));
    auto v = validator();
    for (std::uint64_t round = 1; round <= 3; ++round) {
        BOOST_TEST(!validate(v, coin.token()).ec);
        BOOST_TEST(uaa.requests() == round);
        BOOST_TEST(!v.key_report().failure);
        BOOST_TEST(uaa.last_request().find("If-None-Match") == std::string::npos);
        clock->advance(5min);
    }
}

BOOST_AUTO_TEST_CASE(the_lifetime_stays_between_a_minute_and_a_day)
{
    struct
    {
        char const* field;
        std::chrono::seconds lifetime;
    } const all[] = {
        {"", 5min},
        {"Cache-Control: no-cache, no-store, max-age=0, must-revalidate\r\n", 5min},
        {"Cache-Control: max-age=0\r\n", 1min},
        {"Cache-Control: max-age=-1\r\n", 1min},
        {"Cache-Control: max-age=soon\r\n", 1min},
        {"Cache-Control: max-age=600\r\n", 10min},
        {"Cache-Control: max-age=9223372036854775808\r\n", 24h},
        {"Cache-Control: private\r\n", 5min},
    };
    for (auto const& one : all)
        BOOST_TEST_CONTEXT(one.field)
        {
            uaa.reply(json_reply(mint::key_set({1}), one.field));
            auto v = validator();
            auto claims = coin.claims();
            claims["exp"] = coin.now().time_since_epoch().count() + 200'000;
            auto const token = coin.token(claims);
            BOOST_TEST(!validate(v, token).ec);
            clock->advance(one.lifetime * 4 / 5 - 1s);
            BOOST_TEST(v.try_validate(token).has_value());
            BOOST_TEST(!validate(v, token).ec);
            BOOST_TEST(v.key_report().fetches == 1U);
            clock->advance(1s);
            BOOST_TEST(!v.try_validate(token).has_value());
            BOOST_TEST(!validate(v, token).ec);
            BOOST_TEST(run_until(ctx, [&] { return v.key_report().fetches == 2; }));
        }
}

// ---- a key endpoint that fails (J22) ----

BOOST_AUTO_TEST_CASE(keys_that_are_known_keep_verifying_whatever_comes_after_them)
{
    net_test::loopback_server trap(ctx.get_executor(),
        {.does = net_test::loopback_server::manner::replying, .reply = json_reply(mint::key_set({2}))});
    for (auto const& bad : bad_replies(trap.port()))
        BOOST_TEST_CONTEXT(bad.name)
        {
            uaa.reply(json_reply(mint::key_set({1})));
            auto v = validator();
            auto claims = coin.claims();
            claims["exp"] = coin.now().time_since_epoch().count() + 200'000;
            auto const token = coin.token(claims);
            BOOST_TEST(!validate(v, token).ec);
            auto const asked = uaa.requests();

            uaa.reply(bad.octets, bad.then_closes);
            clock->advance(5min);
            // The first waits to hear whether the key is still there.
            BOOST_TEST(!validate(v, token).ec);
            auto report = v.key_report();
            BOOST_TEST(report.failure == bad.reason);
            BOOST_TEST(report.last_failure == bad.reason);
            BOOST_TEST((report.last_failed_at == clock->now()));
            BOOST_TEST(report.failures_in_a_row == 1U);
            BOOST_TEST(report.fetches == 2U);
            BOOST_TEST(uaa.requests() == asked + 1);

            // Nobody asks again before the cool-down has passed, and nobody waits after it.
            clock->advance(9s);
            BOOST_TEST(v.try_validate(token).has_value());
            BOOST_TEST(!validate(v, token).ec);
            BOOST_TEST(!validate(v, coin.token()).ec);
            BOOST_TEST(validate(v, alien()).ec == token_errc::keys_unavailable);
            BOOST_TEST(uaa.requests() == asked + 1);
            clock->advance(1s);
            BOOST_TEST(!validate(v, token).ec);
            BOOST_TEST(run_until(ctx, [&] { return v.key_report().fetches == 3; }));
            BOOST_TEST(v.key_report().failures_in_a_row == 2U);

            // A day after its lifetime nobody can vouch for a key any more.
            clock->advance(24h);
            BOOST_TEST(validate(v, token).ec == token_errc::keys_unavailable);

            uaa.reply(json_reply(mint::key_set({1})));
            clock->advance(10s);
            BOOST_TEST(!validate(v, token).ec);
            report = v.key_report();
            BOOST_TEST(!report.failure);
            BOOST_TEST(report.failures_in_a_row == 0U);
            BOOST_TEST(report.last_failure == bad.reason);
        }
    BOOST_TEST(trap.connections() == 0U);
    BOOST_TEST(::ERR_peek_error() == 0UL);
}

BOOST_AUTO_TEST_CASE(without_keys_the_diagnostics_tell_why)
{
    for (auto const& bad : bad_replies(1))
        BOOST_TEST_CONTEXT(bad.name)
        {
            auto v = validator();
            uaa.reply(bad.octets, bad.then_closes);
            auto const token = coin.token();
            for (int i = 0; i != 2; ++i) {
                auto const got = validate(v, token);
                BOOST_TEST(got.ec == token_errc::keys_unavailable);
                BOOST_TEST(diag.endpoint == uaa.endpoint().authority());
                BOOST_TEST(diag.attempts == 1);
                BOOST_TEST((diag.http_status != 0 || !diag.detail.empty() || diag.step == pks::step::read));
                BOOST_TEST(said(got.ec, diag).find(token.substr(0, 30)) == std::string::npos);
            }
            BOOST_TEST(v.key_report().failure == bad.reason);
        }
    // Nobody listens there.
    std::uint16_t nobody = 0;
    {
        net_test::scripted_uaa gone(ctx);
        nobody = gone.port();
    }
    auto o = options();
    o.uaa = pks::endpoint::parse("http://127.0.0.1", nobody, pks::allow_plain_http_on_loopback).value();
    pks::validator v(ctx.get_executor(), o);
    BOOST_TEST(validate(v, coin.token()).ec == token_errc::keys_unavailable);
    BOOST_TEST(v.key_report().failure == boost::asio::error::connection_refused);
    BOOST_TEST(diag.step == pks::step::connect);
}

BOOST_AUTO_TEST_CASE(a_silent_key_endpoint_ends_with_the_deadline_of_the_fetch)
{
    uaa.hold();
    auto o = options();
    o.fetch_deadline = 50ms;
    pks::validator v(ctx.get_executor(), o);
    BOOST_TEST(validate(v, coin.token()).ec == token_errc::keys_unavailable);
    BOOST_TEST(v.key_report().failure == pks::errc::timeout);
    BOOST_TEST(diag.step == pks::step::read);
    uaa.answer(json_reply(mint::key_set({1})));
    clock->advance(10s);
    BOOST_TEST(!validate(v, coin.token()).ec);
}

BOOST_AUTO_TEST_CASE(a_uaa_that_cannot_be_trusted_gives_no_keys)
{
    net_test::validation_with_uaa with;
    auto o = with.options();
    o.trust = pks::trust::pem(pks::testing::certificate_authority("another CA").root_pem());
    pks::validator v(with.ctx.get_executor(), o);
    BOOST_TEST(with.validate(v, with.client_token()).ec == token_errc::keys_unavailable);
    BOOST_TEST((v.key_report().failure == condition::untrusted));
    BOOST_TEST(with.diag.step == pks::step::handshake);
    BOOST_TEST(with.requests("/token_keys") == 0U);
    o.trust = pks::trust::ca_file("/nowhere/ca.pem");
    pks::validator without(with.ctx.get_executor(), o);
    BOOST_TEST(with.validate(without, with.client_token()).ec == token_errc::keys_unavailable);
    BOOST_TEST(without.key_report().failure == pks::errc::ca_not_found);
    BOOST_TEST(with.diag.step == pks::step::load);
}

// ---- a set that is partly bad ----

BOOST_AUTO_TEST_CASE(a_key_that_a_set_spoils_counts_on)
{
    auto const twice = [] {
        auto set = json::parse(mint::key_set({1, 2}));
        auto& keys = set.as_object()["keys"].as_array();
        keys.push_back(keys[0]);
        return json::serialize(set);
    }();
    auto const with_2 = [](std::function<void(json::object&)> const& change) {
        auto set = json::parse(mint::key_set({1, 2}));
        change(set.as_object()["keys"].as_array()[0].as_object());
        return json::serialize(set);
    };
    std::pair<std::string, jose_errc> const all[] = {
        {twice, jose_errc::duplicate_key_id},
        {with_2([](auto& k) { k["use"] = "enc"; }), jose_errc::wrong_key_use},
        {with_2([](auto& k) { k["key_ops"] = json::array{"sign"}; }), jose_errc::wrong_key_use},
        {with_2([](auto& k) { k["e"] = "AQ"; }), jose_errc::bad_exponent},
        {with_2([](auto& k) { k["n"] = 1; }), jose_errc::malformed_key},
        {with_2([](auto& k) { k["kty"] = "MAC"; }), jose_errc::symmetric_key_refused},
    };
    for (auto const& [set, why] : all)
        BOOST_TEST_CONTEXT(error_code(why).message())
        {
            uaa.reply(json_reply(mint::key_set({1}), "ETag: \"1\"\r\n"));
            auto v = validator();
            BOOST_TEST(!validate(v, coin.token()).ec);
            uaa.reply(json_reply(set, "ETag: \"2\"\r\n"));
            clock->advance(5min);
            BOOST_TEST(!validate(v, coin.token()).ec);
            BOOST_TEST(!validate(v, coin.token(2)).ec);
            auto const report = v.key_report();
            BOOST_TEST(!report.failure);
            BOOST_TEST(report.carried == 1U);
            BOOST_TEST_REQUIRE(!report.refused.empty());
            BOOST_TEST(report.refused[0].reason == why);
            BOOST_TEST(report.refused[0].kid.value_or("") == "key-1");
            // The same set again would say nothing of the key that was spoiled.
            clock->advance(5min);
            BOOST_TEST(!validate(v, coin.token(2)).ec);
            BOOST_TEST(uaa.last_request().find("If-None-Match") == std::string::npos);
        }
}

BOOST_AUTO_TEST_CASE(a_key_that_was_twice_in_the_first_set_verifies_nothing)
{
    auto set = json::parse(mint::key_set({1, 2}));
    auto& keys = set.as_object()["keys"].as_array();
    keys.push_back(keys[0]);
    uaa.reply(json_reply(json::serialize(set)));
    auto v = validator();
    BOOST_TEST(validate(v, coin.token()).ec == jose_errc::unknown_key);
    BOOST_TEST(!validate(v, coin.token(2)).ec);
}

// J21
BOOST_AUTO_TEST_CASE(private_members_are_dropped_and_reported)
{
    std::string const d = "cHJpdmF0ZS1leHBvbmVudC1vZi1ub3Rl";
    uaa.reply(json_reply(changed_set([&d](auto& k) { k["d"] = d; })));
    auto v = validator();
    auto const got = validate(v, coin.token());
    BOOST_TEST(!got.ec);
    BOOST_TEST(v.key_report().private_members);
    BOOST_TEST(v.save_keys().find(d) == std::string::npos);
    BOOST_TEST(said(got.ec, diag).find(d) == std::string::npos);
}

// ---- saved keys ----

BOOST_AUTO_TEST_CASE(starts_with_saved_keys_while_the_uaa_is_away)
{
    auto first = validator();
    BOOST_TEST(first.save_keys() == "");
    uaa.reply(json_reply(mint::key_set({1}), "ETag: \"17\"\r\n"));
    BOOST_TEST(!validate(first, coin.token()).ec);
    auto const saved = first.save_keys();
    BOOST_TEST(saved.find("key-1") != std::string::npos);

    uaa.reply("", true);
    auto o = options();
    o.saved_keys = saved;
    clock->advance(1min);
    pks::validator fresh(ctx.get_executor(), o);
    BOOST_TEST(fresh.try_validate(coin.token()).has_value());
    BOOST_TEST(!validate(fresh, coin.token()).ec);
    BOOST_TEST(uaa.requests() == 1U);
    BOOST_TEST(!fresh.key_report().saved_keys);
    BOOST_TEST((fresh.key_report().fetched_at == clock->now() - 1min));

    // Older than its lifetime: used where nothing better can be had.
    clock->advance(1h);
    pks::validator old(ctx.get_executor(), o);
    BOOST_TEST(!old.try_validate(coin.token()).has_value());
    BOOST_TEST(!validate(old, coin.token()).ec);
    BOOST_TEST(uaa.requests() == 2U);
    BOOST_TEST(old.key_report().failure == pks::errc::connection_closed);
    BOOST_TEST(uaa.last_request().find("\r\nIf-None-Match: \"17\"\r\n") != std::string::npos);

    clock->advance(24h);
    pks::validator too_old(ctx.get_executor(), o);
    BOOST_TEST(too_old.key_report().saved_keys == token_errc::saved_keys_too_old);
    BOOST_TEST(validate(too_old, coin.token()).ec == token_errc::keys_unavailable);
}

BOOST_AUTO_TEST_CASE(saved_keys_of_another_uaa_are_not_taken)
{
    auto first = validator();
    BOOST_TEST(!validate(first, coin.token()).ec);
    net_test::scripted_uaa other(ctx);
    other.reply(json_reply(mint::key_set({2})));
    auto o = validation::options(other.endpoint());
    o.saved_keys = first.save_keys();
    pks::validator second(ctx.get_executor(), o);
    BOOST_TEST(second.key_report().saved_keys == token_errc::saved_keys_of_another);
    BOOST_TEST(validate(second, coin.token()).ec == jose_errc::unknown_key);
    BOOST_TEST(!validate(second, coin.token(2)).ec);

    o = options();
    o.saved_keys = "{}";
    pks::validator third(ctx.get_executor(), o);
    BOOST_TEST(third.key_report().saved_keys == token_errc::malformed_saved_keys);
    BOOST_TEST(!validate(third, coin.token()).ec);
}

// ---- the embedded UAA ----

BOOST_AUTO_TEST_CASE(follows_the_rotation_of_a_uaa)
{
    for (auto const g : {pks::testing::uaa_generation::v4_30, pks::testing::uaa_generation::v77_18}) {
        net_test::validation_with_uaa with(g);
        pks::validator v(with.ctx.get_executor(), with.options());
        auto const before = with.client_token();
        BOOST_TEST(!with.validate(v, before).ec);
        with.clock->advance(5min);
        BOOST_TEST(!with.validate(v, before).ec);
        BOOST_TEST(with.requests("/token_keys") == 2U);

        with.clock->advance(10s);
        with.plane->rotate_key(mint::key(2));
        auto const after = with.client_token();
        BOOST_TEST(!with.validate(v, after).ec);
        BOOST_TEST(!with.validate(v, before).ec);
        BOOST_TEST(with.requests("/token_keys") == 3U);

        BOOST_TEST(with.plane->forget_key("key-1"));
        with.clock->advance(5min);
        BOOST_TEST(with.validate(v, before).ec == jose_errc::unknown_key);
        BOOST_TEST(!with.validate(v, after).ec);
        BOOST_TEST(with.requests("/token_keys") == 4U);
        BOOST_TEST(!v.key_report().last_failure);
    }
}

BOOST_AUTO_TEST_SUITE_END()
