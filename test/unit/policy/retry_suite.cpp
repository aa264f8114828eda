// The retry scenarios and the fault matrix of the suites, played against the decisions alone.
#include "../jose/support.hpp"
#include "retry_attempts.hpp"

#include <pks/policy/retry.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cerrno>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace retry_test;
using namespace std::chrono_literals;
using boost::json::array;
using boost::json::object;
using boost::json::value;
using pks::api_errc;
using pks::condition;
using pks::errc;
using pks::oauth_errc;
using pks::tls_errc;
using pks::policy::repeatable;
using pks::policy::retry;
using pks::policy::retry_budget;
using pks::policy::retry_settings;

constexpr auto wait = 50ms; // the first back-off, with the random number that is used here

std::string text(value const& v)
{
    return std::string(v.as_string());
}

std::optional<object> read(std::string_view path)
{
    auto const content = jose_test::read_shared(path);
    if (!content)
        return std::nullopt;
    return boost::json::parse(*content).as_object();
}

repeatable class_of(std::string_view letter)
{
    static std::map<std::string_view, repeatable> const letters = {
        {"A", repeatable::read},
        {"B", repeatable::client_grant},
        {"B'", repeatable::one_time_grant},
        {"C", repeatable::refresh_grant},
        {"D", repeatable::change},
        {"E", repeatable::deletion},
    };
    return letters.at(letter);
}

bool is_grant(repeatable what)
{
    return what == repeatable::client_grant || what == repeatable::one_time_grant || what == repeatable::refresh_grant;
}

/// How each operation authenticates: bearer, client or none.
std::map<std::string, std::string> authentications(object const& operations)
{
    std::map<std::string, std::string> out;
    for (auto const& each : operations.at("operations").as_array())
        out[text(each.at("name"))] = text(each.at("auth"));
    return out;
}

// ---- scenarios ----

struct verdict
{
    int attempts = 0;
    int token_refreshes = 0;
    std::string outcome;

    std::string line() const
    {
        return std::to_string(attempts) + " attempts, " + std::to_string(token_refreshes) + " refreshes, " + outcome;
    }
};

verdict read_verdict(value const& v)
{
    verdict out;
    out.attempts = static_cast<int>(v.at("attempts").as_int64());
    out.outcome = text(v.at("outcome"));
    if (auto const* const refreshes = v.as_object().if_contains("token_refreshes"))
        out.token_refreshes = static_cast<int>(refreshes->as_int64());
    return out;
}

/// The operation as the library would carry it out, before a server that follows the instructions.
class scenario
{
public:
    scenario(repeatable what, std::string auth, bool renewable, bool opt_in)
        : what_(what), auth_(std::move(auth)), renewable_(renewable), opt_in_(opt_in)
    {}

    verdict play(array const& instructions) const
    {
        retry_settings settings;
        settings.resend_after_503_with_retry_after = opt_in_;
        retry_budget budget(settings.budget);
        retry op(what_, settings, budget, start, start + 10s);
        verdict out;
        auto now = start;
        while (true) {
            auto const at = static_cast<std::size_t>(out.attempts++);
            auto const a = at < instructions.size() ? answer(text(instructions[at])) : success();
            auto const step = op.on_attempt(a, now, 0.5);
            if (step.what == action::renew_token)
                ++out.token_refreshes;
            else if (step.what != action::resend) {
                out.outcome = outcome(step, a);
                return out;
            }
            now += step.delay;
        }
    }

private:
    attempt_result answer(std::string_view instruction) const
    {
        bool const api = auth_ == "bearer";
        auto const code = [api](api_errc a, oauth_errc o) { return api ? error_code(a) : error_code(o); };
        attempt_result out;
        if (instruction == "return-503") {
            out = answered(503, code(api_errc::unavailable, oauth_errc::unavailable));
            if (opt_in_)
                out.retry_after = 0ms;
        } else if (instruction == "return-reset-connection") {
            out = lost();
        } else if (instruction.starts_with("return-broken-stream")) {
            out = lost(errc::truncated, true);
        } else if (instruction == "return-400") {
            out = answered(400, code(api_errc::bad_request, oauth_errc::invalid_grant));
        } else if (instruction == "return-401") {
            out = answered(401, code(api_errc::invalid_token, oauth_errc::invalid_client));
        } else if (instruction == "return-408") {
            out = answered(408, code(api_errc::other, oauth_errc::other));
        } else {
            BOOST_FAIL("unknown instruction " << instruction);
        }
        out.with_bearer = api && renewable_;
        return out;
    }

    std::string outcome(retry_step const& step, attempt_result const& a) const
    {
        if (step.what == action::succeed || !step.error)
            return "success";
        if (step.error == condition::outcome_unknown)
            return "outcome_unknown";
        if (step.error == condition::connection_lost)
            return "connection_lost";
        if (a.http_status == 503)
            return "http_error_503";
        if (is_grant(what_))
            return "oauth_error";
        return a.http_status == 401 ? "unauthenticated" : "http_error_" + std::to_string(a.http_status);
    }

    repeatable what_;
    std::string auth_;
    bool renewable_;
    bool opt_in_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(policy_retry_suite)

BOOST_AUTO_TEST_CASE(scenarios)
{
    auto const suite = read("suites/retry/operations.json");
    if (!suite)
        return;
    auto const auth = authentications(*suite);
    int played = 0, with_static_token = 0, not_applicable = 0;
    for (auto const& each : suite->at("pairs").as_array()) {
        auto const& pair = each.as_object();
        auto const& expected = pair.at("expect");
        if (text(expected.at("outcome")) == "not_applicable") {
            ++not_applicable;
            continue;
        }
        auto const operation = text(pair.at("operation"));
        auto const what = class_of(text(pair.at("class")));
        bool const opt_in = pair.contains("opt_in");
        auto const& instructions = pair.at("instructions").as_array();
        auto const name = operation + " " + boost::json::serialize(instructions);

        scenario const renewing(what, auth.at(operation), true, opt_in);
        BOOST_TEST(renewing.play(instructions).line() == read_verdict(expected).line(), name);
        ++played;
        if (auto const* const fixed = pair.if_contains("expect_static_token")) {
            scenario const with_fixed(what, auth.at(operation), false, opt_in);
            BOOST_TEST(with_fixed.play(instructions).line() == read_verdict(*fixed).line(), name);
            ++with_static_token;
        }
    }
    BOOST_TEST(played == 313);
    BOOST_TEST(not_applicable == 2);
    BOOST_TEST(with_static_token == 52);
}

BOOST_AUTO_TEST_CASE(scenarios_of_every_class)
{
    auto const suite = read("suites/retry/operations.json");
    if (!suite)
        return;
    int played = 0;
    for (auto const& script : suite->at("per_class").as_array())
        for (auto const& [key, expected] : script.at("expect").as_object()) {
            std::string_view const name = key;
            bool const opt_in = name.ends_with(", opted in");
            auto const what = class_of(name.substr(0, name.find(',')));
            auto const& instructions = script.at("instructions").as_array();
            auto const shown = std::string(name) + " " + boost::json::serialize(instructions);
            auto const auth = is_grant(what) ? "client" : "bearer";
            BOOST_TEST(
                scenario(what, auth, true, opt_in).play(instructions).line() == read_verdict(expected).line(), shown);
            ++played;
            if (auto const* const fixed = expected.as_object().if_contains("static_token")) {
                BOOST_TEST(scenario(what, auth, false, opt_in).play(instructions).line() == read_verdict(*fixed).line(),
                    shown);
                ++played;
            }
        }
    BOOST_TEST(played == 12 * 7 + 5);
}

// ---- fault matrix ----

namespace {

/// One operation under one fault.
class cell
{
public:
    std::string fault;
    std::string operation;
    repeatable what = repeatable::read;
    bool bearer = false;
    bool is_get = false;
    retry_settings settings;

    /// What follows each of these attempts, one after the other.
    std::vector<std::string> play(std::initializer_list<attempt_result> attempts) const
    {
        retry_budget budget(settings.budget);
        retry op(what, settings, budget, start, start + 100s);
        std::vector<std::string> out;
        for (auto const& a : attempts)
            out.push_back(text_of(op.on_attempt(a, start, 0.5)));
        return out;
    }

    void expect(std::initializer_list<attempt_result> attempts, std::vector<std::string> const& steps) const
    {
        BOOST_TEST(play(attempts) == steps, boost::test_tools::per_element());
    }
};

/// The ways in which the fault shows itself to this operation.
std::vector<attempt_result> injections(cell const& c)
{
    auto const code = [&](api_errc a, oauth_errc o) {
        return is_grant(c.what) || !c.bearer ? error_code(o) : error_code(a);
    };
    std::vector<attempt_result> out;
    auto const at = [&](std::string_view id) { return c.fault == id; };
    if (at("F1")) {
        for (int const netdb : {1, 2})
            out.push_back(unsent(error_code(netdb, boost::system::generic_category())));
        out.push_back(unsent(errc::timeout));
    } else if (at("F2")) {
        for (int const value : {ECONNREFUSED, EHOSTUNREACH, ENETUNREACH})
            out.push_back(unsent(of_system(value)));
    } else if (at("F4")) {
        out = {unsent(of_system(ECONNRESET)), unsent(errc::timeout), unsent(of_system(EPIPE)),
            unsent(errc::connection_closed)};
    } else if (at("F5")) {
        for (auto const tls : {tls_errc::unknown_issuer, tls_errc::expired, tls_errc::host_mismatch, tls_errc::weak})
            out.push_back(unsent(tls));
    } else if (at("F6")) {
        out.push_back(stale(false));
        // A one-time grant takes no connection from the pool: there it is the same as F8.
        if (suits_pooled_connection(c.what))
            out.push_back(stale(true));
    } else if (at("F7")) {
        out = {lost(), lost(of_system(EPIPE))};
    } else if (at("F8")) {
        out = {lost(), lost(errc::connection_closed)};
    } else if (at("F9")) {
        out = {lost(errc::truncated, true), lost(of_system(ECONNRESET), true)};
    } else if (at("F10")) {
        out = {stalled(), stalled(true)};
    } else if (at("F12")) {
        for (int const status : {502, 503, 504}) {
            auto const ec = status == 503 ? code(api_errc::unavailable, oauth_errc::unavailable)
                                          : code(api_errc::bad_gateway, oauth_errc::server_error);
            out.push_back(answered(status, ec));
            for (auto const delay : {std::chrono::milliseconds(0ms), std::chrono::milliseconds(1s),
                     std::chrono::milliseconds(1'000'000'000s)})
                out.push_back(answered(status, ec, delay));
        }
    } else if (at("F13")) {
        out.push_back(answered(500, code(api_errc::server_error, oauth_errc::server_error)));
    } else if (at("F14")) {
        auto const ec = code(api_errc::too_many_requests, oauth_errc::too_many_requests);
        out = {answered(429, ec), answered(429, ec, 0ms), answered(429, ec, 2s), answered(429, ec, 31s)};
    } else if (at("F15")) {
        out = {answered(400, code(api_errc::bad_request, oauth_errc::invalid_grant)),
            answered(403, code(api_errc::forbidden, oauth_errc::access_denied)),
            answered(404, code(api_errc::not_found, oauth_errc::not_found)),
            answered(409, code(api_errc::conflict, oauth_errc::other)),
            answered(422, code(api_errc::unprocessable, oauth_errc::other))};
    } else if (at("F16")) {
        out.push_back(answered(401, code(api_errc::invalid_token, oauth_errc::invalid_client)));
    } else if (at("F17")) {
        out.push_back(lost(errc::protocol_error, true));
    } else if (at("F18")) {
        for (auto const ec : {errc::not_json, errc::malformed_json, errc::unexpected_json, errc::duplicate_member,
                 errc::missing_access_token, errc::invalid_expires_in})
            out.push_back(answered(200, ec));
    } else if (at("F19")) {
        out.push_back(success());
    } else if (at("F20")) {
        for (int const status : {301, 302, 303, 307, 308})
            out.push_back(answered(status, errc::redirected));
    } else if (at("F21")) {
        for (auto const ec : {errc::head_too_large, errc::body_too_large, errc::chunk_extension_too_large,
                 errc::trailer_too_large, errc::too_many_interim_responses})
            out.push_back(lost(ec, true));
    } else if (at("F22")) {
        out = {unsent(of_system(ECANCELED)), lost(of_system(ECANCELED)), lost(of_system(ECANCELED), true)};
    }
    for (auto& a : out)
        a.with_bearer = c.bearer;
    return out;
}

bool died(attempt_result const& a)
{
    return a.http_status == 0 && (a.failure != condition::bad_reply || a.failure == condition::connection_lost);
}

std::chrono::milliseconds delay_after(cell const& c, attempt_result const& a)
{
    return a.retry_after ? std::min(*a.retry_after, c.settings.longest_retry_after) : wait;
}

// ---- what each action of the matrix means ----

void retries(cell const& c, attempt_result const& a)
{
    bool const unknown = c.what == repeatable::deletion && (a.http_status != 0 || a.sent);
    auto const second = a.retry_after ? delay_after(c, a) : 2 * wait;
    c.expect({a, success()}, {resend(delay_after(c, a), died(a)), "deliver"});
    c.expect({a, a, a}, {resend(delay_after(c, a), died(a)), resend(second, died(a)), delivered(a.failure, unknown)});
}

void retries_and_404_is_success(cell const& c, attempt_result const& a)
{
    retries(c, a);
    auto strict = c;
    strict.settings.absent_is_deleted = false;
    strict.expect({a, answered(404, api_errc::not_found)}, {resend(wait, died(a)), "succeed"});
}

void waits_as_told(cell const& c, attempt_result const& a)
{
    c.expect({a, success()}, {resend(delay_after(c, a), false), "deliver"});
    c.expect({a, a, a},
        {resend(delay_after(c, a), false), resend(a.retry_after ? delay_after(c, a) : 2 * wait, false),
            delivered(a.failure, c.what == repeatable::deletion && a.http_status != 429)});
}

void replaces_the_connection(cell const& c, attempt_result const& a)
{
    c.expect({a, success()}, {resend(0ms, true), "deliver"});
}

void replaces_the_connection_if_nothing_sent(cell const& c, attempt_result const& a)
{
    if (a.sent)
        c.expect({a}, {failed(errc::outcome_unknown, true)});
    else
        replaces_the_connection(c, a);
}

void refreshes_once_more(cell const& c, attempt_result const& a)
{
    auto const again = resend(delay_after(c, a), died(a));
    c.expect({a, success()}, {again, "deliver"});
    c.expect({a, a}, {again, delivered(a.failure)});
    c.expect({a, lost()}, {again, delivered(of_system(ECONNRESET))});
    c.expect({a, answered(400, oauth_errc::invalid_grant)}, {again, failed(errc::reauthentication_required)});
}

void is_unknown(cell const& c, attempt_result const& a)
{
    c.expect({a}, {failed(errc::outcome_unknown, true)});
}

void is_unknown_without_promise(cell const& c, attempt_result const& a)
{
    is_unknown(c, a);
    auto trusting = c;
    trusting.settings.resend_after_503_with_retry_after = true;
    if (a.http_status == 503 && a.retry_after)
        waits_as_told(trusting, a);
    else
        is_unknown(trusting, a);
}

void looks(cell const& c, attempt_result const& a)
{
    retry_budget budget(c.settings.budget);
    retry op(c.what, c.settings, budget, start, start + 100s);
    BOOST_TEST(text_of(op.on_attempt(a, start, 0.5)) == "look");
    BOOST_TEST(text_of(op.on_look(404)) == "succeed");
    BOOST_TEST(text_of(op.on_look(200)) == failed(errc::outcome_unknown, true));
}

void fails(cell const& c, attempt_result const& a)
{
    c.expect({a}, {delivered(a.failure)});
}

void fails_unless_404(cell const& c, attempt_result const& a)
{
    if (a.http_status == 404)
        c.expect({a}, {"succeed"});
    else
        fails(c, a);
}

void renews_and_replays(cell const& c, attempt_result const& a)
{
    if (!c.bearer)
        return fails(c, a);
    c.expect({a, success()}, {"renew", "deliver"});
    c.expect({a, a}, {"renew", delivered(a.failure)});
}

void delivers(cell const& c, attempt_result const& a)
{
    c.expect({a}, {"deliver"});
}

void follows_within_the_origin(cell const& c, attempt_result const& a)
{
    fails(c, a);
    if (!c.is_get)
        return;
    auto here = a;
    here.redirect_to_same_origin = true;
    c.expect({here, success()}, {"follow", "deliver"});
    c.expect(
        {here, here, here, here, here, here}, {"follow", "follow", "follow", "follow", "follow", delivered(a.failure)});
}

void completes(cell const& c, attempt_result const& a)
{
    c.expect({a}, {delivered(a.failure, changes_something(c.what) && a.sent)});
}

using meaning = std::function<void(cell const&, attempt_result const&)>;

/// The meaning of a cell: of its action, where the detail of the matrix says no more.
meaning meaning_of(std::string const& fault, std::string_view letter, std::string const& named)
{
    if (fault == "F12" && letter == "C")
        return [](cell const& c, attempt_result const& a) {
            a.http_status == 503 ? retries(c, a) : refreshes_once_more(c, a);
        };
    if (fault == "F12" && letter == "D")
        return is_unknown_without_promise;
    if (fault == "F15" && letter == "E")
        return fails_unless_404;
    static std::map<std::string, meaning> const meanings = {
        {"retry", retries},
        {"retry_next_address", retries}, // the addresses are the connector's
        {"retry_uncounted", replaces_the_connection},
        {"retry_if_nothing_sent", replaces_the_connection_if_nothing_sent},
        {"retry_404_is_ok", retries_and_404_is_success},
        {"fail", fails},
        {"refresh_resend_once", refreshes_once_more},
        {"outcome_unknown", is_unknown},
        {"reconcile", looks},
        {"timeout_retry", retries},
        {"retry_after", waits_as_told},
        {"refresh_and_replay", renews_and_replays},
        {"ok_drop_connection", delivers},
        {"follow_same_origin_get", follows_within_the_origin},
        {"one_completion", completes},
        {"shared_refresh_continues", completes},
        {"cancelled_outcome_unknown", completes},
    };
    auto const found = meanings.find(named);
    return found == meanings.end() ? meaning() : found->second;
}

// No decision on an attempt: the deadline ends them, or the executor, or they are of resources.
std::set<std::string> const not_decided = {"F3", "F11", "F23", "F24"};

} // namespace

BOOST_AUTO_TEST_CASE(faults)
{
    auto const matrix = read("suites/faults.json");
    auto const suite = read("suites/retry/operations.json");
    if (!matrix || !suite)
        return;
    auto const auth = authentications(*suite);
    std::map<std::string, std::string> methods;
    for (auto const& each : suite->at("operations").as_array())
        methods[text(each.at("name"))] = text(each.at("method"));

    int cells = 0, not_applicable = 0, attempts = 0;
    for (auto const& fault : matrix->at("faults").as_array()) {
        auto const id = text(fault.at("id"));
        if (not_decided.contains(id))
            continue;
        for (auto const& operation : matrix->at("operations").as_array()) {
            auto const letter = text(operation.at("class"));
            auto const named = text(fault.at("expect").at(letter).at("action"));
            if (named == "not_applicable") {
                ++not_applicable;
                continue;
            }
            cell c;
            c.fault = id;
            c.operation = text(operation.at("name"));
            c.what = class_of(letter);
            c.bearer = auth.at(c.operation) == "bearer";
            c.is_get = methods.at(c.operation) == "GET";
            auto const meaning = meaning_of(id, letter, named);
            BOOST_REQUIRE_MESSAGE(meaning, "unknown action " << named);
            auto const shown = injections(c);
            BOOST_REQUIRE_MESSAGE(!shown.empty(), "nothing to inject for " << id);
            for (auto const& a : shown) {
                BOOST_TEST_CONTEXT(
                    id << ' ' << c.operation << ' ' << named << ": " << a.http_status << ' ' << a.failure.message())
                meaning(c, a);
                ++attempts;
            }
            ++cells;
        }
    }
    BOOST_TEST(cells == 197);
    BOOST_TEST(not_applicable == 3);
    BOOST_TEST(attempts > 600);
}

BOOST_AUTO_TEST_SUITE_END()
