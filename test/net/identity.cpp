// Whose token a client keeps where logins and renewals overlap.
#include <net/outcome.hpp>

#include <pks/client.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using pks::error_code;
using pks::secret;

// Below what the client waits for a reply, so that nothing passes by what it does after that.
constexpr std::chrono::seconds limit(5);

// A UAA on loopback whose answers the test gives, in whatever order.
class scripted_uaa
{
public:
    explicit scripted_uaa(asio::io_context& context)
        : context_(context), work_(context.get_executor()), acceptor_(context, {asio::ip::address_v4::loopback(), 0})
    {}

    pks::client client(pks::credentials login)
    {
        auto const here = pks::endpoint::parse(
            "http://localhost", acceptor_.local_endpoint().port(), pks::allow_plain_http_on_loopback);
        pks::client_options options("pks.example", pks::skip_verification);
        options.api = here.value();
        options.uaa = here.value();
        options.login = std::move(login);
        return pks::client(context_.get_executor(), options);
    }

    // The connection that a request has come over.
    tcp::socket asked()
    {
        std::optional<tcp::socket> out;
        std::string head;
        bool whole = false;
        acceptor_.async_accept([&](error_code ec, tcp::socket socket) {
            BOOST_REQUIRE(!ec);
            out.emplace(std::move(socket));
            asio::async_read_until(*out, asio::dynamic_buffer(head), "\r\n\r\n", [&](error_code e, std::size_t) {
                BOOST_REQUIRE(!e);
                whole = true;
            });
        });
        BOOST_REQUIRE(net_test::run_until(context_, [&whole] { return whole; }, limit));
        return std::move(*out);
    }

    // The connection ends with it: the next request comes over another one.
    static void answer(tcp::socket& to, std::string_view token, std::string_view lifetime)
    {
        auto const body =
            R"({"access_token":")" + std::string(token) + R"(","token_type":"bearer")" + std::string(lifetime) + "}";
        asio::write(to,
            asio::buffer("HTTP/1.1 200 \r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body));
    }

private:
    asio::io_context& context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    tcp::acceptor acceptor_;
};

class outcome
{
public:
    auto handler()
    {
        return [this](error_code ec, pks::access_token token) {
            error = ec;
            text = token.value().reveal();
        };
    }

    std::optional<error_code> error;
    std::string text;
};

void run_until(asio::io_context& context, outcome const& o)
{
    BOOST_REQUIRE(net_test::run_until(context, [&o] { return o.error.has_value(); }, limit));
}

std::string cached(pks::client const& c)
{
    auto const token = c.cached_token();
    return token ? std::string(token->value().reveal()) : "none";
}

pks::credentials const old_identity = pks::client_credentials("old", secret("s"));
pks::credentials const new_identity = pks::client_credentials("new", secret("s"));

BOOST_AUTO_TEST_SUITE(net_identity)

BOOST_AUTO_TEST_CASE(a_token_that_comes_after_another_login_is_delivered_and_not_kept)
{
    asio::io_context context;
    scripted_uaa uaa(context);
    auto api = uaa.client(old_identity);

    outcome late, login;
    api.async_get_token(late.handler());
    auto first = uaa.asked();
    api.async_login(new_identity, login.handler());
    auto second = uaa.asked();
    uaa.answer(second, "of-the-new", R"(,"expires_in":600)");
    run_until(context, login);
    BOOST_TEST(cached(api) == "of-the-new");

    uaa.answer(first, "of-the-old", R"(,"expires_in":600)");
    run_until(context, late);
    BOOST_TEST(*late.error == error_code());
    BOOST_TEST(late.text == "of-the-old");
    BOOST_TEST(cached(api) == "of-the-new");
}

BOOST_AUTO_TEST_CASE(a_login_without_a_lifetime_leaves_no_token_of_the_identity_before)
{
    asio::io_context context;
    scripted_uaa uaa(context);
    auto api = uaa.client(old_identity);

    outcome before, login;
    api.async_get_token(before.handler());
    auto first = uaa.asked();
    uaa.answer(first, "of-the-old", R"(,"expires_in":600)");
    run_until(context, before);
    BOOST_TEST(cached(api) == "of-the-old");

    api.async_login(new_identity, login.handler());
    auto second = uaa.asked();
    uaa.answer(second, "of-the-new", "");
    run_until(context, login);
    BOOST_TEST(*login.error == error_code());
    BOOST_TEST(login.text == "of-the-new");
    BOOST_TEST(cached(api) == "none");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
