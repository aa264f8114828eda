// Each step of an operation fails, is cancelled, or takes too long: it ends once, and leaves nothing behind.
#include <net/counting_allocator.hpp>
#include <net/installation.hpp>
#include <net/kept_token.hpp>
#include <net/outcome.hpp>

#include <pks/client_operations.hpp>
#include <pks/testing/fault_server.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/ssl.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using net_test::balance;
using net_test::counting_allocator;
using net_test::run_until;
using pks::condition;
using pks::error_code;
using pks::testing::connection_fault;
using pks::testing::fault_end;
using pks::testing::fault_script;
using pks::testing::fault_server;
using pks::testing::reply;
using pks::testing::request;
using pks::testing::request_fault;
using namespace std::chrono_literals;

enum class operation {
    list,
    get_token,
    create,
};
constexpr operation operations[] = {operation::list, operation::get_token, operation::create};

std::string_view name_of(operation what)
{
    return what == operation::list ? "list" : what == operation::create ? "create" : "get_token";
}

std::string tag_of(operation what)
{
    return what == operation::list  ? "GET /v1/clusters"
        : what == operation::create ? "POST /v1/clusters"
                                    : "POST /oauth/token";
}

reply answer(request const& r)
{
    reply out;
    out.status = r.method == "POST" && r.path() == "/v1/clusters" ? 202 : 200;
    if (r.path() == "/oauth/token")
        out.body = R"({"access_token":"t","token_type":"bearer","expires_in":600})";
    else if (r.method == "POST")
        out.body = R"({"name":"c","plan_name":"small","last_action":"CREATE","last_action_state":"in progress",)"
                   R"("last_action_description":"","uuid":"1","kubernetes_master_ips":[],"parameters":{}})";
    else
        out.body = "[]";
    out.fields = {{"Content-Type", "application/json"}, {"Content-Length", std::to_string(out.body.size())}};
    out.frame = reply::framing::content_length;
    return out;
}

/// A server of one operation, and what that came to.
class play
{
public:
    explicit play(int tls_version = 0)
    {
        static auto const identity = net_test::authority().issue({"localhost"}, {"127.0.0.1"});
        pks::testing::fault_server_options options;
        options.tls_version = tls_version;
        options.authority = net_test::authority();
        options.identity = identity;
        options.answers = answer;
        server.emplace(ctx.get_executor(), std::move(options));
    }

    /// Of a client that has a token, where the operation needs one. One attempt, so that what fails shows.
    void begin(operation what, pks::deadlines const& each = {}, std::chrono::milliseconds within = 10s)
    {
        pks::client_options options(server->url(), server->trust());
        options.uaa = server->endpoint();
        options.login = net_test::automated();
        options.retry.max_attempts = 1;
        options.deadlines = each;
        options.tokens.cool_down = options.tokens.longest_cool_down = 0ms;
        if (what == operation::get_token)
            options.deadlines.whole = within;
        else
            // A login would come under the short deadlines of a play, and on a busy machine fail by them.
            options.storage = std::make_shared<net_test::kept_token>("the-kept-token");
        api.emplace(ctx.get_executor(), std::move(options));
        what_ = what;
        within_ = within;
    }

    void start()
    {
        auto note = [this](error_code got, auto const&) {
            ec = got;
            ++completions;
        };
        auto with_slot = asio::bind_cancellation_slot(signal.slot(), std::move(note));
        auto done = asio::bind_allocator(counting_allocator<char>(&memory_), std::move(with_slot));
        auto within = api->within(within_);
        if (what_ == operation::list)
            within.async_list_clusters(diag, std::move(done));
        else if (what_ == operation::create)
            within.async_create_cluster(pks::cluster_request("c", "small", "c.test"), diag, std::move(done));
        else
            within.async_get_token(diag, std::move(done));
    }

    /// What holds whatever was done to it. `in_doubt`: its connection must not be used again.
    void end(bool in_doubt)
    {
        BOOST_TEST(run_until(ctx, [this] { return completions != 0; }));
        ctx.restart();
        ctx.poll();
        BOOST_TEST(completions == 1);
        auto const connections = [this] {
            auto const all = api->explain();
            return what_ == operation::get_token ? all.uaa : all.api;
        };
        // A fetch has a deadline of its own.
        if (what_ == operation::get_token)
            BOOST_TEST(run_until(ctx, [&] { return connections().used == 0; }));
        auto const report = connections();
        BOOST_TEST(report.used == 0U);
        if (in_doubt)
            BOOST_TEST(report.idle == 0U);
        api.reset();
        BOOST_TEST(run_until(ctx, [this] { return server->connections().open == 0; }));
        BOOST_TEST(memory_.live == 0U);
        if (what_ != operation::get_token)
            BOOST_TEST(server->count(tag_of(operation::get_token)).requests == 0U);
    }

    std::size_t requests() const
    {
        return server->count(tag_of(what_)).requests;
    }

    asio::io_context ctx;
    std::optional<fault_server> server;
    std::optional<pks::client> api;
    asio::cancellation_signal signal;
    pks::diagnostics diag;
    error_code ec;
    int completions = 0;

private:
    operation what_ = operation::list;
    std::chrono::milliseconds within_{0};
    balance memory_;
};

std::size_t reply_size(operation what)
{
    request asked;
    auto const tag = tag_of(what);
    asked.method = tag.substr(0, tag.find(' '));
    asked.target = tag.substr(tag.find(' ') + 1);
    return answer(asked).to_octets().size();
}

/// Every place where the operation's connection can end, or stand still.
std::vector<std::pair<std::string, fault_script>> places(operation what, int tls_version, fault_end how, std::size_t by)
{
    std::vector<std::pair<std::string, fault_script>> out;
    auto add = [&out](std::string name, fault_script script) { out.emplace_back(std::move(name), std::move(script)); };
    add("accepted", fault_script().on_connection(connection_fault::on_accept(how)));
    std::size_t const records = tls_version == TLS1_3_VERSION ? 6 : 7;
    for (std::size_t n = 0; n != records; ++n)
        for (std::size_t const octets : {0U, 3U})
            add("handshake " + std::to_string(n) + '.' + std::to_string(octets),
                fault_script().on_connection(connection_fault::in_handshake(n, how, octets)));
    add("request", fault_script().on_connection(connection_fault::in_request(1, how)));
    for (std::size_t n = 0; n < reply_size(what); n += by)
        add("reply " + std::to_string(n), fault_script().on_request(tag_of(what), request_fault().stop_after(n, how)));
    return out;
}

std::size_t open_descriptors()
{
    std::filesystem::directory_iterator const all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(all, std::filesystem::directory_iterator()));
}

} // namespace

BOOST_AUTO_TEST_SUITE(net_client_faults)

BOOST_AUTO_TEST_CASE(every_step_fails)
{
    auto const before = open_descriptors();
    int plays = 0;
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION})
        for (auto const how : {fault_end::reset, fault_end::cut, fault_end::close})
            for (auto const what : operations)
                for (auto const& [name, script] : places(what, version, how, 5)) {
                    BOOST_TEST_CONTEXT(
                        name_of(what) << ", TLS " << version << ", " << static_cast<int>(how) << ", " << name)
                    {
                        play p(version);
                        p.begin(what);
                        p.server->play(script);
                        p.start();
                        p.end(true);
                        BOOST_TEST(p.ec.failed());
                        bool const seen = p.requests() != 0;
                        BOOST_TEST((what != operation::create || !seen || p.diag.outcome_unknown));
                        BOOST_TEST((p.ec == condition::outcome_unknown) ==
                            (what == operation::create && p.diag.outcome_unknown));
                        ++plays;
                    }
                }
    BOOST_TEST(plays > 800);
    BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(every_step_takes_too_long)
{
    pks::deadlines each;
    each.connect = each.handshake = each.progress = 10ms;
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION})
        for (auto const what : operations)
            for (auto const& [name, script] : places(what, version, fault_end::stall, 23)) {
                BOOST_TEST_CONTEXT(name_of(what) << ", TLS " << version << ", " << name)
                {
                    play of_step(version);
                    of_step.begin(what, each);
                    of_step.server->play(script);
                    of_step.start();
                    of_step.end(true);
                    bool const unknown = what == operation::create && of_step.requests() != 0;
                    BOOST_TEST((of_step.ec == condition::timeout || of_step.ec == condition::outcome_unknown));
                    BOOST_TEST((!unknown || of_step.ec == pks::errc::outcome_unknown));
                    play of_whole(version);
                    of_whole.begin(what, {}, 15ms);
                    of_whole.server->play(script);
                    of_whole.start();
                    of_whole.end(true);
                    BOOST_TEST(of_whole.ec == condition::timeout);
                }
            }
}

// More is to be sent than the buffers on the way hold.
BOOST_AUTO_TEST_CASE(the_server_stops_reading)
{
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        play p(version);
        p.server->play(fault_script().on_connection(connection_fault::in_request(1, fault_end::deaf)));
        pks::client_options options(p.server->url(), p.server->trust());
        options.uaa = p.server->endpoint();
        pks::client api(p.ctx.get_executor(), std::move(options));
        pks::server_request upload(pks::server_role::api, "POST", "/v1/clusters");
        upload.body(std::string(8 << 20, 'x'), "text/plain").without_token();
        pks::diagnostics diag;
        auto const ended = net_test::finish<pks::proto::response>(
            p.ctx, [&](auto const& then) { api.within(700ms).async_request(std::move(upload), diag, then); });
        BOOST_TEST(ended.ec == pks::errc::timeout_outcome_unknown);
        BOOST_TEST(diag.step == pks::step::write);
        BOOST_TEST(diag.outcome_unknown);
        BOOST_TEST(api.explain().api.idle == 0U);
    }
}

BOOST_AUTO_TEST_CASE(every_step_is_cancelled)
{
    int plays = 0;
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION})
        for (auto const type :
            {asio::cancellation_type::total, asio::cancellation_type::partial, asio::cancellation_type::terminal})
            for (auto const what : operations) {
                bool interrupted = true;
                // Handlers, those of the server among them: more than the operation has steps.
                for (int k = 0; interrupted && k != 400; ++k) {
                    BOOST_TEST_CONTEXT(
                        name_of(what) << ", TLS " << version << ", " << static_cast<int>(type) << ", step " << k)
                    {
                        play p(version);
                        p.begin(what);
                        p.start();
                        p.ctx.restart();
                        for (int i = 0; i != k && p.completions == 0; ++i)
                            p.ctx.run_one();
                        interrupted = p.completions == 0;
                        p.signal.emit(type);
                        // The fetch of a token goes on for the next one who wants it.
                        BOOST_TEST(run_until(p.ctx, [&p] { return p.completions != 0; }));
                        bool const aborted = p.ec == asio::error::operation_aborted;
                        BOOST_TEST((!p.ec || aborted));
                        BOOST_TEST(
                            (!aborted || what != operation::create || p.requests() == 0 || p.diag.outcome_unknown));
                        BOOST_TEST((p.diag.outcome_unknown == false || what == operation::create));
                        p.end(aborted && what != operation::get_token);
                        ++plays;
                    }
                }
                BOOST_TEST(!interrupted);
            }
    BOOST_TEST(plays > 100);
}

BOOST_AUTO_TEST_SUITE_END()
