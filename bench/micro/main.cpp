// bench_micro: what the parts of an operation cost that no server has a share in, next to asio::post.
#include "common/allocations.hpp"
#include "common/cpu_time.hpp"
#include "common/serve.hpp"

#include <pks/client.hpp>
#include <pks/net/connection_pool.hpp>
#include <pks/net/operation.hpp>
#include <pks/net/running_operations.hpp>
#include <pks/policy/pool.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/json/array.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;

/// What is measured: so many of one thing, one after the other.
class subject
{
public:
    virtual ~subject() = default;
    virtual void run(std::uint64_t times) = 0;
};

/// An operation of Asio: each is started by the handler of the one before, so that there is always one under way.
class operation_subject : public subject
{
public:
    void run(std::uint64_t times) override
    {
        left_ = times;
        context_.restart();
        next();
        context_.run();
    }

protected:
    void next()
    {
        if (left_-- != 0)
            start();
    }
    virtual void start() = 0;

    asio::io_context context_;

private:
    // A context that knows of a socket or a timer asks the kernel about them between two handlers; others do not. That of
    // a client always knows of one.
    asio::steady_timer timer_{context_};
    std::uint64_t left_ = 0;
};

class post_subject final : public operation_subject
{
    void start() override
    {
        asio::post(context_, [this] { next(); });
    }
};

class saved_token final : public pks::token_storage
{
public:
    pks::access_token load() noexcept override
    {
        pks::access_token::parts parts;
        parts.value = pks::secret(std::string(1258, 'x'));
        parts.expires_at = pks::clock::time_point(std::chrono::system_clock::now() + std::chrono::hours(12));
        return pks::access_token(std::move(parts));
    }
    void save(pks::access_token const&) noexcept override {}
};

class token_subject final : public operation_subject
{
public:
    token_subject()
    {
        pks::client_options options("127.0.0.1:1", pks::trust::system_store());
        options.login = pks::client_credentials("bench", pks::secret("bench"));
        options.storage = std::make_shared<saved_token>();
        client_.emplace(context_.get_executor(), std::move(options));
    }

private:
    void start() override
    {
        client_->async_get_token([this](pks::error_code ec, pks::access_token const& token) {
            if (ec || token.empty())
                throw std::runtime_error("no token: " + ec.message());
            next();
        });
    }

    std::optional<pks::client> client_;
};

class post_step final : public pks::net::io_step
{
public:
    explicit post_step(asio::any_io_executor const& ex) : ex_(ex) {}

    void start(pks::net::io_handler then) override
    {
        asio::post(ex_, std::move(then));
    }

private:
    asio::any_io_executor const& ex_;
};

pks::net::task<int> four_suspensions(asio::any_io_executor ex)
{
    pks::error_code ec;
    for (int i = 1; i != 4; ++i) {
        post_step step(ex);
        co_await pks::net::await_step(step, ec);
    }
    co_return 4;
}

class suspending
{
public:
    explicit suspending(asio::any_io_executor ex) : ex_(std::move(ex)) {}

    pks::net::task<int> operator()()
    {
        return four_suspensions(ex_);
    }
    pks::net::task<int> operator()(pks::net::deadline&, pks::diagnostics&)
    {
        return four_suspensions(ex_);
    }

private:
    asio::any_io_executor ex_;
};

/// A coroutine behind an erased handler. One of the four suspensions is that of each operation: it never completes
/// within its initiating function.
class erased_subject final : public operation_subject
{
    void start() override
    {
        asio::any_io_executor ex = context_.get_executor();
        pks::net::handler<int> then([this](pks::error_code, int) { next(); });
        pks::net::start_operation<int>(ex, suspending(ex), std::move(then));
    }
};

/// The same with what the client adds: a strand, a deadline, a place among those that cancel() ends.
class client_operation_subject final : public operation_subject
{
    void start() override
    {
        pks::net::handler<int> then([this](pks::error_code, int) { next(); });
        auto make_body = [this] { return suspending(strand_); };
        running_.start<int>(nullptr, std::chrono::seconds(60), nullptr, std::move(then), make_body);
    }

    asio::any_io_executor strand_ = asio::make_strand(context_);
    pks::net::running_operations running_{strand_};
};

class no_connection
{
public:
    std::unique_ptr<no_connection> idle_next;
    std::chrono::steady_clock::time_point idle_until;
};

class place final : public pks::policy::waiter
{
public:
    std::unique_ptr<no_connection> connection;
};

class policy_lease_subject final : public subject
{
public:
    policy_lease_subject()
    {
        // As many as there are idle ones with 16 connections at work.
        for (int i = 0; i != 16; ++i)
            pool_.lease(who_, true, now());
        for (int i = 0; i != 16; ++i)
            pool_.give_back(std::make_unique<no_connection>(), now());
    }

    void run(std::uint64_t times) override
    {
        for (; times != 0; --times) {
            auto leased = pool_.lease(who_, false, now());
            pool_.give_back(std::move(leased.connection), now());
        }
    }

private:
    static std::chrono::steady_clock::time_point now()
    {
        return std::chrono::steady_clock::now();
    }

    place who_;
    pks::policy::pool<place> pool_{pks::policy::pool_settings()};
};

/// net::connection_pool::open and lease::end over a connection that stays open, TCP alone. Most of it is the system call
/// that asks whether the server has closed it.
class lease_subject final : public subject
{
public:
    lease_subject()
    {
        auto const text = "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
        auto const parsed = pks::endpoint::parse(text, 1, pks::allow_plain_http_on_loopback);
        server_.emplace(parsed.value());
        pks::net::connection_settings settings{
            pks::trust::system_store(), {}, {}, {}, {}, std::make_shared<pks::clock>()};
        pool_.emplace(context_.get_executor(), std::move(settings));
    }

    void run(std::uint64_t times) override
    {
        context_.restart();
        auto body = [this, times] { return leases(times); };
        pks::error_code failure;
        pks::net::handler<int> then([&failure](pks::error_code ec, int) { failure = ec; });
        pks::net::start_operation<int>(context_.get_executor(), std::move(body), std::move(then));
        context_.run();
        if (failure)
            throw std::runtime_error("no connection: " + failure.message());
    }

private:
    pks::net::task<int> leases(std::uint64_t times)
    {
        pks::net::deadline ends(std::make_shared<pks::net::deadline_timer>(context_.get_executor()));
        pks::diagnostics diag;
        for (; times != 0; --times) {
            pks::net::lease one;
            auto const ec = co_await pool_->open(one, *server_, false, ends, diag);
            if (ec)
                co_return ec;
            one.end(true);
        }
        co_return 0;
    }

    asio::io_context context_;
    asio::ip::tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    std::optional<pks::endpoint> server_;
    std::optional<pks::net::connection_pool> pool_;
};

struct named_subject
{
    char const* name;
    std::function<std::unique_ptr<subject>()> make;
};

template <class T>
std::unique_ptr<subject> make()
{
    return std::make_unique<T>();
}

named_subject const subjects[] = {{"post", make<post_subject>}, {"token_cached", make<token_subject>},
    {"erased_operation", make<erased_subject>}, {"client_operation", make<client_operation_subject>},
    {"policy_lease", make<policy_lease_subject>}, {"connection_lease", make<lease_subject>}};

json::object measure(subject& what, std::chrono::duration<double> time)
{
    // Asio keeps memory for the next operation, but not beyond a run of its context.
    constexpr std::uint64_t batch = 20000;
    what.run(batch);
    std::uint64_t done = 0;
    auto const allocated = bench::allocations();
    auto const cpu = bench::thread_cpu_us();
    auto const began = std::chrono::steady_clock::now();
    do {
        what.run(batch);
        done += batch;
    } while (std::chrono::steady_clock::now() - began < time);
    auto const times = static_cast<double>(done);
    json::object out{{"ns", (bench::thread_cpu_us() - cpu) * 1000 / times},
        {"allocations", static_cast<double>(bench::allocations() - allocated) / times}};
    return out;
}

int serve(std::vector<std::string> const& only)
{
    std::vector<std::pair<std::string, std::unique_ptr<subject>>> all;
    json::array about;
    for (auto const& each : subjects)
        if (only.empty() || std::find(only.begin(), only.end(), each.name) != only.end()) {
            all.emplace_back(each.name, each.make());
            about.push_back({{"name", each.name}, {"version", bench::version()}});
        }
    auto const answer = [&](std::istringstream& words) -> std::optional<json::object> {
        std::string name;
        double seconds = 0;
        words >> name >> seconds;
        auto const found =
            std::find_if(all.begin(), all.end(), [&name](auto const& each) { return each.first == name; });
        if (!words || found == all.end())
            return {};
        return measure(*found->second, std::chrono::duration<double>(seconds));
    };
    json::object const said{{"contestants", std::move(about)}, {"machine", bench::machine()}};
    return bench::serve(said, answer);
}

} // namespace

int main(int argc, char** argv)
{
    std::vector<std::string> const arguments(argv + 1, argv + argc);
    if (arguments.empty() || arguments[0] != "serve") {
        std::cerr
            << "usage: bench_micro serve [SUBJECT...]\n\n"
               "Writes a line of JSON about the subjects; then, for each line `SUBJECT SECONDS`, what it measured.\n";
        return 2;
    }
    try {
        return serve({arguments.begin() + 1, arguments.end()});
    } catch (std::exception const& failure) {
        std::cerr << "bench_micro: " << failure.what() << '\n';
        return 3;
    }
}
