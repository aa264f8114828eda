// net/name_lookup.hpp: host names are looked up beside the operations, and a resolver that hangs keeps nobody.
#include <net/awaiting.hpp>
#include <net/installation.hpp>
#include <net/outcome.hpp>

#include <pks/net/name_lookup.hpp>
#include <pks/net/name_resolver.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::address;
using asio::ip::make_address;
using pks::error_code;
using pks::net::name_lookup;
using pks::net::name_resolver;

// Answers when it is told to.
class gate : public name_resolver
{
public:
    error_code look_up(std::string const& host, std::vector<address>& found) override
    {
        std::unique_lock lock(mutex_);
        hosts_.push_back(host);
        ++inside_;
        most_ = std::max(most_, inside_);
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
        --inside_;
        changed_.notify_all();
        ::sigset_t blocked;
        ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
        signals_ = signals_ || ::sigismember(&blocked, SIGTERM) != 1 || ::sigismember(&blocked, SIGCHLD) != 1;
        found.push_back(make_address("127.0.0.1"));
        return {};
    }

    void open()
    {
        std::lock_guard const lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void wait_for(std::size_t inside)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return inside_ == inside; });
    }
    std::size_t most()
    {
        std::lock_guard const lock(mutex_);
        return most_;
    }
    std::vector<std::string> hosts()
    {
        std::lock_guard const lock(mutex_);
        return hosts_;
    }
    bool signals()
    {
        std::lock_guard const lock(mutex_);
        return signals_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> hosts_;
    std::size_t inside_ = 0;
    std::size_t most_ = 0;
    bool open_ = false;
    bool signals_ = false;
};

// Opens the gate on every way out, so that no thread of a test outlives it, and waits for the threads.
class gatekeeper
{
public:
    ~gatekeeper()
    {
        gate_->open();
        gate_->wait_for(0);
    }
    std::shared_ptr<gate> const& operator*() const
    {
        return gate_;
    }
    gate* operator->() const
    {
        return gate_.get();
    }

private:
    std::shared_ptr<gate> gate_ = std::make_shared<gate>();
};

class failing : public name_resolver
{
public:
    error_code look_up(std::string const& host, std::vector<address>&) override
    {
        if (host == "throws")
            throw std::runtime_error("a resolver's own");
        return asio::error::host_not_found_try_again;
    }
};

struct fixture
{
    asio::io_context context;
    asio::strand<asio::any_io_executor> strand{context.get_executor()};

    struct asked
    {
        asked(asio::any_io_executor ex, std::shared_ptr<name_resolver> with, std::string host)
            : step(std::move(ex), std::move(with), std::move(host))
        {}

        name_lookup step;
        net_test::awaiting then;
    };

    void start(asked& a)
    {
        a.then.start(a.step);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(net_name_lookup, fixture)

BOOST_AUTO_TEST_CASE(an_answer_comes_to_the_executor_and_the_context_waits_for_it)
{
    gatekeeper resolver;
    asked one(strand, *resolver, "uaa.example");
    start(one);
    BOOST_TEST(one.then.completions == 0);
    resolver->wait_for(1);
    context.poll();
    BOOST_TEST(one.then.completions == 0);
    BOOST_TEST(!context.stopped());
    resolver->open();
    context.run();
    BOOST_TEST(one.then.completions == 1);
    BOOST_TEST(one.then.outcome == error_code());
    BOOST_TEST((one.step.found() == std::vector<address>{make_address("127.0.0.1")}));
    BOOST_TEST((resolver->hosts() == std::vector<std::string>{"uaa.example"}));
    BOOST_TEST(!resolver->signals(), "a signal handler of the program could run in that thread");
}

BOOST_AUTO_TEST_CASE(errors_and_exceptions_of_a_resolver_are_errors)
{
    auto const resolver = std::make_shared<failing>();
    asked fails(strand, resolver, "fails");
    asked throws(strand, resolver, "throws");
    start(fails);
    start(throws);
    context.run();
    BOOST_TEST(fails.then.outcome == error_code(asio::error::host_not_found_try_again));
    BOOST_TEST(throws.then.outcome == error_code(asio::error::no_recovery));
}

BOOST_AUTO_TEST_CASE(cancellation_does_not_wait_for_the_resolver)
{
    gatekeeper resolver;
    asked one(strand, *resolver, "uaa.example");
    start(one);
    resolver->wait_for(1);
    auto& then = one.then;
    then.stop.emit(asio::cancellation_type::terminal);
    BOOST_TEST(then.completions == 0, "not within the emission");
    // Once more, and the late answer: nobody is told twice.
    then.stop.emit(asio::cancellation_type::terminal);
    context.run();
    BOOST_TEST(then.completions == 1);
    BOOST_TEST(then.outcome == error_code(asio::error::operation_aborted));
    resolver->open();
    resolver->wait_for(0);
    context.restart();
    context.run();
    BOOST_TEST(then.completions == 1);
}

BOOST_AUTO_TEST_CASE(look_ups_overlap_up_to_a_limit_and_go_in_order)
{
    gatekeeper resolver;
    std::deque<asked> all;
    for (int i = 0; i != 40; ++i)
        start(all.emplace_back(strand, *resolver, "host" + std::to_string(i)));
    resolver->wait_for(32);
    // One that has not begun leaves the queue.
    all[35].then.stop.emit(asio::cancellation_type::terminal);
    resolver->open();
    context.run();
    BOOST_TEST(resolver->most() == 32u);
    for (std::size_t i = 0; i != all.size(); ++i) {
        BOOST_TEST(all[i].then.completions == 1);
        BOOST_TEST(all[i].then.outcome == (i == 35 ? error_code(asio::error::operation_aborted) : error_code()));
    }
    auto const hosts = resolver->hosts();
    BOOST_TEST(hosts.size() == 39u);
    BOOST_TEST((std::find(hosts.begin(), hosts.end(), "host35") == hosts.end()));
}

BOOST_AUTO_TEST_CASE(a_context_goes_while_a_resolver_hangs)
{
    gatekeeper resolver;
    net_test::awaiting then;
    {
        asio::io_context own;
        name_lookup step(own.get_executor(), *resolver, "uaa.example");
        then.start(step);
        resolver->wait_for(1);
        BOOST_TEST(then.abandoned == 0);
    }
    BOOST_TEST(then.abandoned == 1);
    BOOST_TEST(then.completions == 0);
}

BOOST_AUTO_TEST_CASE(the_deadline_of_a_client_owns_the_look_up)
{
    gatekeeper resolver;
    pks::client_options how("pks.example", pks::trust::pem(net_test::authority().root_pem()));
    how.resolver = *resolver;
    pks::client api(context.get_executor(), how);
    pks::diagnostics diag;
    auto const timely = net_test::finish<pks::target_info>(
        context, [&](auto const& then) { api.within(20ms).async_target(diag, then); });
    BOOST_TEST(timely.ec == pks::errc::timeout);
    BOOST_TEST(diag.step == pks::step::resolve);
    // It still hangs.
    resolver->wait_for(1);
}

// Each address in turn, and the certificate is that of the name.
BOOST_AUTO_TEST_CASE(a_client_connects_to_what_its_resolver_finds)
{
    class table : public name_resolver
    {
    public:
        error_code look_up(std::string const& host, std::vector<address>& found) override
        {
            if (host != "pks.example")
                return asio::error::host_not_found;
            // Nobody listens on the first.
            found = {make_address("127.0.0.2"), make_address("127.0.0.1")};
            return {};
        }
    };
    auto options = net_test::plane_options();
    options.dns_names = {"localhost", "pks.example"};
    pks::testing::control_plane plane(context.get_executor(), options);
    auto how = net_test::client_options(plane, plane.trust(), "pks.example");
    how.resolver = std::make_shared<table>();
    pks::client api(context.get_executor(), how);
    pks::diagnostics diag;
    auto const got =
        net_test::finish<pks::target_info>(context, [&](auto const& then) { api.async_target(diag, then); });
    BOOST_TEST(got.ec == error_code());

    auto elsewhere = net_test::client_options(plane, plane.trust(), "other.example");
    elsewhere.resolver = how.resolver;
    pks::client nobody(context.get_executor(), elsewhere);
    auto const lost =
        net_test::finish<pks::target_info>(context, [&](auto const& then) { nobody.async_target(diag, then); });
    BOOST_TEST(lost.ec == error_code(asio::error::host_not_found));
    BOOST_TEST(diag.step == pks::step::resolve);
}

BOOST_AUTO_TEST_CASE(the_system_knows_addresses_and_unknown_names)
{
    auto const system = name_resolver::system();
    std::vector<address> found;
    BOOST_TEST(system->look_up("127.0.0.1", found) == error_code());
    BOOST_TEST((found == std::vector<address>{make_address("127.0.0.1")}));
    found.clear();
    BOOST_TEST(!!system->look_up("no-such-host.invalid", found));
    BOOST_TEST(found.empty());
}

BOOST_AUTO_TEST_SUITE_END()
