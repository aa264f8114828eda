// One GET over a connection of its own.
#include "runner/tls_get.hpp"

#include <pks/limits.hpp>
#include <pks/net/connection.hpp>
#include <pks/net/exchange.hpp>
#include <pks/net/operation.hpp>
#include <pks/net/tls_context.hpp>
#include <pks/proto/request.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include <memory>
#include <utility>

namespace conform {

namespace {

namespace asio = boost::asio;

using context_ptr = std::shared_ptr<asio::ssl::context>;

pks::net::task<int> get(
    asio::any_io_executor executor, get_question const& question, context_ptr context, get_answer& out)
{
    pks::net::connection connection(executor, question.resolver);
    auto const failed = co_await connection.open(question.server, context, out.diag);
    if (failed)
        co_return failed;
    pks::proto::request request("GET", question.server, question.target);
    pks::http_limits const limits;
    auto const reply = co_await pks::net::exchange(connection, request, limits, out.diag);
    if (reply.has_error())
        co_return reply.error();
    out.status = reply->status;
    out.body = std::string(reply->body);
    co_return 0;
}

class loopback final : public pks::net::name_resolver
{
public:
    explicit loopback(bool ipv6) : ipv6_(ipv6) {}

    pks::error_code look_up(std::string const&, std::vector<asio::ip::address>& found) override
    {
        if (ipv6_)
            found.emplace_back(asio::ip::address_v6::loopback());
        else
            found.emplace_back(asio::ip::address_v4::loopback());
        return {};
    }

private:
    bool ipv6_;
};

} // namespace

get_answer tls_get(get_question const& question)
{
    get_answer out;
    out.diag.endpoint = question.server.authority();
    out.diag.step = pks::step::load;
    auto const context = pks::net::make_tls_context(question.trust, &out.diag.detail);
    if (context.has_error()) {
        out.ec = context.error();
        return out;
    }
    out.ec = pks::errc::timeout;
    asio::io_context ctx;
    auto body = [&] { return get(ctx.get_executor(), question, *context, out); };
    auto note = [&out](pks::error_code ec, int) { out.ec = ec; };
    pks::net::start_operation<int>(ctx.get_executor(), std::move(body), std::move(note));
    ctx.run_for(question.deadline);
    return out;
}

std::shared_ptr<pks::net::name_resolver> loopback_resolver(bool ipv6)
{
    return std::make_shared<loopback>(ipv6);
}

} // namespace conform
