// Many operations at once under random faults: none is lost and no change is done twice, by the count of the server.
//
// PKS_STORM_OPERATIONS says how many (default 10000), PKS_STORM_SEED repeats a storm. A tenth and more are changes.
#include <net/kept_token.hpp>

#include <pks/client_operations.hpp>
#include <pks/testing/fault_server.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
using pks::error_code;
using pks::testing::connection_fault;
using pks::testing::fault_end;
using pks::testing::fault_script;
using pks::testing::fault_server;
using pks::testing::reply;
using pks::testing::request_fault;
using namespace std::chrono_literals;

std::uint64_t setting(char const* name, std::uint64_t otherwise)
{
    auto const* const text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

class dice
{
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}

    std::size_t below(std::size_t n)
    {
        return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_);
    }
    bool one_in(std::size_t n)
    {
        return below(n) == 0;
    }
    fault_end end()
    {
        constexpr fault_end all[] = {fault_end::close, fault_end::cut, fault_end::reset};
        return all[below(3)];
    }

private:
    std::mt19937_64 engine_;
};

enum class kind {
    read,
    change,
    deletion,
};

// What a server may do wrong with a request. A 4xx, and 429 among it, is never sent by one that did what it was asked for.
request_fault any_fault(dice& random, kind what)
{
    bool const executed = random.one_in(2);
    switch (random.below(what == kind::read ? 13 : 12)) {
    case 0:
        return request_fault::status(503, "{}").executed(executed);
    case 1:
        return request_fault::status(503, "{}", {{"Retry-After", "0"}}).executed(executed);
    case 2:
        return request_fault::status(random.one_in(2) ? 500 : 502, "<html>").executed(executed);
    case 3:
        return request_fault::status(429, "{}", {{"Retry-After", "0"}});
    case 4:
        return request_fault::status(401, R"({"error":"invalid_token"})");
    case 5:
        return request_fault::status(random.one_in(2) ? 400 : 422, "{}");
    case 6:
        return request_fault::silence(random.end()).executed(executed);
    case 7:
        return request_fault().stop_after(random.below(120), random.end());
    case 8:
        return request_fault::octets("HTTP/1.1 200 \r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")
            .executed(executed);
    case 9:
        return request_fault().extra("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n");
    case 10:
        return random.one_in(20) ? request_fault::silence(fault_end::stall).executed(executed)
                                 : request_fault().wait(std::chrono::milliseconds(random.below(5)));
    case 11:
        return request_fault().then(random.end());
    default:
        return request_fault::status(302, {}, {{"Location", "/v1/elsewhere"}});
    }
}

connection_fault any_connection_fault(dice& random)
{
    switch (random.below(4)) {
    case 0:
        return connection_fault::on_accept(random.end());
    case 1:
        return connection_fault::in_handshake(random.below(4), random.end(), random.below(20));
    case 2:
        return connection_fault::in_request(random.below(200), random.end());
    default:
        return connection_fault();
    }
}

reply answer(pks::testing::request const& asked)
{
    reply out;
    out.status = 200;
    out.body = asked.target.starts_with("/oauth/token")
        ? R"({"access_token":"another-token","token_type":"bearer","expires_in":3600})"
        : "{}";
    out.fields = {{"Content-Type", "application/json"}, {"Content-Length", std::to_string(out.body.size())}};
    out.frame = reply::framing::content_length;
    return out;
}

struct operation
{
    kind what = kind::read;
    std::string tag;
    std::chrono::microseconds cancelled_after{-1};

    asio::cancellation_signal stop;
    std::unique_ptr<asio::steady_timer> timer;
    pks::diagnostics diag;
    int completions = 0;
    error_code ec;
};

// So many operations over one server and one client, 32 at a time.
class storm_round
{
public:
    storm_round(dice& random, std::size_t operations) : random_(random), server_(ctx_.get_executor(), options())
    {
        pks::client_options o("localhost:" + std::to_string(server_.port()), server_.trust());
        o.uaa = o.api;
        o.login = pks::client_credentials("c", pks::secret("a-client-secret"));
        o.storage = std::make_shared<net_test::kept_token>("the-first-token");
        o.retry.first_backoff = 1ms;
        o.retry.longest_backoff = 5ms;
        o.retry.budget.limited = false;
        o.tokens.cool_down = 1ms;
        o.tokens.longest_cool_down = 1ms;
        o.deadlines.progress = 100ms;
        o.deadlines.handshake = 500ms;
        o.deadlines.whole = 10s;
        client_ = std::make_unique<pks::client>(ctx_.get_executor(), o);
        plan(operations);
    }

    void run()
    {
        for (int i = 0; i != 32; ++i)
            start_next();
        ctx_.run();
    }

    std::map<std::string, std::size_t> seen;

    std::size_t lost = 0, doubled = 0, wrongly_certain = 0, not_once = 0, changes = 0;

    void judge()
    {
        for (auto const& one : all_) {
            auto const effects = server_.count(one.tag).effects;
            not_once += one.completions != 1;
            changes += one.what == kind::change;
            doubled += one.what == kind::change && effects > 1;
            lost += !one.ec && effects == 0;
            bool const unknown = one.ec == pks::condition::outcome_unknown || one.diag.outcome_unknown;
            wrongly_certain += one.what != kind::read && one.ec && !unknown && effects != 0;
            ++seen[one.ec ? (unknown ? "outcome unknown" : "failed") : "succeeded"];
        }
    }

private:
    static pks::testing::fault_server_options options()
    {
        static pks::testing::certificate_authority const authority("the storm's CA");
        pks::testing::fault_server_options out;
        out.authority = authority;
        out.answers = &answer;
        return out;
    }

    void plan(std::size_t operations)
    {
        fault_script script;
        for (std::size_t i = 0; i != operations; ++i) {
            auto& one = all_.emplace_back();
            one.what = random_.one_in(4) ? kind::change : random_.one_in(6) ? kind::deletion : kind::read;
            one.tag = "t" + std::to_string(i);
            if (random_.one_in(20))
                one.cancelled_after = std::chrono::microseconds(random_.below(3000));
            // The next attempt may meet another one.
            while (random_.one_in(3))
                script.on_request(one.tag, any_fault(random_, one.what));
            if (random_.one_in(10))
                script.on_connection(any_connection_fault(random_));
        }
        server_.play(std::move(script));
    }

    void start_next()
    {
        if (next_ == all_.size()) {
            if (under_way_ == 0) {
                client_.reset();
                server_.stop();
            }
            return;
        }
        auto& one = all_[next_++];
        ++under_way_;
        constexpr char const* methods[] = {"GET", "POST", "DELETE"};
        pks::server_request what(pks::server_role::api, methods[static_cast<int>(one.what)], "/v1/things/" + one.tag);
        what.field("X-Fault-Tag", one.tag);
        if (one.what == kind::change)
            what.body("{}");
        auto done = [this, &one](error_code ec, pks::proto::response const&) {
            ++one.completions;
            one.ec = ec;
            one.timer.reset();
            --under_way_;
            start_next();
        };
        client_->async_request(std::move(what), one.diag, asio::bind_cancellation_slot(one.stop.slot(), done));
        if (one.cancelled_after.count() >= 0) {
            one.timer = std::make_unique<asio::steady_timer>(ctx_, one.cancelled_after);
            one.timer->async_wait([&one](error_code ec) {
                if (!ec)
                    one.stop.emit(asio::cancellation_type::terminal);
            });
        }
    }

    dice& random_;
    asio::io_context ctx_;
    fault_server server_;
    std::unique_ptr<pks::client> client_;
    std::deque<operation> all_;
    std::size_t next_ = 0;
    std::size_t under_way_ = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(nothing_is_lost_and_nothing_done_twice)
{
    auto const operations = setting("PKS_STORM_OPERATIONS", 10'000);
    auto const seed = setting("PKS_STORM_SEED", std::random_device()());
    std::cout << "PKS_STORM_SEED=" << seed << " PKS_STORM_OPERATIONS=" << operations << '\n';
    dice random(seed);
    std::map<std::string, std::size_t> seen;
    std::size_t lost = 0, doubled = 0, wrongly_certain = 0, not_once = 0, changes = 0;
    for (std::uint64_t done = 0; done < operations;) {
        auto const some = std::min<std::uint64_t>(operations - done, 5000);
        storm_round one(random, some);
        one.run();
        one.judge();
        done += some;
        lost += one.lost;
        doubled += one.doubled;
        wrongly_certain += one.wrongly_certain;
        not_once += one.not_once;
        changes += one.changes;
        for (auto const& [how, n] : one.seen)
            seen[how] += n;
    }
    for (auto const& [how, n] : seen)
        std::cout << n << ' ' << how << '\n';
    std::cout << changes << " changes\n";
    BOOST_TEST(lost == 0U);
    BOOST_TEST(doubled == 0U);
    BOOST_TEST(wrongly_certain == 0U);
    BOOST_TEST(not_once == 0U);
    BOOST_TEST(changes >= operations / 10);
    BOOST_TEST(seen["succeeded"] > operations / 2);
}
