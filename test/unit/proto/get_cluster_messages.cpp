// One cluster: the request, replies, and refusals.
#include "messages.hpp"

#include <pks/proto/get_cluster_messages.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace {

using pks::access_token;
using pks::api_errc;
using pks::cluster;
using pks::diagnostics;
using pks::endpoint;
using pks::errc;
using pks::error_code;
using pks::proto::get_cluster_request;
using pks::proto::request;
using pks::proto::response;
using proto_test::api;
using proto_test::reply;
using proto_test::token;

request asked()
{
    diagnostics diag;
    return *get_cluster_request(api, token(), "my-cluster", diag);
}

void refused(response const& r, error_code code, std::string_view detail)
{
    diagnostics diag;
    auto const got = pks::proto::read_cluster_reply(r, asked(), diag);
    BOOST_TEST((got.has_error() && got.error() == code), std::string_view(r.body));
    BOOST_TEST(diag.detail == detail, std::string_view(r.body));
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_get_cluster_messages)

BOOST_AUTO_TEST_CASE(asking_for_a_cluster)
{
    auto const got = asked().serialize();
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(std::string_view(*got) ==
        "GET /v1/clusters/my-cluster HTTP/1.1\r\nHost: pks.example.com:9021\r\nAccept: application/json\r\n"
        "Authorization: Bearer someaccesstoken\r\n\r\n");
    diagnostics diag;
    auto const spaced =
        get_cluster_request(endpoint::api("https://h:1/prefix"), token(), "my cluster?", diag)->serialize();
    BOOST_TEST(std::string_view(*spaced).starts_with("GET /prefix/v1/clusters/my%20cluster%3F HTTP/1.1\r\n"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent)
{
    auto const refuses = [](access_token const& as, std::string_view name, errc code, std::string_view detail) {
        diagnostics diag;
        auto const got = get_cluster_request(api, as, name, diag);
        BOOST_TEST((got.has_error() && got.error() == code), name);
        BOOST_TEST(diag.detail == detail);
    };
    refuses(token(), "", errc::missing_parameter, "name");
    for (auto const* const name : {"a\r\nX: y", "a/b", "..", "\xff"})
        refuses(token(), name, errc::forbidden_character, "name");
    refuses(access_token(), "demo", errc::missing_parameter, "access token");
    refuses(token("a\r\nX: y"), "demo", errc::forbidden_character, "access token");
}

BOOST_AUTO_TEST_CASE(a_cluster_is_read)
{
    std::optional<cluster> c;
    {
        diagnostics diag;
        auto const got = pks::proto::read_cluster_reply(
            reply(R"({"name":"demo","plan_name":"small","uuid":"1","last_action_state":"queued","more":{"x":1}})"),
            asked(), diag);
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST(diag.detail == "");
        c = *got;
    }
    // What is kept holds the reply.
    BOOST_TEST(c->name() == "demo");
    BOOST_TEST((c->last_action_state() == pks::cluster_state::queued));
    BOOST_TEST((c->json().at("more").at("x") == 1));
}

BOOST_AUTO_TEST_CASE(what_is_no_cluster)
{
    for (auto const* const body : {"[]", "null", "1", "\"x\"", R"([{"name":"a"}])"})
        refused(reply(body), errc::unexpected_json, "no object");
    refused(reply("{}"), errc::unexpected_json, "name");
    refused(reply(R"({"name":"a","uuid":1})"), errc::unexpected_json, "uuid");
    refused(reply(R"({"name":"a","parameters":{"cluster_tags":1}})"), errc::unexpected_json, "parameters.cluster_tags");
    refused(reply(R"({"name":"a")"), errc::malformed_json, "JSON, at octet 11");
    refused(reply(R"({"name":"a","name":"b"})"), errc::duplicate_member, "JSON, at octet 23");
    refused(reply("<!DOCTYPE html>", 200, "text/html"), errc::not_json, "media type");
}

BOOST_AUTO_TEST_CASE(other_answers)
{
    refused(reply(R"({"name":"a"})", 202), errc::unexpected_status, "status 202");
    refused(reply("", 302), errc::redirected, "status 302");
    diagnostics diag;
    auto const got =
        pks::proto::read_cluster_reply(reply(R"({"body":"Cluster my-cluster not found"})", 404), asked(), diag);
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST((got.error() == api_errc::not_found));
    BOOST_TEST((got.error() == pks::condition::not_found));
    BOOST_TEST(diag.error_description == "Cluster my-cluster not found");
    BOOST_TEST(diag.http_status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
