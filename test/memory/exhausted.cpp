// Every allocation of an operation fails once: it is thrown out of the initiating function, or it ends the operation, which
// completes once.
//
// Over streams of the caller, where this holds. Over sockets and strands Boost 1.81 itself loses handlers: where it hands
// the completion of a socket's operation to an any_io_executor, the exception leaves run() and the handler is destroyed;
// where a strand is woken, it never wakes again, or std::terminate is called.
#include "memory/failing_new.hpp"

#include <net/outcome.hpp>

#include <pks/async_create_cluster.hpp>
#include <pks/async_delete_cluster.hpp>
#include <pks/async_list_clusters.hpp>
#include <pks/credentials.hpp>
#include <pks/endpoint.hpp>
#include <pks/net/connect_race.hpp>
#include <pks/net/name_lookup.hpp>
#include <pks/net/operation.hpp>
#include <pks/net/running_operations.hpp>
#include <pks/net/wait_step.hpp>
#include <pks/peer.hpp>
#include <pks/policy/waiting_list.hpp>
#include <pks/uaa/async_get_token.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace net = pks::net;
using memory_test::failing_new;
using pks::error_code;

// More allocations than any operation makes.
constexpr std::size_t most = 1000;

// How an operation ended.
struct ending
{
    bool thrown = false; // out of the initiating function
    bool left_run = false;
    int completions = 0;
    error_code ec;
    std::shared_ptr<int> handler = std::make_shared<int>(); // held by the handler, as long as there is one
};

// A handler that takes no memory.
auto note(ending& end)
{
    return [&end, held = end.handler](error_code ec, auto const&) {
        ++end.completions;
        end.ec = ec;
    };
}

// What `start(context, ending)` begins, with the k-th allocation failing; false where there is no k-th one.
template <class Start>
bool fail_at(std::size_t k, bool and_on, ending& end, asio::io_context& context, Start const& start)
{
    failing_new const memory(k, and_on);
    try {
        start(context, end);
    } catch (std::bad_alloc const&) {
        end.thrown = true;
    }
    try {
        context.run();
    } catch (std::bad_alloc const&) {
        end.left_run = true;
    }
    return memory.failed();
}

void check(ending const& end)
{
    BOOST_TEST(!end.left_run);
    BOOST_TEST(end.completions == (end.thrown ? 0 : 1));
    BOOST_TEST(end.handler.use_count() == 1);
    if (end.ec)
        BOOST_TEST(end.ec == asio::error::no_memory);
}

// ---- operations over a stream ----

// Takes whatever is written, and gives a reply in pieces. Its handlers keep their types: with Boost 1.81 a handler that is
// erased, and gets no memory to say where it is to run, gives an executor that is none.
class stream_in_memory
{
public:
    using executor_type = asio::io_context::executor_type;

    stream_in_memory(executor_type executor, std::string const& reply) : executor_(executor), reply_(reply) {}

    executor_type get_executor() const noexcept
    {
        return executor_;
    }
    std::size_t writes() const noexcept
    {
        return writes_;
    }

    template <class Token>
    auto async_read_some(asio::mutable_buffer buffer, Token&& token)
    {
        auto const n = asio::buffer_copy(buffer, asio::buffer(reply_) + given_, 20);
        given_ += n;
        return finish(n, token);
    }
    template <class Token>
    auto async_write_some(asio::const_buffer buffer, Token&& token)
    {
        ++writes_;
        return finish(std::min<std::size_t>(buffer.size(), 50), token);
    }

private:
    struct initiate_post
    {
        template <class Handler>
        void operator()(Handler&& then, executor_type executor, std::size_t n) const
        {
            asio::post(executor, asio::append(std::forward<Handler>(then), error_code(), n));
        }
    };

    template <class Token>
    auto finish(std::size_t n, Token& token)
    {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(initiate_post(), token, executor_, n);
    }

    executor_type executor_;
    std::string const& reply_;
    std::size_t given_ = 0;
    std::size_t writes_ = 0;
};

pks::access_token bearer()
{
    pks::access_token::parts parts;
    parts.value = pks::secret("a-token");
    return pks::access_token(std::move(parts));
}

std::string reply_of(int status, std::string const& body)
{
    auto const head = "HTTP/1.1 " + std::to_string(status) + " \r\n";
    return body.empty()
        ? head + "\r\n"
        : head + "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct stream_operation
{
    char const* name;
    std::string reply;
    void (*start)(stream_in_memory&, pks::peer const&, ending&);
};

stream_operation const operations[] = {
    {"async_get_token", reply_of(200, R"({"access_token":"a-token","token_type":"bearer","expires_in":9})"),
        [](stream_in_memory& s, pks::peer const& server, ending& end) {
            pks::uaa::async_get_token(s, server, pks::client_credentials("c", pks::secret("s")), note(end));
        }},
    {"async_list_clusters", reply_of(200, R"([{"name":"alpha","uuid":"1","plan_name":"small-one"}])"),
        [](stream_in_memory& s, pks::peer const& server, ending& end) {
            pks::async_list_clusters(s, server, bearer(), note(end));
        }},
    {"async_create_cluster", reply_of(202, R"({"name":"alpha","last_action":"CREATE","last_action_state":"x"})"),
        [](stream_in_memory& s, pks::peer const& server, ending& end) {
            auto const what = pks::cluster_request("alpha", "small", "alpha.example.org");
            pks::async_create_cluster(s, server, bearer(), what, note(end));
        }},
    {"async_delete_cluster", reply_of(204, ""),
        [](stream_in_memory& s, pks::peer const& server, ending& end) {
            pks::async_delete_cluster(s, server, bearer(), "alpha", note(end));
        }},
};

void fail_each(stream_operation const& what, bool and_on)
{
    auto const server = pks::peer(pks::endpoint::uaa("uaa.example.org"));
    std::size_t k = 0, thrown = 0, failed = 0;
    for (bool more = true; more && k != most;) {
        BOOST_TEST_CONTEXT(what.name << ", allocation " << ++k << (and_on ? " and all that follow" : ""))
        {
            ending end;
            asio::io_context context;
            stream_in_memory stream(context.get_executor(), what.reply);
            auto const start = [&](asio::io_context&, ending& e) { what.start(stream, server, e); };
            more = fail_at(k, and_on, end, context, start);
            check(end);
            // Nothing is sent where nothing has begun.
            if (end.thrown)
                BOOST_TEST(stream.writes() == 0U);
            if (and_on || !more)
                BOOST_TEST((end.thrown || end.ec == asio::error::no_memory) == more);
            thrown += end.thrown;
            failed += end.ec.failed();
        }
    }
    BOOST_TEST(k < most);
    BOOST_TEST(thrown > 1U);
    BOOST_TEST(failed > 5U);
}

// ---- single steps ----

template <class Handler, class Body>
void run_step(asio::io_context& context, Handler then, Body body)
{
    net::start_operation<int>(
        context.get_executor(), std::move(body), net::handler<int>(std::move(then)), net::cancellable::total);
}

net::task<int> await(net::io_step& step)
{
    error_code ec;
    co_await net::await_step(step, ec);
    if (ec)
        co_return ec;
    co_return 1;
}

net::task<int> wait_for_what_was_told(asio::any_io_executor ex)
{
    net::wait_step step(ex);
    step.tell();
    co_return co_await await(step);
}

net::task<int> wait_for_ever(asio::any_io_executor ex)
{
    // Of which the deadline takes it out.
    pks::policy::waiting_list others;
    net::wait_step step(ex);
    others.add(step);
    co_return co_await await(step);
}

net::task<int> connect(asio::any_io_executor ex, asio::ip::tcp::endpoint to)
{
    std::vector<asio::ip::address> addresses;
    addresses.push_back(to.address());
    net::connect_race step(ex, addresses, to.port());
    co_return co_await await(step);
}

class one_address final : public net::name_resolver
{
public:
    error_code look_up(std::string const&, std::vector<asio::ip::address>& found) override
    {
        found.push_back(asio::ip::address_v4::loopback());
        return {};
    }
};

net::task<int> look_up(asio::any_io_executor ex, std::shared_ptr<net::name_resolver> with)
{
    net::name_lookup step(ex, std::move(with), "a name that is longer than a short string");
    co_return co_await await(step);
}

} // namespace

BOOST_AUTO_TEST_SUITE(exhausted)

BOOST_AUTO_TEST_CASE(an_operation_over_a_stream_ends_once_whichever_allocation_fails)
{
    for (auto const& what : operations)
        for (bool const and_on : {false, true})
            fail_each(what, and_on);
}

BOOST_AUTO_TEST_CASE(a_step_ends_once_whichever_allocation_fails)
{
    auto const resolver = std::make_shared<one_address>();
    for (bool const looks_up : {false, true}) {
        std::size_t k = 0, failed = 0;
        for (bool more = true; more && k != most;) {
            BOOST_TEST_CONTEXT((looks_up ? "name_lookup" : "wait_step") << ", allocation " << ++k)
            {
                ending end;
                asio::io_context context;
                auto const start = [&](asio::io_context& ctx, ending& e) {
                    asio::any_io_executor const ex = ctx.get_executor();
                    if (looks_up)
                        run_step(ctx, note(e), [ex, resolver] { return look_up(ex, resolver); });
                    else
                        run_step(ctx, note(e), [ex] { return wait_for_what_was_told(ex); });
                };
                more = fail_at(k, false, end, context, start);
                check(end);
                failed += end.ec.failed();
            }
        }
        BOOST_TEST(k < most);
        // A wait takes no memory of its own: it was the operation's stack.
        BOOST_TEST(failed > 0U);
        BOOST_TEST((failed > 1U) == looks_up);
    }
}

// Where Asio has no memory to call the timer's handler, bad_alloc leaves run(): the next deadline brings both.
BOOST_AUTO_TEST_CASE(a_deadline_passes_whichever_allocation_failed_before)
{
    std::size_t k = 0, thrown = 0, failed = 0;
    for (bool more = true; more && k != most;) {
        BOOST_TEST_CONTEXT("allocation " << ++k)
        {
            ending end, then;
            asio::io_context context;
            asio::any_io_executor const ex = context.get_executor();
            net::running_operations operations(ex);
            auto const begin = [&](ending& e) {
                auto make_body = [ex] { return [ex](net::deadline&, pks::diagnostics&) { return wait_for_ever(ex); }; };
                operations.start<int>(
                    nullptr, std::chrono::milliseconds(1), nullptr, net::handler<int>(note(e)), make_body);
            };
            more = fail_at(k, false, end, context, [&](asio::io_context&, ending& e) { begin(e); });
            begin(then);
            context.restart();
            context.run();
            BOOST_TEST(end.completions == (end.thrown ? 0 : 1));
            BOOST_TEST(then.completions == 1);
            BOOST_TEST(then.ec == pks::errc::timeout);
            BOOST_TEST(end.handler.use_count() == 1);
            if (end.completions != 0 && end.ec != asio::error::no_memory)
                BOOST_TEST(end.ec == pks::errc::timeout);
            thrown += end.thrown;
            failed += end.ec == asio::error::no_memory;
        }
    }
    BOOST_TEST(k < most);
    BOOST_TEST(thrown > 0U);
    BOOST_TEST(failed > 0U);
}

// To where the handler runs nothing goes without memory: there bad_alloc leaves run(), and nothing is kept.
BOOST_AUTO_TEST_CASE(an_operation_that_completes_elsewhere_ends_once_or_goes_with_the_exception)
{
    std::size_t k = 0, lost = 0;
    for (bool more = true; more && k != most;) {
        BOOST_TEST_CONTEXT("allocation " << ++k)
        {
            ending end;
            asio::io_context users;
            asio::io_context context;
            auto const start = [&users](asio::io_context& ctx, ending& e) {
                asio::any_io_executor const ex = ctx.get_executor();
                run_step(ctx, asio::bind_executor(users, note(e)), [ex] { return wait_for_what_was_told(ex); });
            };
            more = fail_at(k, false, end, context, start);
            BOOST_TEST(end.completions == 0);
            users.run();
            BOOST_TEST(end.completions == (end.thrown || end.left_run ? 0 : 1));
            BOOST_TEST(end.handler.use_count() == 1);
            lost += end.left_run;
        }
    }
    BOOST_TEST(k < most);
    BOOST_TEST(lost <= 2U);
}

// Where Asio loses the handler of a socket, bad_alloc leaves run(): then nothing is kept either.
BOOST_AUTO_TEST_CASE(a_connection_ends_once_or_is_lost_by_asio)
{
    asio::io_context servers;
    asio::ip::tcp::acceptor listener(servers, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    auto const to = listener.local_endpoint();
    std::size_t k = 0, failed = 0, lost = 0;
    for (bool more = true; more && k != most;) {
        BOOST_TEST_CONTEXT("allocation " << ++k)
        {
            ending end;
            asio::io_context context;
            auto const start = [to](asio::io_context& ctx, ending& e) {
                asio::any_io_executor const ex = ctx.get_executor();
                run_step(ctx, note(e), [ex, to] { return connect(ex, to); });
            };
            more = fail_at(k, false, end, context, start);
            context.restart();
            context.poll();
            BOOST_TEST(end.completions == (end.thrown || end.left_run ? 0 : 1));
            BOOST_TEST(end.handler.use_count() == 1);
            failed += end.ec.failed();
            lost += end.left_run;
        }
    }
    BOOST_TEST(k < most);
    BOOST_TEST(failed > 0U);
    BOOST_TEST(lost <= 1U);
}

BOOST_AUTO_TEST_SUITE_END()
