// The list of clusters: the request, replies, and refusals.
#include "messages.hpp"

#include <pks/proto/cluster_messages.hpp>

#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace {

using pks::access_token;
using pks::api_errc;
using pks::cluster;
using pks::cluster_list;
using pks::diagnostics;
using pks::errc;
using pks::error_code;
using pks::proto::list_clusters_request;
using pks::proto::request;
using pks::proto::response;
using proto_test::api;
using proto_test::reply;
using proto_test::token;

request asked()
{
    diagnostics diag;
    return *list_clusters_request(api, token("someaccesstoken"), diag);
}

void refused(response const& r, error_code code, std::string_view detail)
{
    diagnostics diag;
    auto const got = pks::proto::read_cluster_list_reply(r, asked(), diag);
    BOOST_TEST((got.has_error() && got.error() == code), std::string_view(r.body));
    BOOST_TEST(diag.detail == detail, std::string_view(r.body));
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_cluster_messages)

BOOST_AUTO_TEST_CASE(asking_for_the_list)
{
    auto const got = asked().serialize();
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(std::string_view(*got) ==
        "GET /v1/clusters HTTP/1.1\r\nHost: pks.example.com:9021\r\nAccept: application/json\r\n"
        "Authorization: Bearer someaccesstoken\r\n\r\n");
    BOOST_TEST(asked().method() == "GET");
    BOOST_TEST(asked().redact("Bearer someaccesstoken") == "Bearer [redacted]");
}

BOOST_AUTO_TEST_CASE(tokens_that_cannot_be_sent)
{
    auto const refuses = [](access_token const& as, errc code) {
        diagnostics diag;
        auto const got = list_clusters_request(api, as, diag);
        BOOST_TEST((got.has_error() && got.error() == code));
        BOOST_TEST(diag.detail == "access token");
    };
    refuses(access_token(), errc::missing_parameter);
    refuses(token(""), errc::missing_parameter);
    for (auto const& bad : {std::string("a\r\nX: y"), std::string("a b"), std::string("\t"), std::string("a\0", 2),
             std::string("a\x7f"), std::string("\xc3\xa9"), std::string("\xff")})
        refuses(token(bad), errc::forbidden_character);
}

BOOST_AUTO_TEST_CASE(lists_are_read_in_order)
{
    std::optional<cluster_list> list;
    {
        diagnostics diag;
        auto const got = pks::proto::read_cluster_list_reply(
            reply(R"([{"name":"b","plan_name":"small","uuid":"1"},{"name":"a","more":{"x":1}},{"name":"c"}])"), asked(),
            diag);
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST(diag.detail == "");
        list = *got;
    }
    // What is kept holds the reply.
    BOOST_REQUIRE(list->size() == 3u);
    BOOST_TEST((*list)[0].name() == "b");
    BOOST_TEST((*list)[0].plan_name() == "small");
    BOOST_TEST((*list)[1].name() == "a");
    BOOST_TEST(((*list)[1].json().at("more").at("x") == 1));
    BOOST_TEST((*list)[2].name() == "c");
}

BOOST_AUTO_TEST_CASE(a_list_may_be_empty)
{
    for (auto const* body : {"[]", " [ ] \n"}) {
        diagnostics diag;
        auto const got = pks::proto::read_cluster_list_reply(reply(body), asked(), diag);
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST(got->empty());
    }
    // Old servers do not say that it is JSON.
    diagnostics diag;
    auto const got = pks::proto::read_cluster_list_reply(reply("[]", 200, "text/plain"), asked(), diag);
    BOOST_TEST(got.has_value());
}

BOOST_AUTO_TEST_CASE(what_is_no_list)
{
    for (auto const* body : {"{}", "null", "1", "\"x\"", R"({"name":"a"})"})
        refused(reply(body), errc::unexpected_json, "no array");
    for (auto const* body : {"[null]", "[1]", "[[]]", "[\"a\"]"})
        refused(reply(body), errc::unexpected_json, "cluster 0: no object");
    refused(reply(R"([{"name":"a"},{}])"), errc::unexpected_json, "cluster 1: name");
    refused(reply(R"([{"name":"a"},{"name":"b","uuid":1}])"), errc::unexpected_json, "cluster 1: uuid");
    refused(reply(R"([{"name":"a","parameters":{"kubernetes_master_port":"8443"}}])"), errc::unexpected_json,
        "cluster 0: parameters.kubernetes_master_port");
    refused(reply(R"([{"name":"a"])"), errc::malformed_json, "JSON, at octet 12");
    refused(reply(R"([{"name":"a","name":"b"}])"), errc::duplicate_member, "JSON, at octet 25");
    refused(reply("<!DOCTYPE html>", 200, "text/html"), errc::not_json, "media type");
}

BOOST_AUTO_TEST_CASE(other_answers)
{
    refused(reply("[]", 202), errc::unexpected_status, "status 202");
    refused(reply("", 204), errc::unexpected_status, "status 204");
    refused(reply("", 302), errc::redirected, "status 302");
    refused(reply("", 503, "text/html"), api_errc::unavailable, "");

    diagnostics diag;
    auto const got = pks::proto::read_cluster_list_reply(
        reply(R"({"error":"invalid_token","error_description":"someaccesstoken"})", 401), asked(), diag);
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error() == error_code(api_errc::invalid_token));
    BOOST_TEST(diag.error_description == "[redacted]");
    BOOST_TEST(diag.http_status == 401);
}

BOOST_AUTO_TEST_SUITE_END()
