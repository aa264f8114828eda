// net/coroutine.hpp and net/io_step.hpp: what becomes of exceptions, of steps that cannot be started, and of those that come
// after the operation was stopped.
#include <net/outcome.hpp>

#include <pks/net/operation.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace net = pks::net;
using net_test::note;
using pks::error_code;

enum class way {
    ends,
    drops,  ///< the handler goes without a call
    throws, ///< so does the handler, by an exception
    throws_no_memory,
};

class step final : public net::io_step
{
public:
    step(asio::any_io_executor ex, way how) : ex_(std::move(ex)), how_(how) {}

    void start(net::io_handler then) override
    {
        ++started;
        if (how_ == way::throws)
            throw std::runtime_error("a step's own");
        if (how_ == way::throws_no_memory)
            throw std::bad_alloc();
        if (how_ == way::ends)
            asio::post(ex_, std::move(then));
    }

    int started = 0;

private:
    asio::any_io_executor ex_;
    way how_;
};

struct fixture
{
    template <class Body>
    void start(Body body)
    {
        net::start_operation<int>(
            ctx.get_executor(), std::move(body), net::handler<int>(noted), net::cancellable::total, stops);
    }
    bool run_throws(char const* what)
    {
        try {
            ctx.run();
        } catch (std::runtime_error const& e) {
            return std::string(e.what()) == what;
        }
        return false;
    }

    asio::io_context ctx;
    note<int> const noted;
    std::shared_ptr<net::canceller> stops = std::make_shared<net::canceller>();
};

net::task<int> await(step& s)
{
    error_code ec;
    co_await net::await_step(s, ec);
    if (ec)
        co_return ec;
    co_return 1;
}

// One coroutine deeper each time, so that what is thrown passes them.
net::task<int> await_below(step& s, int depth)
{
    if (depth == 0)
        co_return co_await await(s);
    co_return co_await await_below(s, depth - 1);
}

net::task<int> fail_with(boost::system::system_error const& e)
{
    throw e;
    co_return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(net_coroutine, fixture)

BOOST_AUTO_TEST_CASE(a_step_below_others_ends)
{
    step s(ctx.get_executor(), way::ends);
    start([&s] { return await_below(s, 20); });
    ctx.run();
    BOOST_TEST(noted.seen().completions == 1);
    BOOST_TEST(noted.seen().ec == error_code());
    BOOST_TEST(noted.seen().value == 1);
}

BOOST_AUTO_TEST_CASE(what_a_step_throws_as_it_starts_reaches_whoever_awaits_it)
{
    for (bool const no_memory : {true, false}) {
        note<int> const end;
        step s(ctx.get_executor(), no_memory ? way::throws_no_memory : way::throws);
        auto body = [&s] { return await_below(s, 3); };
        net::start_operation<int>(ctx.get_executor(), std::move(body), net::handler<int>(end));
        ctx.restart();
        BOOST_TEST(run_throws("a step's own") == !no_memory);
        ctx.run();
        BOOST_TEST(end.seen().completions == (no_memory ? 1 : 0));
        if (no_memory)
            BOOST_TEST(end.seen().ec == asio::error::no_memory);
        BOOST_TEST(end.shared().use_count() == 1);
    }
}

BOOST_AUTO_TEST_CASE(what_the_system_refuses_is_an_error)
{
    auto const refused = boost::system::system_error(asio::error::no_descriptors);
    start([refused] { return fail_with(refused); });
    ctx.run();
    BOOST_TEST(noted.seen().completions == 1);
    BOOST_TEST(noted.seen().ec == asio::error::no_descriptors);
}

BOOST_AUTO_TEST_CASE(a_step_that_drops_its_handler_takes_the_operation_with_it)
{
    step s(ctx.get_executor(), way::drops);
    start([&s] { return await_below(s, 3); });
    ctx.run();
    BOOST_TEST(s.started == 1);
    BOOST_TEST(noted.seen().completions == 0);
    BOOST_TEST(noted.shared().use_count() == 1);
}

// The operation has ended before it waited for anything, or after.
BOOST_AUTO_TEST_CASE(what_a_handler_throws_leaves_run_once)
{
    for (bool const waits : {false, true}) {
        step s(ctx.get_executor(), way::ends);
        int calls = 0;
        auto then = [&calls](error_code, int) {
            ++calls;
            throw std::runtime_error("a handler's own");
        };
        auto body = [&s, waits]() -> net::task<int> {
            if (waits)
                co_return co_await await(s);
            co_return 2;
        };
        net::start_operation<int>(ctx.get_executor(), body, net::handler<int>(then));
        ctx.restart();
        BOOST_TEST(run_throws("a handler's own"));
        ctx.run();
        BOOST_TEST(calls == 1);
    }
}

BOOST_AUTO_TEST_CASE(stopped_between_two_steps_it_begins_none)
{
    step first(ctx.get_executor(), way::ends);
    step second(ctx.get_executor(), way::ends);
    std::vector<error_code> ends;
    bool told = false;
    auto body = [&]() -> net::task<int> {
        error_code ec;
        co_await net::await_step(first, ec);
        ends.push_back(ec);
        stops->stop(pks::errc::timeout);
        told = co_await net::was_stopped;
        co_await net::await_step(second, ec);
        ends.push_back(ec);
        co_return ec;
    };
    start(body);
    ctx.run();
    BOOST_TEST(told);
    BOOST_TEST(second.started == 0);
    BOOST_REQUIRE(ends.size() == 2U);
    BOOST_TEST(ends[0] == error_code());
    BOOST_TEST(ends[1] == asio::error::operation_aborted);
    BOOST_TEST(noted.seen().ec == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_SUITE_END()
