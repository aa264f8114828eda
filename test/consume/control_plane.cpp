// What a user's test looks like: the embedded control plane, and a client that lists its clusters.
#include <pks/client.hpp>
#include <pks/testing/control_plane.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdio>
#include <exception>

namespace asio = boost::asio;

int main()
{
    asio::io_context ctx;
    pks::testing::control_plane plane(ctx.get_executor());
    plane.add_cluster("first", "alana");
    pks::client_options options(plane.api_url(), plane.trust());
    options.uaa = plane.uaa();
    pks::client api(ctx.get_executor(), options);

    std::size_t seen = 0;
    auto list = [&]() -> asio::awaitable<void> {
        pks::credentials who = pks::client_credentials("automated-client", pks::secret("automated-secret"));
        (void)co_await api.async_login(who, asio::use_awaitable);
        auto const clusters = co_await api.async_list_clusters(asio::use_awaitable);
        seen = clusters.size();
    };
    asio::co_spawn(ctx, list, [&plane](std::exception_ptr failure) {
        plane.stop();
        if (failure)
            std::rethrow_exception(failure);
    });
    ctx.run();
    std::printf("%zu clusters\n", seen);
    return seen == 1 ? 0 : 1;
}
