// guard.hpp: from a request to whoever sent it, or to the reply. Threat O13.
#include <net/scripted_uaa.hpp>
#include <net/validation.hpp>

#include <pks/guard.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using net_test::all_of;
using net_test::json_reply;
using net_test::mint;
using pks::error_code;

struct fixture : net_test::validation
{
    fixture() : uaa(ctx)
    {
        uaa.reply(json_reply(mint::key_set({1})));
    }

    pks::guard guard()
    {
        return pks::guard(pks::validator(ctx.get_executor(), options(uaa.endpoint())), "clusters");
    }

    pks::authorization authorize(
        pks::guard g, http::request<http::string_body> const& request, pks::policy::scope_requirement scopes = {})
    {
        std::optional<pks::authorization> out;
        error_code ec;
        g.async_authorize(request, std::move(scopes), [&](error_code e, pks::authorization a) {
            ec = e;
            out = std::move(a);
        });
        BOOST_TEST(!out);
        ctx.restart();
        while (!out && ctx.run_one() != 0) {}
        BOOST_REQUIRE(!!out);
        BOOST_TEST(!ec);
        return *out;
    }

    http::request<http::string_body> request(std::string_view token = {})
    {
        http::request<http::string_body> out(http::verb::get, "/v1/clusters", 11);
        if (!token.empty())
            out.set(http::field::authorization, "Bearer " + std::string(token));
        return out;
    }

    net_test::scripted_uaa uaa;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(net_guard, fixture)

BOOST_AUTO_TEST_CASE(lets_a_good_token_through)
{
    auto g = guard();
    for (int i = 0; i < 2; ++i) {
        auto const a = authorize(g, request(coin.token()), all_of({"pks.clusters.manage"}));
        BOOST_REQUIRE(!!a);
        BOOST_TEST(!a.reason());
        BOOST_TEST(a.who().has_scope("pks.clusters.manage"));
    }
    BOOST_TEST(uaa.requests() == 1u);
}

BOOST_AUTO_TEST_CASE(says_the_whole_reply)
{
    auto const a = authorize(guard(), request());
    BOOST_TEST(!a);
    BOOST_TEST((a.reason() == pks::condition::unauthorized));
    std::ostringstream text;
    text << a.reply();
    BOOST_TEST(text.str() ==
        "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
        "WWW-Authenticate: Bearer realm=\"clusters\"\r\nContent-Length: 138\r\n\r\n" +
            a.refusal().body);
    auto const old = a.reply(10, false);
    BOOST_TEST(old.version() == 10u);
    BOOST_TEST(!old.keep_alive());
    BOOST_TEST(uaa.requests() == 0u);
}

BOOST_AUTO_TEST_CASE(refuses_by_the_rules_of_rfc_6750)
{
    auto g = guard();
    auto const good = coin.token();

    auto twice = request(good);
    twice.insert(http::field::authorization, "Bearer " + good);
    auto in_target = request(good);
    in_target.target("/v1/clusters?access_token=" + good);
    auto in_form = request();
    in_form.set(http::field::content_type, "Application/X-www-form-urlencoded ; charset=utf-8");
    in_form.body() = "access_token=" + good;
    for (auto const& r : {twice, in_target, in_form, request("no, token")}) {
        auto const a = authorize(g, r);
        BOOST_TEST(!a);
        auto const reply = a.reply();
        BOOST_TEST(reply.result_int() == 400u);
        BOOST_TEST(reply[http::field::www_authenticate].find("error=\"invalid_request\"") != std::string::npos);
    }
    // The same octets are no form where they are not said to be one.
    in_form.set(http::field::content_type, "text/plain");
    BOOST_TEST(authorize(g, in_form).reply().result_int() == 401u);
    BOOST_TEST(uaa.requests() == 0u);

    auto const weak = authorize(g, request(good), all_of({"pks.clusters.admin"}));
    BOOST_TEST(weak.reply().result_int() == 403u);
    BOOST_TEST(weak.reply()[http::field::www_authenticate].find("error=\"insufficient_scope\"") != std::string::npos);
    BOOST_TEST(weak.reply()[http::field::www_authenticate].find("scope=\"pks.clusters.admin\"") != std::string::npos);
    BOOST_TEST((weak.reason() == pks::condition::forbidden));

    auto const bad = authorize(g, request(coin.forged("key-1")));
    BOOST_TEST(bad.reply().result_int() == 401u);
    BOOST_TEST(bad.reply()[http::field::www_authenticate].find("error=\"invalid_token\"") != std::string::npos);
    BOOST_TEST((bad.reason() == pks::jose_errc::bad_signature));
}

// What a token holds never reaches a field of the reply, be it as hostile as it likes.
BOOST_AUTO_TEST_CASE(nothing_of_the_token_is_in_the_reply)
{
    auto g = guard();
    auto claims = coin.claims();
    claims["iss"] = "x\" \r\nX-Evil: 1";
    auto const a = authorize(g, request(coin.token(claims)));
    BOOST_TEST(!a);
    std::ostringstream text;
    text << a.reply();
    BOOST_TEST(text.str().find("Evil") == std::string::npos);

    auto other = coin.claims();
    other["iss"] = "https://evil.example";
    other["scope"] = boost::json::array{"evil.scope"};
    std::ostringstream second;
    second << authorize(g, request(coin.token(other))).reply();
    BOOST_TEST(second.str().find("evil") == std::string::npos);
    BOOST_TEST(second.str().starts_with("HTTP/1.1 401 "));
}

BOOST_AUTO_TEST_CASE(a_uaa_that_cannot_be_asked_is_503)
{
    uaa.reply(net_test::http_reply(500, "text/html", "<html>"));
    auto const a = authorize(guard(), request(coin.token()));
    BOOST_TEST(!a);
    BOOST_TEST(a.reply().result_int() == 503u);
    BOOST_TEST(a.reply().count(http::field::www_authenticate) == 0u);
    BOOST_TEST((a.reason() == pks::token_errc::keys_unavailable));
}

BOOST_AUTO_TEST_CASE(the_request_need_not_stay)
{
    auto g = guard();
    std::optional<pks::authorization> out;
    {
        http::request<http::empty_body> gone(http::verb::get, "/", 11);
        gone.set(http::field::authorization, "Bearer " + coin.token());
        g.async_authorize(gone, [&](error_code, pks::authorization a) { out = std::move(a); });
    }
    ctx.restart();
    while (!out && ctx.run_one() != 0) {}
    BOOST_REQUIRE(!!out);
    BOOST_TEST(!!*out);
}

BOOST_AUTO_TEST_CASE(completes_on_the_handlers_executor_and_can_be_cancelled)
{
    auto g = guard();
    auto strand = asio::make_strand(ctx);
    int called = 0;
    for (auto const& r : {request(coin.token()), request()}) {
        g.async_authorize(r, asio::bind_executor(strand, [&](error_code, pks::authorization) {
            BOOST_TEST(strand.running_in_this_thread());
            ++called;
        }));
    }
    ctx.restart();
    while (called != 2 && ctx.run_one() != 0) {}
    BOOST_TEST(called == 2);

    auto other = guard();
    uaa.hold();
    asio::cancellation_signal signal;
    std::optional<error_code> ended;
    other.async_authorize(
        request(coin.token()), asio::bind_cancellation_slot(signal.slot(), [&](error_code ec, pks::authorization a) {
            BOOST_TEST(!a);
            ended = ec;
        }));
    ctx.restart();
    ctx.poll();
    signal.emit(asio::cancellation_type::terminal);
    while (!ended && ctx.run_one() != 0) {}
    BOOST_REQUIRE(!!ended);
    BOOST_TEST(*ended == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(refuses_a_realm_that_is_no_quoted_text)
{
    pks::validator const v(ctx.get_executor(), options(uaa.endpoint()));
    for (auto const* const realm : {"a\"b", "a\\b", "a\r\nb", "caf\xc3\xa9"})
        BOOST_CHECK_EXCEPTION(pks::guard(v, realm), boost::system::system_error,
            [](auto const& e) { return e.code() == pks::errc::forbidden_character; });
    BOOST_CHECK_NO_THROW(pks::guard(v, ""));
}

BOOST_AUTO_TEST_SUITE_END()
