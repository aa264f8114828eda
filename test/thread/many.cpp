// Many logins and listings, one after the other and at once: no failure, and nothing is left of them.
// PKS_TEST_LOGINS and PKS_TEST_CONCURRENT set how many; the defaults are for every build.
#include <net/installation.hpp>
#include <thread/workers.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using thread_test::tally;
using thread_test::workers;

std::size_t number(char const* variable, std::size_t otherwise)
{
    auto const* const text = std::getenv(variable);
    return text ? static_cast<std::size_t>(std::stoul(text)) : otherwise;
}

std::size_t descriptors()
{
    fs::directory_iterator const all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// Octets that the program has taken and not given back. A sanitizer's own allocator leaves this at nothing.
std::size_t allocated()
{
    return ::mallinfo2().uordblks;
}

// What a thread keeps for itself of memory that was given back, and what the libraries keep for next time.
constexpr std::size_t slack = std::size_t{256} << 10;

std::size_t descriptor_limit()
{
    ::rlimit limit = {};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

// Login and listing of one client after the other, each a client of its own: nothing is shared but the plane.
class chain : public std::enable_shared_from_this<chain>
{
public:
    chain(asio::any_io_executor ex, pks::client_options options, std::size_t times, tally& ends)
        : executor_(std::move(ex)), options_(std::move(options)), left_(times), ends_(ends)
    {}

    void next()
    {
        if (left_-- == 0)
            return;
        auto api = std::make_shared<pks::client>(executor_, options_);
        api->async_login(net_test::automated(),
            [self = shared_from_this(), api, note = ends_.next()](pks::error_code ec, pks::access_token const& token) {
                note(ec, token);
                self->list(*api);
            });
    }

private:
    void list(pks::client api)
    {
        api.async_list_clusters(
            [self = shared_from_this(), note = ends_.next()](pks::error_code ec, pks::cluster_list const& list) {
                note(!ec && list.size() != 2 ? pks::error_code(pks::errc::unexpected_json) : ec, list);
                self->next();
            });
    }

    asio::any_io_executor executor_;
    pks::client_options options_;
    std::size_t left_;
    tally& ends_;
};

// A plane, and so many chains of so many logins each: started, run to their end and gone.
void run(std::size_t chains, std::size_t each, std::size_t threads)
{
    tally ends;
    {
        asio::io_context ctx;
        pks::testing::control_plane plane(ctx.get_executor(), net_test::plane_options());
        plane.add_cluster("alpha", "automated-client");
        plane.add_cluster("beta", "alana");
        workers running(ctx, threads);
        for (std::size_t i = 0; i < chains; ++i)
            std::make_shared<chain>(ctx.get_executor(), net_test::client_options(plane), each, ends)->next();
        BOOST_TEST(ends.wait_for_all(std::chrono::seconds(120 + chains * each / 4)));
        plane.stop();
        running.finish();
        BOOST_TEST(plane.count().open_connections == 0U);
        BOOST_TEST(plane.count().tokens_issued == chains * each);
        BOOST_TEST(plane.api_requests("/v1/clusters") == chains * each);
    }
    BOOST_TEST(ends.others() == "");
    BOOST_TEST(ends.succeeded() == 2 * chains * each);
    BOOST_TEST(ends.started() == 2 * chains * each);
}

// What is left after a run, once a small one has made whatever the libraries make only once.
void check_leaves_nothing(std::size_t chains, std::size_t each, std::size_t threads)
{
    run(std::min<std::size_t>(chains, 4), std::min<std::size_t>(each, 4), threads);
    auto const descriptors_before = descriptors();
    auto const allocated_before = allocated();
    auto const began = std::chrono::steady_clock::now();
    run(chains, each, threads);
    auto const took = std::chrono::steady_clock::now() - began;
    BOOST_TEST(descriptors() == descriptors_before);
    BOOST_TEST(allocated() <= allocated_before + slack);
    BOOST_TEST_MESSAGE(chains * each << " logins and listings, " << chains << " at once: "
                                     << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms; "
                                     << descriptors_before << " descriptors before, " << descriptors() << " after; "
                                     << allocated_before << " octets allocated before, " << allocated() << " after");
}

} // namespace

BOOST_AUTO_TEST_SUITE(many)

BOOST_AUTO_TEST_CASE(one_after_the_other)
{
    check_leaves_nothing(1, number("PKS_TEST_LOGINS", 200), 1);
}

BOOST_AUTO_TEST_CASE(all_at_once)
{
    // Client and server are one process here: two descriptors a connection, and the API's own to the UAA.
    auto const wanted = number("PKS_TEST_CONCURRENT", 100);
    auto const limit = descriptor_limit();
    BOOST_TEST_REQUIRE(limit > 4 * wanted + 100, "needs a higher limit of open files than " << limit);
    check_leaves_nothing(wanted, 1, 2);
}

BOOST_AUTO_TEST_SUITE_END()
