// When keys are fetched, and that those once known keep verifying whatever the endpoint replies.
#include "../jose/support.hpp"

#include <pks/jose/jose_errc.hpp>
#include <pks/policy/key_cache.hpp>
#include <pks/policy/token_errc.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace {

using jose_test::signer;
using pks::errc;
using pks::error_code;
using pks::jose_errc;
using pks::oauth_errc;
using pks::token_errc;
using pks::jose::algorithm;
using pks::policy::instant;
using pks::policy::key_cache;
using pks::policy::key_cache_settings;
using pks::policy::key_decision;
using pks::policy::key_reply;
using action = key_decision::action;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr auto es256 = algorithm::es256;

/// Both clocks, that long after a start.
instant after(milliseconds passed)
{
    return {pks::clock::time_point(1'700'000'000s) + passed, pks::clock::steady_time_point(24h) + passed};
}

pks::clock::steady_time_point steady(milliseconds passed)
{
    return after(passed).steady;
}

signer const& key_a()
{
    static auto const key = signer::ec("P-256");
    return key;
}

signer const& key_b()
{
    static auto const key = signer::ec("P-256");
    return key;
}

std::string named(signer const& key, std::string_view kid, std::string_view more = "")
{
    return key.jwk(",\"kid\":\"" + std::string(kid) + '"' + std::string(more));
}

std::string set_of(std::initializer_list<std::string> keys)
{
    std::string out = "{\"keys\":[";
    for (auto const& key : keys)
        out += (out.back() == '[' ? "" : ",") + key;
    return out + "]}";
}

bool reply(key_cache& cache, std::string_view body, milliseconds when, std::string_view etag = "",
    std::string_view cache_control = "")
{
    key_reply out;
    out.body = body;
    out.etag = etag;
    out.cache_control = cache_control;
    return cache.on_reply(out, after(when));
}

bool not_modified(key_cache& cache, milliseconds when)
{
    key_reply out;
    out.not_modified = true;
    return cache.on_reply(out, after(when));
}

/// Settings with a lifetime of 300 s, a cool-down of 10 s, 1000 s while failing, an unknown `kid` for 60 s.
key_cache_settings usual()
{
    key_cache_settings out;
    out.lifetime = 300s;
    out.cool_down = 10s;
    out.kept_while_failing = 1000s;
    out.unknown_kid_kept = 60s;
    out.source = "https://uaa.example.com:8443";
    return out;
}

/// A cache that was filled at 0 s.
key_cache filled(std::string const& body = set_of({named(key_a(), "a")}), std::string_view etag = "",
    std::string_view cache_control = "", key_cache_settings settings = usual())
{
    key_cache out(std::move(settings));
    BOOST_REQUIRE(out.start_if_due(steady(0s)));
    BOOST_REQUIRE(reply(out, body, 0s, etag, cache_control));
    return out;
}

/// What is said about a token: `use`, `wait`, `start` for who waits and fetches, `refresh` for who uses and fetches, or
/// the text of the refusal.
std::string said(key_decision const& d)
{
    switch (d.what) {
    case action::use:
        return d.start_fetch ? "refresh" : "use";
    case action::wait:
        return d.start_fetch ? "start" : "wait";
    case action::refuse:
        return d.start_fetch ? "refused with a fetch" : d.refusal.message();
    }
    return "";
}

std::string about(key_cache& cache, std::optional<std::string_view> kid, milliseconds when, std::uint64_t ticket = 0)
{
    return said(cache.ask(kid, es256, steady(when), ticket));
}

std::string const unknown = error_code(jose_errc::unknown_key).message();
std::string const unavailable = error_code(token_errc::keys_unavailable).message();

bool has(key_cache const& cache, std::string_view kid)
{
    return cache.known()->keys.find(kid) != nullptr;
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_key_cache)

// ---- the first fetch ----

BOOST_AUTO_TEST_CASE(the_first_token_fetches_and_the_others_wait)
{
    key_cache cache(usual());
    BOOST_REQUIRE(cache.known());
    BOOST_TEST(cache.known()->keys.keys().empty());
    BOOST_TEST((cache.known()->quiet_until < steady(0s)));
    auto const first = cache.ask("a", es256, steady(0s));
    BOOST_TEST(said(first) == "start");
    BOOST_TEST(cache.fetching());
    auto const second = cache.ask("b", es256, steady(1s));
    BOOST_TEST(said(second) == "wait");
    BOOST_TEST(!cache.start_if_due(steady(1s)));

    BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), 2s));
    BOOST_TEST(!cache.fetching());
    BOOST_TEST(about(cache, "a", 2s, first.ticket) == "use");
    BOOST_TEST(has(cache, "a"));
    BOOST_TEST((cache.known()->quiet_until == steady(242s)));
    BOOST_TEST(cache.report().fetches == 1u);
    BOOST_TEST((cache.report().fetched_at == after(2s).calendar));
    BOOST_TEST(cache.report().failure == error_code());
}

BOOST_AUTO_TEST_CASE(j22_without_any_keys_a_failure_is_told_and_consumes_the_cool_down)
{
    key_cache cache(usual());
    auto const first = cache.ask("a", es256, steady(0s));
    cache.on_failure(errc::timeout, after(5s));
    BOOST_TEST(about(cache, "a", 5s, first.ticket) == unavailable);
    BOOST_TEST((cache.ask("a", es256, steady(5s)).refusal == pks::condition::unavailable));
    BOOST_TEST(about(cache, "a", 14999ms) == unavailable);
    BOOST_TEST(!cache.start_if_due(steady(14999ms)));
    BOOST_TEST(cache.report().failure == error_code(errc::timeout));
    BOOST_TEST(cache.report().failures_in_a_row == 1u);
    BOOST_TEST(!cache.report().fetched_at.has_value());
    BOOST_TEST(about(cache, "a", 15s) == "start");
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), 16s));
    BOOST_TEST(cache.report().failure == error_code());
    BOOST_TEST(cache.report().last_failure == error_code(errc::timeout));
    BOOST_TEST((cache.report().last_failed_at == after(5s).calendar));
    BOOST_TEST(cache.report().failures_in_a_row == 0u);
}

BOOST_AUTO_TEST_CASE(a_wait_ends_also_where_the_fetch_that_was_joined_failed)
{
    key_cache cache(usual());
    cache.ask("a", es256, steady(0s));
    auto const joined = cache.ask("a", es256, steady(1s));
    cache.on_failure(errc::timeout, after(5s));
    BOOST_TEST(about(cache, "a", 5s, joined.ticket) == unavailable);
}

// ---- unknown kids ----

BOOST_AUTO_TEST_CASE(j8_ten_thousand_unknown_kids_make_one_fetch_per_cool_down)
{
    auto cache = filled();
    int started = 0;
    std::uint64_t ticket = 0;
    for (int i = 0; i != 10'000; ++i) {
        auto const d = cache.ask("unknown" + std::to_string(i), es256, steady(1s + milliseconds(i / 10)));
        started += d.start_fetch;
        BOOST_TEST_REQUIRE((d.what == action::wait));
        ticket = d.ticket;
    }
    BOOST_TEST(started == 1);
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), 2s));
    // Those that joined the fetch are refused too, without another one.
    BOOST_TEST(about(cache, "unknown9999", 2s, ticket) == unknown);
    for (int i = 0; i != 10'000; ++i)
        BOOST_TEST_REQUIRE(about(cache, "other" + std::to_string(i), 2s + milliseconds(i / 2)) == unknown);
    BOOST_TEST((cache.ask("other", es256, steady(7s)).refusal == pks::condition::unauthorized));
    BOOST_TEST(about(cache, "a", 7s) == "use");
    BOOST_TEST(about(cache, "yet another", 11999ms) == unknown);
    BOOST_TEST(about(cache, "yet another", 12s) == "start");
}

BOOST_AUTO_TEST_CASE(j8_a_hundred_thousand_random_kids_over_ten_cool_downs_make_ten_fetches)
{
    auto cache = filled();
    int started = 0;
    for (int i = 0; i != 100'000; ++i) {
        milliseconds const now(1000 + i);
        auto const d = cache.ask("k" + std::to_string(i * 7919), es256, steady(now));
        if (d.start_fetch) {
            ++started;
            BOOST_TEST_REQUIRE(reply(cache, set_of({named(key_a(), "a")}), now));
            BOOST_TEST_REQUIRE(about(cache, "k" + std::to_string(i * 7919), now, d.ticket) == unknown);
        } else
            BOOST_TEST_REQUIRE(said(d) == unknown);
    }
    BOOST_TEST(started == 10);
}

BOOST_AUTO_TEST_CASE(j8_the_first_fetch_of_all_starts_a_cool_down_where_it_yields_no_key)
{
    key_cache cache(usual());
    auto const junk = cache.ask("junk", es256, steady(0s));
    BOOST_TEST(said(junk) == "start");
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), 1s));
    BOOST_TEST(about(cache, "junk", 1s, junk.ticket) == unknown);
    BOOST_TEST(about(cache, "more junk", 1s) == unknown);
    BOOST_TEST(about(cache, "more junk", 11s) == "start");
}

BOOST_AUTO_TEST_CASE(j8_an_unknown_kid_is_remembered)
{
    auto cache = filled();
    auto const first = cache.ask("junk", es256, steady(1s));
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), 1s));
    BOOST_TEST(about(cache, "junk", 1s, first.ticket) == unknown);
    // Beyond the cool-down, and again not for ever: somebody may have named a key before it existed.
    BOOST_TEST(about(cache, "junk", 12s) == unknown);
    BOOST_TEST(about(cache, "junk", 60999ms) == unknown);
    auto const again = cache.ask("junk", es256, steady(61s));
    BOOST_TEST(said(again) == "start");
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a"), named(key_b(), "junk")}), 61s));
    BOOST_TEST(about(cache, "junk", 61s, again.ticket) == "use");
}

BOOST_AUTO_TEST_CASE(j8_what_is_remembered_of_unknown_kids_is_bounded)
{
    auto settings = usual();
    settings.unknown_kids = 2;
    settings.unknown_kid_kept = 3600s;
    settings.lifetime = 24h;
    auto cache = filled(set_of({named(key_a(), "a")}), "", "", settings);
    milliseconds now = 1s;
    for (int i = 0; i != 5; ++i, now += 10s) {
        auto const d = cache.ask("junk" + std::to_string(i), es256, steady(now));
        BOOST_TEST(said(d) == "start", i);
        BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), now));
        BOOST_TEST(about(cache, "junk" + std::to_string(i), now, d.ticket) == unknown);
    }
    int forgotten = 0;
    for (int i = 0; i != 5; ++i) {
        auto const d = cache.ask("junk" + std::to_string(i), es256, steady(now));
        if (d.start_fetch)
            BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), now));
        forgotten += d.start_fetch;
        now += 10s;
    }
    BOOST_TEST(forgotten == 3);

    settings.unknown_kids = 0;
    auto none = filled(set_of({named(key_a(), "a")}), "", "", settings);
    auto const d = none.ask("junk", es256, steady(1s));
    BOOST_TEST(reply(none, set_of({named(key_a(), "a")}), 1s));
    BOOST_TEST(about(none, "junk", 1s, d.ticket) == unknown);
    BOOST_TEST(about(none, "junk", 11s) == "start");
}

BOOST_AUTO_TEST_CASE(j7_a_kid_of_any_content_is_only_looked_up)
{
    auto cache = filled();
    for (auto const& kid :
        {std::string("../../dev/null"), std::string("/proc/self/environ"), std::string("' OR 1=1 --"),
            std::string("a\r\nX: y"), std::string("a\0", 2), std::string(65536, 'a'), std::string()}) {
        auto const d = cache.ask(kid, es256, steady(1s));
        BOOST_TEST((d.what != action::use));
    }
    BOOST_TEST(cache.report().fetches == 1u);
}

BOOST_AUTO_TEST_CASE(j9_a_token_without_kid)
{
    auto cache = filled();
    BOOST_TEST(about(cache, std::nullopt, 1s) == "use");
    // None fits, or several: that is the token's fault, and no reason to fetch.
    BOOST_TEST(said(cache.ask(std::nullopt, algorithm::rs256, steady(1s))) == "use");
    BOOST_TEST(
        (cache.known()->keys.select(std::nullopt, algorithm::rs256).error() == error_code(jose_errc::key_mismatch)));
    auto two = filled(set_of({named(key_a(), "a"), named(key_b(), "b")}));
    BOOST_TEST(about(two, std::nullopt, 1s) == "use");
    BOOST_TEST((two.known()->keys.select(std::nullopt, es256).error() == error_code(jose_errc::ambiguous_key)));
}

BOOST_AUTO_TEST_CASE(a_key_that_does_not_fit_the_token_is_no_reason_to_fetch)
{
    auto cache = filled();
    BOOST_TEST(said(cache.ask("a", algorithm::rs256, steady(1s))) == "use");
    BOOST_TEST(said(cache.ask("a", algorithm::hs256, steady(1s))) == "use");
}

// ---- rotation ----

BOOST_AUTO_TEST_CASE(j24_a_new_kid_is_accepted_after_one_fetch)
{
    auto cache = filled();
    auto const epoch = cache.known()->epoch;
    auto const d = cache.ask("b", es256, steady(100s));
    BOOST_TEST(said(d) == "start");
    BOOST_TEST(about(cache, "a", 100s) == "use");
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a"), named(key_b(), "b")}), 101s));
    BOOST_TEST(about(cache, "b", 101s, d.ticket) == "use");
    BOOST_TEST(about(cache, "a", 101s) == "use");
    BOOST_TEST(cache.known()->epoch == epoch, "nothing has gone");
}

BOOST_AUTO_TEST_CASE(j24_a_fetch_that_was_under_way_before_the_token_came_does_not_decide_on_it)
{
    auto cache = filled();
    BOOST_TEST(cache.start_if_due(steady(240s)));
    auto const joined = cache.ask("b", es256, steady(241s));
    BOOST_TEST(said(joined) == "wait");
    // The reply was made before the rotation.
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), 242s));
    auto const again = cache.ask("b", es256, steady(242s), joined.ticket);
    BOOST_TEST(said(again) == "start");
    BOOST_TEST(again.ticket == joined.ticket);
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a"), named(key_b(), "b")}), 243s));
    BOOST_TEST(about(cache, "b", 243s, again.ticket) == "use");
}

BOOST_AUTO_TEST_CASE(j24_a_removed_key_is_refused_once_the_uaa_was_asked)
{
    auto cache = filled(set_of({named(key_a(), "a"), named(key_b(), "b")}));
    auto const epoch = cache.known()->epoch;
    BOOST_TEST(about(cache, "a", 239s) == "use");
    BOOST_TEST(about(cache, "a", 240s) == "refresh");
    BOOST_TEST(about(cache, "a", 240s) == "use");
    BOOST_TEST(reply(cache, set_of({named(key_b(), "b")}), 241s));
    BOOST_TEST(!has(cache, "a"));
    BOOST_TEST(cache.known()->epoch == epoch + 1);
    BOOST_TEST(about(cache, "b", 241s) == "use");
    BOOST_TEST(about(cache, "a", 241s) == "start");
}

BOOST_AUTO_TEST_CASE(j24_after_an_idle_time_a_token_waits_so_that_a_removed_key_is_not_taken)
{
    auto cache = filled(set_of({named(key_a(), "a"), named(key_b(), "b")}));
    BOOST_TEST(about(cache, "a", 299999ms) == "refresh");
    auto const d = cache.ask("a", es256, steady(300s));
    BOOST_TEST(said(d) == "wait");
    BOOST_TEST(reply(cache, set_of({named(key_b(), "b")}), 301s));
    // The fetch was under way when the token came; the next one was not.
    BOOST_TEST(about(cache, "a", 301s, d.ticket) == "start");
    BOOST_TEST(reply(cache, set_of({named(key_b(), "b")}), 302s));
    BOOST_TEST(about(cache, "a", 302s, d.ticket) == unknown);

    auto idle = filled();
    BOOST_TEST(about(idle, "a", 900s) == "start");
    BOOST_TEST(about(idle, "a", 900s) == "wait");
    auto idle_and_unknown = filled();
    BOOST_TEST(about(idle_and_unknown, "b", 900s) == "start");
}

BOOST_AUTO_TEST_CASE(j24_a_kid_with_another_key_makes_an_epoch_too)
{
    auto cache = filled();
    auto const epoch = cache.known()->epoch;
    BOOST_TEST(cache.start_if_due(steady(240s)));
    BOOST_TEST(reply(cache, set_of({named(key_b(), "a")}), 240s));
    BOOST_TEST(cache.known()->epoch == epoch + 1);
}

BOOST_AUTO_TEST_CASE(a_key_that_stays_is_the_same_handle_in_whatever_order)
{
    auto cache = filled(set_of({named(key_a(), "a"), named(key_b(), "b")}));
    auto const before = cache.known();
    BOOST_TEST(cache.start_if_due(steady(240s)));
    BOOST_TEST(reply(cache, set_of({named(key_b(), "b"), named(key_a(), "a", ",\"use\":\"sig\"")}), 240s));
    BOOST_TEST(cache.known()->keys.find("b")->id() == before->keys.find("b")->id());
}

BOOST_AUTO_TEST_CASE(a_set_in_another_order_makes_no_epoch)
{
    auto cache = filled(set_of({named(key_a(), "a"), named(key_b(), "b")}));
    auto const epoch = cache.known()->epoch;
    BOOST_TEST(cache.start_if_due(steady(240s)));
    BOOST_TEST(reply(cache, set_of({named(key_b(), "b"), named(key_a(), "a")}), 240s));
    BOOST_TEST(cache.known()->epoch == epoch);
}

// ---- lifetime and ETag ----

BOOST_AUTO_TEST_CASE(j23_the_lifetime_is_our_own_or_max_age_brought_within_bounds)
{
    auto const ends = [](std::string_view cache_control) {
        auto const cache = filled(set_of({named(key_a(), "a")}), "", cache_control);
        // Four fifths of it.
        return std::chrono::duration_cast<std::chrono::seconds>((cache.known()->quiet_until - steady(0s)) * 5 / 4);
    };
    for (auto const* own : {"", "no-store", "no-cache, no-store, max-age=0, must-revalidate", "private",
             "max-age=7200, no-store", "NO-STORE, max-age=7200", "s-maxage=9000", "x=\"max-age\""})
        BOOST_TEST((ends(own) == 300s), own);
    BOOST_TEST((ends("max-age=0") == 60s));
    BOOST_TEST((ends("max-age=59") == 60s));
    BOOST_TEST((ends("max-age=-1") == 60s));
    BOOST_TEST((ends("max-age=") == 60s));
    BOOST_TEST((ends("max-age") == 60s));
    BOOST_TEST((ends("max-age=1e9") == 60s));
    BOOST_TEST((ends("max-age=7200") == 7200s));
    BOOST_TEST((ends("public , Max-Age = \"7200\" , immutable") == 7200s));
    BOOST_TEST((ends("max-age=7200,max-age=600") == 600s));
    BOOST_TEST((ends("max-age=86400") == 24h));
    BOOST_TEST((ends("max-age=9223372036854775808") == 24h));
    BOOST_TEST((ends("max-age=" + std::string(1000, '9')) == 24h));
}

BOOST_AUTO_TEST_CASE(j23_settings_are_brought_within_bounds)
{
    auto settings = usual();
    settings.lifetime = 0s;
    settings.cool_down = 0s;
    settings.kept_while_failing = -1s;
    settings.unknown_kid_kept = -1s;
    auto const low = key_cache(settings).settings();
    BOOST_TEST((low.lifetime == 60s));
    BOOST_TEST((low.cool_down == 1s));
    BOOST_TEST((low.kept_while_failing == 0s));
    BOOST_TEST((low.unknown_kid_kept == 0s));
    settings.lifetime = std::chrono::seconds::max();
    settings.kept_while_failing = std::chrono::seconds::max();
    key_cache const high(settings);
    BOOST_TEST((high.settings().lifetime == 24h));
    BOOST_TEST((high.settings().kept_while_failing == 30 * 24h));
}

BOOST_AUTO_TEST_CASE(j23_an_etag_is_echoed_octet_for_octet_and_304_keeps_the_set)
{
    for (std::string_view const etag : {"\"1501570800000\"", "W/\"x\"", "1501570800000", "\"\"", "\"\xfc\""}) {
        auto cache = filled(set_of({named(key_a(), "a")}), etag);
        BOOST_TEST(cache.etag() == etag);
        auto const epoch = cache.known()->epoch;
        BOOST_TEST(cache.start_if_due(steady(240s)));
        BOOST_TEST(not_modified(cache, 241s));
        BOOST_TEST(cache.etag() == etag);
        BOOST_TEST(has(cache, "a"));
        BOOST_TEST(cache.known()->epoch == epoch);
        BOOST_TEST((cache.known()->quiet_until == steady(481s)));
        BOOST_TEST(about(cache, "a", 480s) == "use");
    }
}

BOOST_AUTO_TEST_CASE(an_etag_belongs_to_the_set_that_was_taken)
{
    auto cache = filled(set_of({named(key_a(), "a")}), "\"1\"");
    BOOST_TEST(cache.start_if_due(steady(240s)));
    BOOST_TEST(!reply(cache, "{", 240s, "\"2\""));
    BOOST_TEST(cache.etag() == "\"1\"");
    BOOST_TEST(cache.start_if_due(steady(250s)));
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), 250s));
    BOOST_TEST(cache.etag() == "");
}

BOOST_AUTO_TEST_CASE(a_304_that_nobody_asked_for_is_a_failure)
{
    key_cache empty(usual());
    BOOST_TEST(empty.start_if_due(steady(0s)));
    BOOST_TEST(!not_modified(empty, 1s));
    BOOST_TEST(empty.report().failure == error_code(errc::unexpected_status));
    auto without = filled();
    BOOST_TEST(without.start_if_due(steady(240s)));
    BOOST_TEST(!not_modified(without, 241s));
    BOOST_TEST(without.report().failure == error_code(errc::unexpected_status));
    BOOST_TEST(has(without, "a"));
}

// ---- failures ----

BOOST_AUTO_TEST_CASE(j22_known_keys_keep_verifying_whatever_the_endpoint_replies)
{
    std::string many = "{\"keys\":[";
    for (int i = 0; i != 10'000; ++i)
        many += named(key_a(), std::to_string(i)) + ",";
    many.back() = ']';
    many += '}';
    std::string const large(std::size_t{5} << 20, ' ');
    std::string few = "{\"keys\":[";
    for (int i = 0; i != 101; ++i)
        few += named(key_a(), std::to_string(i)) + ",";
    few.back() = ']';
    few += '}';
    auto const whole = set_of({named(key_a(), "a")});
    struct
    {
        std::string body;
        jose_errc reason;
    } const cases[] = {
        {"", jose_errc::malformed_json},
        {"<html><body>login</body></html>", jose_errc::malformed_json},
        {whole.substr(0, whole.size() / 2), jose_errc::malformed_json},
        {whole.substr(0, whole.size() - 1), jose_errc::malformed_json},
        {whole + "x", jose_errc::malformed_json},
        {"{}", jose_errc::malformed_key_set},
        {"[]", jose_errc::malformed_key_set},
        {"{\"keys\":{}}", jose_errc::malformed_key_set},
        {"{\"keys\":[]}", jose_errc::key_set_empty},
        {"{\"keys\":[],\"keys\":[]}", jose_errc::duplicate_member},
        {"{\"keys\":[" + std::string(10'000, '[') + std::string(10'000, ']') + "]}", jose_errc::json_too_deep},
        {large, jose_errc::key_set_too_large},
        {many, jose_errc::key_set_too_large},
        {few, jose_errc::too_many_keys},
        {set_of({R"({"kty":"oct","k":"c2VjcmV0","kid":"a"})"}), jose_errc::key_set_empty},
        {"\xef\xbb\xbf" + whole, jose_errc::invalid_utf8},
    };
    auto cache = filled(whole, "\"1\"");
    auto const before = cache.known();
    milliseconds now = 240s;
    std::uint64_t failures = 0;
    for (auto const& c : cases)
        BOOST_TEST_CONTEXT(c.body.substr(0, 60))
        {
            BOOST_TEST(about(cache, "a", now) == "refresh");
            BOOST_TEST(!reply(cache, c.body, now, "\"2\""));
            BOOST_TEST(cache.report().failure == error_code(c.reason));
            BOOST_TEST(cache.report().failures_in_a_row == ++failures);
            BOOST_TEST(cache.etag() == "\"1\"");
            BOOST_TEST(about(cache, "a", now) == "use");
            BOOST_TEST(about(cache, "a", now + 9999ms) == "use");
            BOOST_TEST(cache.known()->epoch == before->epoch);
            BOOST_TEST(cache.known()->keys.find("a")->id() == before->keys.find("a")->id());
            now += 10s;
        }
}

BOOST_AUTO_TEST_CASE(j22_a_reply_that_is_no_key_set_at_all)
{
    auto cache = filled();
    milliseconds now = 240s;
    for (error_code const why :
        {error_code(oauth_errc::not_found), error_code(oauth_errc::unauthorized), error_code(oauth_errc::server_error),
            error_code(oauth_errc::unavailable), error_code(oauth_errc::too_many_requests),
            error_code(errc::redirected), error_code(errc::not_json), error_code(errc::body_too_large),
            error_code(errc::truncated), error_code(errc::timeout), error_code(pks::tls_errc::unknown_issuer)}) {
        BOOST_TEST(cache.start_if_due(steady(now)));
        cache.on_failure(why, after(now));
        BOOST_TEST(cache.report().failure == why);
        BOOST_TEST(cache.report().last_failure == why);
        BOOST_TEST(about(cache, "a", now) == "use");
        BOOST_TEST((cache.known()->quiet_until == steady(now + 10s)));
        now += 10s;
    }
    // A fetch that ended without a reason has failed all the same.
    BOOST_TEST(cache.start_if_due(steady(now)));
    cache.on_failure({}, after(now));
    BOOST_TEST(cache.report().failure == error_code(errc::unexpected_status));
}

BOOST_AUTO_TEST_CASE(j22_the_last_good_set_is_kept_for_a_bounded_time)
{
    auto cache = filled(set_of({named(key_a(), "a")}), "\"1\"");
    auto const epoch = cache.known()->epoch;
    milliseconds now = 240s;
    for (; now < 1300s; now += 10s) {
        BOOST_TEST_REQUIRE(about(cache, "a", now) == "refresh");
        // While a fetch takes its time nobody waits for it.
        BOOST_TEST_REQUIRE(about(cache, "a", now) == "use");
        cache.on_failure(errc::timeout, after(now));
    }
    BOOST_TEST(about(cache, "a", 1299999ms) == "use");
    BOOST_TEST((cache.known()->quiet_until == steady(1300s)));
    BOOST_TEST(about(cache, "a", 1300s) == "start");
    BOOST_TEST(cache.known()->keys.keys().empty());
    BOOST_TEST(cache.known()->epoch == epoch + 1);
    BOOST_TEST(cache.etag() == "", "there is no set that could be unmodified");
    cache.on_failure(errc::timeout, after(1300s));
    BOOST_TEST(about(cache, "a", 1301s) == unavailable);
    BOOST_TEST(about(cache, "a", 1310s) == "start");
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), 1310s));
    BOOST_TEST(about(cache, "a", 1311s) == "use");
}

BOOST_AUTO_TEST_CASE(j22_while_fetches_fail_an_unknown_kid_is_not_called_unknown)
{
    auto cache = filled();
    auto const d = cache.ask("b", es256, steady(1s));
    BOOST_TEST(said(d) == "start");
    cache.on_failure(errc::timeout, after(2s));
    BOOST_TEST(about(cache, "b", 2s, d.ticket) == unavailable);
    BOOST_TEST(about(cache, "b", 3s) == unavailable);
    BOOST_TEST(about(cache, "a", 3s) == "use");
    // And it was not remembered as unknown.
    BOOST_TEST(about(cache, "b", 12s) == "start");
}

BOOST_AUTO_TEST_CASE(a_failure_on_an_unknown_kid_is_mended_by_whoever_comes_next)
{
    auto cache = filled();
    cache.ask("b", es256, steady(1s));
    cache.on_failure(errc::timeout, after(2s));
    BOOST_TEST(about(cache, "a", 11999ms) == "use");
    BOOST_TEST(about(cache, "a", 12s) == "refresh");
}

BOOST_AUTO_TEST_CASE(known_keys_may_be_used_quietly_while_a_fetch_is_under_way)
{
    auto cache = filled();
    BOOST_TEST((cache.known()->quiet_until == steady(240s)));
    BOOST_TEST(about(cache, "a", 240s) == "refresh");
    BOOST_TEST((cache.known()->quiet_until == steady(300s)));
    cache.on_failure(errc::timeout, after(250s));
    BOOST_TEST((cache.known()->quiet_until == steady(260s)));
    BOOST_TEST(about(cache, "a", 310s) == "refresh");
    BOOST_TEST((cache.known()->quiet_until == steady(1300s)));
}

BOOST_AUTO_TEST_CASE(a_reply_that_nobody_asked_for_counts_as_a_fetch)
{
    key_cache cache(usual());
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), 0s));
    BOOST_TEST(cache.report().fetches == 1u);
    BOOST_TEST(about(cache, "a", 0s) == "use");
    auto const d = cache.ask("b", es256, steady(1s));
    BOOST_TEST(said(d) == "start");
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a")}), 1s));
    BOOST_TEST(about(cache, "b", 1s, d.ticket) == unknown);
}

// ---- sets that are spoiled in part ----

BOOST_AUTO_TEST_CASE(j21_private_members_are_dropped_and_reported)
{
    auto const leaking = set_of({named(key_a(), "a", R"(,"d":"c2VjcmV0LWQtc2VjcmV0")"), named(key_b(), "b")});
    auto cache = filled(leaking);
    BOOST_TEST(cache.report().private_members);
    BOOST_TEST(cache.report().failure == error_code());
    BOOST_TEST(about(cache, "a", 1s) == "use");
    BOOST_TEST(cache.save().find("\"d\"") == std::string::npos);
    BOOST_TEST(cache.save().find("c2VjcmV0") == std::string::npos);
    BOOST_TEST(cache.start_if_due(steady(240s)));
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a"), named(key_b(), "b")}), 240s));
    BOOST_TEST(!cache.report().private_members);
}

BOOST_AUTO_TEST_CASE(j21_an_hmac_key_from_a_public_address_is_not_used)
{
    auto cache = filled(set_of(
        {named(key_a(), "a"), R"({"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0","kid":"h"})",
            R"({"kty":"MAC","value":"key","kid":"m"})"}));
    BOOST_TEST(!has(cache, "h"));
    BOOST_TEST(!has(cache, "m"));
    BOOST_TEST_REQUIRE(cache.report().refused.size() == 2u);
    BOOST_TEST(cache.report().refused[0].reason == error_code(jose_errc::symmetric_key_refused));
    BOOST_TEST(said(cache.ask("h", algorithm::hs256, steady(1s))) == "start");
}

BOOST_AUTO_TEST_CASE(j22_a_known_key_that_a_set_spoils_keeps_verifying)
{
    struct
    {
        std::string body;
        jose_errc reason;
    } const cases[] = {
        {set_of({named(key_a(), "a"), named(key_b(), "a"), named(key_b(), "b")}), jose_errc::duplicate_key_id},
        {set_of({named(key_a(), "a"), named(key_a(), "a"), named(key_b(), "b")}), jose_errc::duplicate_key_id},
        {set_of({named(key_a(), "a", R"(,"use":"enc")"), named(key_b(), "b")}), jose_errc::wrong_key_use},
        {set_of({named(key_a(), "a", R"(,"key_ops":["encrypt"])"), named(key_b(), "b")}), jose_errc::wrong_key_use},
        {set_of({named(key_a(), "a", R"(,"alg":"ES384")"), named(key_b(), "b")}), jose_errc::unsuitable_key_algorithm},
        {set_of({R"({"kty":"EC","crv":"P-256","kid":"a"})", named(key_b(), "b")}), jose_errc::malformed_key},
        {set_of({R"({"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a"})", named(key_b(), "b")}), jose_errc::weak_key},
    };
    for (auto const& c : cases)
        BOOST_TEST_CONTEXT(c.body)
        {
            auto cache = filled(set_of({named(key_a(), "a")}), "\"1\"");
            auto const before = cache.known();
            BOOST_TEST(cache.start_if_due(steady(240s)));
            BOOST_TEST(reply(cache, c.body, 240s, "\"2\""));
            BOOST_TEST(about(cache, "a", 240s) == "use");
            BOOST_TEST(about(cache, "b", 240s) == "use");
            BOOST_TEST(cache.known()->keys.find("a")->id() == before->keys.find("a")->id());
            BOOST_TEST(cache.known()->epoch == before->epoch);
            BOOST_TEST(cache.report().carried == 1u);
            BOOST_TEST_REQUIRE(!cache.report().refused.empty());
            BOOST_TEST(cache.report().refused[0].reason == error_code(c.reason));
            BOOST_TEST(cache.etag() == "", "the next reply has to show the whole set again");
        }
}

BOOST_AUTO_TEST_CASE(j22_a_spoiled_key_is_carried_for_a_bounded_time)
{
    auto cache = filled();
    auto const spoiled = set_of({named(key_a(), "a", R"(,"use":"enc")"), named(key_b(), "b")});
    milliseconds now = 240s;
    for (; now < 1300s; now += 240s) {
        BOOST_TEST(cache.start_if_due(steady(now)));
        BOOST_TEST(reply(cache, spoiled, now));
        BOOST_TEST(has(cache, "a"));
    }
    auto const epoch = cache.known()->epoch;
    BOOST_TEST((cache.known()->quiet_until == steady(1300s)));
    BOOST_TEST(about(cache, "a", 1299999ms) == "use");
    BOOST_TEST(about(cache, "b", 1300s) == "use");
    BOOST_TEST(!has(cache, "a"));
    BOOST_TEST(cache.known()->epoch == epoch + 1);
    BOOST_TEST(about(cache, "a", 1301s) == "start");
    BOOST_TEST(reply(cache, spoiled, 1301s));
    BOOST_TEST(!has(cache, "a"), "what was dropped is not carried again");
    BOOST_TEST(cache.report().carried == 0u);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_not_mentioned_is_not_carried)
{
    auto cache = filled(set_of({named(key_a(), "a"), named(key_b(), "b")}));
    BOOST_TEST(cache.start_if_due(steady(240s)));
    BOOST_TEST(reply(cache, set_of({named(key_a(), "a"), named(key_a(), "c", R"(,"use":"enc")")}), 240s));
    BOOST_TEST(!has(cache, "b"));
    BOOST_TEST(!has(cache, "c"));
    BOOST_TEST(cache.report().carried == 0u);
    BOOST_TEST(cache.report().refused.size() == 1u);
}

BOOST_AUTO_TEST_CASE(j22_a_set_in_which_all_is_spoiled_changes_nothing)
{
    auto cache = filled();
    BOOST_TEST(cache.start_if_due(steady(240s)));
    BOOST_TEST(!reply(cache, set_of({named(key_a(), "a", R"(,"use":"enc")")}), 240s));
    BOOST_TEST(cache.report().failure == error_code(jose_errc::key_set_empty));
    BOOST_TEST_REQUIRE(cache.report().refused.size() == 1u);
    BOOST_TEST(cache.report().refused[0].reason == error_code(jose_errc::wrong_key_use));
    BOOST_TEST(about(cache, "a", 240s) == "use");
}

// ---- HMAC, where it is allowed ----

BOOST_AUTO_TEST_CASE(an_hmac_key_counts_where_it_is_allowed)
{
    auto settings = usual();
    settings.rules.symmetric = true;
    auto const body = set_of({R"({"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0","kid":"h"})"});
    auto cache = filled(body, "\"1\"", "", settings);
    BOOST_TEST(said(cache.ask("h", algorithm::hs256, steady(1s))) == "use");
    BOOST_TEST(cache.save() == "", "no secret is saved");
    BOOST_TEST(cache.start_if_due(steady(240s)));
    BOOST_TEST(not_modified(cache, 240s));
    BOOST_TEST(said(cache.ask("h", algorithm::hs256, steady(241s))) == "use");
}

// ---- a start from a saved set ----

BOOST_AUTO_TEST_CASE(a_saved_set_is_taken_again)
{
    auto const saved = filled(set_of({named(key_a(), "a"), named(key_b(), "b")}), "\"1\"").save();
    key_cache cache(usual());
    BOOST_TEST(cache.restore(saved, after(100s)) == error_code());
    BOOST_TEST(has(cache, "a"));
    BOOST_TEST(has(cache, "b"));
    BOOST_TEST(cache.etag() == "\"1\"");
    BOOST_TEST((cache.report().fetched_at == after(0s).calendar));
    // It is as old as it is.
    BOOST_TEST((cache.known()->quiet_until == steady(240s)));
    BOOST_TEST(about(cache, "a", 239s) == "use");
    BOOST_TEST(about(cache, "a", 240s) == "refresh");
    BOOST_TEST(not_modified(cache, 241s));
    BOOST_TEST(about(cache, "a", 480s) == "use");
    BOOST_TEST(pks::jose::parse_jwk_set(saved).has_value(), "a JWK Set as any other");
}

BOOST_AUTO_TEST_CASE(a_saved_set_that_is_late_is_used_if_the_uaa_cannot_be_reached)
{
    auto const saved = filled().save();
    key_cache cache(usual());
    BOOST_TEST(cache.restore(saved, after(1299s)) == error_code());
    auto const d = cache.ask("a", es256, steady(1299s));
    BOOST_TEST(said(d) == "start");
    cache.on_failure(errc::timeout, after(1299500ms));
    BOOST_TEST(about(cache, "a", 1299500ms, d.ticket) == "use");
    BOOST_TEST(about(cache, "a", 1300s) == unavailable);

    key_cache too_late(usual());
    BOOST_TEST(too_late.restore(saved, after(1300s)) == error_code(token_errc::saved_keys_too_old));
    BOOST_TEST(too_late.known()->keys.keys().empty());
}

BOOST_AUTO_TEST_CASE(a_saved_set_from_the_future_has_to_be_fetched)
{
    auto const saved = filled().save();
    key_cache cache(usual());
    BOOST_TEST(cache.restore(saved, after(-3600s)) == error_code());
    BOOST_TEST(about(cache, "a", -3600s) == "start");
}

BOOST_AUTO_TEST_CASE(a_saved_set_of_another_uaa_is_refused)
{
    auto const saved = filled().save();
    auto settings = usual();
    settings.source = "https://other.example.com:8443";
    key_cache cache(settings);
    BOOST_TEST(cache.restore(saved, after(1s)) == error_code(token_errc::saved_keys_of_another));
    BOOST_TEST((cache.restore(saved, after(1s)) == pks::condition::invalid_input));
    BOOST_TEST(cache.known()->keys.keys().empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_saved_set_is_refused)
{
    auto const saved = filled(set_of({named(key_a(), "a")}), "\"1\"").save();
    auto const verdict = [](std::string const& text) {
        key_cache cache(usual());
        auto const out = cache.restore(text, after(1s));
        BOOST_TEST(cache.known()->keys.keys().empty());
        return out;
    };
    auto const replaced = [&saved](std::string_view what, std::string_view by) {
        auto out = saved;
        auto const at = out.find(what);
        BOOST_REQUIRE(at != out.npos);
        return out.replace(at, what.size(), by);
    };
    error_code const malformed(token_errc::malformed_saved_keys);
    BOOST_TEST(verdict("") == malformed);
    BOOST_TEST(verdict("[]") == malformed);
    BOOST_TEST(verdict(saved.substr(0, saved.size() - 1)) == malformed);
    BOOST_TEST(verdict(saved + saved) == malformed);
    BOOST_TEST(verdict(set_of({named(key_a(), "a")})) == malformed);
    BOOST_TEST(verdict(replaced("1700000000", "-1")) == malformed);
    BOOST_TEST(verdict(replaced("1700000000", "1.5")) == malformed);
    BOOST_TEST(verdict(replaced("1700000000", "\"1700000000\"")) == malformed);
    BOOST_TEST(verdict(replaced("\"etag\":\"\\\"1\\\"\"", "\"etag\":1")) == malformed);
    BOOST_TEST(verdict(replaced("\"source\"", "\"sauce\"")) == malformed);
    BOOST_TEST(verdict(saved + std::string(std::size_t{2} << 20, ' ')) == malformed);
    BOOST_TEST(verdict(replaced("\"kty\":\"EC\"", "\"kty\":\"XX\"")) == error_code(jose_errc::key_set_empty));
    BOOST_TEST(verdict(replaced("\"keys\"", "\"quays\"")) == error_code(jose_errc::malformed_key_set));
    // An ETag becomes a field of a request.
    key_cache cache(usual());
    BOOST_TEST(cache.restore(replaced("\\\"1\\\"", "1\\r\\nX: y"), after(1s)) == error_code());
    BOOST_TEST(cache.etag() == "");
}

BOOST_AUTO_TEST_CASE(what_the_uaa_said_is_better_than_what_was_saved)
{
    auto const saved = filled().save();
    auto cache = filled(set_of({named(key_b(), "b")}));
    BOOST_TEST(cache.restore(saved, after(1s)) == error_code());
    BOOST_TEST(has(cache, "b"));
    BOOST_TEST(!has(cache, "a"));
}

BOOST_AUTO_TEST_CASE(nothing_is_saved_of_nothing)
{
    BOOST_TEST(key_cache(usual()).save() == "");
}

BOOST_AUTO_TEST_CASE(what_is_saved_survives_any_source_and_etag)
{
    auto settings = usual();
    settings.source = "a\"b\\c\n\xc3\xa4";
    auto const saved = filled(set_of({named(key_a(), "a")}), "\"\xfc\"", "", settings).save();
    key_cache cache(settings);
    BOOST_TEST(cache.restore(saved, after(1s)) == error_code());
    BOOST_TEST(cache.etag() == "", "one that JSON cannot hold is left out");
}

BOOST_AUTO_TEST_SUITE_END()
