// Bodies of running_uaa.hpp.
#include "running_uaa.hpp"

#include <pks/endpoint.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/err.h>

#include <fstream>
#include <iterator>

namespace testing_recorded {

namespace asio = boost::asio;
namespace http = boost::beast::http;

running_uaa::running_uaa(pks::testing::uaa_generation generation)
    : work_(asio::make_work_guard(context_)),
      clock_(std::make_shared<pks::testing::manual_clock>()),
      tls_(asio::ssl::context::tls_client)
{
    pks::testing::control_plane_options options;
    options.generation = generation;
    options.clock = clock_;
    plane_.emplace(context_.get_executor(), options);
    // As the real one: key-1 signs, and another key is published besides.
    plane_->with_uaa([this](pks::testing::uaa_server& uaa) {
        uaa.publish_key(pks::testing::signing_key::generate("key-0"), clock_->now());
    });
    url_ = plane_->uaa_url();
    ca_ = plane_->ca_pem();
    run();
}

running_uaa::running_uaa(std::string url, std::string const& ca_file)
    : work_(asio::make_work_guard(context_)), url_(std::move(url)), tls_(asio::ssl::context::tls_client)
{
    std::ifstream in(ca_file);
    BOOST_REQUIRE_MESSAGE(in, "cannot read " << ca_file);
    ca_.assign((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    run();
}

running_uaa::~running_uaa()
{
    if (plane_)
        plane_->stop();
    work_.reset();
}

void running_uaa::run()
{
    tls_.add_certificate_authority(asio::buffer(ca_));
    tls_.set_verify_mode(asio::ssl::verify_peer);
    thread_ = std::jthread([this] { context_.run(); });
}

pks::trust running_uaa::trust() const
{
    return pks::trust::pem(ca_);
}

std::shared_ptr<pks::clock const> running_uaa::clock() const
{
    return clock_;
}

asio::any_io_executor running_uaa::executor()
{
    return context_.get_executor();
}

running_uaa::reply running_uaa::ask(
    std::string_view method, std::string const& target, std::string const& authorization, std::string const& form)
{
    pks::endpoint const at = pks::endpoint::uaa(url_);
    std::string const host(at.host());
    http::request<http::string_body> asked;
    asked.method_string(method);
    asked.target(target);
    asked.set(http::field::host, at.authority());
    asked.set(http::field::accept, "application/json");
    asked.set(http::field::connection, "close");
    if (!authorization.empty())
        asked.set(http::field::authorization, authorization);
    if (method == "POST")
        asked.set(http::field::content_type, "application/x-www-form-urlencoded");
    asked.body() = form;
    asked.prepare_payload();

    asio::io_context own;
    asio::ssl::stream<asio::ip::tcp::socket> stream(own, tls_);
    asio::connect(stream.next_layer(), asio::ip::tcp::resolver(own).resolve(host, std::to_string(at.port())));
    stream.set_verify_callback(asio::ssl::host_name_verification(host));
    stream.handshake(asio::ssl::stream_base::client);
    http::write(stream, asked);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> got;
    http::read(stream, buffer, got);
    return {static_cast<int>(got.result_int()), std::move(got.body())};
}

boost::json::object running_uaa::grant(std::string_view client, std::string_view secret, std::string const& form)
{
    auto const got = ask("POST", "/oauth/token", {},
        form + "&client_id=" + std::string(client) + "&client_secret=" + std::string(secret));
    BOOST_TEST_REQUIRE(got.status == 200, client << ", " << form << ": " << got.body);
    return boost::json::parse(got.body).as_object();
}

void running_uaa::let_pass(std::chrono::seconds time)
{
    if (clock_)
        clock_->advance(time);
    else
        std::this_thread::sleep_for(time);
}

} // namespace testing_recorded
