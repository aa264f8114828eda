// Which address of several is connected to, and that a race ends once, whatever ends it.
#include <net/awaiting.hpp>
#include <net/loopback_server.hpp>
#include <net/outcome.hpp>

#include <pks/net/address_cache.hpp>
#include <pks/net/connect_race.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using net_test::run_until;
using pks::error_code;
using pks::net::address_cache;
using pks::net::connect_race;
using namespace std::chrono_literals;
using addresses = std::vector<asio::ip::address>;

addresses of(std::vector<std::string> const& texts)
{
    addresses out;
    for (auto const& text : texts)
        out.push_back(asio::ip::make_address(text));
    return out;
}

std::string in_turns(std::vector<std::string> const& texts)
{
    std::string out;
    for (auto const& a : connect_race::in_turns(of(texts)))
        out += a.to_string() + ' ';
    return out;
}

struct racer
{
    racer(asio::io_context& context, addresses const& to, std::uint16_t port)
        : ctx(context), race(context.get_executor(), to, port)
    {}

    void start()
    {
        then.start(race);
        BOOST_TEST(then.completions == 0);
    }
    error_code end()
    {
        BOOST_TEST(run_until(ctx, [this] { return then.completions != 0; }));
        // Whatever was under way ends, and says nothing any more.
        ctx.restart();
        ctx.run_for(20ms);
        BOOST_TEST(then.completions == 1);
        return then.outcome;
    }

    asio::io_context& ctx;
    connect_race race;
    net_test::awaiting then;
};

// A port of 127.0.0.2 where somebody listens, and of 127.0.0.1 where nobody does.
class listener
{
public:
    explicit listener(asio::io_context& ctx) : acceptor_(ctx, tcp::endpoint(asio::ip::make_address("127.0.0.2"), 0)) {}

    std::uint16_t port() const
    {
        return acceptor_.local_endpoint().port();
    }

private:
    tcp::acceptor acceptor_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(net_connect_race)

BOOST_AUTO_TEST_CASE(families_take_turns)
{
    BOOST_TEST(in_turns({}) == "");
    BOOST_TEST(in_turns({"10.0.0.1"}) == "10.0.0.1 ");
    BOOST_TEST(in_turns({"::1", "::2", "10.0.0.1", "10.0.0.2"}) == "::1 10.0.0.1 ::2 10.0.0.2 ");
    BOOST_TEST(connect_race::in_turns(of(std::vector<std::string>(1000, "10.0.0.1"))).size() == 32U);
    BOOST_TEST(in_turns({"10.0.0.1", "10.0.0.2", "10.0.0.3", "::1"}) == "10.0.0.1 ::1 10.0.0.2 10.0.0.3 ");
}

BOOST_AUTO_TEST_CASE(to_the_one_that_answers)
{
    asio::io_context ctx;
    listener good(ctx);
    for (auto const& to : {of({"127.0.0.2"}), of({"127.0.0.1", "127.0.0.2"}), of({"127.0.0.2", "127.0.0.1"}),
             of({"::1", "127.0.0.1", "127.0.0.3", "127.0.0.2"})}) {
        // A refused one costs no wait. A machine that is busy may, but not each time.
        std::chrono::steady_clock::duration took = connect_race::head_start;
        for (int i = 0; i != 5 && took >= connect_race::head_start; ++i) {
            racer r(ctx, to, good.port());
            r.start();
            BOOST_TEST(r.end() == error_code());
            took = std::min(took, r.then.took);
            auto const won = r.race.winner();
            BOOST_TEST(won.is_open());
            BOOST_TEST(won.remote_endpoint().address().to_string() == "127.0.0.2");
        }
        BOOST_TEST((took < connect_race::head_start));
    }
}

BOOST_AUTO_TEST_CASE(without_any_that_answers)
{
    asio::io_context ctx;
    std::uint16_t free = 0;
    {
        listener gone(ctx);
        free = gone.port();
    }
    racer refused(ctx, of({"127.0.0.1", "127.0.0.2"}), free);
    refused.start();
    BOOST_TEST(refused.end() == error_code(asio::error::connection_refused));
    racer none(ctx, {}, free);
    none.start();
    BOOST_TEST(none.end() == error_code(asio::error::host_not_found));
}

// The first address neither answers nor refuses.
BOOST_AUTO_TEST_CASE(a_silent_one_is_overtaken)
{
    asio::io_context ctx;
    net_test::unanswered_port silent;
    tcp::acceptor good(ctx, tcp::endpoint(asio::ip::make_address("127.0.0.2"), silent.port()));
    racer r(ctx, of({"127.0.0.1", "127.0.0.2"}), silent.port());
    r.start();
    BOOST_TEST(r.end() == error_code());
    BOOST_TEST((r.then.took >= connect_race::head_start));
    BOOST_TEST(r.race.winner().remote_endpoint().address().to_string() == "127.0.0.2");
}

BOOST_AUTO_TEST_CASE(ends_when_it_is_cancelled_or_stopped)
{
    asio::io_context ctx;
    net_test::unanswered_port silent;
    for (auto const type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
             asio::cancellation_type::total, asio::cancellation_type::none}) {
        racer r(ctx, of({"127.0.0.1", "127.0.0.1"}), silent.port());
        r.start();
        ctx.restart();
        ctx.poll();
        BOOST_TEST(r.then.completions == 0);
        if (type == asio::cancellation_type::none)
            r.race.stop();
        else
            r.then.stop.emit(type);
        BOOST_TEST(r.then.completions == 0);
        BOOST_TEST(r.end() == error_code(asio::error::operation_aborted));
        r.race.stop();
    }
}

BOOST_AUTO_TEST_CASE(goes_with_its_context)
{
    net_test::unanswered_port silent;
    std::optional<asio::io_context> ctx(std::in_place);
    // As a coroutine's frame, which its handler owns, holds the step.
    auto frame = std::make_shared<racer>(*ctx, of({"127.0.0.1", "127.0.0.1"}), silent.port());
    std::weak_ptr<racer> const watched = frame;
    frame->start();
    frame->then.frame = std::move(frame);
    ctx->poll();
    BOOST_TEST(!watched.expired());
    ctx.reset();
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(addresses_are_kept_for_a_short_time)
{
    pks::clock::steady_time_point const now(24h);
    address_cache cache;
    BOOST_TEST(cache.find("a", now).empty());
    cache.store("a", of({"10.0.0.1"}), now);
    cache.store("b", of({"10.0.0.2", "::1"}), now + 5s);
    BOOST_TEST(cache.find("a", now + 9s).size() == 1U);
    BOOST_TEST(cache.find("b", now + 9s).size() == 2U);
    BOOST_TEST(cache.find("A", now + 9s).empty());
    BOOST_TEST(cache.find("a", now + 10s).empty());
    BOOST_TEST(cache.find("b", now + 14s).size() == 2U);
    cache.forget("b");
    BOOST_TEST(cache.find("b", now + 14s).empty());
    // What is found last counts.
    cache.store("a", of({"10.0.0.1"}), now);
    cache.store("a", of({"10.0.0.3"}), now + 1s);
    BOOST_TEST(cache.find("a", now + 10s).front().to_string() == "10.0.0.3");
    for (int i = 0; i != 100; ++i)
        cache.store("host-" + std::to_string(i), of({"10.0.0.1"}), now);
    std::size_t known = 0;
    for (int i = 0; i != 100; ++i)
        known += !cache.find("host-" + std::to_string(i), now).empty();
    BOOST_TEST(known == address_cache::most_names - 1);
}

BOOST_AUTO_TEST_SUITE_END()
