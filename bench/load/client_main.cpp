// bench_load: pks::client under load, as its users write it.
#include "common/serve.hpp"
#include "schedule.hpp"
#include "serve_load.hpp"
#include "worker.hpp"

#include <pks/client.hpp>
#include <pks/client_operations.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using steady = std::chrono::steady_clock;

pks::client_options options_for(std::uint16_t port, std::string const& ca_file)
{
    auto const address = "127.0.0.1:" + std::to_string(port);
    pks::client_options out(address, pks::trust::ca_file(ca_file));
    out.uaa = pks::endpoint::uaa(address);
    return out;
}

pks::credentials bench_login()
{
    return pks::client_credentials("automated-client", pks::secret("automated-secret"));
}

pks::server_request clusters_request()
{
    return pks::server_request(pks::server_role::api, "GET", "/v1/clusters");
}

class client_worker final : public bench::worker
{
public:
    using operation = void (client_worker::*)();

    client_worker(pks::client api, operation what, bench::schedule& plan)
        : worker(api.get_executor(), plan), api_(std::move(api)), what_(what)
    {}

    void get()
    {
        api_.async_request(clusters_request(),
            [this](pks::error_code ec, pks::proto::response const& reply) { done(!ec && reply.status == 200); });
    }
    void list()
    {
        api_.async_list_clusters(
            [this](pks::error_code ec, pks::cluster_list const& clusters) { done(!ec && !clusters.empty()); });
    }
    void log_in()
    {
        api_.async_login(
            bench_login(), [this](pks::error_code ec, pks::access_token const& token) { done(!ec && !token.empty()); });
    }

private:
    void start() override
    {
        (this->*what_)();
    }

    pks::client api_;
    operation what_;
};

/// The same in a coroutine of the user's: what that costs, too.
asio::awaitable<void> get_by_coroutine(pks::client api, bench::schedule& plan)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (auto const due = plan.next()) {
        auto started = steady::now();
        if (*due > started) {
            timer.expires_at(*due);
            co_await timer.async_wait(asio::use_awaitable);
            started = steady::now();
        }
        auto const [ec, reply] = co_await api.async_request(clusters_request(), asio::as_tuple(asio::use_awaitable));
        plan.done(*due, started, !ec && reply.status == 200);
    }
}

json::object run(bench::load const& what, std::string const& ca_file)
{
    auto options = options_for(what.port, ca_file);
    options.login = bench_login();
    options.pool.connections = what.connections;
    bool const new_connections = what.kind == "login" || what.kind == "login_resumed";
    options.pool.idle = new_connections ? 0 : what.connections;
    auto const each = what.kind == "get" ? &client_worker::get
        : what.kind == "list"            ? &client_worker::list
                                         : &client_worker::log_in;

    // One thread runs it, as each contestant has one.
    asio::io_context context(1);
    pks::client api(context.get_executor(), std::move(options));
    bench::schedule plan(what.rate, what.seconds);
    std::vector<std::unique_ptr<client_worker>> workers;
    std::exception_ptr failure;
    auto const ended = [&failure](std::exception_ptr e) {
        if (e)
            failure = e;
    };
    for (std::size_t i = 0; i != what.connections; ++i)
        if (what.contestant == "pks_coroutine")
            asio::co_spawn(context, get_by_coroutine(api, plan), ended);
        else
            workers.push_back(std::make_unique<client_worker>(api, each, plan));
    for (auto const& one : workers)
        one->next();
    context.run();
    if (failure)
        std::rethrow_exception(failure);
    return plan.results();
}

std::size_t descriptors()
{
    std::filesystem::directory_iterator const all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

double peak_megabytes()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:"))
            return std::stod(line.substr(6)) / 1024;
    return 0;
}

/// All of them at once, each over a connection of its own.
json::object log_in_at_once(std::size_t count, std::uint16_t port, std::string const& ca_file)
{
    auto const before = descriptors();
    std::size_t good = 0;
    std::string failure;
    double seconds = 0;
    {
        auto options = options_for(port, ca_file);
        options.pool.connections = count;
        options.pool.idle = 0;
        // A machine that is busy with ten thousand handshakes is long with each.
        options.deadlines.connect = options.deadlines.handshake = options.deadlines.whole;
        asio::io_context context;
        pks::client api(context.get_executor(), std::move(options));
        auto const began = steady::now();
        for (std::size_t i = 0; i != count; ++i)
            api.async_login(bench_login(), [&good, &failure](pks::error_code ec, pks::access_token const& token) {
                if (!ec && !token.empty())
                    ++good;
                else if (failure.empty())
                    failure = ec.message();
            });
        context.run();
        seconds = std::chrono::duration<double>(steady::now() - began).count();
    }
    json::object out{{"logins", count}, {"succeeded", good}, {"first_failure", failure}, {"seconds", seconds},
        {"peak_mb", peak_megabytes()}, {"descriptors_left", static_cast<std::int64_t>(descriptors() - before)}};
    return out;
}

} // namespace

int main(int argc, char** argv)
{
    std::vector<std::string> const arguments(argv + 1, argv + argc);
    try {
        auto const measure = [&](bench::load const& what) { return run(what, arguments[1]); };
        if (arguments.size() == 2 && arguments[0] == "serve")
            return bench::serve_load(
                {"pks"}, bench::version(), {"get", "list", "login", "login_resumed", "login_pooled"}, measure);
        if (arguments.size() == 2 && arguments[0] == "serve_coroutine")
            return bench::serve_load({"pks_coroutine"}, bench::version(), {"get"}, measure);
        if (arguments.size() == 4 && arguments[0] == "at_once") {
            auto const port = static_cast<std::uint16_t>(std::stoul(arguments[2]));
            std::cout << json::serialize(log_in_at_once(std::stoul(arguments[3]), port, arguments[1])) << std::endl;
            return 0;
        }
    } catch (std::exception const& failure) {
        std::cerr << "bench_load: " << failure.what() << '\n';
        return 3;
    }
    std::cerr << "usage: bench_load serve|serve_coroutine CA_FILE\n"
                 "       bench_load at_once CA_FILE PORT LOGINS\n\n"
                 "serve answers lines `pks KIND PORT CONNECTIONS RATE SECONDS`, serve_coroutine lines\n"
                 "`pks_coroutine get ...`. at_once starts all logins at once.\n";
    return 2;
}
