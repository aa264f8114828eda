// One validator, many threads: tokens of all kinds while keys rotate, every member at once, and contexts that end.
#include <net/installation.hpp>
#include <thread/workers.hpp>

#include <pks/jose/jose_errc.hpp>
#include <pks/testing/manual_clock.hpp>
#include <pks/testing/token_issuer.hpp>
#include <pks/validator.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using pks::error_code;
using pks::identity;
using pks::testing::signing_key;
using thread_test::tally;
using thread_test::workers;

std::vector<signing_key> const& keys()
{
    static auto const made = [] {
        std::vector<signing_key> out;
        for (int i = 1; i <= 6; ++i)
            out.push_back(signing_key::generate("rotated-" + std::to_string(i)));
        return out;
    }();
    return made;
}

// A UAA and a clock that stands still.
struct installation
{
    explicit installation(asio::io_context& ctx) : clock(std::make_shared<pks::testing::manual_clock>())
    {
        auto options = net_test::plane_options();
        options.clock = clock;
        plane.emplace(ctx.get_executor(), options);
    }

    pks::validator_options options(pks::validation how) const
    {
        pks::validator_options out(plane->uaa_url(), plane->trust());
        out.rules.audiences = {"pks.clusters"};
        out.clock = clock;
        out.how = how;
        out.as = pks::client_authentication::basic("pks_client", pks::secret("pks-client-secret"));
        return out;
    }

    // Without a connection.
    std::string token(std::string const& more = {})
    {
        pks::testing::request asked("POST", "/oauth/token");
        asked.fields = {{"Host", "localhost"}, {"Accept", "application/json"},
            {"Content-Type", "application/x-www-form-urlencoded"}};
        asked.body = "grant_type=client_credentials&client_id=automated-client&client_secret=automated-secret" + more;
        pks::testing::reply reply;
        plane->with_uaa([&](pks::testing::uaa_server& uaa) { reply = uaa.handle(asked, clock->now()); });
        return std::string(boost::json::parse(reply.body).at("access_token").as_string());
    }

    std::shared_ptr<pks::testing::manual_clock> clock;
    std::optional<pks::testing::control_plane> plane;
};

struct fixture
{
    fixture() : uaa(ctx), threads(ctx, 2) {}
    ~fixture()
    {
        uaa.plane->stop();
    }

    asio::io_context ctx;
    installation uaa;
    workers threads;
};

// Tokens that callers choose from while others are added.
class token_list
{
public:
    void add(std::string token)
    {
        std::lock_guard const lock(mutex_);
        tokens_.push_back(std::move(token));
    }
    std::string newest() const
    {
        std::lock_guard const lock(mutex_);
        return tokens_.back();
    }
    std::string any(std::minstd_rand& random) const
    {
        std::lock_guard const lock(mutex_);
        // The newest as often as all others.
        return random() % 2 == 0 ? tokens_.back() : tokens_[random() % tokens_.size()];
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> tokens_;
};

// Threads that call until they are told to stop; how often so far.
class callers
{
public:
    template <class Body>
    callers(unsigned n, Body body)
    {
        for (unsigned i = 0; i != n; ++i)
            threads_.emplace_back([this, body, i] {
                std::minstd_rand random(i + 1);
                while (!stopped_) {
                    body(random);
                    ++calls_;
                }
            });
    }
    ~callers()
    {
        stop();
    }
    void stop()
    {
        stopped_ = true;
        for (auto& t : threads_)
            t.join();
        threads_.clear();
    }
    // Waits for so many calls more; whether they have ended is another matter.
    void wait_for(std::size_t more) const
    {
        for (auto const until = calls_ + more; calls_ < until;)
            std::this_thread::yield();
    }

private:
    std::atomic<bool> stopped_{false};
    std::atomic<std::size_t> calls_{0};
    std::vector<std::thread> threads_;
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

} // namespace

BOOST_FIXTURE_TEST_SUITE(validator, fixture)

// J24
BOOST_AUTO_TEST_CASE(no_good_token_is_refused_while_keys_rotate)
{
    pks::validator const v(ctx.get_executor(), uaa.options(pks::validation::offline));
    token_list good;
    token_list bad;
    auto const mint = [&] {
        auto const token = uaa.token();
        good.add(token);
        auto const other = uaa.token();
        bad.add(token.substr(0, token.rfind('.')) + other.substr(other.rfind('.')));
    };
    mint();
    tally ends;
    std::atomic<std::size_t> wrong{0};
    std::atomic<std::size_t> known{0};
    callers all(3, [&](std::minstd_rand& random) {
        auto mine = v;
        auto const token = good.any(random);
        if (auto const at_once = mine.try_validate(token)) {
            ++known;
            wrong += !at_once->has_value() || (**at_once).name() != "automated-client" ? 1 : 0;
        }
        if (auto const at_once = mine.try_validate(bad.any(random)))
            wrong += at_once->error() != pks::jose_errc::bad_signature ? 1 : 0;
        mine.async_validate_token(token, [note = ends.next(), &wrong](error_code ec, identity const& whose) {
            wrong += !ec && whose.name() != "automated-client" ? 1 : 0;
            note(ec, whose);
        });
        if (ends.started() % 64 == 0)
            ends.wait_for_all();
    });
    // The cool-down begins when the fetch of a key ends, so that has to be over before the clock goes on.
    auto const wait_for_newest = [&] {
        all.wait_for(200);
        auto const limit = std::chrono::steady_clock::now() + 60s;
        while (!v.try_validate(good.newest()) && std::chrono::steady_clock::now() < limit)
            std::this_thread::yield();
    };
    for (auto const& key : keys()) {
        wait_for_newest();
        // Past the cool-down of the key before.
        uaa.clock->advance(11s);
        uaa.plane->rotate_key(key);
        mint();
    }
    wait_for_newest();
    all.stop();
    BOOST_TEST(ends.wait_for_all());
    BOOST_TEST(wrong == 0U);
    BOOST_TEST(known > 0U);
    BOOST_TEST(ends.others() == "");
    BOOST_TEST(ends.succeeded() == ends.started());
    BOOST_TEST(ends.twice() == 0U);
    BOOST_TEST(!v.key_report().last_failure);
    // One for each key, and none for anything else.
    BOOST_TEST(uaa.plane->uaa_requests("/token_keys") == keys().size() + 1);
}

BOOST_AUTO_TEST_CASE(threads_that_meet_share_one_fetch)
{
    std::vector<std::string> tokens;
    for (int i = 0; i != 50; ++i)
        tokens.push_back(uaa.token());
    pks::validator const v(ctx.get_executor(), uaa.options(pks::validation::offline));
    tally ends;
    in_threads(4, [&](unsigned) {
        for (auto const& token : tokens)
            pks::validator(v).async_validate_token(token, ends.next());
    });
    BOOST_TEST(ends.wait_for_all());
    BOOST_TEST(ends.succeeded() == 200U);
    BOOST_TEST(uaa.plane->uaa_requests("/token_keys") == 1U);
}

BOOST_AUTO_TEST_CASE(threads_that_meet_share_one_question)
{
    pks::validator const v(ctx.get_executor(), uaa.options(pks::validation::offline_first));
    auto const opaque = uaa.token("&token_format=opaque");
    tally ends;
    in_threads(4, [&](unsigned) {
        for (int i = 0; i != 500; ++i)
            pks::validator(v).async_validate_token(opaque, ends.next());
    });
    BOOST_TEST(ends.wait_for_all());
    BOOST_TEST(ends.succeeded() == 2'000U);
    BOOST_TEST(uaa.plane->uaa_requests("/introspect") == 1U);
}

BOOST_AUTO_TEST_CASE(every_member_from_every_thread)
{
    pks::validator const v(ctx.get_executor(), uaa.options(pks::validation::offline_first));
    std::vector<std::string> const tokens = {
        uaa.token(), uaa.token(), uaa.token("&token_format=opaque"), uaa.token("&token_format=opaque")};
    tally ends;
    in_threads(4, [&](unsigned seed) {
        std::minstd_rand random(seed + 1);
        pks::validator mine(v);
        // A strand of its own, where alone its signals are emitted.
        auto const strand = asio::make_strand(ctx);
        std::vector<std::shared_ptr<asio::cancellation_signal>> signals;
        for (int i = 0; i != 200; ++i) {
            auto const& token = tokens[random() % tokens.size()];
            switch (random() % 8) {
            case 0:
                mine.within(std::chrono::milliseconds(random() % 5)).async_validate_token(token, ends.next());
                break;
            case 1: {
                auto const signal = std::make_shared<asio::cancellation_signal>();
                signals.push_back(signal);
                asio::post(strand, [mine, token, signal, strand, note = ends.next()]() mutable {
                    mine.async_validate_token(token,
                        asio::bind_cancellation_slot(signal->slot(), asio::bind_executor(strand, std::move(note))));
                    asio::post(strand, [signal] { signal->emit(asio::cancellation_type::terminal); });
                });
                break;
            }
            case 2:
                if (random() % 4 == 0)
                    mine.cancel();
                break;
            case 3:
                mine.forget_tokens();
                break;
            case 4:
                (void)mine.key_report();
                (void)mine.save_keys();
                break;
            case 5:
                (void)mine.try_validate(token);
                break;
            case 6:
                uaa.clock->advance(10s);
                break;
            default:
                pks::validator(mine).async_validate_token(token, ends.next());
            }
            if (i % 50 == 49)
                ends.wait_for_all();
        }
        ends.wait_for_all();
    });
    BOOST_TEST(ends.wait_for_all());
    BOOST_TEST(ends.others() == "");
    BOOST_TEST(ends.twice() == 0U);
    BOOST_TEST(ends.abandoned() == 0U);
    BOOST_TEST(ends.succeeded() + ends.cancelled() + ends.timed_out() == ends.started());
    BOOST_TEST(ends.succeeded() > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(validators_that_wait_go_with_their_context)
{
    tally ends;
    for (int i = 0; i < 24; ++i) {
        asio::io_context ctx;
        installation uaa(ctx);
        pks::validator v(
            ctx.get_executor(), uaa.options(i % 2 == 0 ? pks::validation::offline : pks::validation::online));
        auto const token = uaa.token();
        workers threads(ctx, 3);
        for (int n = 0; n < 4; ++n) {
            v.async_validate_token(token, ends.next());
            v.within(1h).async_validate_token(uaa.token(), ends.next());
        }
        std::this_thread::sleep_for(i * 300us);
        threads.stop();
    }
    BOOST_TEST(ends.wait_for_all());
    BOOST_TEST(ends.twice() == 0U);
    BOOST_TEST(ends.others() == "");
    BOOST_TEST(ends.cancelled() + ends.timed_out() == 0U);
    BOOST_TEST(ends.succeeded() + ends.abandoned() == ends.started());
    BOOST_TEST(ends.abandoned() > 0U);
}
