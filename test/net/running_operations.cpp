// net/running_operations.hpp: which operations cancel() ends, and which not.
#include <net/outcome.hpp>

#include <pks/net/running_operations.hpp>
#include <pks/net/wait_step.hpp>
#include <pks/policy/waiting_list.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <list>
#include <memory>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace net = pks::net;
using net_test::note;
using pks::error_code;

class fixture
{
protected:
    // One that waits until it is told, or for ever.
    void start(note<int> const& end, std::chrono::steady_clock::duration within = std::chrono::hours(1))
    {
        auto make_body = [this] { return [this](net::deadline&, pks::diagnostics&) { return wait(); }; };
        operations.start<int>(life, within, nullptr, net::handler<int>(end), make_body);
    }
    void tell_all()
    {
        while (auto* const one = waiting.take())
            static_cast<net::wait_step*>(one)->tell();
    }

    asio::io_context ctx;
    asio::any_io_executor strand = asio::make_strand(ctx);
    net::running_operations operations{strand};
    std::shared_ptr<int> life = std::make_shared<int>();
    pks::policy::waiting_list waiting;
    int begun = 0;

private:
    net::task<int> wait()
    {
        ++begun;
        net::wait_step told(strand);
        waiting.add(told);
        error_code ec;
        co_await net::await_step(told, ec);
        if (ec)
            co_return ec;
        co_return 7;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(net_running_operations, fixture)

BOOST_AUTO_TEST_CASE(one_that_ends_in_time)
{
    note<int> const end;
    start(end);
    ctx.poll();
    BOOST_TEST(end.seen().completions == 0);
    tell_all();
    // Not for an hour: with the operation the timer goes.
    ctx.run();
    BOOST_TEST(end.seen().completions == 1);
    BOOST_TEST(end.seen().ec == error_code());
    BOOST_TEST(end.seen().value == 7);
    BOOST_TEST(life.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(cancel_ends_those_that_wait)
{
    std::list<note<int>> ends(100);
    for (auto const& end : ends)
        start(end);
    ctx.poll();
    BOOST_TEST(begun == 100);
    operations.cancel();
    ctx.run();
    for (auto const& end : ends) {
        BOOST_TEST(end.seen().completions == 1);
        BOOST_TEST(end.seen().ec == asio::error::operation_aborted);
    }
    BOOST_TEST(life.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(cancel_ends_one_that_has_not_begun)
{
    note<int> const end;
    start(end);
    operations.cancel();
    BOOST_TEST(end.seen().completions == 0);
    ctx.run();
    BOOST_TEST(begun == 0);
    BOOST_TEST(end.seen().completions == 1);
    BOOST_TEST(end.seen().ec == asio::error::operation_aborted);
}

// Also where that one begins before those of before are told.
BOOST_AUTO_TEST_CASE(cancel_leaves_what_is_started_later)
{
    note<int> const before, after, much_later;
    start(before);
    ctx.poll();
    operations.cancel();
    start(after);
    ctx.poll();
    start(much_later);
    ctx.poll();
    BOOST_TEST(before.seen().ec == asio::error::operation_aborted);
    BOOST_TEST(after.seen().completions == 0);
    BOOST_TEST(much_later.seen().completions == 0);
    tell_all();
    ctx.run();
    BOOST_TEST(after.seen().value == 7);
    BOOST_TEST(much_later.seen().value == 7);
}

BOOST_AUTO_TEST_CASE(deadlines_pass_for_each_alone)
{
    std::list<note<int>> late(50), early(50);
    for (auto const& end : late)
        start(end);
    for (auto const& end : early)
        start(end, std::chrono::milliseconds(1));
    while (early.back().seen().completions == 0 || early.front().seen().completions == 0)
        ctx.run_one();
    ctx.poll();
    for (auto const& end : early) {
        BOOST_TEST(end.seen().completions == 1);
        BOOST_TEST(end.seen().ec == pks::errc::timeout);
    }
    for (auto const& end : late)
        BOOST_TEST(end.seen().completions == 0);
    operations.cancel();
    ctx.run();
    for (auto const& end : late)
        BOOST_TEST(end.seen().ec == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_SUITE_END()
