// One client, many threads: every member at once, copies that come and go, and handles that are gone before their
// operations end.
#include <net/installation.hpp>
#include <thread/workers.hpp>

#include <pks/testing/certificate_authority.hpp>
#include <pks/testing/manual_clock.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using thread_test::tally;
using thread_test::workers;

struct fixture
{
    fixture() : plane(ctx.get_executor(), net_test::plane_options()), threads(ctx, 3)
    {
        plane.add_cluster("alpha", "automated-client");
        plane.add_cluster("beta", "alana");
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

    asio::io_context ctx;
    pks::testing::control_plane plane;
    workers threads;
};

// Calls `body(n)` in each of so many threads.
template <class Body>
void in_threads(unsigned n, Body body)
{
    std::vector<std::thread> all;
    for (unsigned i = 0; i < n; ++i)
        all.emplace_back([&body, i] { body(i); });
    for (auto& t : all)
        t.join();
}

pks::credentials alana()
{
    return pks::password_credentials("alana", pks::secret("alana-password"));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(shared_client, fixture)

BOOST_AUTO_TEST_CASE(every_member_from_every_thread)
{
    auto const api = client();
    tally ends;
    std::atomic<std::size_t> tokens{0};
    in_threads(4, [&](unsigned seed) {
        std::minstd_rand random(seed + 1);
        pks::client mine(api);
        for (int i = 0; i < 60; ++i) {
            switch (random() % 8) {
            case 0:
                mine.async_target(ends.next());
                break;
            case 1:
                mine.async_login(seed % 2 == 0 ? net_test::automated() : alana(), ends.next());
                break;
            case 2:
                mine.async_get_token(ends.next());
                break;
            case 3:
                mine.within(std::chrono::milliseconds(random() % 20)).async_list_clusters(ends.next());
                break;
            case 4:
                if (random() % 4 == 0)
                    mine.cancel();
                break;
            case 5:
                mine = pks::client(api).within(1h);
                break;
            case 6:
                for (int j = 0; j < 100; ++j)
                    tokens += mine.cached_token().has_value() ? 1 : 0;
                tokens += mine.explain().has_token ? 1 : 0;
                break;
            default:
                pks::client(mine).async_list_clusters(ends.next());
            }
            if (i % 10 == 9)
                ends.wait_for_all();
        }
    });
    BOOST_TEST(ends.wait_for_all());
    BOOST_TEST(ends.twice() == 0U);
    BOOST_TEST(ends.abandoned() == 0U);
    BOOST_TEST(ends.others() == "");
    BOOST_TEST(ends.succeeded() + ends.cancelled() + ends.timed_out() == ends.started());
    BOOST_TEST(ends.succeeded() > 0U);
    BOOST_TEST_MESSAGE(tokens << " tokens seen");

    tally after;
    pks::client(api).async_list_clusters(after.next());
    BOOST_TEST(after.wait_for_all());
    BOOST_TEST(after.succeeded() == 1U);
}

// The token of one login is never listed with by another's identity for longer than the operation that was under way.
BOOST_AUTO_TEST_CASE(identities_change_while_others_list)
{
    auto api = client();
    tally logins;
    tally lists;
    std::atomic<std::size_t> wrong{0};
    auto const look = [&](tally::note note) {
        return [note, &wrong](pks::error_code ec, pks::cluster_list const& list) {
            // An administrator sees both, a user the user's own.
            bool const administrators = list.size() == 2;
            bool const users = list.size() == 1 && list[0].name() == "beta";
            if (!ec && !administrators && !users)
                ++wrong;
            note(ec, list);
        };
    };
    in_threads(3, [&](unsigned i) {
        pks::client mine(api);
        for (int n = 0; n < 20; ++n) {
            if (i == 0)
                mine.async_login(n % 2 == 0 ? alana() : net_test::automated(), logins.next());
            else
                mine.async_list_clusters(look(lists.next()));
            (i == 0 ? logins : lists).wait_for_all();
        }
    });
    BOOST_TEST(logins.succeeded() == 20U);
    BOOST_TEST(lists.succeeded() == 40U);
    BOOST_TEST(lists.others() == "");
    BOOST_TEST(wrong == 0U);
    tally last;
    api.async_list_clusters(look(last.next()));
    BOOST_TEST(last.wait_for_all());
    BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_CASE(a_thousand_ask_when_the_token_ends)
{
    auto const clock = std::make_shared<pks::testing::manual_clock>();
    auto options = net_test::client_options(plane);
    options.login = net_test::automated();
    options.clock = clock;
    // Nobody renews it ahead.
    options.tokens.renew_after = 1;
    options.tokens.jitter = 0;
    pks::client const api(ctx.get_executor(), options);
    for (std::size_t tokens = 1; tokens <= 5; ++tokens) {
        tally ends;
        in_threads(4, [&](unsigned) {
            pks::client mine(api);
            for (int i = 0; i < 250; ++i)
                mine.async_get_token(ends.next());
        });
        BOOST_TEST(ends.wait_for_all());
        BOOST_TEST(ends.succeeded() == 1000U);
        BOOST_TEST(ends.twice() == 0U);
        BOOST_TEST(plane.count().tokens_issued == tokens);
        clock->advance(24h);
    }
}

BOOST_AUTO_TEST_CASE(trust_changes_under_load)
{
    auto const api = client();
    auto const wrong = pks::trust::pem(pks::testing::certificate_authority("another").root_pem());
    tally ends;
    std::atomic<bool> done{false};
    std::thread rotates([&] {
        pks::client mine(api);
        for (int i = 0; !done; ++i) {
            mine.use_trust(i % 4 == 3 ? wrong : plane.trust());
            // Nobody connects while it changes all the time.
            std::this_thread::sleep_for(i % 20 == 0 ? 100ms : 1ms);
        }
        mine.use_trust(plane.trust());
    });
    in_threads(3, [&](unsigned) {
        pks::client mine(api);
        for (int i = 0; i < 60; ++i) {
            mine.async_list_clusters(ends.next());
            mine.async_target(ends.next());
            if (i % 10 == 9)
                ends.wait_for_all();
        }
    });
    done = true;
    rotates.join();
    BOOST_TEST(ends.wait_for_all());
    BOOST_TEST(ends.twice() == 0U);
    BOOST_TEST(ends.abandoned() == 0U);
    BOOST_TEST(ends.succeeded() > 0U);
    tally after;
    pks::client(api).async_target(after.next());
    BOOST_TEST(after.wait_for_all());
    BOOST_TEST(after.succeeded() == 1U);
}

BOOST_AUTO_TEST_CASE(handles_that_go_before_their_operations)
{
    tally ends;
    in_threads(4, [&](unsigned) {
        for (int i = 0; i < 20; ++i) {
            auto first = std::make_optional(client());
            auto second = std::make_optional(first->within(1min));
            second->async_list_clusters(ends.next());
            first->async_target(ends.next());
            first.reset();
            second.reset();
            if (i % 4 == 3)
                ends.wait_for_all();
        }
    });
    BOOST_TEST(ends.wait_for_all());
    BOOST_TEST(ends.twice() == 0U);
    BOOST_TEST(ends.abandoned() == 0U);
    BOOST_TEST(ends.others() == "");
    BOOST_TEST(ends.succeeded() == 160U);
}

BOOST_AUTO_TEST_SUITE_END()
