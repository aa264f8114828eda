// bench_load_beast: a GET over kept connections as one would write it with Beast by hand, without deadlines, retries, a pool
// or a token: what the client's own work comes on top of.
#include "schedule.hpp"
#include "serve_load.hpp"
#include "worker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/system/system_error.hpp>
#include <boost/version.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

class connection final : public bench::worker
{
public:
    connection(asio::io_context& context, asio::ssl::context& tls, bench::schedule& plan, std::uint16_t port)
        : worker(context.get_executor(), plan), stream_(context, tls)
    {
        stream_.next_layer().connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
        stream_.next_layer().set_option(tcp::no_delay(true));
        stream_.handshake(asio::ssl::stream_base::client);
        request_.version(11);
        request_.method(http::verb::get);
        request_.target("/v1/clusters");
        request_.set(http::field::host, "127.0.0.1:" + std::to_string(port));
        request_.set(http::field::authorization, "bearer " + std::string(1258, 'a'));
        request_.set(http::field::accept, "application/json");
    }

private:
    void start() override
    {
        http::async_write(stream_, request_, [this](error_code ec, std::size_t) {
            if (ec)
                throw boost::system::system_error(ec);
            read();
        });
    }

    void read()
    {
        response_ = {};
        http::async_read(stream_, buffer_, response_, [this](error_code ec, std::size_t) {
            if (ec)
                throw boost::system::system_error(ec);
            done(response_.result() == http::status::ok && !response_.body().empty());
        });
    }

    asio::ssl::stream<tcp::socket> stream_;
    http::request<http::empty_body> request_;
    http::response<http::string_body> response_;
    boost::beast::flat_buffer buffer_;
};

boost::json::object run(bench::load const& what, std::string const& ca_file)
{
    asio::io_context context(1);
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.set_verify_mode(asio::ssl::verify_peer);
    tls.load_verify_file(ca_file);
    bench::schedule plan(what.rate, what.seconds);
    std::vector<std::unique_ptr<connection>> all;
    for (std::size_t i = 0; i != what.connections; ++i)
        all.push_back(std::make_unique<connection>(context, tls, plan, what.port));
    for (auto const& one : all)
        one->next();
    context.run();
    return plan.results();
}

} // namespace

int main(int argc, char** argv)
{
    std::vector<std::string> const arguments(argv + 1, argv + argc);
    if (arguments.size() == 2 && arguments[0] == "serve")
        try {
            return bench::serve_load({"beast"},
                std::to_string(BOOST_VERSION / 100000) + "." + std::to_string(BOOST_VERSION / 100 % 1000), {"get"},
                [&](bench::load const& what) { return run(what, arguments[1]); });
        } catch (std::exception const& failure) {
            std::cerr << "bench_load_beast: " << failure.what() << '\n';
            return 3;
        }
    std::cerr << "usage: bench_load_beast serve CA_FILE\n\n"
                 "serve answers lines `beast get PORT CONNECTIONS RATE SECONDS`.\n";
    return 2;
}
