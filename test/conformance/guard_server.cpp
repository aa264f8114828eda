// The guard behind an HTTP server: threat O13 as a client sees it, against an embedded control plane.
#include "runner/guard_server.hpp"
#include "runner/no_more_descriptors.hpp"

#include <pks/client.hpp>
#include <pks/guard.hpp>
#include <pks/testing/control_plane.hpp>
#include <pks/validator.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

// A plane and a server for those who may list clusters; both are served by a thread.
class installation
{
public:
    installation() : plane_(context_.get_executor())
    {
        pks::validator_options how(plane_.uaa_url(), plane_.trust());
        how.rules.audiences = {"pks.clusters"};
        pks::policy::scope_requirement needed;
        needed.all = {"pks.clusters.manage"};
        server_.emplace(context_.get_executor(), 0,
            pks::guard(pks::validator(context_.get_executor(), std::move(how)), "clusters"), std::move(needed));
        thread_ = std::jthread([this] { context_.run(); });
    }
    ~installation()
    {
        asio::post(context_, [this] {
            server_->stop();
            plane_.stop();
        });
    }

    std::string token(pks::credentials with)
    {
        pks::client_options how(plane_.api_url(), plane_.trust());
        how.uaa = plane_.uaa();
        how.login = std::move(with);
        return std::string(
            pks::client(context_.get_executor(), how).async_get_token(asio::use_future).get().value().reveal());
    }

    void stop_plane()
    {
        plane_.stop();
    }

    http::response<http::string_body> send(std::string_view octets)
    {
        asio::io_context own;
        tcp::socket socket(own);
        socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), server_->port()));
        asio::write(socket, asio::buffer(octets));
        boost::beast::flat_buffer buffer;
        http::response<http::string_body> out;
        http::read(socket, buffer, out);
        return out;
    }

    http::response<http::string_body> get(std::string_view fields, std::string_view target = "/anything")
    {
        return send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n");
    }

private:
    asio::io_context context_{1};
    pks::testing::control_plane plane_;
    std::optional<conform::guard_server> server_;
    std::jthread thread_;
};

std::string bearer(std::string_view token)
{
    return "Authorization: Bearer " + std::string(token) + "\r\n";
}

std::string challenge(http::response<http::string_body> const& from)
{
    return std::string(from[http::field::www_authenticate]);
}

pks::credentials alana()
{
    return pks::password_credentials("alana", pks::secret("alana-password"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(guard_server)

BOOST_AUTO_TEST_CASE(o13_who_is_let_through_and_who_is_not)
{
    installation all;
    auto const token = all.token(alana());

    auto const good = all.get(bearer(token));
    BOOST_TEST(good.result_int() == 200u);
    auto const said = boost::json::parse(good.body()).as_object();
    BOOST_TEST(said.at("name").as_string() == "alana");
    BOOST_TEST(said.at("client_id").as_string() == "pks_cli");
    BOOST_TEST(said.at("scope").as_array().size() == 1u);

    auto const none = all.get("");
    BOOST_TEST(none.result_int() == 401u);
    BOOST_TEST(challenge(none) == "Bearer realm=\"clusters\"");
    auto const basic = all.get("Authorization: Basic YTpi\r\n");
    BOOST_TEST(basic.result_int() == 401u);
    BOOST_TEST(challenge(basic) == "Bearer realm=\"clusters\"");

    auto const bad = all.get(bearer(token.substr(0, token.size() - 8) + "AAAAAAAA"));
    BOOST_TEST(bad.result_int() == 401u);
    BOOST_TEST(challenge(bad).starts_with("Bearer realm=\"clusters\", error=\"invalid_token\""), challenge(bad));

    auto admin = pks::client_credentials("automated-client", pks::secret("automated-secret"));
    admin.scope({"pks.clusters.admin"});
    auto const lacks = all.get(bearer(all.token(admin)));
    BOOST_TEST(lacks.result_int() == 403u);
    BOOST_TEST(challenge(lacks).starts_with("Bearer realm=\"clusters\", error=\"insufficient_scope\""));
    BOOST_TEST(challenge(lacks).ends_with("scope=\"pks.clusters.manage\""), challenge(lacks));

    auto const asks_wrongly = {all.get(bearer(token) + bearer(token)), all.get(bearer(token), "/?access_token=x"),
        all.get("Authorization: Bearer\r\n"),
        all.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                 "Content-Length: 14\r\n\r\naccess_token=x")};
    for (auto const& reply : asks_wrongly) {
        BOOST_TEST(reply.result_int() == 400u);
        BOOST_TEST(challenge(reply).starts_with("Bearer realm=\"clusters\", error=\"invalid_request\""));
        BOOST_TEST(reply.body().find(token) == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(without_keys_nothing_is_said_of_a_token)
{
    installation all;
    auto const token = all.token(alana());
    all.stop_plane();
    auto const reply = all.get(bearer(token));
    BOOST_TEST(reply.result_int() == 503u);
    BOOST_TEST(challenge(reply) == "");
    BOOST_TEST(all.get("").result_int() == 401u);
}

BOOST_AUTO_TEST_CASE(what_is_no_http_gets_400_and_the_end)
{
    installation all;
    auto const reply = all.send("NOT HTTP\r\n\r\n");
    BOOST_TEST(reply.result_int() == 400u);
    BOOST_TEST(!reply.keep_alive());
    auto const large = all.get("X: " + std::string(20'000, 'x') + "\r\n");
    BOOST_TEST(large.result_int() == 413u);
    BOOST_TEST(!large.keep_alive());
}

BOOST_AUTO_TEST_CASE(without_descriptors_it_waits_and_does_not_spin)
{
    asio::io_context context;
    pks::testing::control_plane plane(context.get_executor());
    pks::validator_options how(plane.uaa_url(), plane.trust());
    how.rules.audiences = {"pks.clusters"};
    conform::guard_server server(
        context.get_executor(), 0, pks::guard(pks::validator(context.get_executor(), std::move(how)), "clusters"));
    asio::io_context own;
    tcp::socket socket(own);
    socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), server.port()));
    asio::write(socket, asio::buffer(std::string_view("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")));
    {
        conform::no_more_descriptors const none;
        int handlers = 0;
        while (handlers != 1000 && context.poll_one() != 0)
            ++handlers;
        BOOST_TEST(handlers > 0);
        BOOST_TEST(handlers < 1000);
        BOOST_TEST(socket.available() == 0u);
    }
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (socket.available() == 0 && std::chrono::steady_clock::now() < limit)
        context.run_one_until(limit);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> reply;
    http::read(socket, buffer, reply);
    BOOST_TEST(reply.result_int() == 401u);
}

BOOST_AUTO_TEST_SUITE_END()
