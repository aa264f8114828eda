// Replies that are no answer, and answers that refuse: each its own error, nothing of them in a message that may be a
// secret, and the connection given up where it cannot be trusted any more.
#include <net/outcome.hpp>
#include <net/scripted_stream.hpp>
#include <net/stream_operations.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <openssl/err.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using net_test::direction;
using net_test::ending;
using net_test::scripted_stream;
using net_test::stream_operation;
using net_test::stream_operations;
using pks::api_errc;
using pks::errc;
using pks::error_code;
using pks::oauth_errc;

// Stands in every reply that cannot be read: a token reply with a fault in it is a secret still.
std::string const marker = "SECRET-OF-THE-REPLY";

stream_operation const& operation(std::string_view name)
{
    for (auto const& each : stream_operations())
        if (each.name == name)
            return each;
    throw std::logic_error(std::string(name));
}

std::string reply(
    std::string const& status, std::string const& media_type, std::string const& body, std::string const& fields = {})
{
    return "HTTP/1.1 " + status + "\r\n" + (media_type.empty() ? "" : "Content-Type: " + media_type + "\r\n") + fields +
        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string json(std::string const& body)
{
    return reply("200 ", "application/json", body);
}

// With the status that means success.
std::string json(stream_operation const& what, std::string const& body)
{
    return reply(std::to_string(what.status) + ' ', "application/json", body);
}

// What came of a reply, all at once and octet by octet, which must be the same.
ending outcome_of(stream_operation const& what, std::string const& text, pks::peer const& with = net_test::server())
{
    ending out;
    for (std::size_t const piece : {scripted_stream::whole, std::size_t(1)}) {
        if (piece == 1 && text.size() > 20000)
            continue;
        asio::io_context ctx;
        scripted_stream stream(ctx.get_executor());
        stream.replies(text, piece);
        auto const end = std::make_shared<ending>();
        net_test::start(what, stream, end, {}, with);
        ctx.poll();
        BOOST_TEST(end->completions == 1);
        BOOST_TEST(::ERR_peek_error() == 0UL);
        BOOST_TEST(stream.steps(direction::write) == 1U);
        BOOST_TEST(end->diag.attempts == 1);
        net_test::check_no_secret(*end);
        if (piece == 1) {
            BOOST_TEST(end->ec == out.ec);
            BOOST_TEST(end->diag.step == out.diag.step);
            BOOST_TEST(end->diag.detail == out.diag.detail);
            BOOST_TEST(end->diag.reusable == out.diag.reusable);
        }
        out = *end;
    }
    return out;
}

void check_unreadable(ending const& out, error_code expected, std::string const& detail)
{
    BOOST_TEST(out.ec == expected);
    BOOST_TEST((out.ec == pks::condition::bad_reply));
    BOOST_TEST(out.value.empty());
    BOOST_TEST(out.diag.step == pks::step::parse);
    BOOST_TEST(out.diag.detail == detail);
    BOOST_TEST(out.diag.error.empty());
    BOOST_TEST(out.diag.error_description.empty());
    BOOST_TEST(out.diag.body.empty());
    BOOST_TEST(net_test::all_texts(out).find(marker) == std::string::npos);
}

struct row
{
    std::string reply;
    error_code gives;
    std::string detail;
};

void check_rows(std::string const& name, std::vector<row> const& rows)
{
    for (auto const& r : rows)
        BOOST_TEST_CONTEXT(name << ": " << r.reply.substr(0, 300))
    check_unreadable(outcome_of(operation(name), r.reply), r.gives, r.detail);
}

} // namespace

BOOST_AUTO_TEST_SUITE(bad_replies)

// ---- 200, but no answer ----

BOOST_AUTO_TEST_CASE(what_is_not_json)
{
    std::string const page = "<html><body>" + marker + "</body></html>";
    for (auto const& each : stream_operations()) {
        if (!each.reads_json)
            continue;
        auto const status = std::to_string(each.status) + " OK";
        std::vector<row> const rows = {
            {reply(status, "text/html;charset=UTF-8", page), errc::not_json, "media type"},
            {reply(status, "TEXT/HTML", "{}"), errc::not_json, "media type"},
            {reply(status, "", page), errc::not_json, "media type"},
            {reply(status, "text/plain", page), errc::not_json, "media type"},
            {reply(status, "application/octet-stream", "{}"), errc::not_json, "media type"},
            {reply(status, "application/jsonp", "{}"), errc::not_json, "media type"},
            {json(each, page), errc::malformed_json, "JSON, at octet 0"},
            {json(each, ""), errc::malformed_json, "JSON, at octet 0"},
            {json(each, "  \r\n"), errc::malformed_json, "JSON, at octet 4"},
        };
        check_rows(each.name, rows);
    }
}

BOOST_AUTO_TEST_CASE(json_cut_off_anywhere)
{
    for (auto const& each : stream_operations()) {
        for (std::size_t n = 0; n < each.body.size(); ++n) {
            auto const out = outcome_of(each, json(each, each.body.substr(0, n)));
            BOOST_TEST(out.ec == errc::malformed_json);
            BOOST_TEST(out.diag.step == pks::step::parse);
            BOOST_TEST(out.diag.detail == "JSON, at octet " + std::to_string(n));
            // HTTP was in order: the connection is.
            BOOST_TEST(out.diag.reusable);
        }
    }
}

BOOST_AUTO_TEST_CASE(json_that_no_two_readers_read_alike)
{
    auto const deep = std::string(40, '[') + std::string(40, ']');
    for (auto const& each : stream_operations()) {
        if (!each.reads_json)
            continue;
        auto const array = each.body.front() == '[';
        auto const with = [&](std::string const& member) {
            return array ? "[{\"name\":\"" + marker + "\"," + member + "}]"
                         : each.body.substr(0, each.body.size() - 1) + ",\"x-" + marker + "\":1," + member + "}";
        };
        for (auto const& [member, code] : std::vector<std::pair<std::string, errc>>{
                 {R"("twice":1,"twice":1)", errc::duplicate_member},
                 {R"("twice":1,"t\u0077ice":2)", errc::duplicate_member},
                 {R"("in":{"a":1,"b":2,"a":1})", errc::duplicate_member},
                 {R"("deep":)" + deep, errc::json_too_deep},
                 {"\"utf8\":\"\xff\"", errc::malformed_json},
                 {"\"utf8\":\"\xc0\xaf\"", errc::malformed_json},
                 {"\"surrogate\":\"\\ud800\"", errc::malformed_json},
                 {"\"control\":\"\x01\"", errc::malformed_json},
                 {R"("huge":1e999)", errc::malformed_json},
                 {R"("nan":NaN)", errc::malformed_json},
                 {R"("plus":+1)", errc::malformed_json},
                 {R"("octal":01)", errc::malformed_json},
                 {R"("comma":1,)", errc::malformed_json},
                 {R"('single':1)", errc::malformed_json},
                 {R"("comment":1/**/)", errc::malformed_json},
             }) {
            BOOST_TEST_CONTEXT(each.name << ": " << member)
            {
                auto const out = outcome_of(each, json(each, with(member)));
                check_unreadable(out, code, out.diag.detail);
                BOOST_TEST(out.diag.detail.starts_with("JSON, at octet "));
            }
        }
        BOOST_TEST(outcome_of(each, json(each, each.body + "{}")).ec == errc::malformed_json);
        BOOST_TEST(outcome_of(each, json(each, "\xef\xbb\xbf" + each.body)).ec == errc::malformed_json);
        BOOST_TEST(!outcome_of(each, json(each, " " + each.body + "\r\n")).ec);
    }
}

BOOST_AUTO_TEST_CASE(json_of_another_shape)
{
    for (auto const* const each : {"null", "true", "7", "\"text\"", "{}", "[]", "[7]", "[[]]", "[null]"}) {
        std::string const body = each;
        for (auto const& what : stream_operations()) {
            if (!what.reads_json)
                continue;
            BOOST_TEST_CONTEXT(what.name << ": " << body)
            {
                auto const out = outcome_of(what, json(what, body));
                bool const empty_list = what.name == "async_list_clusters" && body == "[]";
                bool const token = what.name == "async_get_token" || what.name == "async_login";
                errc const expected = token && body == "{}" ? errc::missing_access_token : errc::unexpected_json;
                if (empty_list)
                    BOOST_TEST(!out.ec);
                else
                    check_unreadable(out, expected, out.diag.detail);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(token_replies_that_are_none)
{
    std::string const good = R"("access_token":")" + marker + R"(")";
    std::string const bearer = R"(,"token_type":"bearer")";
    std::vector<row> const rows = {
        {json(R"({"token_type":"bearer","x":")" + marker + "\"}"), errc::missing_access_token, "access_token"},
        {json(R"({"access_token":null)" + bearer + "}"), errc::missing_access_token, "access_token"},
        {json(R"({"access_token":"")" + bearer + "}"), errc::missing_access_token, "access_token"},
        {json(R"({"access_token":7)" + bearer + "}"), errc::unexpected_json, "access_token"},
        {json(R"({"access_token":[")" + marker + "\"]" + bearer + "}"), errc::unexpected_json, "access_token"},
        {json(R"({"access_token":")" + marker + R"(\r\nX-Injected: 1")" + bearer + "}"), errc::unexpected_json,
            "access_token"},
        {json(R"({"access_token":")" + marker + R"(\u0000")" + bearer + "}"), errc::unexpected_json, "access_token"},
        {json(R"({"access_token":")" + marker + R"( ")" + bearer + "}"), errc::unexpected_json, "access_token"},
        {json(R"({"access_token":")" + marker + "\xc3\xb6\"" + bearer + "}"), errc::unexpected_json, "access_token"},
        {json("{" + good + "}"), errc::unsupported_token_type, "token_type"},
        {json("{" + good + R"(,"token_type":null})"), errc::unsupported_token_type, "token_type"},
        {json("{" + good + R"(,"token_type":""})"), errc::unsupported_token_type, "token_type"},
        {json("{" + good + R"(,"token_type":"mac"})"), errc::unsupported_token_type, "token_type"},
        {json("{" + good + R"(,"token_type":"bearer "})"), errc::unsupported_token_type, "token_type"},
        {json("{" + good + R"(,"token_type":7})"), errc::unsupported_token_type, "token_type"},
        {json("{" + good + bearer + R"(,"expires_in":-1})"), errc::invalid_expires_in, "expires_in"},
        {json("{" + good + bearer + R"(,"expires_in":599.5})"), errc::invalid_expires_in, "expires_in"},
        {json("{" + good + bearer + R"(,"expires_in":"-1"})"), errc::invalid_expires_in, "expires_in"},
        {json("{" + good + bearer + R"(,"expires_in":""})"), errc::invalid_expires_in, "expires_in"},
        {json("{" + good + bearer + R"(,"expires_in":"10m"})"), errc::invalid_expires_in, "expires_in"},
        {json("{" + good + bearer + R"(,"expires_in":true})"), errc::invalid_expires_in, "expires_in"},
        {json("{" + good + bearer + R"(,"expires_in":[1]})"), errc::invalid_expires_in, "expires_in"},
        {json("{" + good + bearer + R"(,"refresh_token":7})"), errc::unexpected_json, "refresh_token"},
        {json("{" + good + bearer + R"(,"id_token":{}})"), errc::unexpected_json, "id_token"},
        {json("{" + good + bearer + R"(,"scope":["a"]})"), errc::unexpected_json, "scope"},
        {json("{" + good + bearer + R"(,"jti":7})"), errc::unexpected_json, "jti"},
        {json("{" + good + "," + good + bearer + "}"), errc::duplicate_member,
            "JSON, at octet " + std::to_string(("{" + good + "," + good + bearer + "}").size())},
    };
    for (auto const* const name : {"async_get_token", "async_login"})
        check_rows(name, rows);
}

// The value of `expires_in`, and the lifetime that it means. Source: UAA sends a number, others a text.
BOOST_AUTO_TEST_CASE(lifetimes_as_servers_write_them)
{
    using std::chrono::seconds;
    struct lifetime
    {
        std::string written;
        std::optional<seconds> means;
    };
    std::vector<lifetime> const rows = {
        {"", std::nullopt},
        {R"(,"expires_in":null)", std::nullopt},
        {R"(,"expires_in":0)", seconds(0)},
        {R"(,"expires_in":599)", seconds(599)},
        {R"(,"expires_in":"599")", seconds(599)},
        {R"(,"expires_in":2147483647)", seconds(2147483647)},
        {R"(,"expires_in":2147483648)", seconds(2147483647)},
        {R"(,"expires_in":18446744073709551615)", seconds(2147483647)},
        {R"(,"expires_in":"99999999999999999999999")", seconds(2147483647)},
    };
    for (auto const& r : rows) {
        BOOST_TEST_CONTEXT(r.written)
        {
            asio::io_context ctx;
            scripted_stream stream(ctx.get_executor());
            stream.replies(json(R"({"access_token":"opaque","token_type":"Bearer")" + r.written + "}"));
            net_test::note<pks::access_token> const noted;
            pks::uaa::async_get_token(
                stream, net_test::server(), pks::client_credentials("id", pks::secret("a-secret")), noted);
            ctx.poll();
            BOOST_TEST(noted.seen().completions == 1);
            BOOST_TEST(!noted.seen().ec);
            BOOST_TEST((noted.seen().value.expires_in() == r.means));
            BOOST_TEST(noted.seen().value.expires_at().has_value() == r.means.has_value());
            BOOST_TEST(noted.seen().value.token_type() == "Bearer");
        }
    }
}

BOOST_AUTO_TEST_CASE(target_replies_that_are_none)
{
    std::string const prompts = R"("prompts":{"username":["text","Email"]})";
    check_rows("async_target",
        {
            {json(R"({"app":{"version":"1"}})"), errc::unexpected_json, "prompts"},
            {json(R"({"prompts":null})"), errc::unexpected_json, "prompts"},
            {json(R"({"prompts":[]})"), errc::unexpected_json, "prompts"},
            {json(R"({"prompts":{"username":"text"}})"), errc::unexpected_json, "prompts"},
            {json(R"({"prompts":{"username":["text"]}})"), errc::unexpected_json, "prompts"},
            {json(R"({"prompts":{"username":["text",7]}})"), errc::unexpected_json, "prompts"},
            {json("{" + prompts + R"(,"app":7})"), errc::unexpected_json, "app"},
            {json("{" + prompts + R"(,"app":{"version":7}})"), errc::unexpected_json, "app.version"},
            {json("{" + prompts + R"(,"links":{"uaa":[]}})"), errc::unexpected_json, "links.uaa"},
            {json("{" + prompts + R"(,"zone_name":{}})"), errc::unexpected_json, "zone_name"},
        });
}

BOOST_AUTO_TEST_CASE(check_token_replies_that_are_none)
{
    check_rows("async_check_token",
        {
            {json(R"({"exp":1700000000})"), errc::unexpected_json, "client_id"},
            {json(R"({"client_id":"a"})"), errc::unexpected_json, "exp"},
            {json(R"({"client_id":"a","exp":null})"), errc::unexpected_json, "exp"},
            {json(R"({"client_id":"a","exp":"1700000000"})"), errc::unexpected_json, "exp"},
            {json(R"({"client_id":"a","exp":-1})"), errc::unexpected_json, "exp"},
            {json(R"({"client_id":"a","exp":9223372036854775807})"), errc::unexpected_json, "exp"},
            {json(R"({"client_id":"a","exp":18446744073709551615})"), errc::unexpected_json, "exp"},
            {json(R"({"client_id":["a"],"exp":1700000000})"), errc::unexpected_json, "client_id"},
            {json(R"({"client_id":"a","exp":1700000000,"scope":"a b"})"), errc::unexpected_json, "scope"},
            {json(R"({"client_id":"a","exp":1700000000,"aud":[7]})"), errc::unexpected_json, "aud"},
            {json(R"({"client_id":"a","exp":1700000000,"revocable":"true"})"), errc::unexpected_json, "revocable"},
        });
}

BOOST_AUTO_TEST_CASE(key_replies_that_are_none)
{
    check_rows("async_token_keys",
        {
            {json(R"({"kty":"RSA","kid":"1"})"), errc::unexpected_json, "keys"},
            {json(R"({"keys":{}})"), errc::unexpected_json, "keys"},
            {json(R"({"keys":[7]})"), errc::unexpected_json, "keys"},
            {json(R"({"keys":[{"kid":"1"}]})"), errc::unexpected_json, "kty"},
            {json(R"({"keys":[{"kty":7,"kid":"1"}]})"), errc::unexpected_json, "kty"},
            {json(R"({"keys":[{"kty":"RSA","kid":7}]})"), errc::unexpected_json, "kid"},
        });
    auto const unchanged = outcome_of(operation("async_token_keys"), "HTTP/1.1 304 \r\nETag: \"6\"\r\n\r\n");
    BOOST_TEST(!unchanged.ec);
    BOOST_TEST(unchanged.value == "\"6\"");
    BOOST_TEST(unchanged.diag.reusable);
}

BOOST_AUTO_TEST_CASE(cluster_replies_that_are_none)
{
    check_rows("async_list_clusters",
        {
            {json(R"({"clusters":[]})"), errc::unexpected_json, "no array"},
            {json(R"([{"name":"a"},{"name":7}])"), errc::unexpected_json, "cluster 1: name"},
            {json(R"([{"name":"a","kubernetes_master_ips":"10.0.0.1"}])"), errc::unexpected_json,
                "cluster 0: kubernetes_master_ips"},
            {json(R"([{"name":"a","parameters":{"kubernetes_worker_instances":3000000000}}])"), errc::unexpected_json,
                "cluster 0: parameters.kubernetes_worker_instances"},
        });
}

BOOST_AUTO_TEST_CASE(replies_about_one_cluster_that_are_none)
{
    for (auto const* const name : {"async_get_cluster", "async_create_cluster"}) {
        auto const& what = operation(name);
        check_rows(name,
            {
                {json(what, R"([{"name":"a"}])"), errc::unexpected_json, "no object"},
                {json(what, R"({"name":7})"), errc::unexpected_json, "name"},
                {json(what, R"({"uuid":"1"})"), errc::unexpected_json, "name"},
                {json(what, R"({"name":"a","parameters":{"kubernetes_master_port":"8443"}})"), errc::unexpected_json,
                    "parameters.kubernetes_master_port"},
            });
    }
    auto const& bind = operation("async_bind");
    check_rows("async_bind",
        {
            {json(bind, R"({"credentials":{"kubeconfig":{"token":")" + marker + "\"}}}"), errc::unexpected_json,
                "apiVersion"},
            {json(bind,
                 R"({"apiVersion":"v1","kind":"Config","contexts":[],"clusters":[],)"
                 R"("users":[{"name":"u","user":{"token":[")" +
                     marker + "\"]}}]}"),
                errc::unexpected_json, "users.user.token"},
        });
    // Both are documented.
    auto const shown = outcome_of(bind, reply("200 ", "application/json", bind.body));
    BOOST_TEST(!shown.ec);
    BOOST_TEST(shown.value == bind.value);
}

BOOST_AUTO_TEST_CASE(a_status_that_means_nothing_here)
{
    struct status
    {
        std::string line;
        errc gives;
        std::string detail;
    };
    std::vector<status> const rows = {
        {"200 OK", errc::unexpected_status, "status 200"},
        {"202 Accepted", errc::unexpected_status, "status 202"},
        {"201 Created", errc::unexpected_status, "status 201"},
        {"204 ", errc::unexpected_status, "status 204"},
        {"206 ", errc::unexpected_status, "status 206"},
        {"301 Moved", errc::redirected, "status 301"},
        {"302 Found", errc::redirected, "status 302"},
        {"307 ", errc::redirected, "status 307"},
        {"308 ", errc::redirected, "status 308"},
    };
    for (auto const& what : stream_operations()) {
        for (auto const& r : rows) {
            bool const success = r.line.starts_with(std::to_string(what.status)) ||
                (what.name == "async_bind" && r.line.starts_with("200"));
            if (success)
                continue;
            auto const out = outcome_of(what,
                reply(r.line, "application/json", r.line.starts_with("204") ? "" : what.body,
                    "Location: https://evil.example.org/" + marker + "\r\n"));
            check_unreadable(out, r.gives, r.detail);
        }
        if (what.name != "async_token_keys")
            BOOST_TEST(outcome_of(what, "HTTP/1.1 304 \r\n\r\n").ec == errc::unexpected_status);
    }
}

// ---- refusals ----

BOOST_AUTO_TEST_CASE(what_a_uaa_refuses)
{
    struct refusal
    {
        std::string status;
        std::string error;
        std::string description;
        oauth_errc gives;
    };
    std::vector<refusal> const rows = {
        {"401 ", "unauthorized", "Bad credentials", oauth_errc::bad_credentials},
        {"401 ", "invalid_client", "Bad credentials", oauth_errc::bad_credentials},
        {"401 ", "unauthorized", "Your account has been locked because of too many failed attempts to login.",
            oauth_errc::account_locked},
        {"403 ", "access_denied", "Account not verified", oauth_errc::account_unverified},
        {"403 ", "access_denied", "Access is denied", oauth_errc::access_denied},
        {"400 ", "invalid_scope", "[x] is invalid.", oauth_errc::invalid_scope},
        {"400 ", "invalid_token", "Token has expired", oauth_errc::invalid_token},
        {"404 ", "", "", oauth_errc::not_found},
        {"405 ", "method_not_allowed", "Request method 'GET' not supported", oauth_errc::method_not_allowed},
        {"409 ", "conflict", "", oauth_errc::other},
        {"422 ", "", "", oauth_errc::other},
        {"429 ", "", "", oauth_errc::too_many_requests},
        {"500 ", "server_error", "Internal Server Error", oauth_errc::server_error},
        {"502 ", "", "", oauth_errc::server_error},
        {"503 ", "", "", oauth_errc::unavailable},
        {"999 ", "", "", oauth_errc::server_error},
    };
    for (auto const& what : stream_operations()) {
        if (!what.of_the_uaa)
            continue;
        for (auto const& r : rows) {
            BOOST_TEST_CONTEXT(what.name << ": " << r.status << r.error)
            {
                auto const body = R"({"error":")" + r.error + R"(","error_description":")" + r.description + "\"}";
                auto const out = outcome_of(what, reply(r.status, "application/json", body));
                BOOST_TEST(out.ec == r.gives);
                BOOST_TEST(out.value.empty());
                BOOST_TEST(out.diag.step == pks::step::done);
                BOOST_TEST(out.diag.http_status == std::stoi(r.status));
                BOOST_TEST(out.diag.error == r.error);
                BOOST_TEST(out.diag.error_description == r.description);
                BOOST_TEST(out.diag.body == body);
                BOOST_TEST(out.diag.reusable);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_an_api_refuses)
{
    struct refusal
    {
        std::string status;
        api_errc gives;
    };
    std::vector<refusal> const rows = {
        {"400 ", api_errc::bad_request},
        {"401 ", api_errc::unauthorized},
        {"403 ", api_errc::forbidden},
        {"404 ", api_errc::not_found},
        {"405 ", api_errc::method_not_allowed},
        {"409 ", api_errc::conflict},
        {"418 ", api_errc::other},
        {"422 ", api_errc::unprocessable},
        {"429 ", api_errc::too_many_requests},
        {"500 ", api_errc::server_error},
        {"502 ", api_errc::bad_gateway},
        {"503 ", api_errc::unavailable},
        {"504 ", api_errc::gateway_timeout},
        {"599 ", api_errc::other},
    };
    struct shape
    {
        std::string media_type;
        std::string body;
        std::string error;
        std::string description;
    };
    std::vector<shape> const shapes = {
        {"application/json", R"({"code":42,"body":"not now"})", "", "not now"},
        {"application/json", R"({"error":"access_denied","error_description":"Access is denied"})", "access_denied",
            "Access is denied"},
        {"application/json",
            R"({"timestamp":1,"status":500,"error":"Internal Server Error","message":"oops","path":"/v1/clusters"})",
            "Internal Server Error", "oops"},
        {"text/html", "<html><body><h1>503 Service Unavailable</h1>\nNo server is available.</body></html>", "", ""},
        {"application/json", "{\"body\":\"cut off", "", ""},
        {"", "", "", ""},
    };
    for (auto const& what : stream_operations()) {
        if (what.of_the_uaa)
            continue;
        for (auto const& r : rows) {
            for (auto const& s : shapes) {
                BOOST_TEST_CONTEXT(what.name << ": " << r.status << s.body)
                {
                    auto const out = outcome_of(what, reply(r.status, s.media_type, s.body));
                    BOOST_TEST(out.ec == r.gives);
                    BOOST_TEST(out.diag.step == pks::step::done);
                    BOOST_TEST(out.diag.http_status == std::stoi(r.status));
                    BOOST_TEST(out.diag.error == s.error);
                    BOOST_TEST(out.diag.error_description == s.description);
                    BOOST_TEST(out.diag.body == s.body);
                    // One line, whatever the server writes.
                    BOOST_TEST(out.diag.message().find('\n') == std::string::npos);
                }
            }
        }
        auto const body = std::string(R"({"error":"invalid_token","error_description":"Token has expired"})");
        BOOST_TEST(outcome_of(what, reply("401 ", "application/json", body)).ec == api_errc::invalid_token);
        auto const challenge = "WWW-Authenticate: Bearer realm=\"oauth2-resource\", error=\"invalid_token\"\r\n";
        BOOST_TEST(outcome_of(what, reply("401 ", "", "", challenge)).ec == api_errc::invalid_token);
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_that_repeats_what_was_sent)
{
    // The server had it from us, and may put it where it likes.
    for (auto const& [name, secret] : std::vector<std::pair<std::string, std::string_view>>{
             {"async_get_token", net_test::client_secret},
             {"async_check_token", net_test::client_secret},
             {"async_check_token", net_test::subject_token},
             {"async_login", net_test::users_password},
             {"async_list_clusters", net_test::bearer_token},
             {"async_get_cluster", net_test::bearer_token},
             {"async_create_cluster", net_test::bearer_token},
             {"async_create_cluster", net_test::proxys_password},
             {"async_update_cluster", net_test::bearer_token},
             {"async_delete_cluster", net_test::bearer_token},
             {"async_bind", net_test::bearer_token},
         }) {
        auto const said = "so you sent " + std::string(secret) + ", twice: " + std::string(secret);
        auto const body = R"({"error":")" + said + R"(","error_description":")" + said + "\"}";
        auto const out = outcome_of(operation(name), reply("400 ", "application/json", body));
        for (auto const& text : {out.diag.error, out.diag.error_description})
            BOOST_TEST(text == "so you sent [redacted], twice: [redacted]");
        BOOST_TEST(out.diag.body.find("[redacted]") != std::string::npos);
        // As text, not as JSON, as a proxy's page would show it.
        BOOST_TEST(outcome_of(operation(name), reply("502 ", "text/html", said)).diag.body ==
            "so you sent [redacted], twice: [redacted]");
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_keeps_four_kibibytes_of_its_body)
{
    for (auto const& what : stream_operations()) {
        auto const out = outcome_of(what, reply("500 ", "text/html", std::string(5000, 'x')));
        BOOST_TEST(out.diag.body == std::string(4096, 'x'));
        BOOST_TEST(out.diag.message().size() < 400U);
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_that_closes_the_connection)
{
    for (auto const& what : stream_operations()) {
        auto const out = outcome_of(what, reply("400 ", "", "", "Connection: close\r\n"));
        BOOST_TEST(out.diag.step == pks::step::done);
        BOOST_TEST(!out.diag.reusable);
    }
}

// ---- framing ----

BOOST_AUTO_TEST_CASE(what_is_beyond_the_limits_or_no_http)
{
    std::string const ok = "HTTP/1.1 200 \r\nContent-Type: application/json\r\n";
    std::string const chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    pks::http_limits const limits;
    std::string interim;
    for (std::size_t i = 0; i <= limits.interim_responses; ++i)
        interim += "HTTP/1.1 100 \r\n\r\n";
    struct bad
    {
        std::string name;
        std::string reply;
        errc gives;
    };
    std::vector<bad> const rows = {
        {"head", ok + "X: " + std::string(limits.head, 'x'), errc::head_too_large},
        {"status line", "HTTP/1.1 200 " + std::string(limits.head, 'x'), errc::head_too_large},
        {"length", ok + "Content-Length: " + std::to_string(limits.body + 1) + "\r\n\r\n", errc::body_too_large},
        {"chunk", chunked + "800001\r\n", errc::body_too_large},
        {"chunk extension", chunked + "1;a=" + std::string(limits.chunk_extension, 'x') + "\r\n",
            errc::chunk_extension_too_large},
        {"trailer", chunked + "0\r\nX: " + std::string(limits.trailer, 'x'), errc::trailer_too_large},
        {"1xx", interim, errc::too_many_interim_responses},
        {"101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", errc::protocol_error},
        {"two lengths", ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", errc::protocol_error},
        {"length and chunks", ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", errc::protocol_error},
        {"no length", ok + "Content-Length: two\r\n\r\n{}", errc::protocol_error},
        {"gzip", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", errc::protocol_error},
        {"bare LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", errc::protocol_error},
        {"HTTP/2", std::string("\0\0\x12\x04\0\0\0\0\0", 9), errc::protocol_error},
        {"a TLS alert", "\x15\x03\x03\0\x02\x02\x28", errc::protocol_error},
        {"SSH", "SSH-2.0-OpenSSH_9.2\r\n", errc::protocol_error},
        {"chunk without end", chunked + "2\r\n{}x", errc::protocol_error},
    };
    for (auto const& what : stream_operations()) {
        for (auto const& r : rows) {
            BOOST_TEST_CONTEXT(what.name << ": " << r.name)
            {
                auto const out = outcome_of(what, r.reply);
                BOOST_TEST(out.ec == r.gives);
                BOOST_TEST((out.ec == pks::condition::bad_reply));
                BOOST_TEST(out.diag.step == pks::step::read);
                BOOST_TEST(!out.diag.detail.empty());
                BOOST_TEST(out.diag.http_status == 0);
                BOOST_TEST(out.diag.body.empty());
                BOOST_TEST(!out.diag.reusable);
                BOOST_TEST(out.value.empty());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_limits_are_the_callers)
{
    for (auto const& what : stream_operations()) {
        if (what.body.empty())
            continue;
        pks::http_limits limits;
        limits.body = what.body.size();
        pks::peer at_its_limit(net_test::server());
        at_its_limit.limits(limits);
        BOOST_TEST(!outcome_of(what, what.good_reply(), at_its_limit).ec);
        BOOST_TEST(!outcome_of(what, what.chunked_reply(), at_its_limit).ec);
        --limits.body;
        pks::peer below_it(net_test::server());
        below_it.limits(limits);
        BOOST_TEST(outcome_of(what, what.good_reply(), below_it).ec == errc::body_too_large);
        BOOST_TEST(outcome_of(what, what.chunked_reply(), below_it).ec == errc::body_too_large);
    }
}

BOOST_AUTO_TEST_CASE(interim_responses_are_passed_over)
{
    for (auto const& what : stream_operations()) {
        auto const out =
            outcome_of(what, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 \r\nLink: </>\r\n\r\n" + what.good_reply());
        BOOST_TEST(!out.ec);
        BOOST_TEST(out.value == what.value);
        BOOST_TEST(out.diag.reusable);
    }
}

BOOST_AUTO_TEST_SUITE_END()
