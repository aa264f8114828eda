// bench_load_deadline: how long after its deadline an operation of pks::client ends, wherever it is stuck.
#include "common/serve.hpp"
#include "stalls.hpp"

#include <pks/client.hpp>
#include <pks/client_operations.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::chrono::microseconds shortest = 200ms;
constexpr std::chrono::microseconds longest = 900ms;

/// Looks up for as long as it lives: no longer, since its context waits for the threads that it blocks.
class hanging_resolver : public pks::net::name_resolver
{
public:
    pks::error_code look_up(std::string const&, std::vector<asio::ip::address>&) override
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return over_; });
        return asio::error::host_not_found;
    }
    void end()
    {
        std::lock_guard const lock(mutex_);
        over_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
};

pks::credentials bench_login()
{
    return pks::client_credentials("automated-client", pks::secret("automated-secret"));
}

class stuck_operations
{
public:
    stuck_operations(
        bench::stall const& what, std::uint16_t port, std::string const& ca_file, double rate, double seconds)
        : what_(what),
          rate_(rate),
          count_(std::max<std::size_t>(static_cast<std::size_t>(rate * seconds), 1)),
          api_(context_.get_executor(), options_for(port, ca_file))
    {
        overruns_.reserve(count_);
        if (what.way == bench::way::upload)
            upload_.assign(4 << 20, 'x');
    }
    stuck_operations(stuck_operations const&) = delete;
    stuck_operations& operator=(stuck_operations const&) = delete;
    ~stuck_operations()
    {
        resolver_->end();
    }

    json::object run()
    {
        std::exception_ptr failure;
        asio::co_spawn(context_, start_all(), [&failure](std::exception_ptr e) { failure = e; });
        context_.run();
        if (failure)
            std::rethrow_exception(failure);
        json::array overruns;
        overruns.reserve(overruns_.size());
        for (auto const& each : overruns_)
            overruns.push_back(std::chrono::duration<double, std::micro>(each).count());
        return {{"operations", overruns_.size()}, {"failed", failed_}, {"first_failure", first_failure_},
            {"overruns_us", std::move(overruns)}};
    }

private:
    pks::client_options options_for(std::uint16_t port, std::string const& ca_file)
    {
        bool const by_name = port == 0 || what_.way == bench::way::proxy;
        auto const address = by_name ? "uaa.test:8443" : "127.0.0.1:" + std::to_string(port);
        pks::client_options out(address, pks::trust::ca_file(ca_file));
        out.uaa = pks::endpoint::uaa(address);
        out.login = bench_login();
        out.resolver = resolver_;
        if (what_.way == bench::way::proxy)
            out.proxy = pks::net::proxy("127.0.0.1:" + std::to_string(port));
        out.pool.connections = what_.way == bench::way::place ? 1 : count_;
        return out;
    }

    // Spread over the time, whatever becomes of those before.
    asio::awaitable<void> start_all()
    {
        asio::steady_timer timer(co_await asio::this_coro::executor);
        std::mt19937 random; // the same for each run
        std::uniform_int_distribution<std::int64_t> some(shortest.count(), longest.count());
        auto const begin = steady::now();
        for (std::size_t i = 0; i != count_; ++i) {
            auto const after = std::chrono::duration<double>(static_cast<double>(i) / rate_);
            timer.expires_at(begin + std::chrono::duration_cast<steady::duration>(after));
            co_await timer.async_wait(asio::use_awaitable);
            start(std::chrono::microseconds(some(random)));
        }
    }

    void start(steady::duration d)
    {
        auto const deadline = steady::now() + d;
        auto const ended = [this, deadline](pks::error_code ec, auto const&) { end(deadline, ec); };
        auto api = api_.within(d);
        switch (what_.way) {
        case bench::way::timer:
            asio::co_spawn(context_, time_out(deadline), asio::detached);
            break;
        case bench::way::look_up:
        case bench::way::direct:
        case bench::way::proxy:
        case bench::way::place:
            api.async_login(bench_login(), ended);
            break;
        case bench::way::token:
            api.async_get_token(ended);
            break;
        case bench::way::upload:
            pks::server_request request(pks::server_role::api, "POST", "/v1/clusters");
            request.body(upload_, "application/octet-stream").without_token();
            api.async_request(std::move(request), ended);
            break;
        }
    }

    asio::awaitable<void> time_out(steady::time_point deadline)
    {
        asio::steady_timer timer(context_, deadline);
        co_await timer.async_wait(asio::use_awaitable);
        end(deadline, pks::errc::timeout);
    }

    void end(steady::time_point deadline, pks::error_code ec)
    {
        overruns_.push_back(steady::now() - deadline);
        if (ec != pks::condition::timeout && failed_++ == 0)
            first_failure_ = ec.message();
        // The fetch that all have waited for goes on, and so does a look-up.
        if (overruns_.size() == count_)
            api_.cancel();
    }

    bench::stall const& what_;
    double const rate_;
    std::size_t const count_;
    std::shared_ptr<hanging_resolver> resolver_ = std::make_shared<hanging_resolver>();
    std::string upload_;
    asio::io_context context_;
    pks::client api_;
    std::vector<steady::duration> overruns_;
    std::size_t failed_ = 0;
    std::string first_failure_;
};

json::object about()
{
    return {{"machine", bench::machine()}, {"shortest_ms", shortest.count() / 1000},
        {"longest_ms", longest.count() / 1000}};
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: bench_load_deadline CA_FILE\n\n"
                     "Answers lines `STALL PORT RATE SECONDS`.\n";
        return 2;
    }
    std::string const ca_file = argv[1];
    try {
        return bench::serve(about(), [&](std::istringstream& words) -> std::optional<json::object> {
            std::string name;
            std::uint16_t port = 0;
            double rate = 0;
            double seconds = 0;
            words >> name >> port >> rate >> seconds;
            auto const* const what = bench::find_stall(name);
            if (!words || !what || rate <= 0 || seconds <= 0)
                return {};
            return stuck_operations(*what, port, ca_file, rate, seconds).run();
        });
    } catch (std::exception const& failure) {
        std::cerr << "bench_load_deadline: " << failure.what() << '\n';
        return 3;
    }
}
