// Credentials of a cluster: the requests, replies, and that nothing of them gets into a message.
#include "messages.hpp"

#include <pks/proto/bind_messages.hpp>

#include <pks/detail/wiping_resource.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <typeinfo>

namespace {

using pks::access_token;
using pks::api_errc;
using pks::binding_request;
using pks::diagnostics;
using pks::errc;
using pks::error_code;
using pks::proto::bind_request;
using pks::proto::read_bind_reply;
using pks::proto::request;
using pks::proto::response;
using proto_test::api;
using proto_test::reply;
using proto_test::token;

std::string const good = R"({"apiVersion":"v1","kind":"Config","contexts":[],"clusters":[],)"
                         R"("users":[{"name":"u","user":{"token":"a-token-of-an-account","more":"x"}}]})";

request asked(binding_request const& what = "demo")
{
    diagnostics diag;
    return *bind_request(api, token(), what, diag);
}

binding_request of_alana()
{
    return binding_request("demo").user("alana");
}

void refused(response const& r, error_code code, std::string_view detail)
{
    diagnostics diag;
    auto const got = read_bind_reply(r, asked(), diag);
    BOOST_TEST((got.has_error() && got.error() == code), std::string_view(r.body));
    BOOST_TEST(diag.detail == detail, std::string_view(r.body));
    BOOST_TEST(diag.body == "");
    BOOST_TEST(diag.message().find("a-token-of-an-account") == std::string::npos);
}

std::string sent(binding_request const& what)
{
    auto const out = asked(what).serialize();
    BOOST_REQUIRE(out.has_value());
    return std::string(std::string_view(*out));
}

std::string head(std::string_view request_line)
{
    return std::string(request_line) +
        " HTTP/1.1\r\nHost: pks.example.com:9021\r\nAccept: application/json\r\n"
        "Authorization: Bearer someaccesstoken\r\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_bind_messages)

BOOST_AUTO_TEST_CASE(requests_to_the_octet)
{
    BOOST_TEST(sent("my cluster") == head("POST /v1/clusters/my%20cluster/binds") + "Content-Length: 0\r\n\r\n");
    BOOST_TEST(sent(of_alana()) == head("GET /v1/clusters/demo/binds/alana") + "\r\n");
    BOOST_TEST(sent(binding_request("demo").user("a@b c").suppress_cluster_role_binding(true)) ==
        head("GET /v1/clusters/demo/binds/a%40b%20c?suppressClusterRoleBinding=true") + "\r\n");
    // Of the caller it is not known.
    BOOST_TEST(sent(binding_request("demo").suppress_cluster_role_binding(true)) == sent("demo"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent)
{
    auto const refuses = [](binding_request const& what, access_token const& as, errc code, std::string_view detail) {
        diagnostics diag;
        auto const got = bind_request(api, as, what, diag);
        BOOST_TEST((got.has_error() && got.error() == code), detail);
        BOOST_TEST(diag.detail == detail);
    };
    refuses("", token(), errc::missing_parameter, "name");
    for (auto const* const bad : {"a\r\nX: y", "a/b", "..", "\xff"}) {
        refuses(bad, token(), errc::forbidden_character, "name");
        refuses(binding_request("demo").user(bad), token(), errc::forbidden_character, "user");
    }
    refuses("demo", access_token(), errc::missing_parameter, "access token");
    refuses(of_alana(), token("\n"), errc::forbidden_character, "access token");
}

BOOST_AUTO_TEST_CASE(a_kubeconfig_is_read)
{
    for (int const status : {200, 201}) {
        diagnostics diag;
        auto const got = read_bind_reply(reply(good, status), asked(), diag);
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST_REQUIRE(got->users().size() == 1U);
        BOOST_TEST((got->users()[0].token == pks::secret("a-token-of-an-account")));
        BOOST_TEST((got->reveal().at("users").at(0).at("user").at("more") == "x"));
        BOOST_TEST(diag.detail == "");
        BOOST_TEST(diag.body == "");
        auto const wiping = pks::detail::wiping_storage();
        auto const& a = *got->reveal().at("users").at(0).at("user").at("token").storage().get();
        auto const& b = *wiping.get();
        BOOST_TEST((typeid(a) == typeid(b)));
    }
    diagnostics diag;
    BOOST_TEST(read_bind_reply(reply(good, 200), asked(of_alana()), diag).has_value());
    auto const made = read_bind_reply(reply(good, 201), asked(of_alana()), diag);
    BOOST_TEST((made.has_error() && made.error() == errc::unexpected_status));
}

BOOST_AUTO_TEST_CASE(what_is_no_kubeconfig)
{
    for (auto const* const body : {"[]", "null", "1", "\"a-token-of-an-account\""})
        refused(reply(body), errc::unexpected_json, "no object");
    refused(reply("{}"), errc::unexpected_json, "apiVersion");
    refused(reply(R"({"users":["a-token-of-an-account"]})"), errc::unexpected_json, "apiVersion");
    refused(
        reply(R"({"apiVersion":"v1","kind":"Config","contexts":[],"clusters":[],"users":["a-token-of-an-account"]})"),
        errc::unexpected_json, "users");
    refused(reply(good.substr(0, good.size() - 1)), errc::malformed_json,
        "JSON, at octet " + std::to_string(good.size() - 1));
    refused(reply(R"({"kind":"a-token-of-an-account","kind":""})"), errc::duplicate_member, "JSON, at octet 42");
    refused(reply(good, 201, "text/html"), errc::not_json, "media type");
    for (int const status : {202, 204, 206})
        refused(reply(good, status), errc::unexpected_status, "status " + std::to_string(status));
    refused(reply(good, 302), errc::redirected, "status 302");
}

BOOST_AUTO_TEST_CASE(refusals)
{
    diagnostics diag;
    auto got = read_bind_reply(reply(R"({"body":"Cluster demo not found"})", 404), asked(), diag);
    BOOST_TEST((got.has_error() && got.error() == api_errc::not_found));
    BOOST_TEST(diag.error_description == "Cluster demo not found");
    got = read_bind_reply(reply(R"({"body":"Status: 500; Create Binding: connection refused"})", 500), asked(), diag);
    BOOST_TEST((got.has_error() && got.error() == api_errc::server_error));
}

BOOST_AUTO_TEST_SUITE_END()
