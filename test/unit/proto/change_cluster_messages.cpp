// Making, changing and removing a cluster: the requests, replies, and refusals.
#include "messages.hpp"

#include <pks/proto/change_cluster_messages.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace {

namespace json = boost::json;
using namespace pks::proto;
using pks::access_token;
using pks::api_errc;
using pks::cluster_request;
using pks::cluster_update;
using pks::diagnostics;
using pks::errc;
using pks::error_code;
using proto_test::api;
using proto_test::reply;
using proto_test::token;

cluster_request demo()
{
    return cluster_request("my-cluster", "large", "my-cluster.example.com");
}

cluster_update five_workers()
{
    cluster_update out;
    out.kubernetes_worker_instances(5);
    return out;
}

request creation()
{
    diagnostics diag;
    return *create_cluster_request(api, token(), demo(), diag);
}

std::string head(std::string_view request_line)
{
    return std::string(request_line) +
        " HTTP/1.1\r\nHost: pks.example.com:9021\r\nAccept: application/json\r\n"
        "Authorization: Bearer someaccesstoken\r\n";
}

std::string sent(pks::result<request> const& what)
{
    BOOST_REQUIRE(what.has_value());
    auto const out = what->serialize();
    BOOST_REQUIRE(out.has_value());
    return std::string(std::string_view(*out));
}

template <class Make>
void refuses(Make const& make, errc code, std::string_view detail)
{
    diagnostics diag;
    auto const got = make(diag);
    BOOST_TEST((got.has_error() && got.error() == code), detail);
    BOOST_TEST(diag.detail == detail);
    BOOST_TEST((diag.step == pks::step::none));
}

void refuses_creation(cluster_request const& what, errc code, std::string_view detail)
{
    refuses([&what](diagnostics& diag) { return create_cluster_request(api, token(), what, diag); }, code, detail);
}

void refuses_update(std::string_view name, cluster_update const& what, errc code, std::string_view detail)
{
    refuses([&](diagnostics& diag) { return update_cluster_request(api, token(), name, what, diag); }, code, detail);
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_change_cluster_messages)

// As the real command line sends them: the recordings have these very bodies.
BOOST_AUTO_TEST_CASE(requests_to_the_octet)
{
    diagnostics diag;
    auto what = demo();
    what.kubernetes_master_port(8443).kubernetes_worker_instances(3);
    BOOST_TEST(sent(create_cluster_request(api, token(), what, diag)) ==
        head("POST /v1/clusters") +
            "Content-Type: application/json\r\nContent-Length: 168\r\n\r\n"
            R"({"name":"my-cluster","plan_name":"large","parameters":{)"
            R"("kubernetes_master_host":"my-cluster.example.com","kubernetes_master_port":8443,"kubernetes_worker_instances":3}})");
    BOOST_TEST(sent(update_cluster_request(api, token(), "my-cluster", five_workers(), diag)) ==
        head("PATCH /v1/clusters/my-cluster") +
            "Content-Type: application/json\r\nContent-Length: 33\r\n\r\n"
            R"({"kubernetes_worker_instances":5})");
    BOOST_TEST(sent(delete_cluster_request(api, token(), "my cluster", diag)) ==
        head("DELETE /v1/clusters/my%20cluster") + "\r\n");
}

BOOST_AUTO_TEST_CASE(clusters_that_cannot_be_asked_for)
{
    refuses_creation(cluster_request("", "small", "h"), errc::missing_parameter, "name");
    refuses_creation(cluster_request("a", "", "h"), errc::missing_parameter, "plan_name");
    refuses_creation(cluster_request("a", "small", ""), errc::missing_parameter, "parameters.kubernetes_master_host");
    for (auto const* const name : {"a\r\nX: y", "a/b", "..", "\xff", "a\x1b"})
        refuses_creation(cluster_request(name, "small", "h"), errc::forbidden_character, "name");
    refuses_creation(cluster_request("a", "small\n", "h"), errc::forbidden_character, "plan_name");
    refuses_creation(
        cluster_request("a", "small", "h\r\n"), errc::forbidden_character, "parameters.kubernetes_master_host");
    refuses_creation(demo().network_profile_name("\t"), errc::forbidden_character, "network_profile_name");
    refuses_creation(demo().cluster_tag("a", "\n"), errc::forbidden_character, "parameters.cluster_tags.value");
    refuses_creation(demo().insecure_registries({"a", "b\n"}), errc::forbidden_character,
        "parameters.k8s_customization_parameters.insecure_registries");
    pks::cluster_config_parameters config;
    config.http_proxy("http://h", "u", pks::secret("a\r\npassword"));
    refuses_creation(demo().cluster_config_parameters(config), errc::forbidden_character,
        "parameters.cluster_config_parameters.http_proxy.password");
    refuses_creation(demo().member("name", nullptr), errc::missing_parameter, "name");
    refuses([](diagnostics& diag) { return create_cluster_request(api, access_token(), demo(), diag); },
        errc::missing_parameter, "access token");
    diagnostics diag;
    BOOST_TEST(create_cluster_request(api, token(), demo().custom_ca_cert("r:5000", "-----BEGIN\nEND-----\n"), diag)
            .has_value());
}

BOOST_AUTO_TEST_CASE(changes_that_cannot_be_asked_for)
{
    refuses_update("", five_workers(), errc::missing_parameter, "name");
    refuses_update("a\r\nX: y", five_workers(), errc::forbidden_character, "name");
    refuses_update("a/b", five_workers(), errc::forbidden_character, "name");
    refuses_update("a", cluster_update(), errc::missing_parameter, "cluster_update");
    refuses_update(
        "a", five_workers().kubelet_drain_timeout("1\n"), errc::forbidden_character, "kubelet_drain_timeout");
    refuses([](diagnostics& diag) { return update_cluster_request(api, token("\n"), "a", five_workers(), diag); },
        errc::forbidden_character, "access token");
    for (auto const& [name, code] : {std::pair("", errc::missing_parameter), std::pair(".", errc::forbidden_character),
             std::pair("a\r\nX: y", errc::forbidden_character)}) {
        auto const make = [n = name](diagnostics& diag) { return delete_cluster_request(api, token(), n, diag); };
        refuses(make, code, "name");
    }
    refuses([](diagnostics& diag) { return delete_cluster_request(api, access_token(), "a", diag); },
        errc::missing_parameter, "access token");
}

BOOST_AUTO_TEST_CASE(a_created_cluster_is_read)
{
    diagnostics diag;
    auto const got = read_create_cluster_reply(
        reply(R"({"name":"my-cluster","last_action":"CREATE","last_action_state":"in progress"})", 202), creation(),
        diag);
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->name() == "my-cluster");
    BOOST_TEST((got->last_action_state() == pks::cluster_state::in_progress));
    BOOST_TEST(diag.detail == "");

    auto const bad = read_create_cluster_reply(reply("{}", 202), creation(), diag);
    BOOST_TEST((bad.has_error() && bad.error() == errc::unexpected_json));
    BOOST_TEST(diag.detail == "name");
}

BOOST_AUTO_TEST_CASE(changes_are_accepted_whatever_the_body)
{
    for (auto const* const body : {"", "{}", "<html>"}) {
        diagnostics diag;
        BOOST_TEST(read_update_cluster_reply(reply(body, 202, ""), creation(), diag).has_value());
        BOOST_TEST(read_delete_cluster_reply(reply(body, 204, ""), creation(), diag).has_value());
        BOOST_TEST(diag.detail == "");
    }
}

BOOST_AUTO_TEST_CASE(one_status_means_success)
{
    std::string const cluster = R"({"name":"my-cluster"})";
    for (int const status : {200, 201, 202, 203, 204, 206, 304}) {
        auto const detail = "status " + std::to_string(status);
        diagnostics diag;
        auto const created = read_create_cluster_reply(reply(cluster, status), creation(), diag);
        BOOST_TEST(created.has_value() == (status == 202));
        if (created.has_error()) {
            BOOST_TEST((created.error() == errc::unexpected_status));
            BOOST_TEST(diag.detail == detail);
        }
        auto const updated = read_update_cluster_reply(reply(cluster, status), creation(), diag);
        BOOST_TEST(updated.has_value() == (status == 202));
        if (updated.has_error())
            BOOST_TEST((updated.error() == errc::unexpected_status));
        auto const removed = read_delete_cluster_reply(reply(cluster, status), creation(), diag);
        BOOST_TEST(removed.has_value() == (status == 204));
        if (removed.has_error())
            BOOST_TEST((removed.error() == errc::unexpected_status));
    }
}

BOOST_AUTO_TEST_CASE(refusals)
{
    struct row
    {
        int status;
        char const* body;
        error_code code;
        char const* text;
    };
    row const rows[] = {
        {400, R"({"body":"Please specify a number of workers that is between 1 and 5"})", api_errc::bad_request,
            "Please specify a number of workers that is between 1 and 5"},
        {401, R"({"error":"invalid_token","error_description":"someaccesstoken"})", api_errc::invalid_token,
            "[redacted]"},
        {403, R"({"error":"access_denied","error_description":"Access is denied"})", api_errc::forbidden,
            "Access is denied"},
        {404, R"({"body":"Cluster my-cluster not found"})", api_errc::not_found, "Cluster my-cluster not found"},
        {409, R"({"body":"Cluster with that name already exists"})", api_errc::conflict,
            "Cluster with that name already exists"},
        {422, R"({"body":"Error adding cluster"})", api_errc::unprocessable, "Error adding cluster"},
        {503, "", api_errc::unavailable, ""},
    };
    for (auto const& [status, body, code, text] : rows) {
        diagnostics of_each[3];
        BOOST_TEST((read_create_cluster_reply(reply(body, status), creation(), of_each[0]).error() == code), body);
        BOOST_TEST((read_update_cluster_reply(reply(body, status), creation(), of_each[1]).error() == code), body);
        BOOST_TEST((read_delete_cluster_reply(reply(body, status), creation(), of_each[2]).error() == code), body);
        for (auto const& diag : of_each) {
            BOOST_TEST(diag.http_status == status);
            BOOST_TEST(diag.error_description == text);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_was_confidential_does_not_come_back)
{
    pks::cluster_config_parameters config;
    config.domain_user_password(pks::secret("password-of-the-domain"));
    diagnostics diag;
    auto const asked = create_cluster_request(api, token(), demo().cluster_config_parameters(config), diag);
    BOOST_REQUIRE(asked.has_value());
    read_create_cluster_reply(reply(R"({"body":"bad password-of-the-domain"})", 400), *asked, diag);
    BOOST_TEST(diag.error_description == "bad [redacted]");
    BOOST_TEST(diag.body == R"({"body":"bad [redacted]"})");
}

BOOST_AUTO_TEST_SUITE_END()
