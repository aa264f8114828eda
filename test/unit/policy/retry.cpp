// What follows an attempt, rule by rule with exact delays; and what holds for any sequence of attempts.
#include "retry_attempts.hpp"

#include <pks/policy/retry.hpp>

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <chrono>
#include <initializer_list>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace retry_test;
using namespace std::chrono_literals;
using pks::api_errc;
using pks::errc;
using pks::oauth_errc;
using pks::tls_errc;
using pks::policy::repeatable;
using pks::policy::retry;
using pks::policy::retry_budget;
using pks::policy::retry_settings;

constexpr repeatable all_classes[] = {repeatable::read, repeatable::client_grant, repeatable::one_time_grant,
    repeatable::refresh_grant, repeatable::change, repeatable::deletion};

/// One operation with a budget of its own, and a random number that is always a half.
class operation
{
public:
    explicit operation(repeatable what, retry_settings const& settings = {}, time_point deadline = retry::never)
        : budget_(settings.budget), retry_(what, settings, budget_, start, deadline)
    {}

    std::string after(attempt_result const& a, time_point now = start, double random = 0.5)
    {
        return text_of(retry_.on_attempt(a, now, random));
    }

    retry const& state() const
    {
        return retry_;
    }

private:
    retry_budget budget_;
    retry retry_;
};

/// What a fresh operation does after one attempt.
std::string first(repeatable what, attempt_result const& a)
{
    return operation(what).after(a);
}

constexpr char first_backoff[] = "resend in 50000 us";
constexpr char first_backoff_fresh[] = "resend in 50000 us, fresh";
constexpr char at_once_fresh[] = "resend in 0 us, fresh";

} // namespace

BOOST_AUTO_TEST_SUITE(policy_retry)

BOOST_AUTO_TEST_CASE(a_result_is_delivered)
{
    for (auto const what : all_classes)
        BOOST_TEST(first(what, success()) == "deliver");
}

BOOST_AUTO_TEST_CASE(backoff_is_a_random_part_of_a_doubled_time)
{
    retry_settings settings;
    settings.max_attempts = 6;
    settings.first_backoff = 100ms;
    settings.longest_backoff = 700ms;
    operation op(repeatable::read, settings);
    auto const broken = answered(500, api_errc::server_error);
    BOOST_TEST(op.after(broken, start, 0.0) == "resend in 0 us");
    BOOST_TEST(op.after(broken, start, 0.5) == "resend in 100000 us");
    BOOST_TEST(op.after(broken, start, 0.25) == "resend in 100000 us");
    BOOST_TEST(op.after(broken, start, 0.5) == "resend in 350000 us");
    BOOST_TEST(op.after(broken, start, 0.75) == "resend in 525000 us");
    BOOST_TEST(op.after(broken, start, 0.75) == delivered(api_errc::server_error));
    BOOST_TEST(op.state().attempts() == 6);
}

BOOST_AUTO_TEST_CASE(backoff_of_odd_settings_and_numbers)
{
    retry_settings settings;
    settings.max_attempts = 100;
    operation op(repeatable::read, settings);
    // The hundredth doubling is no more than the longest.
    for (int i = 1; i != 99; ++i)
        op.after(unsent());
    BOOST_TEST(op.after(unsent(), start, 0.5) == "resend in 2500000 us, fresh");

    settings.first_backoff = -1ms;
    BOOST_TEST(operation(repeatable::read, settings).after(unsent()) == at_once_fresh);
    settings.first_backoff = 100ms;
    settings.longest_backoff = settings.first_backoff = std::chrono::milliseconds::max();
    BOOST_TEST(operation(repeatable::read, settings).after(unsent()) == "resend in 15768000000000 us, fresh");
    settings.first_backoff = 100ms;
    settings.longest_backoff = -1ms;
    BOOST_TEST(operation(repeatable::read, settings).after(unsent()) == at_once_fresh);
    BOOST_TEST(operation(repeatable::read).after(unsent(), start, 7.0) == "resend in 100000 us, fresh");
    BOOST_TEST(operation(repeatable::read).after(unsent(), start, -7.0) == at_once_fresh);
}

BOOST_AUTO_TEST_CASE(the_first_attempt_counts)
{
    for (int const most : {1, 0, -1}) {
        retry_settings settings;
        settings.max_attempts = most;
        operation op(repeatable::read, settings);
        BOOST_TEST(op.after(lost()) == delivered(of_system(ECONNRESET)));
        BOOST_TEST(op.state().attempts() == 1);
    }
}

BOOST_AUTO_TEST_CASE(what_never_left_is_sent_again_whatever_it_is)
{
    for (auto const what : all_classes)
        for (auto const& failure : {unsent(), unsent(of_system(EHOSTUNREACH)), unsent(of_system(ETIMEDOUT)),
                 unsent(errc::timeout), unsent(error_code(1, boost::system::generic_category()))}) {
            operation op(what);
            BOOST_TEST(op.after(failure) == first_backoff_fresh);
            BOOST_TEST(op.after(failure) == "resend in 100000 us, fresh");
            BOOST_TEST(op.after(failure) == delivered(failure.failure));
        }
}

BOOST_AUTO_TEST_CASE(what_another_attempt_cannot_mend_ends_at_once)
{
    for (auto const what : all_classes) {
        for (error_code const ec : {error_code(tls_errc::unknown_issuer), error_code(tls_errc::host_mismatch),
                 error_code(errc::forbidden_character), error_code(errc::ca_not_found),
                 error_code(errc::no_credentials)})
            BOOST_TEST(first(what, unsent(ec)) == delivered(ec));
        for (int const status : {400, 403, 405, 409, 413, 422, 501, 505})
            BOOST_TEST(first(what, answered(status, api_errc::other)) == delivered(api_errc::other), status);
    }
}

BOOST_AUTO_TEST_CASE(a_lost_answer)
{
    for (auto const& a : {lost(), lost(of_system(EPIPE)), lost(errc::connection_closed), lost(errc::truncated, true)}) {
        BOOST_TEST(first(repeatable::read, a) == first_backoff_fresh);
        BOOST_TEST(first(repeatable::client_grant, a) == first_backoff_fresh);
        BOOST_TEST(first(repeatable::one_time_grant, a) == delivered(a.failure));
        BOOST_TEST(first(repeatable::refresh_grant, a) == first_backoff_fresh);
        BOOST_TEST(first(repeatable::change, a) == failed(errc::outcome_unknown, true));
        BOOST_TEST(first(repeatable::deletion, a) == first_backoff_fresh);
    }
}

BOOST_AUTO_TEST_CASE(status_408_is_a_lost_answer)
{
    auto const a = answered(408, oauth_errc::other);
    BOOST_TEST(first(repeatable::read, a) == first_backoff_fresh);
    BOOST_TEST(first(repeatable::one_time_grant, a) == failed(errc::connection_closed));
    BOOST_TEST(first(repeatable::change, a) == failed(errc::outcome_unknown, true));
    operation op(repeatable::refresh_grant);
    BOOST_TEST(op.after(a) == first_backoff_fresh);
    BOOST_TEST(op.after(a) == failed(errc::connection_closed));
}

BOOST_AUTO_TEST_CASE(no_answer_in_time)
{
    for (bool const replied : {false, true}) {
        BOOST_TEST(first(repeatable::read, stalled(replied)) == first_backoff_fresh);
        BOOST_TEST(first(repeatable::client_grant, stalled(replied)) == first_backoff_fresh);
        BOOST_TEST(first(repeatable::one_time_grant, stalled(replied)) == delivered(errc::timeout));
        BOOST_TEST(first(repeatable::refresh_grant, stalled(replied)) == first_backoff_fresh);
        BOOST_TEST(first(repeatable::change, stalled(replied)) == failed(errc::outcome_unknown, true));
        BOOST_TEST(first(repeatable::deletion, stalled(replied)) == "look");
    }
    // A pooled connection that is silent is not one that was closed.
    auto silent = stalled();
    silent.reused = true;
    BOOST_TEST(first(repeatable::read, silent) == first_backoff_fresh);
    BOOST_TEST(first(repeatable::change, silent) == failed(errc::outcome_unknown, true));
}

BOOST_AUTO_TEST_CASE(the_deadline_has_passed)
{
    auto const late = [](repeatable what, attempt_result const& a) {
        return operation(what, {}, start + 5s).after(a, start + 5s);
    };
    for (auto const what :
        {repeatable::read, repeatable::client_grant, repeatable::one_time_grant, repeatable::refresh_grant}) {
        BOOST_TEST(late(what, stalled()) == delivered(errc::timeout));
        BOOST_TEST(late(what, unsent(errc::timeout)) == delivered(errc::timeout));
        BOOST_TEST(late(what, stale(false)) == delivered(errc::connection_closed));
    }
    BOOST_TEST(late(repeatable::change, unsent(errc::timeout)) == delivered(errc::timeout));
    BOOST_TEST(late(repeatable::change, stalled()) == failed(errc::timeout_outcome_unknown, true));
    BOOST_TEST(late(repeatable::change, lost()) == failed(errc::outcome_unknown, true));
    // Deleting once more does no harm: the deadline alone is told.
    BOOST_TEST(late(repeatable::deletion, stalled()) == delivered(errc::timeout, true));
    BOOST_TEST(late(repeatable::read, with_bearer(answered(401, api_errc::invalid_token))) ==
        delivered(api_errc::invalid_token));
    auto moved = answered(302, errc::redirected);
    moved.redirect_to_same_origin = true;
    BOOST_TEST(late(repeatable::read, moved) == delivered(errc::redirected));
    BOOST_TEST(late(repeatable::read, success()) == "deliver");
}

BOOST_AUTO_TEST_CASE(no_delay_ends_after_the_deadline)
{
    auto const until = [](time_point deadline, attempt_result const& a) {
        return operation(repeatable::read, {}, deadline).after(a, start);
    };
    auto const busy = answered(429, api_errc::too_many_requests, 2s);
    BOOST_TEST(until(start + 2001ms, busy) == "resend in 2000000 us");
    BOOST_TEST(until(start + 2000ms, busy) == delivered(api_errc::too_many_requests));
    BOOST_TEST(until(start + 50001us, unsent()) == first_backoff_fresh);
    BOOST_TEST(until(start + 50000us, unsent()) == delivered(of_system(ECONNREFUSED)));
    // What is not waited for takes nothing from the budget.
    retry_settings settings;
    settings.budget.most = 1;
    settings.budget.per_request = settings.budget.per_second = 0;
    retry_budget budget(settings.budget);
    retry hurried(repeatable::read, settings, budget, start, start + 1ms);
    BOOST_TEST(text_of(hurried.on_attempt(unsent(), start, 0.5)) == delivered(of_system(ECONNREFUSED)));
    BOOST_TEST(budget.left() == 1);
}

BOOST_AUTO_TEST_CASE(an_answer_that_cannot_be_understood)
{
    for (auto const& a : {lost(errc::protocol_error, true), lost(errc::head_too_large, true),
             lost(errc::body_too_large, true), lost(errc::too_many_interim_responses, true),
             answered(200, errc::not_json), answered(200, errc::malformed_json), answered(204, errc::unexpected_status),
             answered(304, errc::unexpected_status), answered(200, errc::missing_access_token),
             answered(200, error_code(1, boost::system::generic_category()))}) {
        BOOST_TEST(first(repeatable::read, a) == delivered(a.failure));
        BOOST_TEST(first(repeatable::client_grant, a) == delivered(a.failure));
        BOOST_TEST(first(repeatable::one_time_grant, a) == delivered(a.failure));
        BOOST_TEST(first(repeatable::change, a) == failed(errc::outcome_unknown, true));
        BOOST_TEST(first(repeatable::deletion, a) == "look");
        operation refresh(repeatable::refresh_grant);
        BOOST_TEST(refresh.after(a) == first_backoff);
        BOOST_TEST(refresh.after(a) == delivered(a.failure));
    }
    // It answers nothing that was sent.
    BOOST_TEST(first(repeatable::change, unsent(errc::protocol_error)) == delivered(errc::protocol_error));
    BOOST_TEST(first(repeatable::deletion, unsent(errc::protocol_error)) == delivered(errc::protocol_error));
}

BOOST_AUTO_TEST_CASE(looking_after_a_deletion)
{
    operation op(repeatable::deletion);
    BOOST_TEST(op.after(stalled()) == "look");
    BOOST_TEST(text_of(op.state().on_look(404)) == "succeed");
    for (int const status : {200, 0, 403, 500})
        BOOST_TEST(text_of(op.state().on_look(status)) == failed(errc::outcome_unknown, true), status);
}

BOOST_AUTO_TEST_CASE(a_pooled_connection_that_was_closed)
{
    for (auto const what : all_classes) {
        operation op(what);
        BOOST_TEST(op.after(stale(false)) == at_once_fresh);
        BOOST_TEST(op.state().attempts() == 0);
        // Once: the second time it is a connection like any other.
        BOOST_TEST(op.after(stale(false)) == first_backoff_fresh);
        BOOST_TEST(op.state().attempts() == 1);
    }
    for (auto const what :
        {repeatable::read, repeatable::client_grant, repeatable::refresh_grant, repeatable::deletion}) {
        operation op(what);
        BOOST_TEST(op.after(stale(true)) == at_once_fresh);
        BOOST_TEST(op.state().attempts() == 0);
        BOOST_TEST(op.after(success()) == "deliver");
    }
    // The server may have read it, and must not read it twice.
    BOOST_TEST(first(repeatable::one_time_grant, stale(true)) == delivered(errc::connection_closed));
    BOOST_TEST(first(repeatable::change, stale(true)) == failed(errc::outcome_unknown, true));
    // The beginning of an answer tells that it was alive.
    auto begun = stale(true);
    begun.replied = true;
    BOOST_TEST(first(repeatable::read, begun) == first_backoff_fresh);
    BOOST_TEST(first(repeatable::change, begun) == failed(errc::outcome_unknown, true));
}

BOOST_AUTO_TEST_CASE(all_attempts_are_left_after_a_closed_connection)
{
    operation op(repeatable::read);
    BOOST_TEST(op.after(stale(true)) == at_once_fresh);
    BOOST_TEST(op.after(lost()) == first_backoff_fresh);
    BOOST_TEST(op.after(lost()) == "resend in 100000 us, fresh");
    BOOST_TEST(op.after(lost()) == delivered(of_system(ECONNRESET)));
    BOOST_TEST(op.state().attempts() == 3);
}

BOOST_AUTO_TEST_CASE(connections_of_the_pool_are_shunned_after_one_has_died)
{
    operation op(repeatable::read);
    BOOST_TEST(op.after(answered(503, api_errc::unavailable)) == first_backoff);
    BOOST_TEST(op.after(lost()) == "resend in 100000 us, fresh");
    operation other(repeatable::read);
    BOOST_TEST(other.after(lost()) == first_backoff_fresh);
    BOOST_TEST(other.after(answered(503, api_errc::unavailable)) == "resend in 100000 us, fresh");
}

BOOST_AUTO_TEST_CASE(status_503)
{
    auto const a = answered(503, api_errc::unavailable);
    for (auto const what :
        {repeatable::read, repeatable::client_grant, repeatable::refresh_grant, repeatable::deletion}) {
        operation op(what);
        bool const deletes = what == repeatable::deletion;
        BOOST_TEST(op.after(a) == first_backoff);
        BOOST_TEST(op.after(a) == "resend in 100000 us");
        BOOST_TEST(op.after(a) == delivered(api_errc::unavailable, deletes));
    }
    BOOST_TEST(first(repeatable::one_time_grant, a) == delivered(api_errc::unavailable));
    BOOST_TEST(first(repeatable::change, a) == failed(errc::outcome_unknown, true));
}

BOOST_AUTO_TEST_CASE(a_change_after_503_where_the_settings_allow_it)
{
    auto const with = answered(503, api_errc::unavailable, 1500ms);
    auto const without = answered(503, api_errc::unavailable);
    BOOST_TEST(first(repeatable::change, with) == failed(errc::outcome_unknown, true));

    retry_settings settings;
    settings.resend_after_503_with_retry_after = true;
    operation op(repeatable::change, settings);
    BOOST_TEST(op.after(with) == "resend in 1500000 us");
    BOOST_TEST(op.after(with) == "resend in 1500000 us");
    // By the settings it did nothing.
    BOOST_TEST(op.after(with) == delivered(api_errc::unavailable));

    operation mixed(repeatable::change, settings);
    BOOST_TEST(mixed.after(with) == "resend in 1500000 us");
    BOOST_TEST(mixed.after(without) == failed(errc::outcome_unknown, true));
    BOOST_TEST(operation(repeatable::change, settings).after(lost()) == failed(errc::outcome_unknown, true));
    // Nor does it concern what is no change.
    BOOST_TEST(operation(repeatable::one_time_grant, settings).after(with) == delivered(api_errc::unavailable));
    for (int const status : {500, 502, 504})
        BOOST_TEST(operation(repeatable::change, settings).after(answered(status, api_errc::other, 0ms)) ==
            failed(errc::outcome_unknown, true));
}

BOOST_AUTO_TEST_CASE(other_failures_of_servers)
{
    for (int const status : {500, 502, 504, 507, 599, 600, 999, 99}) {
        auto const a = answered(status, api_errc::server_error);
        BOOST_TEST(first(repeatable::read, a) == first_backoff, status);
        BOOST_TEST(first(repeatable::client_grant, a) == first_backoff, status);
        BOOST_TEST(first(repeatable::one_time_grant, a) == delivered(api_errc::server_error), status);
        BOOST_TEST(first(repeatable::change, a) == failed(errc::outcome_unknown, true), status);
        BOOST_TEST(first(repeatable::deletion, a) == first_backoff, status);
        operation refresh(repeatable::refresh_grant);
        BOOST_TEST(refresh.after(a) == first_backoff, status);
        BOOST_TEST(refresh.after(a) == delivered(api_errc::server_error), status);
    }
}

BOOST_AUTO_TEST_CASE(status_429)
{
    auto const a = answered(429, api_errc::too_many_requests);
    for (auto const what : {repeatable::read, repeatable::client_grant, repeatable::refresh_grant, repeatable::change,
             repeatable::deletion}) {
        operation op(what);
        BOOST_TEST(op.after(answered(429, api_errc::too_many_requests, 7s)) == "resend in 7000000 us");
        BOOST_TEST(op.after(a) == "resend in 100000 us");
        // Nothing was done, so that nothing is in doubt.
        BOOST_TEST(op.after(a) == delivered(api_errc::too_many_requests));
    }
    BOOST_TEST(first(repeatable::one_time_grant, a) == delivered(api_errc::too_many_requests));
}

BOOST_AUTO_TEST_CASE(retry_after_is_honoured_and_clamped)
{
    struct
    {
        std::chrono::milliseconds told;
        char const* expected;
    } const cases[] = {
        {0ms, "resend in 0 us"},
        {1ms, "resend in 1000 us"},
        {29999ms, "resend in 29999000 us"},
        {30000ms, "resend in 30000000 us"},
        {30001ms, "resend in 30000000 us"},
        {1'000'000'000s, "resend in 30000000 us"},
        {std::chrono::milliseconds::max() / 1'000'000, "resend in 30000000 us"},
        {-1ms, "resend in 0 us"},
    };
    for (auto const& c : cases)
        for (int const status : {429, 500, 502, 503, 504})
            BOOST_TEST(first(repeatable::read, answered(status, api_errc::other, c.told)) == c.expected);
    // What was lost has no field that would count.
    BOOST_TEST(first(repeatable::read, answered(408, api_errc::other, 7s)) == first_backoff_fresh);

    retry_settings settings;
    settings.longest_retry_after = std::chrono::milliseconds::max();
    BOOST_TEST(operation(repeatable::read, settings).after(answered(503, api_errc::unavailable, 2'147'483'648s)) ==
        "resend in 31536000000000 us");
    settings.longest_retry_after = -1ms;
    BOOST_TEST(
        operation(repeatable::read, settings).after(answered(503, api_errc::unavailable, 7s)) == "resend in 0 us");
}

BOOST_AUTO_TEST_CASE(a_refresh_is_sent_again_once_after_a_lost_answer)
{
    auto const spent = answered(400, oauth_errc::invalid_grant);
    auto const dead = answered(401, oauth_errc::invalid_token);
    auto const busy = answered(503, oauth_errc::unavailable);
    {
        operation op(repeatable::refresh_grant);
        BOOST_TEST(op.after(lost()) == first_backoff_fresh);
        BOOST_TEST(op.after(lost(errc::truncated, true)) == delivered(errc::truncated));
        BOOST_TEST(op.state().attempts() == 2);
    }
    for (auto const& doubt : {lost(), stalled(), answered(500, oauth_errc::server_error),
             answered(200, errc::missing_access_token), stale(true)}) {
        for (auto const& last : {spent, dead}) {
            operation op(repeatable::refresh_grant);
            op.after(doubt);
            BOOST_TEST(op.after(last) == failed(errc::reauthentication_required));
        }
        operation again(repeatable::refresh_grant);
        again.after(doubt);
        BOOST_TEST(again.after(lost()) == delivered(of_system(ECONNRESET)));
    }
    // No answer was lost: the server says what is wrong with this token.
    for (auto const& last : {spent, dead}) {
        BOOST_TEST(first(repeatable::refresh_grant, last) == delivered(last.failure));
        for (auto const& clear : {busy, unsent(), stale(false)}) {
            operation op(repeatable::refresh_grant);
            op.after(clear);
            BOOST_TEST(op.after(last) == delivered(last.failure));
        }
    }
    {
        operation op(repeatable::refresh_grant);
        op.after(lost());
        BOOST_TEST(op.after(answered(401, oauth_errc::invalid_client)) == delivered(oauth_errc::invalid_client));
    }
    {
        operation op(repeatable::refresh_grant);
        BOOST_TEST(op.after(busy) == first_backoff);
        BOOST_TEST(op.after(lost()) == "resend in 100000 us, fresh");
        BOOST_TEST(op.after(lost()) == delivered(of_system(ECONNRESET)));
    }
    {
        operation op(repeatable::refresh_grant);
        BOOST_TEST(op.after(lost()) == first_backoff_fresh);
        BOOST_TEST(op.after(busy) == "resend in 100000 us, fresh");
        BOOST_TEST(op.after(success()) == "deliver");
    }
}

BOOST_AUTO_TEST_CASE(one_renewal_and_one_replay_after_401)
{
    auto const dead = with_bearer(answered(401, api_errc::invalid_token));
    for (auto const what : {repeatable::read, repeatable::change, repeatable::deletion}) {
        operation op(what);
        BOOST_TEST(op.after(dead) == "renew");
        BOOST_TEST(op.state().attempts() == 0);
        BOOST_TEST(op.after(dead) == delivered(api_errc::invalid_token));
        BOOST_TEST(op.state().attempts() == 1);
        BOOST_TEST(first(what, answered(401, api_errc::unauthorized)) == delivered(api_errc::unauthorized));
    }
    // The replay is no attempt of its own, wherever it comes.
    operation op(repeatable::read);
    BOOST_TEST(op.after(lost()) == first_backoff_fresh);
    BOOST_TEST(op.after(lost()) == "resend in 100000 us, fresh");
    BOOST_TEST(op.after(dead) == "renew");
    BOOST_TEST(op.after(success()) == "deliver");

    operation early(repeatable::read);
    BOOST_TEST(early.after(dead) == "renew");
    BOOST_TEST(early.after(lost()) == first_backoff_fresh);
    BOOST_TEST(early.after(lost()) == "resend in 100000 us, fresh");
    BOOST_TEST(early.after(lost()) == delivered(of_system(ECONNRESET)));

    operation changed(repeatable::change);
    BOOST_TEST(changed.after(dead) == "renew");
    BOOST_TEST(changed.after(lost()) == failed(errc::outcome_unknown, true));
}

BOOST_AUTO_TEST_CASE(a_token_of_this_very_operation_is_not_renewed)
{
    auto dead = with_bearer(answered(401, api_errc::invalid_token));
    dead.token_from = start + 1ns;
    BOOST_TEST(first(repeatable::read, dead) == delivered(api_errc::invalid_token));
    for (auto const from : {start, start - 1ns, start - 600s}) {
        dead.token_from = from;
        BOOST_TEST(first(repeatable::read, dead) == "renew");
    }
}

BOOST_AUTO_TEST_CASE(refused_logins_are_not_repeated)
{
    for (auto const what : {repeatable::one_time_grant, repeatable::client_grant, repeatable::refresh_grant})
        for (error_code const ec : {error_code(oauth_errc::bad_credentials), error_code(oauth_errc::account_locked),
                 error_code(oauth_errc::invalid_passcode), error_code(oauth_errc::invalid_client)}) {
            BOOST_TEST(first(what, answered(401, ec)) == delivered(ec));
            // Not even if somebody says that there was a bearer token.
            BOOST_TEST(first(what, with_bearer(answered(401, ec))) == delivered(ec));
        }
}

BOOST_AUTO_TEST_CASE(what_is_gone_is_deleted)
{
    auto const gone = answered(404, api_errc::not_found);
    BOOST_TEST(first(repeatable::deletion, gone) == "succeed");
    for (auto const what : {repeatable::read, repeatable::client_grant, repeatable::one_time_grant,
             repeatable::refresh_grant, repeatable::change})
        BOOST_TEST(first(what, gone) == delivered(api_errc::not_found));

    retry_settings settings;
    settings.absent_is_deleted = false;
    BOOST_TEST(operation(repeatable::deletion, settings).after(gone) == delivered(api_errc::not_found));
    for (auto const& doubt : {lost(), lost(errc::truncated, true), answered(503, api_errc::unavailable),
             answered(500, api_errc::server_error), stale(true), answered(408, api_errc::other)}) {
        operation op(repeatable::deletion, settings);
        op.after(doubt);
        BOOST_TEST(op.after(gone) == "succeed");
    }
    // None of these can have deleted it.
    for (auto const& clear : {unsent(), stale(false), answered(429, api_errc::too_many_requests),
             with_bearer(answered(401, api_errc::invalid_token))}) {
        operation op(repeatable::deletion, settings);
        op.after(clear);
        BOOST_TEST(op.after(gone) == delivered(api_errc::not_found));
    }
}

BOOST_AUTO_TEST_CASE(redirects)
{
    for (int const status : {301, 302, 303, 307, 308}) {
        auto elsewhere = answered(status, errc::redirected);
        auto here = elsewhere;
        here.redirect_to_same_origin = true;
        for (auto const what : all_classes) {
            BOOST_TEST(first(what, elsewhere) == delivered(errc::redirected));
            BOOST_TEST(
                first(what, here) == (what == repeatable::read ? std::string("follow") : delivered(errc::redirected)));
        }
        operation loop(repeatable::read);
        for (int i = 0; i != 5; ++i)
            BOOST_TEST(loop.after(here) == "follow");
        BOOST_TEST(loop.after(here) == delivered(errc::redirected));
    }
}

BOOST_AUTO_TEST_CASE(cancellation)
{
    for (auto const what : all_classes) {
        bool const changes = what == repeatable::change || what == repeatable::deletion;
        auto const ec = of_system(ECANCELED);
        BOOST_TEST(first(what, unsent(ec)) == delivered(ec));
        BOOST_TEST(first(what, lost(ec)) == delivered(ec, changes));
        BOOST_TEST(first(what, lost(ec, true)) == delivered(ec, changes));
        auto pooled = stale(false);
        pooled.failure = ec;
        BOOST_TEST(first(what, pooled) == delivered(ec));
    }
}

BOOST_AUTO_TEST_CASE(the_budget_limits_all_operations_together)
{
    retry_settings settings;
    settings.budget.most = 3;
    settings.budget.per_request = settings.budget.per_second = 0;
    retry_budget budget(settings.budget);
    int resent = 0;
    for (int i = 0; i != 10; ++i) {
        retry op(repeatable::read, settings, budget, start);
        while (op.on_attempt(unsent(), start, 0.5).what == action::resend)
            ++resent;
    }
    BOOST_TEST(resent == 3);
    // With nothing left, what costs nothing goes on, and the rest ends as if all attempts had been made.
    retry changing(repeatable::change, settings, budget, start);
    BOOST_TEST(text_of(changing.on_attempt(stale(false), start, 0.5)) == at_once_fresh);
    BOOST_TEST(
        text_of(changing.on_attempt(with_bearer(answered(401, api_errc::invalid_token)), start, 0.5)) == "renew");
    BOOST_TEST(text_of(changing.on_attempt(answered(429, api_errc::too_many_requests), start, 0.5)) ==
        delivered(api_errc::too_many_requests));
    retry refreshing(repeatable::refresh_grant, settings, budget, start);
    BOOST_TEST(text_of(refreshing.on_attempt(lost(), start, 0.5)) == delivered(of_system(ECONNRESET)));
}

// Whoever is cancelled between two attempts has to look, too.
BOOST_AUTO_TEST_CASE(doubt_lasts_between_attempts)
{
    retry_settings settings;
    retry_budget budget;
    for (auto const what : all_classes) {
        retry one(what, settings, budget, start);
        BOOST_TEST(!one.in_doubt());
        one.on_attempt(unsent(), start, 0.5);
        BOOST_TEST(!one.in_doubt());
    }
    retry deletes(repeatable::deletion, settings, budget, start);
    BOOST_TEST((deletes.on_attempt(lost(), start, 0.5).what == retry_step::action::resend));
    BOOST_TEST(deletes.in_doubt());
    retry reads(repeatable::read, settings, budget, start);
    BOOST_TEST((reads.on_attempt(lost(), start, 0.5).what == retry_step::action::resend));
    BOOST_TEST(!reads.in_doubt());
}

BOOST_AUTO_TEST_CASE(whom_the_pool_suits)
{
    for (auto const what : all_classes) {
        BOOST_TEST(suits_pooled_connection(what) == (what != repeatable::one_time_grant && what != repeatable::change));
        BOOST_TEST(changes_something(what) == (what == repeatable::change || what == repeatable::deletion));
    }
}

// ---- whatever happens ----

namespace {

class random_attempts
{
public:
    explicit random_attempts(unsigned seed) : numbers_(seed) {}

    double part()
    {
        return std::uniform_real_distribution<double>(0, 1)(numbers_);
    }

    int below(int n)
    {
        return std::uniform_int_distribution<int>(0, n - 1)(numbers_);
    }

    attempt_result any(bool fresh)
    {
        attempt_result out;
        switch (below(8)) {
        case 0:
            out = unsent(below(2) == 0 ? of_system(ECONNREFUSED) : error_code(errc::timeout));
            break;
        case 1:
            out = lost(below(2) == 0 ? of_system(ECONNRESET) : error_code(errc::truncated), below(2) == 0);
            break;
        case 2:
            out = stalled(below(2) == 0);
            break;
        case 3:
            out = lost(below(2) == 0 ? errc::protocol_error : errc::body_too_large, true);
            break;
        case 4:
            out = answered(200, errc::malformed_json);
            break;
        case 5:
            out = answered(302, errc::redirected);
            break;
        default: {
            static constexpr int statuses[] = {400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504, 501};
            out = answered(statuses[below(12)], api_errc::other);
            break;
        }
        }
        if (below(3) == 0)
            out.retry_after = std::chrono::milliseconds(below(100'000));
        out.reused = !fresh && below(2) == 0;
        out.redirect_to_same_origin = below(2) == 0;
        out.with_bearer = below(2) == 0;
        return out;
    }

private:
    std::mt19937 numbers_;
};

// The server has said that it did nothing, or nothing reached it.
bool nothing_done(attempt_result const& a)
{
    return !a.sent || a.http_status == 429 || (a.http_status == 401 && a.with_bearer);
}

} // namespace

BOOST_AUTO_TEST_CASE(no_sequence_breaks_the_invariants)
{
    constexpr unsigned seed = 20240517;
    BOOST_TEST_MESSAGE("seed " << seed);
    random_attempts random(seed);
    int ended_early = 0;
    for (int run = 0; run != 60'000; ++run) {
        auto const what = all_classes[random.below(6)];
        retry_settings settings;
        settings.max_attempts = 1 + random.below(5);
        settings.max_redirects = random.below(3);
        settings.resend_after_503_with_retry_after = random.below(2) == 0;
        settings.absent_is_deleted = random.below(2) == 0;
        settings.budget.limited = random.below(2) == 0;
        settings.budget.most = random.below(4);
        retry_budget budget(settings.budget);
        auto now = start;
        auto const deadline =
            random.below(2) == 0 ? retry::never : start + std::chrono::milliseconds(random.below(20'000));
        retry op(what, settings, budget, start, deadline);

        int sends = 0, renewals = 0, redirects = 0, uncounted = 0, doubts = 0;
        bool fresh = false;
        retry_step step;
        do {
            auto const a = random.any(fresh);
            ++sends;
            BOOST_REQUIRE(sends < 50);
            auto const before = op.attempts();
            step = op.on_attempt(a, now, random.part());
            if (step.what == action::look || step.ends())
                break;
            now += step.delay;
            BOOST_REQUIRE((deadline == retry::never || now < deadline));
            BOOST_REQUIRE((step.delay >= 0s && step.delay <= 30s));
            renewals += step.what == action::renew_token;
            redirects += step.what == action::follow_redirect;
            uncounted += step.what == action::resend && op.attempts() == before;
            fresh = fresh || step.on_fresh_connection;

            bool const opted_in = what == repeatable::change && settings.resend_after_503_with_retry_after &&
                a.http_status == 503 && a.retry_after;
            if (what == repeatable::change)
                BOOST_REQUIRE((nothing_done(a) || opted_in));
            if (what == repeatable::one_time_grant)
                BOOST_REQUIRE(!a.sent);
            if (what == repeatable::refresh_grant)
                doubts += !nothing_done(a) && a.http_status != 503;
            BOOST_REQUIRE(!step.outcome_unknown);
            BOOST_REQUIRE(!step.error);
        } while (true);

        ended_early += op.attempts() < settings.max_attempts;
        BOOST_REQUIRE(op.attempts() <= settings.max_attempts);
        BOOST_REQUIRE(renewals <= 1);
        BOOST_REQUIRE(uncounted <= 1);
        BOOST_REQUIRE(redirects <= settings.max_redirects);
        BOOST_REQUIRE(doubts <= 1);
        BOOST_REQUIRE(sends == op.attempts() + renewals + uncounted + redirects);
        bool const changes = what == repeatable::change || what == repeatable::deletion;
        BOOST_REQUIRE((!step.outcome_unknown || changes));
        if (step.error == pks::condition::outcome_unknown)
            BOOST_REQUIRE(step.outcome_unknown);
    }
    // The sequences are no trivial ones.
    BOOST_TEST(ended_early > 10'000);
    BOOST_TEST(ended_early < 50'000);
}

BOOST_AUTO_TEST_SUITE_END()
