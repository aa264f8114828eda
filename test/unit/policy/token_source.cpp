// Who gets the token of an identity, who waits, and when the UAA is asked: every step of it.
#include <pks/policy/token_source.hpp>

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace {

using pks::access_token;
using pks::error_code;
using pks::grant_type;
using pks::secret;
using pks::policy::token_fetch;
using pks::policy::token_settings;
using pks::policy::token_source;
using action = token_source::action;
using fetch_ptr = std::shared_ptr<token_fetch>;
using namespace std::chrono_literals;

struct waiter : pks::policy::waiter
{
};

pks::clock::steady_time_point at(std::chrono::milliseconds passed)
{
    return pks::clock::steady_time_point(24h) + passed;
}

access_token token(
    std::string_view value, std::optional<std::chrono::seconds> lifetime = 600s, std::string_view refresh = {})
{
    access_token::parts parts;
    parts.value = secret(value);
    parts.expires_in = lifetime;
    if (!refresh.empty())
        parts.refresh_token = secret(refresh);
    return access_token(std::move(parts));
}

pks::credentials client()
{
    return pks::client_credentials("c", secret("s"));
}
pks::credentials user()
{
    return pks::password_credentials("alana", secret("p"));
}
pks::credentials passcode()
{
    return pks::passcode_credentials(secret("code"));
}

std::string text(access_token const& t)
{
    return std::string(t.value().reveal());
}

// Whoever asks, and what it was told.
class caller
{
public:
    caller(token_source& source, std::chrono::milliseconds when) : step(source.ask(who, at(when))) {}

    waiter who;
    token_source::step step;
};

std::size_t tell_all(fetch_ptr const& fetch)
{
    std::size_t told = 0;
    while (fetch->waiting.take())
        ++told;
    return told;
}

// Asks and has it answered, without jitter.
void learn(token_source& source, access_token const& t, std::chrono::milliseconds when)
{
    caller one(source, when);
    BOOST_TEST_REQUIRE(!!one.step.start);
    source.on_token(one.step.start, t, at(when), 0);
    tell_all(one.step.start);
}

// A request of a fetch that failed, which ends it.
error_code fail(
    token_source& source, fetch_ptr const& fetch, error_code why, std::chrono::milliseconds when, bool sent = true)
{
    BOOST_TEST(!source.goes_on(fetch, why));
    source.on_failure(fetch, why, sent, at(when));
    tell_all(fetch);
    return why;
}

error_code const lost = pks::errc::connection_closed;
error_code const refused = pks::oauth_errc::bad_credentials;
error_code const api_refused = pks::api_errc::invalid_token;

} // namespace

BOOST_AUTO_TEST_SUITE(policy_token_source)

// ---- one fetch, whoever asks ----

BOOST_AUTO_TEST_CASE(nobody_without_credentials)
{
    token_source source({}, std::nullopt);
    caller one(source, 0s);
    BOOST_TEST((one.step.what == action::refuse));
    BOOST_TEST(one.step.refusal == error_code(pks::errc::no_credentials));
    BOOST_TEST(!one.step.start);
    BOOST_TEST(!one.who.waiting());
    BOOST_TEST(!source.peek(at(0s)));
}

BOOST_AUTO_TEST_CASE(ten_thousand_ask_and_one_fetches)
{
    token_source source({}, client());
    std::deque<caller> all;
    for (int i = 0; i != 10'000; ++i)
        all.emplace_back(source, 0s);
    auto const starters =
        std::count_if(all.begin(), all.end(), [](caller const& c) { return c.step.start != nullptr; });
    BOOST_TEST(starters == 1);
    BOOST_TEST(std::all_of(all.begin(), all.end(), [](caller const& c) { return c.step.what == action::wait; }));
    auto const fetch = all.front().step.start;
    BOOST_TEST(source.on_token(fetch, token("t"), at(0s), 0) == 1U);
    BOOST_TEST(tell_all(fetch) == 10'000U);
    caller late(source, 1s);
    BOOST_TEST((late.step.what == action::serve));
    BOOST_TEST(text(late.step.token) == "t");
    BOOST_TEST(late.step.generation == 1U);
    BOOST_TEST(!late.step.start);
}

BOOST_AUTO_TEST_CASE(the_first_may_leave_and_the_others_stay)
{
    token_source source({}, client());
    std::optional<caller> first(std::in_place, source, 0s);
    caller second(source, 0s);
    auto const fetch = first->step.start;
    BOOST_TEST_REQUIRE(!!fetch);
    BOOST_TEST(!second.step.start);
    first.reset();
    caller third(source, 0s);
    BOOST_TEST(!third.step.start);
    source.on_token(fetch, token("t"), at(0s), 0);
    BOOST_TEST(tell_all(fetch) == 2U);

    // Also if it was alone.
    token_source other({}, client());
    std::optional<caller> alone(std::in_place, other, 0s);
    auto const running = alone->step.start;
    alone.reset();
    BOOST_TEST(caller(other, 1s).step.start == nullptr);
    other.on_token(running, token("t"), at(0s), 0);
    BOOST_TEST(text(*other.peek(at(2s))) == "t");
}

// ---- its life ----

BOOST_AUTO_TEST_CASE(renewed_ahead_and_served_meanwhile)
{
    token_settings settings;
    settings.renew_after = 0.8;
    settings.jitter = 0.2;
    for (auto const& [random, due] : {std::pair(0.0, 480s), std::pair(0.5, 420s), std::pair(1.0, 360s)}) {
        token_source source(settings, client());
        caller first(source, 0s);
        source.on_token(first.step.start, token("old"), at(0s), random);
        tell_all(first.step.start);
        caller before(source, due - 1ms);
        BOOST_TEST((before.step.what == action::serve));
        BOOST_TEST(!before.step.start);
        BOOST_TEST(!!source.peek(at(due - 1ms)));

        BOOST_TEST(!source.peek(at(due)));
        BOOST_TEST(!!source.current(at(due)));
        caller renews(source, due);
        BOOST_TEST((renews.step.what == action::serve));
        BOOST_TEST(text(renews.step.token) == "old");
        BOOST_TEST_REQUIRE(!!renews.step.start);
        // One is enough, and nobody waits for it.
        caller meanwhile(source, due + 1s);
        BOOST_TEST((meanwhile.step.what == action::serve));
        BOOST_TEST(!meanwhile.step.start);
        BOOST_TEST(!!source.peek(at(due + 1s)));

        source.on_token(renews.step.start, token("new"), at(due), random);
        BOOST_TEST(text(*source.peek(at(due + 2s))) == "new");
        BOOST_TEST(source.generation() == 2U);
        BOOST_TEST((source.expires() == at(due + 600s)));
    }
}

BOOST_AUTO_TEST_CASE(over_twenty_lifetimes_nobody_waits_but_the_first)
{
    token_source source({}, client());
    int waited = 0, fetches = 0;
    std::optional<std::pair<fetch_ptr, std::chrono::seconds>> under_way;
    for (auto now = 0s; now != 20 * 600s; now += 1s) {
        // A UAA that takes 30 s.
        if (under_way && now == under_way->second + 30s) {
            source.on_token(under_way->first, token("t"), at(under_way->second), 0.5);
            tell_all(under_way->first);
            under_way.reset();
        }
        caller one(source, now);
        if (one.step.start) {
            ++fetches;
            under_way.emplace(one.step.start, now);
        }
        waited += now > 30s && one.step.what != action::serve;
        one.who.leave();
    }
    BOOST_TEST(waited == 0);
    BOOST_TEST(fetches == 30);
}

BOOST_AUTO_TEST_CASE(the_old_one_is_served_until_its_end_while_renewing_fails)
{
    token_source source({}, client());
    learn(source, token("t"), 0s);
    int requests = 0;
    auto now = std::chrono::milliseconds(450s);
    // Down from the renewal to 1 s before the end.
    for (; now != 599s; now += 100ms) {
        caller one(source, now);
        BOOST_TEST_REQUIRE((one.step.what == action::serve));
        if (one.step.start) {
            ++requests;
            fail(source, one.step.start, lost, now);
        }
    }
    // 1, 2, 4, 8, 16 s, then each 30 s: and the UAA is not besieged.
    BOOST_TEST(requests == 9);
    // It is back, and whoever comes first after the end waits for a token and gets no error.
    for (; now != 600s; now += 100ms) {
        caller one(source, now);
        BOOST_TEST_REQUIRE((one.step.what == action::serve));
        BOOST_TEST_REQUIRE(!one.step.start);
    }
    caller late(source, 600s);
    BOOST_TEST((late.step.what == action::wait));
    BOOST_TEST(!!late.step.start);
}

BOOST_AUTO_TEST_CASE(without_a_lifetime_for_those_who_wait_alone)
{
    token_source source({}, client());
    caller one(source, 0s), two(source, 0s);
    BOOST_TEST(source.on_token(one.step.start, token("t", std::nullopt), at(0s), 0) == 0U);
    BOOST_TEST(tell_all(one.step.start) == 2U);
    BOOST_TEST(!source.current(at(0s)));
    BOOST_TEST(!!caller(source, 0s).step.start);
    // One of no lifetime at all has ended when it comes.
    token_source other({}, client());
    learn(other, token("t", 0s), 0s);
    BOOST_TEST(!other.current(at(0s)));
    BOOST_TEST(!!caller(other, 0s).step.start);
}

// ---- failures ----

BOOST_AUTO_TEST_CASE(after_a_failure_all_get_it_until_the_cool_down_is_over)
{
    token_source source({}, client());
    caller one(source, 0s), two(source, 0s);
    error_code why = lost;
    BOOST_TEST(!source.goes_on(one.step.start, why));
    BOOST_TEST(why == lost);
    source.on_failure(one.step.start, why, true, at(0s));
    BOOST_TEST(tell_all(one.step.start) == 2U);
    for (auto const when : {0ms, 1ms, 999ms}) {
        caller next(source, when);
        BOOST_TEST((next.step.what == action::refuse));
        BOOST_TEST(next.step.refusal == lost);
    }
    // Twice as long each time, up to the longest.
    auto now = std::chrono::milliseconds(1s);
    for (auto const cool_down : {2s, 4s, 8s, 16s, 30s, 30s}) {
        caller again(source, now);
        BOOST_TEST_REQUIRE(!!again.step.start);
        fail(source, again.step.start, lost, now);
        BOOST_TEST((caller(source, now + cool_down - 1ms).step.what == action::refuse));
        now += cool_down;
    }
    // A success forgets them.
    learn(source, token("t", 10s), now);
    BOOST_TEST(source.failures_in_a_row() == 0U);
    caller later(source, now + 10s);
    fail(source, later.step.start, lost, now + 10s);
    BOOST_TEST((caller(source, now + 10s + 999ms).step.what == action::refuse));
    BOOST_TEST(!!caller(source, now + 11s).step.start);
}

BOOST_AUTO_TEST_CASE(one_that_was_cancelled_is_no_failure)
{
    token_source source({}, client());
    caller one(source, 0s);
    fail(source, one.step.start, boost::asio::error::operation_aborted, 0s);
    BOOST_TEST(source.failures_in_a_row() == 0U);
    BOOST_TEST(!!caller(source, 0s).step.start);
}

BOOST_AUTO_TEST_CASE(a_cool_down_may_last_for_ever)
{
    for (bool const refused : {true, false}) {
        token_settings settings;
        settings.longest_cool_down = std::chrono::milliseconds::max();
        if (!refused)
            settings.cool_down = std::chrono::milliseconds::max();
        token_source source(settings, client());
        caller const one(source, 0s);
        auto const failure =
            refused ? error_code(pks::oauth_errc::invalid_client) : error_code(boost::asio::error::connection_refused);
        source.on_failure(one.step.start, failure, true, at(1s));
        for (auto const later : {std::chrono::milliseconds(1s), std::chrono::milliseconds(1000h)}) {
            caller const next(source, later);
            BOOST_TEST((next.step.what == action::refuse));
            BOOST_TEST(next.step.refusal == failure);
            BOOST_TEST(!next.step.start);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_wrong_secret_is_sent_once_in_the_longest_cool_down)
{
    token_source source({}, client());
    int requests = 0;
    for (auto now = 0ms; now != 300s; now += 100ms) {
        caller one(source, now);
        if (one.step.start) {
            ++requests;
            BOOST_TEST(fail(source, one.step.start, refused, now) == refused);
        } else {
            BOOST_TEST_REQUIRE(one.step.refusal == refused);
        }
    }
    BOOST_TEST(requests == 10);
}

// The UAA locks an account after five failures in an hour.
BOOST_AUTO_TEST_CASE(o8_a_refused_password_is_never_sent_again)
{
    token_source source({}, user());
    caller one(source, 0s);
    BOOST_TEST(fail(source, one.step.start, refused, 0s) == refused);
    for (auto const when : {1s, 60s, 7200s, 86'400s}) {
        caller later(source, when);
        BOOST_TEST((later.step.what == action::refuse));
        BOOST_TEST(later.step.refusal == refused);
    }
    // Where it was not looked at, it is.
    token_source other({}, user());
    caller two(other, 0s);
    fail(other, two.step.start, pks::oauth_errc::not_found, 0s);
    BOOST_TEST(!!caller(other, 1s).step.start);
    // A login makes good.
    source.become(user(), token("t", 10s), at(0s), 0);
    BOOST_TEST(text(*source.peek(at(1s))) == "t");
    BOOST_TEST(!!caller(source, 10s).step.start);
}

BOOST_AUTO_TEST_CASE(a_passcode_is_sent_once)
{
    for (auto const& [failure, then] :
        {std::pair(error_code(pks::oauth_errc::invalid_passcode), error_code(pks::oauth_errc::invalid_passcode)),
            std::pair(lost, error_code(pks::errc::reauthentication_required))}) {
        token_source source({}, passcode());
        caller one(source, 0s);
        BOOST_TEST(fail(source, one.step.start, failure, 0s) == failure);
        caller later(source, 3600s);
        BOOST_TEST((later.step.what == action::refuse));
        BOOST_TEST(later.step.refusal == then);
    }
    // One that never left is still good.
    token_source unsent({}, passcode());
    caller first(unsent, 0s);
    fail(unsent, first.step.start, lost, 0s, false);
    BOOST_TEST(!!caller(unsent, 1s).step.start);

    token_source source({}, passcode());
    learn(source, token("t", 10s), 0s);
    caller later(source, 10s);
    BOOST_TEST(later.step.refusal == error_code(pks::errc::reauthentication_required));
    // Nothing to renew it with: it is served to its end.
    BOOST_TEST((caller(source, 9s).step.what == action::serve));
    BOOST_TEST(!caller(source, 9s).step.start);
}

// ---- refresh tokens ----

BOOST_AUTO_TEST_CASE(a_refresh_token_is_used_first)
{
    token_source source({}, user());
    learn(source, token("t", 600s, "refresh-1"), 0s);
    caller renews(source, 500s);
    BOOST_TEST_REQUIRE(!!renews.step.start);
    auto const with = renews.step.start->next();
    BOOST_TEST((with.grant() == grant_type::refresh_token));
    BOOST_TEST(with.client().client_id() == "pks_cli");
    BOOST_TEST_REQUIRE(with.parameters().size() == 1U);
    BOOST_TEST(with.parameters()[0].first == "refresh_token");
    BOOST_TEST((with.parameters()[0].second.reveal() == "refresh-1"));
    // O5: kept where the reply names none, replaced where it does.
    source.on_token(renews.step.start, token("t2"), at(500s), 0);
    caller next(source, 1000s);
    BOOST_TEST((next.step.start->next().parameters()[0].second.reveal() == "refresh-1"));
    source.on_token(next.step.start, token("t3", 600s, "refresh-2"), at(1000s), 0);
    caller third(source, 1500s);
    BOOST_TEST((third.step.start->next().parameters()[0].second.reveal() == "refresh-2"));
}

BOOST_AUTO_TEST_CASE(what_was_asked_for_at_the_login_is_asked_for_again)
{
    token_source source({}, user().scope({"pks.clusters.manage"}).token_format(pks::token_format::opaque));
    learn(source, token("t", 600s, "r"), 0s);
    auto const with = caller(source, 600s).step.start->next();
    BOOST_TEST(with.scope() == std::vector<std::string>{"pks.clusters.manage"});
    BOOST_TEST((with.token_format() == pks::token_format::opaque));
}

BOOST_AUTO_TEST_CASE(o6_a_dead_refresh_token_gives_way_to_the_login)
{
    for (error_code dead : {error_code(pks::oauth_errc::invalid_token), error_code(pks::oauth_errc::invalid_grant),
             error_code(pks::errc::reauthentication_required)}) {
        token_source source({}, user());
        learn(source, token("t", 600s, "r"), 0s);
        caller one(source, 600s);
        BOOST_TEST((one.step.what == action::wait));
        auto const fetch = one.step.start;
        BOOST_TEST(fetch->refreshing());
        BOOST_TEST(source.goes_on(fetch, dead));
        BOOST_TEST(!fetch->refreshing());
        BOOST_TEST((fetch->next().grant() == grant_type::password));
        BOOST_TEST(one.who.waiting());
        source.on_token(fetch, token("t2"), at(600s), 0);
        BOOST_TEST(tell_all(fetch) == 1U);
        // The login's reply had none.
        BOOST_TEST((caller(source, 1200s).step.start->next().grant() == grant_type::password));
    }
}

BOOST_AUTO_TEST_CASE(o6_without_a_login_to_repeat_somebody_has_to)
{
    token_source source({}, passcode());
    learn(source, token("t", 600s, "r"), 0s);
    caller one(source, 600s);
    BOOST_TEST(fail(source, one.step.start, pks::oauth_errc::invalid_token, 600s) ==
        error_code(pks::errc::reauthentication_required));
    caller later(source, 7200s);
    BOOST_TEST(later.step.refusal == error_code(pks::errc::reauthentication_required));
    BOOST_TEST(!later.step.start);
}

BOOST_AUTO_TEST_CASE(a_lost_refresh_keeps_its_token)
{
    token_source source({}, passcode());
    learn(source, token("t", 600s, "r"), 0s);
    caller one(source, 600s);
    BOOST_TEST(fail(source, one.step.start, lost, 600s) == lost);
    caller again(source, 601s);
    BOOST_TEST_REQUIRE(!!again.step.start);
    BOOST_TEST((again.step.start->next().parameters()[0].second.reveal() == "r"));
}

BOOST_AUTO_TEST_CASE(the_login_after_a_dead_refresh_token_may_fail_too)
{
    token_source source({}, user());
    learn(source, token("t", 600s, "r"), 0s);
    caller one(source, 600s);
    error_code dead = pks::oauth_errc::invalid_grant;
    BOOST_TEST(source.goes_on(one.step.start, dead));
    BOOST_TEST(fail(source, one.step.start, refused, 600s) == refused);
    BOOST_TEST(caller(source, 86'400s).step.refusal == refused);
}

// ---- a token that the API refuses ----

BOOST_AUTO_TEST_CASE(the_generation_that_was_refused_goes_and_no_other)
{
    token_source source({}, client());
    learn(source, token("t1"), 0s);
    source.drop(7, api_refused, at(1s));
    BOOST_TEST(!!source.peek(at(1s)));
    source.drop(1, api_refused, at(1s));
    BOOST_TEST(!source.current(at(1s)));
    learn(source, token("t2"), 1s);
    // Of a thousand who sent the first one, the others come late.
    for (int i = 0; i != 999; ++i)
        source.drop(1, api_refused, at(1s));
    BOOST_TEST(text(*source.peek(at(1s))) == "t2");
}

BOOST_AUTO_TEST_CASE(an_api_that_refuses_every_token_does_not_besiege_the_uaa)
{
    token_source source({}, client());
    int fetches = 0;
    for (auto now = 0ms; now != 10s; now += 100ms) {
        caller one(source, now);
        if (one.step.start) {
            ++fetches;
            auto const generation = source.on_token(one.step.start, token("t"), at(now), 0);
            tell_all(one.step.start);
            source.drop(generation, api_refused, at(now));
        } else {
            BOOST_TEST_REQUIRE(one.step.refusal == api_refused);
        }
    }
    // Two at once, since the first may have been revoked; then one in each cool-down.
    BOOST_TEST(fetches == 11);
}

// ---- tokens of an earlier life ----

BOOST_AUTO_TEST_CASE(a_token_that_was_kept_is_used_and_renewed)
{
    token_source source({}, user());
    source.adopt(token("kept", 600s, "r"), 100s, at(0s));
    BOOST_TEST(text(*source.peek(at(74s))) == "kept");
    // Of what is left, since nobody knows how long it has lived.
    caller renews(source, 75s);
    BOOST_TEST(text(renews.step.token) == "kept");
    BOOST_TEST_REQUIRE(!!renews.step.start);
    BOOST_TEST((renews.step.start->next().grant() == grant_type::refresh_token));
    BOOST_TEST(!source.current(at(100s)));
    BOOST_TEST(source.generation() == 1U);
}

BOOST_AUTO_TEST_CASE(of_a_dead_one_the_refresh_token_is_left)
{
    for (auto const left :
        {std::optional<std::chrono::steady_clock::duration>(), std::optional<std::chrono::steady_clock::duration>(0s),
            std::optional<std::chrono::steady_clock::duration>(-1s)}) {
        token_source source({}, passcode());
        source.adopt(token("dead", 600s, "r"), left, at(0s));
        BOOST_TEST(!source.current(at(0s)));
        caller one(source, 0s);
        BOOST_TEST_REQUIRE(!!one.step.start);
        BOOST_TEST((one.step.start->next().parameters()[0].second.reveal() == "r"));
    }
    // A passcode was used up in that life.
    token_source source({}, passcode());
    source.adopt(token("dead"), 0s, at(0s));
    BOOST_TEST(caller(source, 0s).step.refusal == error_code(pks::errc::reauthentication_required));
    // With nothing kept it was not.
    token_source other({}, passcode());
    other.adopt(access_token(), std::nullopt, at(0s));
    BOOST_TEST(!!caller(other, 0s).step.start);
}

BOOST_AUTO_TEST_CASE(what_is_kept_replaces_nothing)
{
    token_source source({}, client());
    learn(source, token("own"), 0s);
    source.adopt(token("kept", 600s, "r"), 600s, at(0s));
    BOOST_TEST(text(*source.peek(at(1s))) == "own");
    BOOST_TEST(!source.refresh_token());
    token_source nobody({}, std::nullopt);
    nobody.adopt(token("kept"), 600s, at(0s));
    BOOST_TEST(!nobody.current(at(0s)));
}

// ---- logins ----

BOOST_AUTO_TEST_CASE(a_login_replaces_what_was_there)
{
    token_source source({}, client());
    caller before(source, 0s);
    auto const old = before.step.start;
    source.become(user(), token("new", 600s, "r"), at(1s), 0);
    BOOST_TEST(text(*source.peek(at(1s))) == "new");
    // Who waited for the old identity still gets its token; it is not kept.
    BOOST_TEST(before.who.waiting());
    BOOST_TEST(source.on_token(old, token("old"), at(0s), 0) == 0U);
    BOOST_TEST(tell_all(old) == 1U);
    BOOST_TEST(text(*source.peek(at(2s))) == "new");
    caller renews(source, 550s);
    BOOST_TEST((renews.step.start->next().grant() == grant_type::refresh_token));

    // Nor is a failure of the old one the new one's.
    token_source other({}, client());
    caller first(other, 0s);
    other.become(user(), token("new", std::nullopt), at(0s), 0);
    caller second(other, 0s);
    BOOST_TEST_REQUIRE(!!second.step.start);
    BOOST_TEST(second.step.start != first.step.start);
    fail(other, first.step.start, lost, 0s);
    BOOST_TEST(other.fetching());
    BOOST_TEST(other.failures_in_a_row() == 0U);
    BOOST_TEST(second.who.waiting());
    tell_all(second.step.start);
}

BOOST_AUTO_TEST_SUITE_END()
