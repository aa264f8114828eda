// The cache of verified tokens: what a hit is still judged by, and what it costs.
#include "../jose/support.hpp"

#include <pks/policy/token_cache.hpp>
#include <pks/policy/token_errc.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace {

using pks::error_code;
using pks::token_errc;
using pks::jose::claims;
using pks::policy::claim_rules;
using pks::policy::instant;
using pks::policy::scope_requirement;
using pks::policy::token_cache;
using pks::policy::token_cache_settings;
using pks::policy::token_tag;
using namespace std::chrono_literals;

instant after(std::chrono::milliseconds passed)
{
    return {pks::clock::time_point(1000s) + passed, pks::clock::steady_time_point(24h) + passed};
}

std::shared_ptr<claims const> content(std::string const& sub = "s")
{
    auto out = std::make_shared<claims>();
    BOOST_REQUIRE(!out->parse(R"({"iss":"https://uaa/oauth/token","jti":"j","sub":")" + sub +
        R"(","iat":1000,"exp":1600,"aud":["c","pks.clusters"],"scope":["pks.clusters.manage"]})"));
    return out;
}

claim_rules rules()
{
    claim_rules out;
    out.issuer = "https://uaa/oauth/token";
    out.audiences = {"pks.clusters"};
    out.scopes.any = {"pks.clusters.manage"};
    return out;
}

/// The `sub` of a hit, the text of a refusal, or nothing.
std::string found(token_cache& cache, std::string_view token, instant now, std::uint64_t epoch = 1,
    claim_rules const& by = rules(), scope_requirement const& also = {})
{
    auto const hit = cache.find(token_tag::of(token), epoch, by, now, also);
    BOOST_TEST(hit.found() == (hit.claims || hit.refusal));
    if (hit.refusal) {
        BOOST_TEST(!hit.claims);
        return hit.refusal.message();
    }
    return hit.claims ? std::string(hit.claims->sub()) : "";
}

void insert(token_cache& cache, std::string_view token, std::uint64_t epoch = 1)
{
    cache.insert(token_tag::of(token), epoch, content(), token.size());
}

std::string text(token_errc e)
{
    return error_code(e).message();
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_token_cache)

BOOST_AUTO_TEST_CASE(a_token_that_was_verified_is_found)
{
    token_cache cache;
    BOOST_TEST(found(cache, "token", after(0s)) == "");
    insert(cache, "token");
    BOOST_TEST(found(cache, "token", after(0s)) == "s");
    BOOST_TEST(found(cache, "Token", after(0s)) == "");
    BOOST_TEST(found(cache, "token ", after(0s)) == "");
    BOOST_TEST(found(cache, "toke", after(0s)) == "");
}

BOOST_AUTO_TEST_CASE(j2_a_token_with_another_signature_is_another_token)
{
    token_cache cache;
    std::string token = "aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl";
    insert(cache, token);
    for (auto i = token.rfind('.') + 1; i != token.size(); ++i) {
        auto other = token;
        other[i] = other[i] == 'A' ? 'B' : 'A';
        BOOST_TEST(found(cache, other, after(0s)) == "", other);
    }
    BOOST_TEST(found(cache, token.substr(0, token.rfind('.') + 1), after(0s)) == "");
    BOOST_TEST(found(cache, token.substr(0, token.rfind('.')), after(0s)) == "");
}

BOOST_AUTO_TEST_CASE(j15_a_hit_is_judged_by_the_time_of_each_question)
{
    token_cache cache;
    insert(cache, "token");
    BOOST_TEST(found(cache, "token", after(599999ms)) == "s");
    BOOST_TEST(found(cache, "token", after(600s)) == text(token_errc::expired));
    // What has expired is not kept.
    BOOST_TEST(found(cache, "token", after(0s)) == "");
}

BOOST_AUTO_TEST_CASE(j16_a_calendar_that_jumps_decides_on_claims_only)
{
    token_cache cache;
    insert(cache, "token");
    auto const steady = after(1s).steady;
    BOOST_TEST(
        found(cache, "token", {pks::clock::time_point(1000s - 1h), steady}) == text(token_errc::issued_in_the_future));
    BOOST_TEST(found(cache, "token", after(2s)) == "s");
    cache.insert(token_tag::of("kept"), 1, content(), 4, after(30s).steady);
    BOOST_TEST(found(cache, "kept", {pks::clock::time_point(1599s), after(29s).steady}) == "s");
    BOOST_TEST(found(cache, "kept", {pks::clock::time_point(1001s), after(30s).steady}) == "");
}

BOOST_AUTO_TEST_CASE(a_hit_is_judged_by_audience_and_scope_and_predicates)
{
    token_cache cache;
    insert(cache, "token");
    auto other = rules();
    other.audiences = {"scim"};
    BOOST_TEST(found(cache, "token", after(0s), 1, other) == text(token_errc::wrong_audience));
    other = rules();
    other.scopes.all = {"pks.clusters.admin"};
    BOOST_TEST(found(cache, "token", after(0s), 1, other) == text(token_errc::insufficient_scope));
    scope_requirement also;
    also.all = {"pks.clusters.admin"};
    BOOST_TEST(found(cache, "token", after(0s), 1, rules(), also) == text(token_errc::insufficient_scope));
    int asked = 0;
    other = rules();
    other.predicates.push_back(
        [&asked](claims const&) { return ++asked == 1 ? error_code() : error_code(token_errc::inactive); });
    BOOST_TEST(found(cache, "token", after(0s), 1, other) == "s");
    BOOST_TEST(found(cache, "token", after(0s), 1, other) == text(token_errc::inactive));
    // No such refusal lasts.
    BOOST_TEST(found(cache, "token", after(0s)) == "s");
}

BOOST_AUTO_TEST_CASE(j24_another_epoch_finds_nothing)
{
    token_cache cache;
    insert(cache, "token", 1);
    BOOST_TEST(found(cache, "token", after(0s), 2) == "");
    BOOST_TEST(found(cache, "token", after(0s), 0) == "");
    insert(cache, "token", 2);
    BOOST_TEST(found(cache, "token", after(0s), 2) == "s");
    BOOST_TEST(found(cache, "token", after(0s), 1) == "");
}

BOOST_AUTO_TEST_CASE(another_thread_gets_claims_of_its_own)
{
    token_cache cache;
    insert(cache, "token");
    auto const here = cache.find(token_tag::of("token"), 1, rules(), after(0s)).claims;
    pks::jose::claims const* first = nullptr;
    pks::jose::claims const* second = nullptr;
    std::string sub;
    std::thread([&] {
        auto const hit = cache.find(token_tag::of("token"), 1, rules(), after(0s));
        first = hit.claims.get();
        sub = hit.claims->sub();
        second = cache.find(token_tag::of("token"), 1, rules(), after(0s)).claims.get();
    }).join();
    BOOST_TEST(sub == "s");
    BOOST_TEST((first != nullptr && first != here.get()));
    BOOST_TEST(first == second);
}

BOOST_AUTO_TEST_CASE(a_token_can_be_forgotten)
{
    token_cache cache;
    insert(cache, "a");
    insert(cache, "b");
    cache.erase(token_tag::of("a"));
    cache.erase(token_tag::of("never there"));
    BOOST_TEST(found(cache, "a", after(0s)) == "");
    BOOST_TEST(found(cache, "b", after(0s)) == "s");
    cache.clear();
    BOOST_TEST(found(cache, "b", after(0s)) == "");
    insert(cache, "b");
    BOOST_TEST(found(cache, "b", after(0s)) == "s");
}

BOOST_AUTO_TEST_CASE(clearing_reaches_all_threads)
{
    token_cache cache;
    std::weak_ptr<claims const> kept;
    std::thread([&] {
        auto const what = content();
        kept = what;
        cache.insert(token_tag::of("token"), 1, what, 5);
    }).join();
    BOOST_TEST(!kept.expired());
    cache.clear();
    BOOST_TEST(kept.expired());
}

BOOST_AUTO_TEST_CASE(the_cache_is_bounded)
{
    token_cache_settings settings;
    settings.tokens = 64;
    token_cache cache(settings);
    std::vector<std::weak_ptr<claims const>> all;
    for (int i = 0; i != 2000; ++i) {
        auto const what = content(std::to_string(i));
        all.push_back(what);
        cache.insert(token_tag::of("token" + std::to_string(i)), 1, what, 10);
    }
    std::size_t alive = 0;
    for (auto const& one : all)
        alive += !one.expired();
    // Both tables are rounded up to sets of eight.
    BOOST_TEST(alive <= 64u + 64u * 8u);
    BOOST_TEST(alive >= 32u);
    BOOST_TEST(found(cache, "token1999", after(0s)) == "1999");
    BOOST_TEST(found(cache, "token0", after(0s)) == "");
}

BOOST_AUTO_TEST_CASE(what_is_used_stays)
{
    token_cache_settings settings;
    settings.tokens = 8;
    token_cache cache(settings);
    insert(cache, "used");
    for (int i = 0; i != 1000; ++i) {
        insert(cache, "token" + std::to_string(i));
        BOOST_TEST_REQUIRE(found(cache, "used", after(0s)) == "s");
    }
}

BOOST_AUTO_TEST_CASE(keeping_can_be_turned_off_and_large_tokens_are_not_kept)
{
    token_cache_settings settings;
    settings.tokens = 0;
    token_cache none(settings);
    insert(none, "token");
    none.erase(token_tag::of("token"));
    BOOST_TEST(found(none, "token", after(0s)) == "");
    settings.tokens = 8;
    settings.token_size = 10;
    token_cache small(settings);
    insert(small, "0123456789");
    insert(small, "0123456789a");
    BOOST_TEST(found(small, "0123456789", after(0s)) == "s");
    BOOST_TEST(found(small, "0123456789a", after(0s)) == "");
    small.insert(token_tag::of("null"), 1, nullptr, 4);
    BOOST_TEST(found(small, "null", after(0s)) == "");
}

BOOST_AUTO_TEST_CASE(a_hit_allocates_nothing)
{
    token_cache cache;
    insert(cache, "token");
    auto const by = rules();
    auto const now = after(0s);
    jose_test::allocation_count const before;
    auto const hit = cache.find(token_tag::of("token"), 1, by, now);
    BOOST_TEST(before.calls() == 0u);
    BOOST_TEST(hit.claims->sub() == "s");
}

BOOST_AUTO_TEST_SUITE_END()
