// An HTTP server that answers each request with what a guard says of it.
#include "runner/guard_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <list>
#include <string_view>
#include <utility>

namespace conform {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;
using asio::ip::tcp;
using reply = http::response<http::string_body>;

json::string text(std::string_view from)
{
    return json::string(from.data(), from.size());
}

reply let_through(pks::identity const& who, unsigned version, bool keep_alive)
{
    json::object body;
    body["name"] = text(who.name());
    body["client_id"] = text(who.client_id());
    auto& scopes = body["scope"].emplace_array();
    for (auto const scope : who.claims().scope())
        scopes.emplace_back(text(scope));
    if (auto const end = who.expires_at())
        body["exp"] = std::chrono::floor<std::chrono::seconds>(*end).time_since_epoch().count();
    reply out(http::status::ok, version);
    out.set(http::field::content_type, "application/json");
    out.set(http::field::cache_control, "no-store");
    out.body() = json::serialize(body);
    out.keep_alive(keep_alive);
    out.prepare_payload();
    return out;
}

reply malformed(pks::error_code why)
{
    bool const too_large = why == http::error::header_limit || why == http::error::body_limit;
    reply out(too_large ? http::status::payload_too_large : http::status::bad_request, 11);
    out.keep_alive(false);
    out.prepare_payload();
    return out;
}

} // namespace

class guard_server::listener : public std::enable_shared_from_this<guard_server::listener>
{
public:
    listener(
        asio::any_io_executor executor, std::uint16_t port, pks::guard guard, pks::policy::scope_requirement needed)
        : acceptor_(executor, tcp::endpoint(asio::ip::address_v4::loopback(), port)),
          guard_(std::move(guard)),
          needed_(std::move(needed)),
          port_(acceptor_.local_endpoint().port())
    {}

    std::uint16_t port() const noexcept
    {
        return port_;
    }

    void start()
    {
        asio::co_spawn(acceptor_.get_executor(), accept(shared_from_this()), asio::detached);
    }

    void stop()
    {
        pks::error_code ignored;
        acceptor_.close(ignored);
        for (auto const& stream : streams_)
            stream->close();
    }

private:
    using stream_ptr = std::shared_ptr<boost::beast::tcp_stream>;

    static asio::awaitable<void> accept(std::shared_ptr<listener> self)
    {
        while (self->acceptor_.is_open()) {
            tcp::socket socket(self->acceptor_.get_executor());
            pks::error_code ec;
            co_await self->acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
            if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor)
                co_return;
            if (ec) {
                // Out of descriptors, most likely: without a pause this would spin.
                asio::steady_timer pause(self->acceptor_.get_executor(), std::chrono::milliseconds(5));
                co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
                continue;
            }
            auto stream = std::make_shared<boost::beast::tcp_stream>(std::move(socket));
            asio::co_spawn(self->acceptor_.get_executor(), serve(self, std::move(stream)), asio::detached);
        }
    }

    static asio::awaitable<void> serve(std::shared_ptr<listener> self, stream_ptr stream)
    {
        self->streams_.push_back(stream);
        co_await exchange(*self, *stream);
        self->streams_.remove(stream);
    }

    static asio::awaitable<void> exchange(listener& self, boost::beast::tcp_stream& stream)
    {
        boost::beast::flat_buffer buffer;
        for (bool open = true; open;) {
            http::request_parser<http::string_body> parser;
            parser.header_limit(std::uint32_t{16} << 10);
            parser.body_limit(std::uint64_t{64} << 10);
            stream.expires_after(std::chrono::seconds(30));
            pks::error_code ec;
            co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, ec));
            reply out;
            if (ec) {
                bool const theirs = ec.category() == http::make_error_code(http::error::bad_method).category();
                if (!theirs || ec == http::error::end_of_stream || ec == http::error::partial_message)
                    co_return;
                out = malformed(ec);
            } else {
                auto const& request = parser.get();
                auto needed = self.needed_;
                auto const who = co_await self.guard_.async_authorize(
                    request, std::move(needed), asio::redirect_error(asio::use_awaitable, ec));
                if (ec)
                    co_return;
                out = who ? let_through(who.who(), request.version(), request.keep_alive())
                          : who.reply(request.version(), request.keep_alive());
            }
            open = out.keep_alive();
            co_await http::async_write(stream, out, asio::redirect_error(asio::use_awaitable, ec));
            if (ec)
                co_return;
        }
        pks::error_code ignored;
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    tcp::acceptor acceptor_;
    pks::guard guard_;
    pks::policy::scope_requirement needed_;
    std::uint16_t port_;
    std::list<stream_ptr> streams_;
};

guard_server::guard_server(
    boost::asio::any_io_executor executor, std::uint16_t port, pks::guard guard, pks::policy::scope_requirement needed)
    : listener_(std::make_shared<listener>(std::move(executor), port, std::move(guard), std::move(needed)))
{
    listener_->start();
}

guard_server::~guard_server()
{
    stop();
}

std::uint16_t guard_server::port() const noexcept
{
    return listener_->port();
}

void guard_server::stop()
{
    listener_->stop();
}

} // namespace conform
