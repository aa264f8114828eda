// validator.hpp as an asynchronous operation: who waits for one answer and leaves alone, deadlines, cancel(), executors,
// and a context that ends.
#include <net/scripted_uaa.hpp>
#include <net/validation.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using net_test::all_of;
using net_test::json_reply;
using net_test::mint;
using net_test::note;
using net_test::outcome;
using net_test::run_until;
using pks::error_code;
using pks::identity;
using pks::jose_errc;
using pks::token_errc;
using namespace std::chrono_literals;

/// What an operation can wait for.
enum class thing {
    keys,
    answer,
};
thing const things[] = {thing::keys, thing::answer};

struct fixture : net_test::validation
{
    fixture() : uaa(ctx)
    {
        uaa.hold();
    }

    pks::validator_options options(thing t) const
    {
        auto out = validation::options(uaa.endpoint());
        out.as = pks::client_authentication::basic("pks_client", pks::secret("pks-client-secret"));
        out.how = t == thing::keys ? pks::validation::offline : pks::validation::online;
        return out;
    }
    pks::validator validator(thing t)
    {
        return pks::validator(ctx.get_executor(), options(t));
    }
    std::string good_reply(thing t) const
    {
        if (t == thing::keys)
            return json_reply(mint::key_set({1}));
        auto claims = coin.claims();
        claims["active"] = true;
        return json_reply(boost::json::serialize(claims));
    }

    // Until the UAA has been asked, and nothing else is left to do.
    void wait_for_question()
    {
        BOOST_TEST(run_until(ctx, [this] { return uaa.held() == 1; }));
        settle();
    }
    void settle()
    {
        ctx.restart();
        ctx.poll();
    }

    net_test::scripted_uaa uaa;
};

bool all_ended(std::deque<note<identity>> const& notes)
{
    return std::all_of(notes.begin(), notes.end(), [](auto const& n) { return n.seen().completions != 0; });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(validator_waiting, fixture)

// ---- each alone ----

BOOST_AUTO_TEST_CASE(each_that_waits_may_leave_alone)
{
    for (auto const what : things)
        for (std::size_t const leaver : {0U, 1U, 4U})
            for (auto const type :
                {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
                uaa.hold();
                auto const before = uaa.requests();
                auto v = validator(what);
                auto const token = coin.token();
                std::deque<note<identity>> notes(5);
                std::array<asio::cancellation_signal, 5> signals;
                for (std::size_t i = 0; i != notes.size(); ++i)
                    v.async_validate_token(token, asio::bind_cancellation_slot(signals[i].slot(), notes[i]));
                wait_for_question();
                signals[leaver].emit(type);
                BOOST_TEST(run_until(ctx, [&] { return notes[leaver].seen().completions != 0; }));
                BOOST_TEST(notes[leaver].seen().ec == asio::error::operation_aborted);
                settle();
                for (std::size_t i = 0; i != notes.size(); ++i)
                    BOOST_TEST(notes[i].seen().completions == (i == leaver ? 1 : 0));
                // Once more is nothing.
                signals[leaver].emit(type);

                uaa.answer(good_reply(what));
                BOOST_TEST(run_until(ctx, [&] { return all_ended(notes); }));
                settle();
                for (std::size_t i = 0; i != notes.size(); ++i) {
                    BOOST_TEST(notes[i].seen().completions == 1);
                    if (i != leaver)
                        BOOST_TEST(!notes[i].seen().ec);
                }
                BOOST_TEST(uaa.requests() == before + 1);
            }
}

BOOST_AUTO_TEST_CASE(what_was_asked_serves_others_where_all_have_left)
{
    for (auto const what : things) {
        uaa.hold();
        auto v = validator(what);
        auto const token = coin.token();
        std::deque<note<identity>> notes(3);
        std::array<asio::cancellation_signal, 3> signals;
        for (std::size_t i = 0; i != notes.size(); ++i)
            v.async_validate_token(token, asio::bind_cancellation_slot(signals[i].slot(), notes[i]));
        wait_for_question();
        for (auto& s : signals)
            s.emit(asio::cancellation_type::terminal);
        BOOST_TEST(run_until(ctx, [&] { return all_ended(notes); }));
        auto const asked = uaa.requests();
        uaa.answer(good_reply(what));
        BOOST_TEST(run_until(ctx, [&] { return v.try_validate(token).has_value(); }));
        BOOST_TEST(!validate(v, token).ec);
        BOOST_TEST(uaa.requests() == asked);
    }
}

BOOST_AUTO_TEST_CASE(one_that_comes_during_a_question_shares_its_answer)
{
    auto v = validator(thing::answer);
    note<identity> first;
    note<identity> second;
    v.async_validate_token("opaque", first);
    wait_for_question();
    v.async_validate_token("opaque", all_of({"pks.clusters.admin"}), second);
    settle();
    uaa.answer(good_reply(thing::answer));
    BOOST_TEST(run_until(ctx, [&] { return second.seen().completions + first.seen().completions == 2; }));
    BOOST_TEST(!first.seen().ec);
    BOOST_TEST(second.seen().ec == token_errc::insufficient_scope);
    BOOST_TEST(uaa.requests() == 1U);
}

// A key that the fetch under way cannot know of yet gets a fetch of its own.
BOOST_AUTO_TEST_CASE(a_fetch_that_began_earlier_says_nothing_of_a_new_key)
{
    auto v = validator(thing::keys);
    note<identity> known;
    note<identity> fresh;
    v.async_validate_token(coin.token(1), known);
    wait_for_question();
    v.async_validate_token(coin.token(2), fresh);
    settle();
    uaa.answer(json_reply(mint::key_set({1})));
    uaa.reply(json_reply(mint::key_set({1, 2})));
    BOOST_TEST(run_until(ctx, [&] { return fresh.seen().completions + known.seen().completions == 2; }));
    BOOST_TEST(!known.seen().ec);
    BOOST_TEST(!fresh.seen().ec);
    BOOST_TEST(uaa.requests() == 2U);
}

// ---- deadlines, cancel() ----

BOOST_AUTO_TEST_CASE(a_deadline_ends_one_and_not_the_question)
{
    for (auto const what : things) {
        uaa.hold();
        auto v = validator(what);
        auto const token = coin.token();
        note<identity> hasty;
        note<identity> patient;
        pks::diagnostics seen;
        v.within(30ms).async_validate_token(token, {}, seen, hasty);
        v.async_validate_token(token, patient);
        BOOST_TEST(run_until(ctx, [&] { return hasty.seen().completions != 0; }));
        BOOST_TEST(hasty.seen().ec == pks::errc::timeout);
        BOOST_TEST((hasty.seen().ec == pks::condition::timeout));
        BOOST_TEST(!hasty.seen().value);
        wait_for_question();
        BOOST_TEST(patient.seen().completions == 0);
        uaa.answer(good_reply(what));
        BOOST_TEST(run_until(ctx, [&] { return patient.seen().completions != 0; }));
        BOOST_TEST(!patient.seen().ec);
        BOOST_TEST(hasty.seen().completions == 1);
        // A deadline that has passed hinders nobody who need not wait.
        auto const now =
            net_test::finish<identity>(ctx, [&](auto const& then) { v.within(0ms).async_validate_token(token, then); });
        BOOST_TEST(!now.ec);
    }
}

BOOST_AUTO_TEST_CASE(cancel_ends_all_that_wait_and_not_what_comes_later)
{
    for (auto const what : things) {
        uaa.hold();
        auto v = validator(what);
        auto const token = coin.token();
        std::deque<note<identity>> notes(3);
        for (auto const& n : notes)
            v.async_validate_token(token, n);
        wait_for_question();
        pks::validator(v).within(1h).cancel();
        BOOST_TEST(run_until(ctx, [&] { return all_ended(notes); }));
        for (auto const& n : notes)
            BOOST_TEST(n.seen().ec == asio::error::operation_aborted);
        note<identity> later;
        v.async_validate_token(token, later);
        settle();
        BOOST_TEST(later.seen().completions == 0);
        uaa.answer(good_reply(what));
        BOOST_TEST(run_until(ctx, [&] { return later.seen().completions != 0; }));
        BOOST_TEST(!later.seen().ec);
        for (auto const& n : notes)
            BOOST_TEST(n.seen().completions == 1);
    }
}

BOOST_AUTO_TEST_CASE(one_that_is_cancelled_before_it_begins_asks_nothing)
{
    for (auto const what : things) {
        auto v = validator(what);
        note<identity> noted;
        asio::cancellation_signal signal;
        v.async_validate_token(coin.token(), asio::bind_cancellation_slot(signal.slot(), noted));
        signal.emit(asio::cancellation_type::terminal);
        BOOST_TEST(noted.seen().completions == 0);
        BOOST_TEST(run_until(ctx, [&] { return noted.seen().completions != 0; }));
        BOOST_TEST(noted.seen().ec == asio::error::operation_aborted);
        settle();
        BOOST_TEST(uaa.connections() == 0U);
    }
}

// ---- executors and tokens ----

BOOST_AUTO_TEST_CASE(completes_on_the_handlers_executor_and_never_at_once)
{
    for (auto const what : things) {
        uaa.answer(good_reply(what));
        auto v = validator(what);
        auto const token = coin.token();
        // The first has to wait, the next does not, and the last two are refused.
        for (std::string const& one : {token, token, std::string("a b"), std::string()}) {
            asio::io_context users;
            note<identity> noted;
            v.async_validate_token(one, asio::bind_executor(users, noted));
            BOOST_TEST(noted.seen().completions == 0);
            auto const handed_over = [&users] { return users.poll_one() != 0 || !users.stopped(); };
            auto const end = std::chrono::steady_clock::now() + 30s;
            while (noted.seen().completions == 0 && std::chrono::steady_clock::now() < end) {
                ctx.restart();
                ctx.run_one_for(10ms);
                BOOST_TEST(noted.seen().completions == 0);
                users.restart();
                handed_over();
            }
            BOOST_TEST(noted.seen().completions == 1);
            BOOST_TEST((noted.seen().ec == error_code()) == (one == token));
        }
    }
}

BOOST_AUTO_TEST_CASE(takes_any_completion_token)
{
    uaa.answer(good_reply(thing::keys));
    auto const v = validator(thing::keys);
    auto const token = coin.token();
    pks::diagnostics seen;
    std::string names;
    auto body = [&]() -> asio::awaitable<void> {
        auto mine = v;
        auto const first = co_await mine.async_validate_token(token);
        auto const scopes = all_of({"pks.clusters.manage"});
        auto const second = co_await mine.async_validate_token(token, scopes);
        auto const third = co_await mine.async_validate_token(token, scopes, seen);
        auto const fourth = co_await mine.within(1h).async_validate_token(token, asio::use_awaitable);
        for (auto const& one : {first, second, third, fourth})
            names += std::string(one.client_id()) + ' ';
    };
    std::exception_ptr failure;
    bool done = false;
    asio::co_spawn(ctx, body, [&](std::exception_ptr e) {
        failure = e;
        done = true;
    });
    BOOST_TEST(run_until(ctx, [&done] { return done; }));
    BOOST_TEST(!failure);
    BOOST_TEST(names == "automated-client automated-client automated-client automated-client ");

    auto mine = v;
    auto later = mine.async_validate_token(token, asio::deferred);
    note<identity> noted;
    later(noted);
    BOOST_TEST(run_until(ctx, [&] { return noted.seen().completions != 0; }));
    BOOST_TEST(!noted.seen().ec);

    auto future = mine.async_validate_token(coin.token(2), asio::use_future);
    BOOST_TEST(run_until(ctx, [&future] { return future.wait_for(0s) == std::future_status::ready; }));
    BOOST_CHECK_EXCEPTION((void)future.get(), boost::system::system_error,
        [](auto const& e) { return e.code() == jose_errc::unknown_key; });
}

BOOST_AUTO_TEST_CASE(a_handler_that_the_caller_keeps_is_not_moved_from)
{
    uaa.answer(good_reply(thing::keys));
    auto v = validator(thing::keys);
    note<identity> kept;
    pks::policy::scope_requirement none;
    v.async_validate_token(coin.token(), kept);
    v.async_validate_token(coin.token(), none, kept);
    v.async_validate_token(coin.token(), none, diag, kept);
    BOOST_TEST_REQUIRE(!!kept.shared());
    BOOST_TEST(run_until(ctx, [&kept] { return kept.seen().completions == 3; }));
}

BOOST_AUTO_TEST_CASE(operations_need_no_handle_and_no_text_of_the_caller)
{
    for (auto const what : things) {
        uaa.hold();
        note<identity> noted;
        {
            auto const token = std::make_unique<std::string>(coin.token());
            auto const v = std::make_unique<pks::validator>(validator(what));
            v->within(1h).async_validate_token(*token, noted);
            token->assign(token->size(), '.');
        }
        wait_for_question();
        uaa.answer(good_reply(what));
        BOOST_TEST(run_until(ctx, [&] { return noted.seen().completions != 0; }));
        BOOST_TEST(!noted.seen().ec);
    }
}

BOOST_AUTO_TEST_CASE(diagnostics_are_those_of_the_last_validation)
{
    auto v = validator(thing::answer);
    uaa.answer(json_reply(R"({"active":false})"));
    BOOST_TEST(validate(v, "opaque").ec == token_errc::inactive);
    BOOST_TEST(diag.http_status == 200);
    // From the cache.
    BOOST_TEST(validate(v, "opaque").ec == token_errc::inactive);
    BOOST_TEST(diag.http_status == 0);
    BOOST_TEST(diag.attempts == 0);
    BOOST_TEST(diag.endpoint == "");
}

// ---- a context that ends ----

BOOST_AUTO_TEST_CASE(those_who_wait_go_with_the_context)
{
    for (auto const what : things)
        for (int const steps : {0, 1, 2, 3, 5, 8, 1000}) {
            std::vector<std::weak_ptr<outcome<identity>>> handlers;
            std::weak_ptr<pks::testing::manual_clock> clock_of_validator;
            std::deque<asio::cancellation_signal> signals(4);
            {
                auto context = std::make_unique<asio::io_context>();
                auto other = std::make_unique<net_test::scripted_uaa>(*context);
                other->hold();
                auto o = options(what);
                o.uaa = other->endpoint();
                auto const its_clock = std::make_shared<pks::testing::manual_clock>();
                o.clock = its_clock;
                clock_of_validator = its_clock;
                pks::validator v(context->get_executor(), o);
                auto const token = coin.token();
                for (int i = 0; i != 4; ++i) {
                    note<identity> noted;
                    handlers.push_back(noted.shared());
                    auto const at = static_cast<std::size_t>(i);
                    v.within(i % 2 == 0 ? std::chrono::steady_clock::duration(1h)
                                        : std::chrono::steady_clock::duration::max())
                        .async_validate_token(token, asio::bind_cancellation_slot(signals[at].slot(), noted));
                }
                for (int i = 0; i != steps && context->poll_one() != 0; ++i) {}
                if (steps == 1000) {
                    BOOST_TEST(run_until(*context, [&other] { return other->held() == 1; }));
                    signals[3].emit(asio::cancellation_type::terminal); // not run to its end
                }
                other.reset();
                o.clock.reset();
                {
                    auto const gone = std::move(v);
                }
                context.reset();
            }
            for (auto const& h : handlers)
                BOOST_TEST(h.expired());
            BOOST_TEST(clock_of_validator.expired());
            for (auto& s : signals)
                s.emit(asio::cancellation_type::terminal);
        }
    BOOST_TEST(::ERR_peek_error() == 0UL);
}

BOOST_AUTO_TEST_SUITE_END()
