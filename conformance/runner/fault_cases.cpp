// The suite `faults`: every operation under every fault of the matrix.
#include "runner/fault_cases.hpp"
#include "runner/connection_workshop.hpp"
#include "runner/exhaustion_cases.hpp"
#include "runner/fault_cell.hpp"
#include "runner/interrupted_cases.hpp"
#include "runner/operation_bench.hpp"
#include "runner/question_cases.hpp"
#include "suites/http_responses.hpp"
#include "suites/read_suite.hpp"

#include <pks/net/name_resolver.hpp>
#include <pks/policy/token_errc.hpp>
#include <pks/testing/certificate_authority.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/ssl.h>

namespace conform {

namespace {

using namespace std::chrono_literals;
using pks::condition;
using pks::errc;
using pks::testing::connection_fault;
using pks::testing::fault_end;
using pks::testing::fault_script;
using pks::testing::header_fields;
using pks::testing::request_fault;

std::string text(boost::json::value const& v)
{
    return std::string(v.as_string());
}

bool is_api(fault_cell const& c)
{
    return c.operation.path.starts_with("/v1/");
}

// Of a status that says why, as the server of the operation would put it.
std::string error_body(fault_cell const& c, int status)
{
    if (is_api(c))
        return R"({"code":)" + std::to_string(status) + R"(,"message":"by the script"})";
    return c.operation.path == "/oauth/token" && status == 400 ? R"({"error":"invalid_grant"})"
                                                               : R"({"error":"by_the_script"})";
}

// ---- F1, F2, F3: on the way to a connection ----

/// Answers as it is told, one after the other, and then with this machine.
class scripted_resolver final : public pks::net::name_resolver
{
public:
    struct answer
    {
        pks::error_code ec{};
        bool comes = true; ///< before let_go()
    };

    void next(std::size_t times, answer const& what)
    {
        std::lock_guard const lock(mutex_);
        next_.assign(times, what);
    }

    pks::error_code look_up(std::string const&, std::vector<boost::asio::ip::address>& found) override
    {
        answer now;
        std::unique_lock lock(mutex_);
        if (!next_.empty()) {
            now = next_.front();
            next_.pop_front();
        }
        let_go_.wait(lock, [&] { return now.comes || over_; });
        if (!now.ec)
            found.emplace_back(boost::asio::ip::address_v4::loopback());
        return now.ec;
    }

    /// Whoever waits for an answer that does not come.
    void let_go()
    {
        std::lock_guard const lock(mutex_);
        over_ = true;
        let_go_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable let_go_;
    std::deque<answer> next_;
    bool over_ = false;
};

void name_look_up_fails(fault_cell const& c)
{
    auto const play = [&c](char const* name, scripted_resolver::answer const& a) {
        for (std::size_t const times : {std::size_t(1), always}) {
            auto const resolver = std::make_shared<scripted_resolver>();
            struct at_end
            {
                scripted_resolver& resolver;
                ~at_end()
                {
                    resolver.let_go();
                }
            } const guard{*resolver};
            fault_form form;
            form.name = std::string(name) + (times == 1 ? " once" : " always");
            form.bench.by_name = true;
            form.settings.options = [resolver, a](pks::client_options& o) {
                o.resolver = resolver;
                if (!a.comes)
                    o.deadlines.resolve = 30ms;
            };
            form.ahead = [resolver, times, a](operation_bench&) { resolver->next(times, a); };
            auto const once = [&] {
                auto const p = c.play(form, 1);
                if (times == 1)
                    expect(!p.ec && p.attempts == 2, form, p, "success after 2 attempts");
                else
                    expect(p.ec && p.attempts == 3 && p.requests == 0 && !p.diag.outcome_unknown, form, p,
                        "a failure after 3 attempts");
            };
            if (a.comes)
                once();
            else
                in_three_tries(once);
        }
    };
    play("NXDOMAIN", {boost::asio::error::host_not_found});
    play("SERVFAIL", {boost::asio::error::host_not_found_try_again});
    play("no answer", {{}, false});
}

/// Two addresses, of which the first has no listener.
class two_addresses final : public pks::net::name_resolver
{
public:
    pks::error_code look_up(std::string const&, std::vector<boost::asio::ip::address>& found) override
    {
        found.push_back(boost::asio::ip::make_address("127.0.0.2"));
        found.push_back(boost::asio::ip::make_address("127.0.0.1"));
        return {};
    }
};

void connection_is_refused(fault_cell const& c)
{
    fault_form second;
    second.name = "the second address is good";
    second.bench.by_name = true;
    second.settings.options = [](pks::client_options& o) { o.resolver = std::make_shared<two_addresses>(); };
    c.succeeds(second, 1);

    fault_form refused;
    refused.name = "refused";
    for (bool const comes_back : {true, false}) {
        pks::testing::fault_server* server = nullptr;
        refused.ahead = [&](operation_bench& bench) {
            server = &bench.server_of(c.operation);
            server->refuse();
        };
        refused.settings.on_event = [&](pks::event const& e) {
            if (comes_back && e.kind == pks::event_kind::attempt && e.error)
                server->listen();
        };
        auto const p = c.play(refused, 1);
        if (comes_back)
            expect(!p.ec && p.attempts == 2, refused, p, "success after 2 attempts");
        else
            expect(p.ec == boost::asio::error::connection_refused && p.attempts == 3, refused, p,
                "connection_refused after 3 attempts");
    }
}

void nothing_answers(fault_cell const& c)
{
    fault_form form;
    form.name = "no answer to a SYN";
    form.settings.deadline = 100ms;
    form.ahead = [&c](operation_bench& bench) { bench.server_of(c.operation).blackhole(); };
    form.is_right = [](pks::error_code ec) { return ec == errc::timeout; };
    c.judge(form);
}

// ---- F4, F5: the handshake ----

void handshake_breaks_off(fault_cell const& c)
{
    // ServerHello to Finished; see connection_fault::in_handshake.
    std::size_t const records = c.tls_version == TLS1_3_VERSION ? 6 : 7;
    for (std::size_t n = 0; n != records; ++n) {
        auto const after = "after " + std::to_string(n) + " records: ";
        c.succeeds(form_of(after + "reset", connection_fault::in_handshake(n, fault_end::reset)), 2);
        c.succeeds(form_of(after + "end", connection_fault::in_handshake(n, fault_end::cut, 3)), 2);
    }
    for (std::size_t const n : {std::size_t(0), std::size_t(1), records - 1}) {
        auto form = form_of(
            "after " + std::to_string(n) + " records: stall", connection_fault::in_handshake(n, fault_end::stall));
        form.settings.options = [](pks::client_options& o) { o.deadlines.handshake = 40ms; };
        in_three_tries([&] { c.succeeds(form, 2); });
    }
    auto alert = connection_fault::in_handshake(0, fault_end::cut);
    c.succeeds(form_of("alert", alert.sending(connection_fault::alert(40))), 2);
    auto garbage = connection_fault::in_handshake(0, fault_end::cut);
    c.succeeds(form_of("no TLS", garbage.sending("HTTP/1.1 400 \r\n\r\n")), 2);
    c.judge(form_of("reset", connection_fault::in_handshake(0, fault_end::reset)));
    c.judge(form_of("reset on accept", connection_fault::on_accept(fault_end::reset)));
}

std::map<std::string, pks::testing::server_identity> const& bad_identities()
{
    using pks::testing::certificate_request;
    static auto const out = [] {
        auto const& ours = operation_bench::authority();
        certificate_request good;
        good.ip_addresses = {"127.0.0.1"};
        std::map<std::string, pks::testing::server_identity> all;
        all["unknown issuer"] = pks::testing::certificate_authority("another").issue(good);
        auto bad = good;
        bad.ip_addresses = {"127.0.0.9"};
        bad.dns_names = {"api.pks.test"};
        all["another name"] = ours.issue(bad);
        bad = good;
        bad.ip_addresses = {};
        bad.common_name = "127.0.0.1";
        all["common name only"] = ours.issue(bad);
        bad = good;
        bad.not_before -= std::chrono::hours(48);
        bad.not_after = std::chrono::system_clock::now() - std::chrono::hours(1);
        all["expired"] = ours.issue(bad);
        bad = good;
        bad.not_before = std::chrono::system_clock::now() + std::chrono::hours(1);
        all["not yet valid"] = ours.issue(bad);
        bad = good;
        bad.self_signed = true;
        all["self-signed"] = ours.issue(bad);
        bad = good;
        bad.server = false;
        all["of a client"] = ours.issue(bad);
        return all;
    }();
    return out;
}

void certificate_is_bad(fault_cell const& c)
{
    for (auto const& [name, identity] : bad_identities()) {
        fault_form form;
        form.name = name;
        (is_api(c) ? form.bench.identity_of_api : form.bench.identity_of_uaa) = identity;
        form.is_right = [](pks::error_code ec) { return ec == condition::untrusted; };
        auto const p = c.play(form, 1);
        expect(p.requests == 0, form, p, "no request");
        c.judge(form);
    }
}

// ---- F6 to F11: the connection ----

void pooled_connection_is_dead(fault_cell const& c)
{
    for (auto const how : {fault_end::cut, fault_end::reset}) {
        fault_form form;
        form.name = how == fault_end::cut ? "ended while it was idle" : "reset while it was idle";
        form.settings.pooled = true;
        form.ahead = [&c, how](operation_bench& bench) { bench.server_of(c.operation).end_connections(how); };
        c.succeeds(form, 1);
    }
    // The end comes as an answer to the request. What must not be sent twice is not sent over such a connection.
    bool const may_be_pooled = !c.is("D") && !c.is("B'");
    auto form = form_of("reset by the request", request_fault::silence(fault_end::reset));
    form.settings.pooled = true;
    if (!may_be_pooled) {
        c.judge(form, c.is("D") ? "outcome_unknown" : "fail");
        return;
    }
    c.succeeds(form, 2);
    // It counts for nothing: there are three more.
    form.name += ", and refused twice";
    form.script = [](suite_operation const& operation, std::size_t) {
        fault_script script;
        auto const tag = operation_bench::tag_of(operation);
        script.on_request(tag, request_fault::silence(fault_end::reset));
        return script.on_requests(tag, 2, request_fault::status(503));
    };
    c.succeeds(form, 4);
}

void request_is_cut_off(fault_cell const& c)
{
    for (std::size_t const k : {1U, 16U, 64U})
        c.judge(form_of("after " + std::to_string(k) + " octets", connection_fault::in_request(k, fault_end::reset)));
}

void judge_both(fault_cell const& c, std::string const& name, request_fault fault)
{
    for (bool const executed : {false, true})
        c.judge(form_of(name + (executed ? ", executed" : ", not executed"), fault.executed(executed)));
}

void answer_does_not_come(fault_cell const& c)
{
    judge_both(c, "reset", request_fault::silence(fault_end::reset));
    judge_both(c, "close_notify", request_fault::silence(fault_end::close));
    judge_both(c, "end without close_notify", request_fault::silence(fault_end::cut));
}

constexpr std::string_view begun_chunk =
    "HTTP/1.1 200 \r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"na";

void answer_is_cut_off(fault_cell const& c)
{
    std::pair<char const*, fault_end> const ends[] = {
        {"reset", fault_end::reset}, {"close_notify", fault_end::close}, {"cut", fault_end::cut}};
    for (auto const& [how, end] : ends) {
        std::string const name(how);
        // A reply to a deletion has no more than 17 octets.
        for (std::size_t const k : {1U, 8U, 13U, 16U})
            judge_both(c, name + " after " + std::to_string(k) + " octets", request_fault().stop_after(k, end));
        for (std::size_t const k : {1U, 2U})
            judge_both(c, name + ' ' + std::to_string(k) + " octets too early", request_fault().stop_short_of(k, end));
        judge_both(c, name + " in a chunk", request_fault::octets(std::string(begun_chunk)).then(end));
        judge_both(c, name + " in the body", request_fault::status(200, std::string(40, ' ')).stop_short_of(20, end));
    }
}

void answer_stalls(fault_cell const& c)
{
    auto const quickly = [](pks::client_options& o) { o.deadlines.progress = 40ms; };
    for (bool const executed : {false, true}) {
        std::string const what = executed ? ", executed" : ", not executed";
        auto before = form_of("before the reply" + what, request_fault::silence(fault_end::stall).executed(executed));
        before.settings.options = quickly;
        in_three_tries([&] { c.judge(before); });
        auto within = form_of("in the body" + what,
            request_fault::status(200, "{}").stop_short_of(1, fault_end::stall).executed(executed));
        within.settings.options = quickly;
        in_three_tries([&] { c.judge(within); });
    }
    if (c.is("D")) {
        auto form = form_of("until the deadline", request_fault::silence(fault_end::stall));
        form.settings.deadline = 150ms;
        in_three_tries([&] {
            auto const p = c.play(form, 1);
            expect(p.ec == errc::timeout_outcome_unknown && p.took >= 150ms, form, p, "timeout_outcome_unknown");
        });
    }
}

void answer_drips(fault_cell const& c)
{
    auto form = form_of("1 octet every 100 ms", request_fault().drip(1, 100ms));
    form.settings.deadline = 350ms;
    form.settings.options = [](pks::client_options& o) { o.deadlines.progress = 250ms; };
    c.judge(form);
}

// ---- F12 to F16, F20: statuses ----

std::vector<std::pair<std::string, header_fields>> retry_after_fields()
{
    std::vector<std::pair<std::string, header_fields>> out = {{"no Retry-After", {}}};
    for (auto const value :
        {"0", "1", "Wed, 21 Oct 2065 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", "1000000000", "-1", "soon"})
        out.emplace_back("Retry-After: " + std::string(value), header_fields{{"Retry-After", value}});
    return out;
}

void clamp_retry_after(pks::client_options& o)
{
    o.retry.longest_retry_after = 2ms;
}

// That the field counts shows in the time, which back-off alone cannot reach.
void waits_as_told(fault_cell const& c, int status)
{
    auto form = form_of(std::to_string(status) + ", waiting for Retry-After",
        request_fault::status(status, error_body(c, status), {{"Retry-After", "1"}}));
    form.settings.options = [](pks::client_options& o) { o.retry.longest_retry_after = 120ms; };
    auto const p = c.play(form, 1);
    expect(!p.ec && p.attempts == 2 && p.took >= 120ms && p.took < 1s, form, p, "success after 120 ms");
}

void gateway_fails(fault_cell const& c)
{
    for (int const status : {502, 503, 504}) {
        for (auto const& [name, fields] : retry_after_fields()) {
            for (bool const html : {false, true}) {
                auto all = fields;
                if (html)
                    all.emplace_back("Content-Type", "text/html");
                auto form = form_of(std::to_string(status) + ", " + name + (html ? ", HTML" : ""),
                    request_fault::status(status, html ? "<html></html>" : error_body(c, status), all));
                form.settings.options = clamp_retry_after;
                c.judge(form, c.is("C") && status != 503 ? "refresh_resend_once" : c.action);
                bool const promised =
                    status == 503 && !fields.empty() && name.find("soon") == name.npos && name.find("-1") == name.npos;
                if (c.is("D") && promised) {
                    form.name += ", opted in";
                    form.settings.options = [](pks::client_options& o) {
                        clamp_retry_after(o);
                        o.retry.resend_after_503_with_retry_after = true;
                    };
                    c.succeeds(form, 2);
                }
            }
        }
        if (c.action == "retry_after")
            waits_as_told(c, status);
    }
}

void server_breaks(fault_cell const& c)
{
    judge_both(c, "JSON", request_fault::status(500, error_body(c, 500)));
    judge_both(c, "HTML", request_fault::status(500, "<html></html>", {{"Content-Type", "text/html"}}));
    judge_both(c, "empty", request_fault::status(500));
}

void too_many_requests(fault_cell const& c)
{
    for (auto const& [name, fields] : retry_after_fields()) {
        auto form = form_of(name, request_fault::status(429, error_body(c, 429), fields));
        form.settings.options = clamp_retry_after;
        c.judge(form);
    }
    if (c.action == "retry_after")
        waits_as_told(c, 429);
}

void request_is_refused(fault_cell const& c)
{
    for (int const status : {400, 403, 404, 409, 422}) {
        auto const name = std::to_string(status);
        if (c.is("E") && status == 404) {
            // It is gone all the same: `executed` says so to the counters.
            c.succeeds(form_of(name, request_fault::status(status, error_body(c, status)).executed(true)), 1);
            continue;
        }
        auto form = form_of(name, request_fault::status(status, error_body(c, status)));
        if (c.is("D") && status == 409)
            form.is_right = [](pks::error_code ec) { return ec == condition::conflict; };
        c.judge(form);
    }
}

void token_is_refused(fault_cell const& c)
{
    auto form = form_of("401", request_fault::status(401, error_body(c, 401)));
    if (!c.with_bearer()) {
        c.judge(form, "fail");
        return;
    }
    auto const once = c.play(form, 1);
    expect(!once.ec && once.attempts == 2 && once.token_requests == 1, form, once,
        "success after 2 attempts, with 1 new token");
    auto const p = c.play(form, always);
    expect(p.ec == condition::unauthorized && p.attempts == 2 && p.token_requests == 1, form, p,
        "where it goes on, unauthorized after 2 attempts, with 1 new token");
}

void server_redirects(fault_cell const& c)
{
    bool const follows = c.is("A") && c.operation.method == "GET";
    // Chosen when the servers are there: the ports are theirs.
    enum class place { same, same_in_full, other, plain, user };
    for (int const status : {301, 302, 303, 307, 308}) {
        for (auto const where : {place::same, place::same_in_full, place::other, place::plain, place::user}) {
            operation_bench bench(bench_settings{c.tls_version});
            auto& server = bench.server_of(c.operation);
            auto const port = std::to_string(server.port());
            auto location = c.operation.path;
            if (where == place::same_in_full)
                location = server.url() + location;
            if (where == place::other)
                location = bench.other_than(c.operation).url() + location;
            if (where == place::plain)
                location = "http://127.0.0.1:" + port + location;
            if (where == place::user)
                location = "https://user@127.0.0.1:" + port + location;
            auto const form = form_of(std::to_string(status) + " to " + location,
                request_fault::status(status, "", {{"Location", location}}));
            bool const same = where == place::same || where == place::same_in_full;
            auto const others_before = bench.other_than(c.operation).count().requests;
            auto const p = bench.play(c.operation, form.script(c.operation, 1));
            auto const others = bench.other_than(c.operation).count().requests - others_before;
            auto const harm = harm_of(p, c.operation);
            expect(harm.empty(), form, p, harm);
            expect(others == (c.with_bearer() ? 1U : 0U), form, p, "nothing for the other server but the login");
            if (follows && same)
                expect(!p.ec && p.requests == 2, form, p, "success after 2 requests");
            else
                expect(p.ec && !p.diag.outcome_unknown && p.requests == 1, form, p, "a failure after 1 request");
        }
    }
    auto const loop = form_of("loop", request_fault::status(302, "", {{"Location", c.operation.path}}));
    auto const p = c.play(loop, always);
    expect(
        p.ec == errc::redirected && p.requests == (follows ? 6U : 1U), loop, p, "redirected after as many as allowed");
}

// ---- F17, F18, F19, F21: replies ----

std::vector<suites::http_case> const& malformed_replies(std::filesystem::path const& folder)
{
    static auto const out = [&folder] {
        std::vector<suites::http_case> all;
        for (auto& each : suites::read_http_responses(folder)) {
            if (each.expected.verdict != "reject" || each.head_request)
                continue;
            // What ends too early is F9.
            auto const seen = suites::play_response(each.raw, each.raw.size(), each.endings.front(), false);
            if (seen.ec && seen.ec != condition::connection_lost)
                all.push_back(std::move(each));
        }
        return all;
    }();
    return out;
}

void reply_is_malformed(fault_cell const& c, std::filesystem::path const& folder)
{
    auto const& all = malformed_replies(folder);
    for (auto const& each : all) {
        bool const ends = each.endings.front() == suites::ending::fin;
        auto form = form_of(each.id, request_fault::octets(each.raw).then(ends ? fault_end::close : fault_end::none));
        form.is_right = [](pks::error_code ec) { return ec == condition::bad_reply; };
        auto const p = c.play(form, 1);
        // The look of a deletion leaves one.
        expect(p.idle == (p.attempts == 2 ? 1U : 0U), form, p, "the connection dropped");
        if (c.is("D"))
            expect(p.ec == errc::outcome_unknown && p.attempts == 1, form, p, "outcome_unknown");
        else if (c.is("C"))
            expect(!p.ec && p.attempts == 2, form, p, "success after 2 attempts");
        else if (c.is("E"))
            expect(p.ec == errc::outcome_unknown && p.requests == 1 && p.attempts == 2, form, p, "a look");
        else
            expect(form.is_right(p.ec) && p.attempts == 1, form, p, "a failure after 1 attempt");
    }
    auto form = form_of("no HTTP", request_fault::octets("220 mail.test ESMTP\r\n\r\n"));
    c.judge(form);
    auto const executed = form_of("no HTTP, executed", request_fault::octets("220 mail.test\r\n\r\n").executed(true));
    if (c.is("E") || c.is("C"))
        c.judge(executed);
}

// Of these two a client hands out the reply as it is; a validator reads it.
bool reads_its_reply(fault_cell const& c)
{
    return c.operation.name != "token_keys.get" && c.operation.name != "token.introspect";
}

void reply_is_another(fault_cell const& c)
{
    std::pair<char const*, request_fault> const replies[] = {
        {"HTML",
            request_fault::status(200, "<html>please log in</html>", {{"Content-Type", "text/html;charset=UTF-8"}})},
        {"broken JSON", request_fault::status(200, R"({"name":"c1","keys":[],"active":true,"access_)")},
        {"another type", request_fault::status(200, R"({"name":5,"access_token":{},"users":1,"keys":5,"active":5})")},
        {"nothing in it", request_fault::status(200, "{}")},
    };
    for (auto const& [name, reply] : replies) {
        if (reads_its_reply(c)) {
            judge_both(c, name, reply);
            continue;
        }
        auto form = form_of(name, reply);
        form.is_right = [](pks::error_code ec) {
            return ec == condition::bad_reply || ec == pks::token_errc::inactive ||
                ec == pks::token_errc::keys_unavailable;
        };
        validator_fails(c, form);
    }
}

void reply_has_more(fault_cell const& c)
{
    for (auto const& more : {std::string("x"), std::string("HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}")}) {
        auto const form = form_of(more.size() == 1 ? "an octet" : "a reply", request_fault().extra(more));
        auto const p = c.play(form, 1);
        expect(!p.ec && p.attempts == 1, form, p, "success");
        expect(p.idle == 0, form, p, "no connection kept");
    }
    // The connection is kept where nothing is wrong, lest the test be idle.
    auto const good = form_of("nothing more", request_fault());
    auto const p = c.play(good, 1);
    expect(!p.ec && p.idle == 1, good, p, "the connection kept");
}

void reply_is_too_large(fault_cell const& c)
{
    auto const limited = [&c](char const* name, std::string octets) {
        for (bool const executed : {false, true}) {
            auto form = form_of(name, request_fault::octets(octets).executed(executed));
            form.settings.options = [](pks::client_options& o) { o.limits.body = 64 * 1024; };
            form.is_right = [](pks::error_code ec) { return ec == condition::bad_reply; };
            c.judge(form);
        }
    };
    std::string const line = "HTTP/1.1 200 \r\nContent-Type: application/json\r\n";
    limited("17 KiB of head", line + "X: " + std::string(17 * 1024, 'x') + "\r\nContent-Length: 2\r\n\r\n{}");
    std::string fields;
    for (int i = 0; i != 101; ++i)
        fields += "X-" + std::to_string(i) + ": x\r\n";
    limited("101 fields", line + fields + "Content-Length: 2\r\n\r\n{}");
    auto const chunked = line + "Transfer-Encoding: chunked\r\n\r\n";
    limited("64 KiB of chunk extension", chunked + "2;x=" + std::string(64 * 1024, 'x') + "\r\n{}\r\n0\r\n\r\n");
    std::string trailer;
    for (int i = 0; i != 2000; ++i)
        trailer += "X-" + std::to_string(i) + ": x\r\n";
    limited("2,000 trailer fields", chunked + "2\r\n{}\r\n0\r\n" + trailer + "\r\n");
    limited("65 KiB of body", line + "Content-Length: 66560\r\n\r\n" + std::string(65 * 1024, ' '));
    limited("65 KiB of body in chunks", chunked + "10400\r\n" + std::string(65 * 1024, ' ') + "\r\n0\r\n\r\n");
    // Nobody asked for a coding: it is not undone, however small its octets are.
    if (reads_its_reply(c))
        limited("gzip", line + "Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n\x1f\x8b\x08xxxxxxx");
}

// ---- the matrix ----

void play(fault_cell const& c, std::filesystem::path const& folder)
{
    static std::map<std::string, void (*)(fault_cell const&)> const faults = {
        {"F1", name_look_up_fails},
        {"F2", connection_is_refused},
        {"F3", nothing_answers},
        {"F4", handshake_breaks_off},
        {"F5", certificate_is_bad},
        {"F6", pooled_connection_is_dead},
        {"F7", request_is_cut_off},
        {"F8", answer_does_not_come},
        {"F9", answer_is_cut_off},
        {"F10", answer_stalls},
        {"F11", answer_drips},
        {"F12", gateway_fails},
        {"F13", server_breaks},
        {"F14", too_many_requests},
        {"F15", request_is_refused},
        {"F16", token_is_refused},
        {"F18", reply_is_another},
        {"F19", reply_has_more},
        {"F20", server_redirects},
        {"F21", reply_is_too_large},
        {"F22", operation_is_cancelled},
        {"F23", client_is_destroyed},
        {"F24", resources_run_out},
    };
    if (c.fault == "F17")
        return reply_is_malformed(c, folder);
    auto const at = faults.find(c.fault);
    if (at == faults.end())
        throw suites::suite_error("faults: there is no fault " + c.fault);
    at->second(c);
}

void judge(std::string const& id, fault_cell const& c, std::filesystem::path const& folder, suite_tally& tally)
{
    std::string seen;
    try {
        play(c, folder);
        tally.hold();
        return;
    } catch (suites::suite_error const&) {
        throw;
    } catch (std::exception const& failure) {
        seen = failure.what();
    }
    tally.fail(id, {c.operation.letter, "action", c.action, seen});
}

} // namespace

std::string run_faults(std::filesystem::path const& folder, suite_tally& tally)
{
    auto const matrix = suites::read_json(folder / "faults.json");
    auto const operations = read_operations(suites::read_json(folder / "retry" / "operations.json").as_object());
    auto const benches_before = operation_bench::made();
    std::size_t not_applicable = 0;
    try {
        for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION})
            for (auto const& fault : matrix.at("faults").as_array())
                for (auto const& each : matrix.at("operations").as_array()) {
                    fault_cell c;
                    c.fault = text(fault.at("id"));
                    c.operation = operations.at(text(each.at("name")));
                    c.action = text(fault.at("expect").at(text(each.at("class"))).at("action"));
                    c.tls_version = version;
                    auto const id = (version == TLS1_3_VERSION ? "1.3/" : "1.2/") + c.fault + '/' + c.operation.name;
                    if (!tally.wants(id))
                        continue;
                    if (c.action == "not_applicable")
                        ++not_applicable;
                    else
                        judge(id, c, folder, tally);
                }
    } catch (suites::suite_error const&) {
        throw;
    } catch (std::exception const& failure) {
        throw suites::suite_error(std::string("faults: ") + failure.what());
    }
    return std::to_string(operation_bench::made() - benches_before) + " plays; " + std::to_string(not_applicable) +
        " more cells do not occur";
}

} // namespace conform
