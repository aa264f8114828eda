// What is remembered of a UAA's answers and for how long, and that each question is asked once.
#include "../jose/support.hpp"

#include <pks/policy/introspection_cache.hpp>
#include <pks/policy/token_errc.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <string>

namespace {

using pks::error_code;
using pks::token_errc;
using pks::jose::claims;
using pks::policy::instant;
using pks::policy::introspection_answer;
using pks::policy::introspection_cache;
using pks::policy::introspection_settings;
using pks::policy::token_tag;
using pks::policy::waiting_list;
using action = introspection_cache::action;
using namespace std::chrono_literals;

struct waiter : pks::policy::waiter
{
};

/// Both clocks that long after they were 1000 s and one day.
instant after(std::chrono::milliseconds passed)
{
    return {pks::clock::time_point(1000s) + passed, pks::clock::steady_time_point(24h) + passed};
}

introspection_answer active(std::string const& exp = "2000")
{
    auto out = std::make_shared<claims>();
    BOOST_REQUIRE(!out->parse("{\"sub\":\"s\"" + (exp.empty() ? "" : ",\"exp\":" + exp) + "}"));
    return std::shared_ptr<claims const>(std::move(out));
}

introspection_answer inactive()
{
    return make_error_code(token_errc::inactive);
}

introspection_settings with(std::chrono::milliseconds active_kept, std::chrono::milliseconds inactive_kept)
{
    introspection_settings out;
    out.active_kept = active_kept;
    out.inactive_kept = inactive_kept;
    return out;
}

/// Asks and has it answered.
void learn(introspection_cache& cache, std::string const& token, introspection_answer const& answer, instant now)
{
    waiter w;
    BOOST_REQUIRE((cache.ask(token_tag::of(token), w, now).what == action::ask));
    waiting_list told;
    cache.complete(token_tag::of(token), answer, now, told);
    BOOST_TEST(told.take() == &w);
    BOOST_TEST(told.empty());
}

bool known(introspection_cache& cache, std::string const& token, instant now)
{
    return cache.find(token_tag::of(token), now).has_value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_introspection_cache)

BOOST_AUTO_TEST_CASE(o12_an_answer_is_kept_for_its_time)
{
    introspection_cache cache(with(30s, 10s));
    BOOST_TEST(!known(cache, "a", after(0s)));
    learn(cache, "a", active(), after(0s));
    learn(cache, "b", inactive(), after(0s));
    learn(cache, "c", make_error_code(token_errc::expired), after(0s));

    auto const good = cache.find(token_tag::of("a"), after(29999ms));
    BOOST_REQUIRE(good.has_value());
    BOOST_TEST(good->refusal == error_code());
    BOOST_TEST(good->claims->sub() == "s");
    BOOST_TEST(!known(cache, "a", after(30s)));
    BOOST_TEST(!known(cache, "a", after(0s)), "what was dropped does not come back");

    auto const bad = cache.find(token_tag::of("b"), after(9999ms));
    BOOST_REQUIRE(bad.has_value());
    BOOST_TEST(bad->refusal == error_code(token_errc::inactive));
    BOOST_TEST(!bad->claims);
    BOOST_TEST(cache.find(token_tag::of("c"), after(9999ms))->refusal == error_code(token_errc::expired));
    BOOST_TEST(!known(cache, "b", after(10s)));
    BOOST_TEST(!known(cache, "c", after(10s)));
    BOOST_TEST(cache.size() == 0u);
}

BOOST_AUTO_TEST_CASE(o12_never_past_exp)
{
    introspection_cache cache(with(30s, 10s));
    learn(cache, "a", active("1005"), after(0s));
    BOOST_TEST(known(cache, "a", after(4999ms)));
    BOOST_TEST(!known(cache, "a", after(5s)));
    learn(cache, "b", active("1005"), after(0s));
    // The calendar jumped ahead: by it the token has ended.
    BOOST_TEST(!known(cache, "b", {pks::clock::time_point(1005s), after(1s).steady}));
    learn(cache, "c", active("1005"), after(0s));
    // The calendar jumped back: the answer is no younger for that.
    BOOST_TEST(!known(cache, "c", {pks::clock::time_point(900s), after(5s).steady}));
    learn(cache, "d", active("1000"), after(0s));
    BOOST_TEST(!known(cache, "d", after(0s)));
    learn(cache, "e", active(""), after(0s));
    BOOST_TEST(known(cache, "e", after(29s)));
    BOOST_TEST(!known(cache, "e", after(30s)));
}

BOOST_AUTO_TEST_CASE(a_failure_reaches_who_waits_and_is_not_kept)
{
    introspection_cache cache;
    for (error_code const failure : {error_code(pks::oauth_errc::unavailable), error_code(pks::errc::timeout),
             error_code(pks::oauth_errc::bad_credentials), error_code(pks::errc::malformed_json)}) {
        learn(cache, "a", failure, after(0s));
        BOOST_TEST(!known(cache, "a", after(0s)));
    }
    BOOST_TEST(cache.size() == 0u);
    BOOST_TEST(cache.questions() == 0u);
}

BOOST_AUTO_TEST_CASE(keeping_can_be_turned_off)
{
    introspection_cache cache(with(0s, 0s));
    learn(cache, "a", active(), after(0s));
    learn(cache, "b", inactive(), after(0s));
    BOOST_TEST(cache.size() == 0u);
    auto none = with(30s, 10s);
    none.active = none.inactive = 0;
    introspection_cache empty(none);
    learn(empty, "a", active(), after(0s));
    learn(empty, "b", inactive(), after(0s));
    BOOST_TEST(empty.size() == 0u);
}

BOOST_AUTO_TEST_CASE(ten_thousand_ask_about_one_token_and_the_uaa_is_asked_once)
{
    introspection_cache cache;
    auto const token = token_tag::of("opaque");
    std::deque<waiter> waiters(10'000);
    int asked = 0;
    for (auto& w : waiters) {
        auto const step = cache.ask(token, w, after(0s));
        asked += step.what == action::ask;
        BOOST_TEST((step.what == action::ask || step.what == action::wait));
    }
    BOOST_TEST(asked == 1);
    BOOST_TEST(cache.questions() == 1u);
    waiting_list told;
    cache.complete(token, active(), after(1s), told);
    for (auto& w : waiters)
        BOOST_TEST_REQUIRE(told.take() == &w);
    BOOST_TEST(told.empty());
    waiter late;
    auto const step = cache.ask(token, late, after(2s));
    BOOST_TEST((step.what == action::answered));
    BOOST_TEST(step.answer.claims->sub() == "s");
    BOOST_TEST(!late.waiting());
}

BOOST_AUTO_TEST_CASE(o14_who_asked_first_may_leave_and_the_others_are_told)
{
    introspection_cache cache;
    auto const token = token_tag::of("opaque");
    waiter first, second, third;
    BOOST_TEST((cache.ask(token, first, after(0s)).what == action::ask));
    BOOST_TEST((cache.ask(token, second, after(0s)).what == action::wait));
    BOOST_TEST(first.leave());
    BOOST_TEST(cache.awaited(token));
    BOOST_TEST((cache.ask(token, third, after(0s)).what == action::wait));
    BOOST_TEST(third.leave());
    waiting_list told;
    cache.complete(token, active(), after(1s), told);
    BOOST_TEST(told.take() == &second);
    BOOST_TEST(told.empty());
    BOOST_TEST(known(cache, "opaque", after(1s)));
}

BOOST_AUTO_TEST_CASE(when_all_have_left_the_answer_is_still_of_use)
{
    introspection_cache cache;
    auto const token = token_tag::of("opaque");
    waiter only;
    cache.ask(token, only, after(0s));
    BOOST_TEST(only.leave());
    BOOST_TEST(!cache.awaited(token));
    BOOST_TEST(!cache.awaited(token_tag::of("other")));
    BOOST_TEST(cache.questions() == 1u);
    waiting_list told;
    cache.complete(token, inactive(), after(1s), told);
    BOOST_TEST(told.empty());
    BOOST_TEST(cache.questions() == 0u);
    BOOST_TEST(known(cache, "opaque", after(1s)));
}

BOOST_AUTO_TEST_CASE(tokens_do_not_share_a_question)
{
    introspection_cache cache;
    waiter a, b;
    BOOST_TEST((cache.ask(token_tag::of("a"), a, after(0s)).what == action::ask));
    BOOST_TEST((cache.ask(token_tag::of("b"), b, after(0s)).what == action::ask));
    waiting_list told;
    cache.complete(token_tag::of("b"), inactive(), after(0s), told);
    BOOST_TEST(told.take() == &b);
    BOOST_TEST(told.empty());
    BOOST_TEST(a.waiting());
}

BOOST_AUTO_TEST_CASE(questions_are_bounded)
{
    introspection_settings settings;
    settings.questions = 2;
    introspection_cache cache(settings);
    waiter a, b, c, d;
    BOOST_TEST((cache.ask(token_tag::of("a"), a, after(0s)).what == action::ask));
    BOOST_TEST((cache.ask(token_tag::of("b"), b, after(0s)).what == action::ask));
    auto const step = cache.ask(token_tag::of("c"), c, after(0s));
    BOOST_TEST((step.what == action::refused));
    BOOST_TEST(step.answer.refusal == error_code(token_errc::too_many_questions));
    BOOST_TEST((step.answer.refusal == pks::condition::unavailable));
    BOOST_TEST(!c.waiting());
    BOOST_TEST((cache.ask(token_tag::of("a"), d, after(0s)).what == action::wait));
    waiting_list told;
    cache.complete(token_tag::of("a"), active(), after(0s), told);
    BOOST_TEST((cache.ask(token_tag::of("c"), c, after(0s)).what == action::ask));
}

BOOST_AUTO_TEST_CASE(answers_are_bounded_and_bad_tokens_drive_out_no_good_ones)
{
    auto settings = with(30s, 30s);
    settings.active = 8;
    settings.inactive = 4;
    introspection_cache cache(settings);
    for (int i = 0; i != 8; ++i)
        learn(cache, "good" + std::to_string(i), active(), after(0s));
    for (int i = 0; i != 1000; ++i)
        learn(cache, "bad" + std::to_string(i), inactive(), after(0s));
    BOOST_TEST(cache.size() == 12u);
    for (int i = 0; i != 8; ++i)
        BOOST_TEST(known(cache, "good" + std::to_string(i), after(1s)), i);
}

BOOST_AUTO_TEST_CASE(what_was_used_stays_longer_than_what_was_not)
{
    auto settings = with(30s, 30s);
    settings.active = 4;
    introspection_cache cache(settings);
    for (auto const* name : {"a", "b", "c", "d"})
        learn(cache, name, active(), after(0s));
    BOOST_TEST(known(cache, "a", after(1s)));
    BOOST_TEST(known(cache, "c", after(1s)));
    learn(cache, "e", active(), after(1s));
    learn(cache, "f", active(), after(1s));
    BOOST_TEST(cache.size() == 4u);
    BOOST_TEST(known(cache, "a", after(1s)));
    BOOST_TEST(known(cache, "c", after(1s)));
    BOOST_TEST(known(cache, "e", after(1s)));
    BOOST_TEST(known(cache, "f", after(1s)));
    BOOST_TEST(!known(cache, "b", after(1s)));
    BOOST_TEST(!known(cache, "d", after(1s)));
    // With all of them used, one gives way all the same.
    learn(cache, "g", active(), after(1s));
    BOOST_TEST(cache.size() == 4u);
    BOOST_TEST(known(cache, "g", after(1s)));
}

BOOST_AUTO_TEST_CASE(an_answer_replaces_an_earlier_one)
{
    introspection_cache cache(with(5s, 30s));
    learn(cache, "a", inactive(), after(0s));
    waiting_list told;
    cache.complete(token_tag::of("a"), active(), after(1s), told);
    auto const now = cache.find(token_tag::of("a"), after(2s));
    BOOST_REQUIRE(now.has_value());
    BOOST_TEST(now->refusal == error_code());
    cache.complete(token_tag::of("a"), inactive(), after(3s), told);
    BOOST_TEST(cache.find(token_tag::of("a"), after(3s))->refusal == error_code(token_errc::inactive));
    BOOST_TEST(cache.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_later_answer_counts_from_its_own_time)
{
    introspection_cache cache(with(30s, 10s));
    learn(cache, "a", active(), after(0s));
    waiting_list told;
    cache.complete(token_tag::of("a"), active(), after(20s), told);
    BOOST_TEST(cache.size() == 1u);
    BOOST_TEST(known(cache, "a", after(49999ms)));
    BOOST_TEST(!known(cache, "a", after(50s)));
}

BOOST_AUTO_TEST_CASE(dropping_one_leaves_the_others)
{
    auto settings = with(30s, 10s);
    settings.active = 4;
    introspection_cache cache(settings);
    for (auto const* exp : {"1005", "1010", "1020", "1015"})
        learn(cache, exp, active(exp), after(0s));
    BOOST_TEST(!known(cache, "1005", after(6s)));
    BOOST_TEST(!known(cache, "1010", after(11s)));
    BOOST_TEST(known(cache, "1020", after(11s)));
    BOOST_TEST(known(cache, "1015", after(11s)));
    BOOST_TEST(cache.size() == 2u);
    for (auto const* name : {"a", "b", "c", "d", "e", "f"})
        learn(cache, name, active(), after(11s));
    BOOST_TEST(cache.size() == 4u);
    BOOST_TEST(known(cache, "f", after(11s)));
    for (auto const* exp : {"1020", "1015", "a", "b", "c", "d", "e", "f"})
        BOOST_TEST(!known(cache, exp, after(41s)), exp);
    BOOST_TEST(cache.size() == 0u);
    learn(cache, "g", active(), after(41s));
    BOOST_TEST(known(cache, "g", after(41s)));
}

BOOST_AUTO_TEST_CASE(clearing_forgets_answers_and_leaves_questions)
{
    introspection_cache cache;
    learn(cache, "a", active(), after(0s));
    learn(cache, "b", inactive(), after(0s));
    waiter w;
    cache.ask(token_tag::of("c"), w, after(0s));
    cache.clear();
    BOOST_TEST(cache.size() == 0u);
    BOOST_TEST(w.waiting());
    BOOST_TEST(cache.awaited(token_tag::of("c")));
    learn(cache, "a", active(), after(0s));
    BOOST_TEST(known(cache, "a", after(1s)));
}

BOOST_AUTO_TEST_CASE(a_hit_allocates_nothing)
{
    introspection_cache cache;
    learn(cache, "a", active(), after(0s));
    auto const token = token_tag::of("a");
    waiter w;
    jose_test::allocation_count const before;
    auto const step = cache.ask(token, w, after(1s));
    BOOST_TEST(before.calls() == 0u);
    BOOST_TEST((step.what == action::answered));
}

BOOST_AUTO_TEST_SUITE_END()
