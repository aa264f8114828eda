// What a user's program looks like: a client, several of the values, and an operation that is refused before connecting.
#include "report.hpp"

#include <pks/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdio>

namespace asio = boost::asio;

int main()
{
    asio::io_context ctx;
    pks::client api(ctx.get_executor(), "api.pks.example", pks::trust::ca_file("no such file"));
    pks::error_code refusal;
    pks::diagnostics diag;
    auto show = [&]() -> asio::awaitable<void> {
        pks::credentials who = pks::client_credentials("automated-client", pks::secret("secret"));
        (void)co_await api.async_login(who, diag, asio::redirect_error(asio::use_awaitable, refusal));
    };
    asio::co_spawn(ctx, show, asio::detached);
    ctx.run();
    return report(refusal, diag) ? 0 : 1;
}
