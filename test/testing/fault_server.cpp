// testing/fault_server.hpp: the octets that clients get, and what is counted.
#include <pks/testing/fault_server.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using pks::error_code;
using pks::testing::connection_fault;
using pks::testing::fault_end;
using pks::testing::fault_script;
using pks::testing::fault_server;
using pks::testing::fault_server_options;
using pks::testing::reply;
using pks::testing::request;
using pks::testing::request_fault;
using namespace std::chrono_literals;

constexpr std::string_view get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view good = "HTTP/1.1 200 \r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

fault_server_options plain()
{
    fault_server_options out;
    out.secure = false;
    return out;
}

/// A server, and a client that writes what it likes.
struct fixture
{
    explicit fixture(fault_server_options options = plain())
        : server(ctx.get_executor(), std::move(options)), socket(ctx)
    {}

    template <class Done>
    void run_until(Done done)
    {
        auto const end = std::chrono::steady_clock::now() + 10s;
        ctx.restart();
        while (!done() && std::chrono::steady_clock::now() < end)
            ctx.run_one_for(10ms);
        BOOST_REQUIRE(done());
    }

    error_code connect()
    {
        bool ended = false;
        error_code out;
        socket = tcp::socket(ctx);
        auto note = [&](error_code ec) {
            out = ec;
            ended = true;
        };
        socket.async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), server.port()), note);
        run_until([&] { return ended; });
        return out;
    }

    void write(std::string_view octets)
    {
        asio::write(socket, asio::buffer(octets));
    }

    /// Everything up to the end, or `size` octets.
    std::string read(error_code& end, std::size_t size = std::string::npos)
    {
        std::string out;
        std::array<char, 1024> piece;
        end = {};
        while (!end && out.size() < size) {
            bool ended = false;
            auto note = [&](error_code ec, std::size_t n) {
                out.append(piece.data(), n);
                end = ec;
                ended = true;
            };
            socket.async_read_some(asio::buffer(piece), note);
            run_until([&] { return ended; });
        }
        return out;
    }

    /// What a new connection gets for this request, and its end.
    std::string ask(std::string_view octets, error_code& end, std::size_t size = std::string::npos)
    {
        BOOST_REQUIRE(!connect());
        write(octets);
        return read(end, size);
    }

    asio::io_context ctx;
    fault_server server;
    tcp::socket socket;
};

} // namespace

BOOST_AUTO_TEST_SUITE(testing_fault_server)

BOOST_AUTO_TEST_CASE(answers_where_the_script_is_used_up)
{
    fixture f;
    error_code end;
    BOOST_TEST(f.ask(get, end, good.size()) == good);
    // The connection stays open, and a body is read to its end.
    f.write("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab");
    f.run_until([&] { return f.server.count("POST /b").requests == 1U; });
    BOOST_TEST(f.server.count("POST /b").effects == 0U);
    f.write("c");
    BOOST_TEST(f.read(end, good.size()) == good);
    BOOST_TEST(f.server.count("POST /b").effects == 1U);
    BOOST_TEST(f.server.count("GET /a").effects == 1U);
    BOOST_TEST(f.server.count("GET /c").requests == 0U);
    BOOST_TEST(f.server.count().requests == 2U);
    BOOST_TEST(f.server.connections().accepted == 1U);
    BOOST_TEST(f.server.connections().open == 1U);
    f.socket.close();
    f.run_until([&] { return f.server.connections().open == 0; });
}

BOOST_AUTO_TEST_CASE(instructions_are_those_of_a_tag)
{
    fixture f;
    fault_script script;
    script.on_request("one", request_fault::status(503, "no", {{"Content-Type", "text/plain"}}));
    script.on_request("one", request_fault::status(429, R"({"a":1})", {{"Retry-After", "1"}}));
    script.on_request("GET /a", request_fault::octets("what?"));
    f.server.play(std::move(script));
    error_code end;
    auto const tagged = "GET /a HTTP/1.1\r\nx-fault-tag: one\r\n\r\n";
    std::string_view const first = "HTTP/1.1 503 \r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno";
    std::string_view const second =
        "HTTP/1.1 429 \r\nRetry-After: 1\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
    BOOST_TEST(f.ask(tagged, end, first.size()) == first);
    BOOST_TEST(f.ask(get, end, 5) == "what?");
    BOOST_TEST(f.ask(tagged, end, second.size()) == second);
    BOOST_TEST(f.ask(tagged, end, good.size()) == good);
    BOOST_TEST(f.server.count("one").requests == 3U);
    BOOST_TEST(f.server.count("one").effects == 1U);
    BOOST_TEST(f.server.count("GET /a").requests == 1U);
    BOOST_TEST(f.server.count("GET /a").effects == 0U);
}

BOOST_AUTO_TEST_CASE(effects_are_counted_where_they_happen)
{
    fault_server_options options = plain();
    int executed = 0;
    options.answers = [&executed](request const& r) {
        ++executed;
        reply out;
        out.status = r.method == "DELETE" ? 404 : 204;
        return out;
    };
    fixture f(std::move(options));
    fault_script script;
    script.on_request("GET /a", request_fault::silence(fault_end::cut).executed(true));
    script.on_request("GET /a", request_fault::silence(fault_end::cut));
    script.on_request("GET /a", request_fault::status(500).executed(true).then(fault_end::cut));
    f.server.play(std::move(script));
    error_code end;
    BOOST_TEST(f.ask(get, end).empty());
    BOOST_TEST(executed == 1);
    BOOST_TEST(f.server.count("GET /a").effects == 1U);
    BOOST_TEST(f.ask(get, end).empty());
    BOOST_TEST(executed == 1);
    BOOST_TEST(f.ask(get, end) == "HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n");
    BOOST_TEST(f.server.count("GET /a").effects == 2U);
    // What was refused has no effect.
    std::string_view const absent = "HTTP/1.1 404 \r\n\r\n";
    BOOST_TEST(f.ask("DELETE /a HTTP/1.1\r\n\r\n", end, absent.size()) == absent);
    BOOST_TEST(executed == 3);
    BOOST_TEST(f.server.count("DELETE /a").requests == 1U);
    BOOST_TEST(f.server.count("DELETE /a").effects == 0U);
}

BOOST_AUTO_TEST_CASE(a_reply_stops_where_it_is_told)
{
    fixture f;
    auto const gets = [&f](request_fault const& fault, error_code& end) {
        f.server.play(fault_script().on_request("GET /a", fault));
        return f.ask(get, end);
    };
    error_code end;
    for (std::size_t n = 0; n != good.size(); ++n) {
        BOOST_TEST(gets(request_fault().stop_after(n, fault_end::cut), end) == good.substr(0, n));
        BOOST_TEST(end == asio::error::eof);
        BOOST_TEST(gets(request_fault().stop_short_of(good.size() - n, fault_end::close), end) == good.substr(0, n));
        BOOST_TEST(end == asio::error::eof);
    }
    gets(request_fault().stop_after(3, fault_end::reset), end);
    BOOST_TEST(end == asio::error::connection_reset);
    BOOST_TEST(gets(request_fault().extra("more").then(fault_end::cut), end) == std::string(good) + "more");
    BOOST_TEST(f.server.count("GET /a").effects == 2 * good.size() + 2);
}

BOOST_AUTO_TEST_CASE(a_reply_takes_its_time)
{
    fixture f;
    f.server.play(fault_script().on_request(
        "GET /a", request_fault().wait(20ms).drip(good.size() / 4, 10ms).then(fault_end::close)));
    error_code end;
    auto const began = std::chrono::steady_clock::now();
    BOOST_TEST(f.ask(get, end) == good);
    // Four pauses at least: one ahead, and then between the pieces.
    BOOST_TEST((std::chrono::steady_clock::now() - began >= 50ms));
}

BOOST_AUTO_TEST_CASE(connections_are_refused_ignored_and_accepted_again)
{
    fixture f;
    auto const port = f.server.port();
    f.server.refuse();
    BOOST_TEST(f.connect() == asio::error::connection_refused);
    f.server.listen();
    BOOST_TEST(f.server.port() == port);
    BOOST_TEST(!f.connect());
    f.server.blackhole();
    bool ended = false;
    tcp::socket ignored(f.ctx);
    ignored.async_connect(
        tcp::endpoint(asio::ip::address_v4::loopback(), port), [&ended](error_code) { ended = true; });
    f.ctx.restart();
    f.ctx.run_for(50ms);
    BOOST_TEST(!ended);
    f.server.listen();
    error_code end;
    BOOST_TEST(f.ask(get, end, good.size()) == good);
}

BOOST_AUTO_TEST_CASE(connections_end_as_they_are_told)
{
    fixture f;
    fault_script script;
    script.on_connection(connection_fault::on_accept(fault_end::reset));
    script.on_connection(connection_fault::on_accept(fault_end::cut).sending("hello"));
    script.on_connection(connection_fault::in_request(5, fault_end::cut));
    script.on_connection(connection_fault());
    f.server.play(std::move(script));
    error_code end;
    BOOST_REQUIRE(!f.connect());
    f.read(end);
    BOOST_TEST(end == asio::error::connection_reset);
    BOOST_REQUIRE(!f.connect());
    BOOST_TEST(f.read(end) == "hello");
    BOOST_TEST(end == asio::error::eof);
    // Not before the fifth octet.
    BOOST_REQUIRE(!f.connect());
    f.write("GET ");
    f.ctx.restart();
    f.ctx.poll();
    error_code ec;
    f.socket.non_blocking(true);
    char octet;
    f.socket.read_some(asio::buffer(&octet, 1), ec);
    BOOST_TEST(ec == asio::error::would_block);
    f.write("/");
    BOOST_TEST(f.read(end).empty());
    BOOST_TEST(end == asio::error::eof);
    BOOST_TEST(f.server.count().requests == 0U);
    // The two that are open and idle.
    for (auto const how : {fault_end::cut, fault_end::reset}) {
        BOOST_TEST(f.ask(get, end, good.size()) == good);
        f.server.end_connections(how);
        f.read(end);
        BOOST_TEST(end == (how == fault_end::cut ? error_code(asio::error::eof) : asio::error::connection_reset));
    }
}

BOOST_AUTO_TEST_CASE(a_handshake_stops_at_each_record)
{
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        fault_server_options options;
        options.tls_version = version;
        fixture f(std::move(options));
        asio::ssl::context trusting(asio::ssl::context::tls_client);
        auto const shake_hands = [&](std::string& got) {
            BOOST_REQUIRE(!f.connect());
            asio::ssl::stream<tcp::socket&> tls(f.socket, trusting);
            error_code out;
            bool ended = false;
            auto note = [&](error_code ec) {
                out = ec;
                ended = true;
            };
            tls.async_handshake(asio::ssl::stream_base::client, note);
            f.run_until([&] { return ended; });
            if (out)
                return out;
            asio::write(tls, asio::buffer(get));
            std::array<char, 1024> piece;
            while (!out) {
                ended = false;
                auto read = [&](error_code ec, std::size_t n) {
                    got.append(piece.data(), n);
                    out = ec;
                    ended = true;
                };
                tls.async_read_some(asio::buffer(piece), read);
                f.run_until([&] { return ended; });
            }
            return out;
        };
        std::string got;
        std::size_t const records = version == TLS1_3_VERSION ? 6 : 7;
        for (std::size_t n = 0; n != records; ++n) {
            f.server.play(fault_script().on_connection(connection_fault::in_handshake(n, fault_end::reset)));
            BOOST_TEST(shake_hands(got) == asio::error::connection_reset);
        }
        BOOST_TEST(f.server.connections().handshakes == 0U);
        auto alert = connection_fault::in_handshake(0, fault_end::cut);
        f.server.play(fault_script().on_connection(alert.sending(connection_fault::alert(40))));
        auto const refused = shake_hands(got);
        BOOST_TEST((refused.category() == asio::error::get_ssl_category()));
        // With and without close_notify.
        f.server.play(fault_script()
                .on_request("GET /a", request_fault().then(fault_end::close))
                .on_request("GET /a", request_fault().then(fault_end::cut)));
        BOOST_TEST(shake_hands(got) == asio::error::eof);
        BOOST_TEST(got == good);
        BOOST_TEST(shake_hands(got) == asio::ssl::error::stream_truncated);
        BOOST_TEST(f.server.connections().handshakes == 2U);
    }
}

BOOST_AUTO_TEST_SUITE_END()
