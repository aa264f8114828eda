// An execution context that is stopped and destroyed with operations under way: no handler is called after that, and
// none is left behind.
#include <net/installation.hpp>
#include <thread/workers.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <thread>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using thread_test::tally;
using thread_test::workers;

void check(tally const& ends)
{
    BOOST_TEST(ends.wait_for_all());
    BOOST_TEST(ends.twice() == 0U);
    BOOST_TEST(ends.others() == "");
    BOOST_TEST(ends.cancelled() + ends.timed_out() == 0U);
    BOOST_TEST(ends.succeeded() + ends.abandoned() == ends.started());
}

void start_some(pks::client api, tally& ends)
{
    api.async_login(net_test::automated(), ends.next());
    api.async_list_clusters(ends.next());
    api.within(1h).async_target(ends.next());
    api.within(1h).async_list_clusters(ends.next());
}

pks::client client_of(asio::any_io_executor executor, pks::testing::control_plane const& plane)
{
    auto options = net_test::client_options(plane);
    options.login = net_test::automated();
    return pks::client(std::move(executor), options);
}

} // namespace

BOOST_AUTO_TEST_SUITE(context_ends)

BOOST_AUTO_TEST_CASE(the_clients_and_the_planes)
{
    tally ends;
    for (int i = 0; i < 40; ++i) {
        asio::io_context ctx;
        pks::testing::control_plane plane(ctx.get_executor(), net_test::plane_options());
        workers threads(ctx, 3);
        start_some(client_of(ctx.get_executor(), plane), ends);
        std::this_thread::sleep_for(i * 500us);
        threads.stop();
    }
    check(ends);
    BOOST_TEST(ends.abandoned() > 0U);
}

BOOST_AUTO_TEST_CASE(the_clients_alone)
{
    asio::io_context planes;
    pks::testing::control_plane plane(planes.get_executor(), net_test::plane_options());
    workers servers(planes, 1);
    tally ends;
    for (int i = 0; i < 40; ++i) {
        asio::thread_pool pool(3);
        start_some(client_of(pool.get_executor(), plane), ends);
        std::this_thread::sleep_for(i * 500us);
        pool.stop();
        pool.join();
    }
    check(ends);
    plane.stop();
}

// The handler's context goes first: the operation works on, and finds nobody to tell.
BOOST_AUTO_TEST_CASE(the_handlers)
{
    asio::io_context ctx;
    pks::testing::control_plane plane(ctx.get_executor(), net_test::plane_options());
    workers threads(ctx, 2);
    tally ends;
    auto const api = client_of(ctx.get_executor(), plane);
    for (int i = 0; i < 20; ++i) {
        asio::thread_pool users(1);
        pks::client(api).async_list_clusters(asio::bind_executor(users, ends.next()));
        std::this_thread::sleep_for(i * 500us);
        // What is under way still refers to the pool, so it ends before that does.
        pks::client(api).cancel();
        users.join();
    }
    BOOST_TEST(ends.wait_for_all());
    BOOST_TEST(ends.twice() == 0U);
    BOOST_TEST(ends.abandoned() == 0U);
    BOOST_TEST(ends.succeeded() + ends.cancelled() == ends.started());
    plane.stop();
}

// A signal of the caller's that outlives the context which its operation worked on.
BOOST_AUTO_TEST_CASE(before_the_signal)
{
    tally ends;
    std::deque<asio::cancellation_signal> signals;
    for (int i = 0; i < 20; ++i) {
        auto& signal = signals.emplace_back();
        {
            asio::io_context ctx;
            pks::testing::control_plane plane(ctx.get_executor(), net_test::plane_options());
            auto api = client_of(ctx.get_executor(), plane);
            api.async_list_clusters(asio::bind_cancellation_slot(signal.slot(), ends.next()));
            workers threads(ctx, 2);
            std::this_thread::sleep_for(i * 300us);
            threads.stop();
        }
        signal.emit(asio::cancellation_type::terminal);
    }
    check(ends);
}

BOOST_AUTO_TEST_SUITE_END()
