// Which servers are reached by a proxy, and how.
#include <net/installation.hpp>
#include <net/loopback_server.hpp>
#include <net/outcome.hpp>
#include <net/scripted_uaa.hpp>

#include <pks/client.hpp>
#include <pks/net/no_proxy.hpp>
#include <pks/net/proxy.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using net_test::finish;
using net_test::loopback_server;
using pks::error_code;
using pks::net::no_proxy;
using pks::net::proxy;
using namespace std::chrono_literals;

pks::endpoint to(std::string_view address)
{
    return pks::endpoint::parse(address, 443).value();
}

bool direct(std::string_view list, std::string_view address)
{
    return no_proxy(list).matches(to(address));
}

std::string address_of(proxy const& p, std::string_view server = "https://pks.example:9021")
{
    auto const* const found = p.for_server(to(server));
    return found ? found->host() + ' ' + std::to_string(found->port()) : "none";
}

error_code refusal(std::string_view url)
{
    try {
        proxy const refused(url);
    } catch (boost::system::system_error const& e) {
        return e.code();
    }
    return {};
}

asio::awaitable<void> relay(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> into)
{
    std::array<char, 4096> octets;
    error_code ec;
    while (!ec) {
        auto const n =
            co_await from->async_read_some(asio::buffer(octets), asio::redirect_error(asio::use_awaitable, ec));
        if (!ec)
            co_await asio::async_write(*into, asio::buffer(octets, n), asio::redirect_error(asio::use_awaitable, ec));
    }
    error_code ignored;
    into->shutdown(tcp::socket::shutdown_both, ignored);
}

// A proxy on loopback that knows one server, whatever name it is asked for.
class test_proxy
{
public:
    test_proxy(asio::io_context& ctx, std::uint16_t server) : state_(std::make_shared<state>(ctx, server))
    {
        asio::co_spawn(ctx, serve(state_), asio::detached);
    }
    ~test_proxy()
    {
        error_code ignored;
        state_->acceptor.close(ignored);
    }

    std::string url(std::string_view user = {}) const
    {
        return "http://" + std::string(user) + "127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
    }
    void answer(std::string octets)
    {
        state_->answer = std::move(octets);
    }
    std::string const& asked() const
    {
        return state_->asked;
    }
    std::size_t connections() const
    {
        return state_->connections;
    }

private:
    struct state
    {
        state(asio::io_context& ctx, std::uint16_t p)
            : acceptor(ctx, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), port(p)
        {}

        tcp::acceptor acceptor;
        std::uint16_t port;
        std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n";
        std::string asked;
        std::size_t connections = 0;
    };

    static asio::awaitable<void> serve(std::shared_ptr<state> s)
    {
        error_code ec;
        while (!ec) {
            auto socket = co_await s->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
            if (ec)
                co_return;
            ++s->connections;
            auto shared = std::make_shared<tcp::socket>(std::move(socket));
            asio::co_spawn(s->acceptor.get_executor(), talk(s, shared), asio::detached);
        }
    }

    static asio::awaitable<void> talk(std::shared_ptr<state> s, std::shared_ptr<tcp::socket> socket)
    {
        error_code ec;
        std::string head;
        co_await asio::async_read_until(
            *socket, asio::dynamic_buffer(head), "\r\n\r\n", asio::redirect_error(asio::use_awaitable, ec));
        s->asked = head;
        co_await asio::async_write(*socket, asio::buffer(s->answer), asio::redirect_error(asio::use_awaitable, ec));
        if (ec || (!s->answer.starts_with("HTTP/1.1 2") && !s->answer.starts_with("HTTP/1.0 2")))
            co_return;
        auto server = std::make_shared<tcp::socket>(s->acceptor.get_executor());
        co_await server->async_connect(
            tcp::endpoint(asio::ip::address_v4::loopback(), s->port), asio::redirect_error(asio::use_awaitable, ec));
        asio::co_spawn(s->acceptor.get_executor(), relay(server, socket), asio::detached);
        co_await relay(socket, server);
    }

    std::shared_ptr<state> state_;
};

// A UAA that calls itself by a name that nobody resolves.
struct fixture
{
    fixture()
        : server(ctx.get_executor(),
              {.does = loopback_server::manner::replying,
                  .tls = net_test::authority().issue({"pks.example"}, {}),
                  .reply = net_test::json_reply(R"({"app":{"version":"77.18.0"},"prompts":{}})")}),
          by(ctx, server.port())
    {}

    net_test::outcome<pks::target_info> target(proxy p)
    {
        pks::client_options options("pks.example", pks::trust::pem(net_test::authority().root_pem()));
        options.proxy = std::move(p);
        options.retry.max_attempts = 1;
        pks::client api(ctx.get_executor(), options);
        return finish<pks::target_info>(ctx, [&](auto const& then) { api.async_target(diag, then); });
    }

    asio::io_context ctx;
    loopback_server server;
    test_proxy by;
    pks::diagnostics diag;
};

} // namespace

BOOST_AUTO_TEST_SUITE(net_proxy)

BOOST_AUTO_TEST_CASE(names_and_their_suffixes)
{
    BOOST_TEST(!direct("", "pks.example"));
    BOOST_TEST(direct("*", "pks.example"));
    BOOST_TEST(direct("pks.example", "pks.example"));
    BOOST_TEST(direct("PKS.Example", "pks.example"));
    BOOST_TEST(direct("example", "pks.example"));
    BOOST_TEST(direct(".example", "pks.example"));
    BOOST_TEST(direct(".pks.example", "pks.example"));
    BOOST_TEST(direct("other, pks.example", "pks.example"));
    BOOST_TEST(direct("other,,\tpks.example ,", "pks.example"));
    for (auto const* const list :
        {"xample", "s.example", "api.pks.example", "pks", ".", "pks.example.", "*.example", "**"})
        BOOST_TEST(!direct(list, "pks.example"), list);
}

BOOST_AUTO_TEST_CASE(ports)
{
    BOOST_TEST(direct("pks.example:9021", "pks.example:9021"));
    BOOST_TEST(!direct("pks.example:8443", "pks.example:9021"));
    BOOST_TEST(direct("[2001:db8::1]:9021", "[2001:db8::1]:9021"));
    BOOST_TEST(!direct("[2001:db8::1]:8443", "[2001:db8::1]:9021"));
    BOOST_TEST(direct("10.1.2.3:9021", "10.1.2.3:9021"));
    for (auto const* const list : {"pks.example:", "pks.example:x", "pks.example:90210", "pks.example:9021:1"})
        BOOST_TEST(!direct(list, "pks.example:9021"), list);
}

BOOST_AUTO_TEST_CASE(addresses_and_networks)
{
    BOOST_TEST(direct("10.1.2.3", "10.1.2.3"));
    BOOST_TEST(!direct("10.1.2.3", "10.1.2.4"));
    BOOST_TEST(direct("10.0.0.0/8", "10.1.2.3"));
    BOOST_TEST(direct("10.1.2.0/23", "10.1.3.255"));
    BOOST_TEST(!direct("10.1.2.0/23", "10.1.4.0"));
    BOOST_TEST(direct("0.0.0.0/0", "10.1.2.3"));
    BOOST_TEST(!direct("0.0.0.0/0", "[2001:db8::1]"));
    BOOST_TEST(direct("10.1.2.3/32", "10.1.2.3"));
    BOOST_TEST(direct("2001:db8::/32", "[2001:db8::1]"));
    BOOST_TEST(direct("2001:0db8::1", "[2001:db8::1]"));
    BOOST_TEST(direct("[2001:db8::1]", "[2001:db8::1]"));
    BOOST_TEST(!direct("2001:db8::/33", "[2001:db8:8000::1]"));
    BOOST_TEST(direct("::/0", "[2001:db8::1]"));
    for (auto const* const list : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "/8", "2001:db8::/129"})
        BOOST_TEST(!direct(list, "10.1.2.3"), list);
    // A name is not looked up.
    BOOST_TEST(!direct("0.0.0.0/0,::/0", "pks.example"));
}

BOOST_AUTO_TEST_CASE(loopback_is_always_reached_directly)
{
    for (auto const* const here : {"localhost", "api.localhost", "127.0.0.1", "127.9.9.9", "[::1]"})
        BOOST_TEST(direct("", here), here);
    BOOST_TEST(!direct("", "localhost.example"));
    BOOST_TEST(!direct("", "128.0.0.1"));
}

BOOST_AUTO_TEST_CASE(what_a_proxy_may_be_called)
{
    BOOST_TEST(address_of(proxy()) == "none");
    BOOST_TEST(address_of(proxy("http://proxy.example:3128")) == "proxy.example 3128");
    BOOST_TEST(address_of(proxy("http://proxy.example:3128/")) == "proxy.example 3128");
    BOOST_TEST(address_of(proxy("proxy.example")) == "proxy.example 80");
    BOOST_TEST(address_of(proxy("[::1]:8080")) == "::1 8080");
    BOOST_TEST(address_of(proxy("proxy.example", "pks.example")) == "none");
    BOOST_TEST(address_of(proxy("proxy.example", "pks.example"), "https://other") == "proxy.example 80");
    auto const plain = pks::endpoint::parse("http://localhost", 80, pks::allow_plain_http_on_loopback).value();
    BOOST_TEST(proxy("proxy.example").for_server(plain) == nullptr);

    BOOST_TEST(proxy("proxy.example").authorization().empty());
    BOOST_TEST((proxy("http://user:pass@proxy.example").authorization().reveal() == "Basic dXNlcjpwYXNz"));
    BOOST_TEST((proxy("http://us%40er:p%3Ass@proxy.example").authorization().reveal() == "Basic dXNAZXI6cDpzcw=="));
    BOOST_TEST((proxy("http://user@proxy.example").authorization().reveal() == "Basic dXNlcjo="));

    for (auto const* const bad :
        {"https://proxy.example", "socks5://proxy.example", "", "http://", "proxy.example/path", "proxy.example:0",
            "proxy.example:x", "http://us%4@proxy.example", "http://us%zz@proxy.example"})
        BOOST_TEST(refusal(bad) == pks::errc::invalid_endpoint, bad);
    for (auto const* const bad :
        {"http://u%0d%0aser@proxy.example", "http://a%3ab:c@proxy.example", "proxy\r\n.example"})
        BOOST_TEST(refusal(bad) == pks::errc::forbidden_character, bad);
}

BOOST_AUTO_TEST_CASE(from_the_environment)
{
    auto set = [](char const* name, char const* value) { value ? ::setenv(name, value, 1) : ::unsetenv(name); };
    for (auto const* const name : {"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"})
        set(name, nullptr);
    BOOST_TEST(address_of(proxy::from_environment()) == "none");
    set("https_proxy", "http://lower.example:1");
    BOOST_TEST(address_of(proxy::from_environment()) == "lower.example 1");
    set("HTTPS_PROXY", "http://upper.example:2");
    BOOST_TEST(address_of(proxy::from_environment()) == "upper.example 2");
    set("NO_PROXY", "pks.example");
    BOOST_TEST(address_of(proxy::from_environment()) == "none");
    BOOST_TEST(address_of(proxy::from_environment(), "https://other") == "upper.example 2");
    for (auto const* const name : {"HTTPS_PROXY", "https_proxy", "NO_PROXY"})
        set(name, nullptr);
}

BOOST_FIXTURE_TEST_CASE(tls_goes_through_it, fixture)
{
    auto const seen = target(proxy(by.url("user:the-password@")));
    BOOST_TEST(!seen.ec);
    BOOST_TEST(seen.value.version == "77.18.0");
    BOOST_TEST(diag.endpoint == "pks.example:8443");
    BOOST_TEST(diag.attempts == 1);
    BOOST_TEST(by.asked() ==
        "CONNECT pks.example:8443 HTTP/1.1\r\nHost: pks.example:8443\r\n"
        "Proxy-Authorization: Basic dXNlcjp0aGUtcGFzc3dvcmQ=\r\n\r\n");
    BOOST_TEST(server.requests() == 1U);
    // The server's name is verified, not the proxy's.
    BOOST_TEST(server.last_request().find("the-password") == std::string::npos);
}

// RFC 9110, section 9.3.6: any 2xx switches to the tunnel, whatever becomes of other connections.
BOOST_FIXTURE_TEST_CASE(one_that_keeps_no_connections_keeps_tunnels, fixture)
{
    for (auto const* const answer : {"HTTP/1.0 200 Connection established\r\n\r\n",
             "HTTP/1.1 200 Connection established\r\nConnection: close\r\n\r\n",
             "HTTP/1.1 204 No Content\r\nProxy-Agent: x\r\n\r\n"}) {
        by.answer(answer);
        BOOST_TEST(target(proxy(by.url())).ec == error_code(), answer);
    }
    BOOST_TEST(server.requests() == 3U);
}

BOOST_FIXTURE_TEST_CASE(one_that_refuses_says_so, fixture)
{
    by.answer("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
    auto const seen = target(proxy(by.url("user:the-password@")));
    BOOST_TEST(seen.ec == pks::errc::proxy_refused);
    BOOST_TEST(diag.http_status == 407);
    BOOST_TEST(diag.detail.find("answered 407") != std::string::npos);
    BOOST_TEST(diag.message().find("the-password") == std::string::npos);
    BOOST_TEST(diag.message().find("dXNlcjp0aGUtcGFzc3dvcmQ") == std::string::npos);
    BOOST_TEST(server.connections() == 0U);
}

BOOST_FIXTURE_TEST_CASE(one_that_talks_on_is_not_believed, fixture)
{
    by.answer("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n");
    BOOST_TEST(target(proxy(by.url())).ec == pks::errc::proxy_refused);
    by.answer("SSH-2.0-x\r\n\r\n");
    BOOST_TEST(target(proxy(by.url())).ec == pks::errc::protocol_error);
    BOOST_TEST(server.requests() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
