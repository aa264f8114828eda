// Cancellation that races with completion: one end each, and nothing of the operation is touched after it.
#include <net/installation.hpp>
#include <thread/workers.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using thread_test::tally;
using thread_test::workers;

constexpr std::size_t rounds = 300;

struct fixture
{
    fixture() : plane(ctx.get_executor(), net_test::plane_options()), threads(ctx, 3)
    {
        plane.add_cluster("alpha", "automated-client");
    }
    ~fixture()
    {
        plane.stop();
    }

    pks::client client()
    {
        auto options = net_test::client_options(plane);
        options.login = net_test::automated();
        return pks::client(ctx.get_executor(), options);
    }

    void check(tally const& ends)
    {
        BOOST_TEST(ends.wait_for_all());
        BOOST_TEST(ends.twice() == 0U);
        BOOST_TEST(ends.abandoned() == 0U);
        BOOST_TEST(ends.others() == "");
        BOOST_TEST(ends.succeeded() + ends.cancelled() + ends.timed_out() == ends.started());
    }

    asio::io_context ctx;
    pks::testing::control_plane plane;
    workers threads;
};

// How long a listing takes here, so that half of what is cancelled has come to its end.
std::chrono::microseconds time_of_one(pks::client api)
{
    auto const began = std::chrono::steady_clock::now();
    tally ends;
    for (int i = 0; i < 5; ++i) {
        api.async_list_clusters(ends.next());
        ends.wait_for_all();
    }
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began) / 5;
}

// A signal, and the executor on which alone it may be emitted. Lives until the operation's handler is gone.
struct user : std::enable_shared_from_this<user>
{
    explicit user(asio::io_context& ctx) : strand(asio::make_strand(ctx)), timer(strand) {}

    void emit_after(std::chrono::microseconds after, asio::cancellation_type type)
    {
        timer.expires_after(after);
        timer.async_wait([self = shared_from_this(), type](pks::error_code) { self->signal.emit(type); });
    }
    auto bound(tally::note note)
    {
        auto handler = [self = shared_from_this(), note = std::move(note)](
                           pks::error_code ec, auto const& got) { note(ec, got); };
        return asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(strand, std::move(handler)));
    }

    asio::strand<asio::io_context::executor_type> strand;
    asio::cancellation_signal signal;
    asio::steady_timer timer;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(cancellation, fixture)

BOOST_AUTO_TEST_CASE(by_the_callers_signal)
{
    static constexpr asio::cancellation_type types[] = {
        asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total};
    auto api = client();
    auto const longest = 2 * time_of_one(api);
    tally ends;
    for (std::size_t i = 0; i < rounds; ++i) {
        auto const one = std::make_shared<user>(ctx);
        auto const after = longest * i / rounds;
        asio::post(one->strand, [one, api, after, note = ends.next(), type = types[i % 3]]() mutable {
            one->emit_after(after, type);
            api.async_list_clusters(one->bound(std::move(note)));
        });
        if (i % 16 == 15)
            BOOST_TEST(ends.wait_for_all());
    }
    check(ends);
    BOOST_TEST(ends.timed_out() == 0U);
    BOOST_TEST(ends.cancelled() > 0U);
}

BOOST_AUTO_TEST_CASE(by_the_client)
{
    auto const longest = 2 * time_of_one(client());
    tally ends;
    for (std::size_t i = 0; i < rounds / 4; ++i) {
        auto api = client();
        for (int j = 0; j < 4; ++j)
            api.async_list_clusters(ends.next());
        std::this_thread::sleep_for(longest * i * 4 / rounds);
        api.cancel();
        api.cancel();
        BOOST_TEST(ends.wait_for_all());
    }
    check(ends);
    BOOST_TEST(ends.timed_out() == 0U);
    BOOST_TEST(ends.cancelled() > 0U);
}

BOOST_AUTO_TEST_CASE(by_a_deadline)
{
    auto api = client();
    auto const longest = 2 * time_of_one(api);
    tally ends;
    for (std::size_t i = 0; i < rounds; ++i) {
        api.within(longest * i / rounds).async_list_clusters(ends.next());
        if (i % 16 == 15)
            BOOST_TEST(ends.wait_for_all());
    }
    check(ends);
    BOOST_TEST(ends.cancelled() == 0U);
    BOOST_TEST(ends.timed_out() > 0U);
}

// It may pass before the operation has got to its strand: that is a timeout, too, and nothing of an earlier operation
// is left in the diagnostics.
BOOST_AUTO_TEST_CASE(by_a_deadline_that_is_over_at_the_start)
{
    auto api = client();
    tally ends;
    std::vector<pks::diagnostics> all(4 * rounds);
    for (auto& diag : all) {
        diag.step = pks::step::done;
        diag.http_status = 200;
        api.within(std::chrono::seconds(0)).async_list_clusters(diag, ends.next());
    }
    check(ends);
    BOOST_TEST(ends.cancelled() == 0U);
    BOOST_TEST(ends.timed_out() > 0U);
    for (auto const& diag : all) {
        if (!diag.endpoint.empty())
            continue; // it had begun
        BOOST_TEST((diag.step == pks::step::none));
        BOOST_TEST(diag.http_status == 0);
    }
}

// Signal, cancel() and deadline at one and the same operation.
BOOST_AUTO_TEST_CASE(by_all_of_them_at_once)
{
    auto api = client();
    auto const longest = 2 * time_of_one(api);
    tally ends;
    for (std::size_t i = 0; i < rounds; ++i) {
        auto const one = std::make_shared<user>(ctx);
        auto const after = longest * i / rounds;
        asio::post(one->strand, [one, api, after, note = ends.next()]() mutable {
            one->emit_after(after, asio::cancellation_type::terminal);
            api.within(after).async_login(net_test::automated(), one->bound(std::move(note)));
        });
        if (i % 8 == 7) {
            std::this_thread::sleep_for(after);
            api.cancel();
            BOOST_TEST(ends.wait_for_all());
        }
    }
    check(ends);
    // None of it outlasts its operation: the client is as good as new.
    tally after;
    api.async_login(net_test::automated(), after.next());
    BOOST_TEST(after.wait_for_all());
    api.async_list_clusters(after.next());
    BOOST_TEST(after.wait_for_all());
    BOOST_TEST(after.succeeded() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
