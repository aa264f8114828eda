// Bodies of scripted_uaa.hpp.
#include <net/scripted_uaa.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <list>
#include <utility>

namespace net_test {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

struct scripted_uaa::state
{
    explicit state(asio::io_context& context)
        : acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), changed(context)
    {
        changed.expires_at(asio::steady_timer::time_point::max());
    }

    tcp::acceptor acceptor;
    asio::steady_timer changed; // cancelled when held requests may go on
    std::string reply;
    std::string reply_to_held;
    std::size_t turn = 0; // of holding
    bool then_closes = false;
    bool holding = false;
    std::size_t connections = 0;
    std::size_t requests = 0;
    std::size_t held = 0;
    std::string last_request;
    std::list<std::weak_ptr<tcp::socket>> open;
};

namespace {

using state_ptr = std::shared_ptr<scripted_uaa::state>;

// The octets of a request's body, by its Content-Length.
std::size_t body_size(std::string_view head)
{
    constexpr std::string_view name = "Content-Length: ";
    auto const at = head.find(name);
    return at == head.npos ? 0 : std::stoul(std::string(head.substr(at + name.size(), 9)));
}

asio::awaitable<void> talk(state_ptr s, std::shared_ptr<tcp::socket> socket)
{
    boost::system::error_code ec;
    std::string got;
    for (;;) {
        auto const head = co_await asio::async_read_until(
            *socket, asio::dynamic_buffer(got), "\r\n\r\n", asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            co_return;
        auto const size = head + body_size(std::string_view(got).substr(0, head));
        if (got.size() < size)
            co_await asio::async_read(*socket, asio::dynamic_buffer(got), asio::transfer_exactly(size - got.size()),
                asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            co_return;
        ++s->requests;
        s->last_request = got.substr(0, size);
        got.erase(0, size);
        auto const turn = s->turn;
        bool const held = s->holding;
        if (held) {
            ++s->held;
            while (s->turn == turn) {
                boost::system::error_code cancelled;
                co_await s->changed.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
            }
            --s->held;
        }
        auto const reply = held ? s->reply_to_held : s->reply;
        bool const closes = s->then_closes;
        co_await asio::async_write(*socket, asio::buffer(reply), asio::redirect_error(asio::use_awaitable, ec));
        if (ec || closes)
            co_return;
    }
}

asio::awaitable<void> accept(state_ptr s)
{
    boost::system::error_code ec;
    while (!ec) {
        auto socket = co_await s->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            co_return;
        ++s->connections;
        auto const shared = std::make_shared<tcp::socket>(std::move(socket));
        std::erase_if(s->open, [](auto const& w) { return w.expired(); });
        s->open.push_back(shared);
        asio::co_spawn(s->acceptor.get_executor(), talk(s, shared), asio::detached);
    }
}

} // namespace

scripted_uaa::scripted_uaa(asio::io_context& context) : state_(std::make_shared<state>(context))
{
    asio::co_spawn(context, accept(state_), asio::detached);
}

scripted_uaa::~scripted_uaa()
{
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    ++state_->turn;
    state_->changed.cancel();
    for (auto const& weak : state_->open)
        if (auto const socket = weak.lock())
            socket->close(ignored);
}

std::uint16_t scripted_uaa::port() const noexcept
{
    return state_->acceptor.local_endpoint().port();
}

pks::endpoint scripted_uaa::endpoint() const
{
    return pks::endpoint::parse("http://127.0.0.1", port(), pks::allow_plain_http_on_loopback).value();
}

void scripted_uaa::reply(std::string octets, bool then_closes)
{
    state_->reply = std::move(octets);
    state_->then_closes = then_closes;
    state_->holding = false;
}

void scripted_uaa::hold()
{
    state_->holding = true;
}

void scripted_uaa::answer(std::string octets)
{
    state_->reply_to_held = octets;
    reply(std::move(octets));
    ++state_->turn;
    state_->changed.cancel();
}

std::size_t scripted_uaa::connections() const noexcept
{
    return state_->connections;
}

std::size_t scripted_uaa::requests() const noexcept
{
    return state_->requests;
}

std::size_t scripted_uaa::held() const noexcept
{
    return state_->held;
}

std::string scripted_uaa::last_request() const
{
    return state_->last_request;
}

std::string http_reply(int status, std::string_view media_type, std::string_view body, std::string_view fields)
{
    return "HTTP/1.1 " + std::to_string(status) + " \r\nContent-Type: " + std::string(media_type) +
        "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n" +
        std::string(body);
}

std::string json_reply(std::string_view body, std::string_view fields)
{
    return http_reply(200, "application/json", body, fields);
}

} // namespace net_test
