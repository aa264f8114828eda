// net/deadline.hpp: whom deadline_timer::stop_before() stops, also where those who are stopped leave, and take others along.
#include <pks/net/deadline.hpp>
#include <pks/net/operation.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace net = pks::net;
using pks::error_code;

class watched final : public net::stoppable
{
public:
    watched(std::shared_ptr<net::deadline_timer> timer, std::uint64_t epoch) : ends_(std::move(timer))
    {
        ends_.begin(life_, *this, std::chrono::hours(1), epoch);
        watch_.emplace(ends_);
    }

    void stop(error_code reason) override
    {
        ++stops;
        why = reason;
        leave();
        if (takes_along)
            takes_along->leave();
    }
    void leave()
    {
        watch_.reset();
    }

    int stops = 0;
    error_code why;
    watched* takes_along = nullptr;

private:
    std::shared_ptr<net::canceller> life_ = std::make_shared<net::canceller>();
    net::deadline ends_;
    std::optional<net::deadline::watch> watch_;
};

class fixture
{
protected:
    asio::io_context ctx;
    std::shared_ptr<net::deadline_timer> timer = std::make_shared<net::deadline_timer>(ctx.get_executor());
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(net_deadline, fixture)

BOOST_AUTO_TEST_CASE(those_of_an_earlier_epoch_are_stopped_once)
{
    watched old(timer, 3), current(timer, 4), older(timer, 1);
    timer->stop_before(4);
    timer->stop_before(4);
    BOOST_TEST(old.stops == 1);
    BOOST_TEST(old.why == asio::error::operation_aborted);
    BOOST_TEST(older.stops == 1);
    BOOST_TEST(current.stops == 0);
    current.leave();
    // Not for an hour.
    ctx.run();
}

// Whoever is before or behind in the list, or the last.
BOOST_AUTO_TEST_CASE(one_that_is_stopped_takes_another_along)
{
    for (int who = 0; who != 4; ++who)
        for (int whom = 0; whom != 4; ++whom) {
            if (who == whom)
                continue;
            watched all[] = {{timer, 0}, {timer, 0}, {timer, 0}, {timer, 0}};
            all[who].takes_along = &all[whom];
            timer->stop_before(1);
            // The last one that came is the first.
            for (int i = 0; i != 4; ++i)
                BOOST_TEST(all[i].stops == (i == whom && whom < who ? 0 : 1), who << " takes " << whom << ", " << i);
        }
    ctx.run();
}

BOOST_AUTO_TEST_SUITE_END()
