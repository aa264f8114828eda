// cluster: every member of the API's model, what is unknown, null or of another type, and lifetimes.
#include "published_model.hpp"

#include <pks/cluster.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

namespace json = boost::json;
using pks::cluster;
using pks::cluster_action;
using pks::cluster_list;
using pks::cluster_parameters;
using pks::cluster_state;
using pks::errc;

static_assert(!std::is_aggregate_v<cluster>);
static_assert(!std::is_aggregate_v<cluster_list>);

using strings = std::vector<std::string>;

cluster read(json::value value)
{
    auto const reply = std::make_shared<json::value const>(std::move(value));
    std::string where = "untouched";
    auto const got = cluster::read(reply, *reply, &where);
    BOOST_REQUIRE_MESSAGE(got.has_value(), *reply << ": " << where);
    BOOST_TEST(where == "untouched");
    return *got;
}

cluster parsed(std::string_view text)
{
    return read(json::parse(text));
}

// The name of the first member that does not fit; empty where all do.
std::string misfit(json::value value)
{
    auto const reply = std::make_shared<json::value const>(std::move(value));
    std::string where;
    auto const got = cluster::read(reply, *reply, &where);
    BOOST_TEST(got.has_error() == !where.empty());
    if (got.has_error())
        BOOST_TEST((got.error() == errc::unexpected_json));
    BOOST_TEST(cluster::read(reply, *reply).has_error() == got.has_error());
    return where;
}

json::value cluster_with(std::string_view name, json::value value)
{
    json::object out;
    out["name"] = "demo";
    out[name] = std::move(value);
    return out;
}

json::value parameters_with(std::string_view name, json::value value)
{
    json::object inner;
    inner[name] = std::move(value);
    return cluster_with("parameters", std::move(inner));
}

// A value of each JSON type.
std::vector<json::value> every_type()
{
    return {nullptr, true, 1, -1.5, "text", json::array(), json::array{"text"}, json::array{1},
        json::array{json::object()}, json::array{nullptr}, json::array{"text", 1}, json::object(),
        json::object{{"a", 1}}};
}

bool fits(json::value const& value, std::string_view type)
{
    if (value.is_null())
        return true;
    if (type == "text")
        return value.is_string();
    if (type == "int32")
        return value.is_int64();
    if (type == "object")
        return value.is_object();
    if (!value.is_array())
        return false;
    for (auto const& element : value.get_array())
        if (type == "texts" ? !element.is_string() : !element.is_object())
            return false;
    return true;
}

std::pair<std::string_view, std::string_view> const cluster_model[] = {{"uuid", "text"}, {"plan_name", "text"},
    {"last_action", "text"}, {"last_action_state", "text"}, {"last_action_description", "text"},
    {"kubernetes_master_ips", "texts"}, {"k8s_version", "text"}, {"pks_version", "text"},
    {"network_profile_name", "text"}, {"compute_profile_name", "text"}, {"kubernetes_profile_name", "text"},
    {"available_upgrades", "objects"}, {"parameters", "object"}};

std::pair<std::string_view, std::string_view> const parameters_model[] = {{"kubernetes_master_host", "text"},
    {"kubernetes_master_port", "int32"}, {"kubernetes_worker_instances", "int32"}, {"authorization_mode", "text"},
    {"node_pool_instances", "text"}, {"compute_profile", "text"}, {"nsxt_network_profile", "text"},
    {"nsxt_network_details", "text"}, {"worker_haproxy_ip_addresses", "text"}, {"cluster_tags", "objects"},
    {"custom_ca_certs", "objects"}, {"cluster_config_parameters", "object"}, {"k8s_customization_parameters", "object"},
    {"kubernetes_setting_cluster_details", "object"}, {"kubernetes_setting_plan_details", "object"}};

} // namespace

BOOST_AUTO_TEST_SUITE(values_cluster)

BOOST_AUTO_TEST_CASE(every_member)
{
    auto const c = parsed(R"({"name":"demo","uuid":"6a2ea2a9","plan_name":"Plan 1","last_action":"CREATE",
        "last_action_state":"in progress","last_action_description":"Creating cluster",
        "kubernetes_master_ips":["10.0.0.1","10.0.0.2"],"k8s_version":"1.27.1","pks_version":"1.18.0",
        "network_profile_name":"np","compute_profile_name":"cp","kubernetes_profile_name":"kp",
        "available_upgrades":[{"component":"k8s","version":"1.28"},{"component":null},{}],"new":{"x":[1]}})");
    BOOST_TEST(c.name() == "demo");
    BOOST_TEST(c.uuid() == "6a2ea2a9");
    BOOST_TEST(c.plan_name() == "Plan 1");
    BOOST_TEST((c.last_action() == cluster_action::create));
    BOOST_TEST(c.last_action_text() == "CREATE");
    BOOST_TEST((c.last_action_state() == cluster_state::in_progress));
    BOOST_TEST(c.last_action_state_text() == "in progress");
    BOOST_TEST(c.last_action_description() == "Creating cluster");
    BOOST_TEST((c.kubernetes_master_ips() == strings{"10.0.0.1", "10.0.0.2"}));
    BOOST_TEST(c.k8s_version() == "1.27.1");
    BOOST_TEST(c.pks_version() == "1.18.0");
    BOOST_TEST(c.network_profile_name() == "np");
    BOOST_TEST(c.compute_profile_name() == "cp");
    BOOST_TEST(c.kubernetes_profile_name() == "kp");
    auto const upgrades = c.available_upgrades();
    BOOST_REQUIRE(upgrades.size() == 3u);
    BOOST_TEST(upgrades[0].component == "k8s");
    BOOST_TEST(upgrades[0].version == "1.28");
    BOOST_TEST(upgrades[1].component == "");
    BOOST_TEST(upgrades[2].version == "");
    BOOST_TEST((c.json().at("new").at("x").at(0) == 1));
    BOOST_TEST(c.json().size() == 14u);
}

BOOST_AUTO_TEST_CASE(every_parameter)
{
    auto const p = parsed(R"({"name":"demo","parameters":{"kubernetes_master_host":"demo.example.com",
        "kubernetes_master_port":8443,"kubernetes_worker_instances":3,"authorization_mode":"RBAC",
        "node_pool_instances":"node-pool1:2","compute_profile":"{\"azs\":[]}","nsxt_network_profile":"{}",
        "nsxt_network_details":"[]","worker_haproxy_ip_addresses":"10.0.0.9",
        "cluster_tags":[{"category":"c","name":"n","value":"v"},{"name":"only","value":null,"more":1}],
        "custom_ca_certs":[{"domain_name":"d:5000","ca_cert":"PEM"},{}],
        "cluster_config_parameters":{"no_proxy":"x"},"k8s_customization_parameters":{"insecure_registries":null},
        "kubernetes_setting_cluster_details":{"a":1},"kubernetes_setting_plan_details":{"b":2},"new":true}})")
                       .parameters();
    BOOST_TEST(p.kubernetes_master_host() == "demo.example.com");
    BOOST_TEST((p.kubernetes_master_port() == 8443));
    BOOST_TEST((p.kubernetes_worker_instances() == 3));
    BOOST_TEST(p.authorization_mode() == "RBAC");
    BOOST_TEST(p.node_pool_instances() == "node-pool1:2");
    BOOST_TEST(p.compute_profile() == "{\"azs\":[]}");
    BOOST_TEST(p.nsxt_network_profile() == "{}");
    BOOST_TEST(p.nsxt_network_details() == "[]");
    BOOST_TEST(p.worker_haproxy_ip_addresses() == "10.0.0.9");
    auto const tags = p.cluster_tags();
    BOOST_REQUIRE(tags.size() == 2u);
    BOOST_TEST(tags[0].category == "c");
    BOOST_TEST(tags[0].name == "n");
    BOOST_TEST(tags[0].value == "v");
    BOOST_TEST(tags[1].category == "");
    BOOST_TEST(tags[1].name == "only");
    BOOST_TEST(tags[1].value == "");
    auto const cas = p.custom_ca_certs();
    BOOST_REQUIRE(cas.size() == 2u);
    BOOST_TEST(cas[0].domain_name == "d:5000");
    BOOST_TEST(cas[0].ca_cert == "PEM");
    BOOST_TEST(cas[1].domain_name == "");
    BOOST_REQUIRE(p.cluster_config_parameters());
    BOOST_TEST((p.cluster_config_parameters()->at("no_proxy") == "x"));
    BOOST_REQUIRE(p.k8s_customization_parameters());
    BOOST_TEST(p.k8s_customization_parameters()->at("insecure_registries").is_null());
    BOOST_REQUIRE(p.kubernetes_setting_cluster_details());
    BOOST_TEST((p.kubernetes_setting_cluster_details()->at("a") == 1));
    BOOST_REQUIRE(p.kubernetes_setting_plan_details());
    BOOST_TEST((p.kubernetes_setting_plan_details()->at("b") == 2));
    BOOST_TEST((p.json().at("new") == true));
}

BOOST_AUTO_TEST_CASE(left_out_and_null_read_as_empty)
{
    json::object nulls;
    nulls["name"] = "demo";
    for (auto const& [name, type] : cluster_model)
        nulls[name] = nullptr;
    json::object inner;
    for (auto const& [name, type] : parameters_model)
        inner[name] = nullptr;
    json::object null_parameters;
    null_parameters["name"] = "demo";
    null_parameters["parameters"] = std::move(inner);

    for (auto const& value : {json::value(json::object{{"name", "demo"}}), json::value(nulls),
             json::value(null_parameters), json::parse(R"({"name":"demo","parameters":{}})")}) {
        auto const c = read(value);
        for (auto const text : {c.uuid(), c.plan_name(), c.last_action_text(), c.last_action_state_text(),
                 c.last_action_description(), c.k8s_version(), c.pks_version(), c.network_profile_name(),
                 c.compute_profile_name(), c.kubernetes_profile_name()})
            BOOST_TEST(text == "");
        BOOST_TEST((c.last_action() == cluster_action::unknown));
        BOOST_TEST((c.last_action_state() == cluster_state::unknown));
        BOOST_TEST(c.kubernetes_master_ips().empty());
        BOOST_TEST(c.available_upgrades().empty());
        auto const p = c.parameters();
        for (auto const text :
            {p.kubernetes_master_host(), p.authorization_mode(), p.node_pool_instances(), p.compute_profile(),
                p.nsxt_network_profile(), p.nsxt_network_details(), p.worker_haproxy_ip_addresses()})
            BOOST_TEST(text == "");
        BOOST_TEST(!p.kubernetes_master_port());
        BOOST_TEST(!p.kubernetes_worker_instances());
        BOOST_TEST(p.cluster_tags().empty());
        BOOST_TEST(p.custom_ca_certs().empty());
        BOOST_TEST((p.cluster_config_parameters() == nullptr));
        BOOST_TEST((p.k8s_customization_parameters() == nullptr));
        BOOST_TEST((p.kubernetes_setting_cluster_details() == nullptr));
        BOOST_TEST((p.kubernetes_setting_plan_details() == nullptr));
    }
    BOOST_TEST(parsed(R"({"name":"demo"})").parameters().json().empty());
}

BOOST_AUTO_TEST_CASE(none)
{
    cluster const c;
    for (auto const text : {c.name(), c.uuid(), c.plan_name(), c.last_action_text(), c.last_action_state_text(),
             c.last_action_description(), c.k8s_version(), c.pks_version(), c.network_profile_name()})
        BOOST_TEST(text == "");
    BOOST_TEST((c.last_action() == cluster_action::unknown));
    BOOST_TEST((c.last_action_state() == cluster_state::unknown));
    BOOST_TEST(c.kubernetes_master_ips().empty());
    BOOST_TEST(c.available_upgrades().empty());
    BOOST_TEST(c.parameters().kubernetes_master_host() == "");
    BOOST_TEST(c.json().empty());
}

BOOST_AUTO_TEST_CASE(known_and_unknown_actions)
{
    std::pair<char const*, cluster_action> const rows[] = {{"CREATE", cluster_action::create},
        {"UPDATE", cluster_action::update}, {"DELETE", cluster_action::delete_}, {"UPGRADE", cluster_action::upgrade},
        {"ROTATE_NSX_CERTIFICATES", cluster_action::rotate_nsx_certificates},
        {"ADD_CUSTOM_CERTIFICATE_AUTHORITY", cluster_action::add_custom_certificate_authority},
        {"SIGN_WITH_CUSTOM_CERTIFICATE_AUTHORITY", cluster_action::sign_with_custom_certificate_authority},
        {"PURGE_OLD_CUSTOM_CERTIFICATE_AUTHORITY", cluster_action::purge_old_custom_certificate_authority},
        {"create", cluster_action::create}, {"Upgrade", cluster_action::upgrade}, {"", cluster_action::unknown},
        {"PROMOTE", cluster_action::unknown}, {"CREATE ", cluster_action::unknown}, {"CREAT", cluster_action::unknown},
        {"CREATED", cluster_action::unknown}, {"unknown", cluster_action::unknown}};
    for (auto const& [text, expected] : rows) {
        auto const c = read(cluster_with("last_action", text));
        BOOST_TEST((c.last_action() == expected), text);
        BOOST_TEST(c.last_action_text() == text);
    }
}

BOOST_AUTO_TEST_CASE(known_and_unknown_states)
{
    std::pair<char const*, cluster_state> const rows[] = {{"in progress", cluster_state::in_progress},
        {"succeeded", cluster_state::succeeded}, {"failed", cluster_state::failed}, {"queued", cluster_state::queued},
        {"In Progress", cluster_state::in_progress}, {"SUCCEEDED", cluster_state::succeeded},
        {"", cluster_state::unknown}, {"in_progress", cluster_state::unknown}, {"error", cluster_state::unknown},
        {"paused", cluster_state::unknown}};
    for (auto const& [text, expected] : rows) {
        auto const c = read(cluster_with("last_action_state", text));
        BOOST_TEST((c.last_action_state() == expected), text);
        BOOST_TEST(c.last_action_state_text() == text);
    }
}

BOOST_AUTO_TEST_CASE(types_of_the_cluster_are_checked)
{
    for (auto const& [name, type] : cluster_model)
        for (auto const& value : every_type()) {
            // An object of parameters without any that is known fits, too.
            auto const expected = fits(value, type) ? std::string() : std::string(name);
            BOOST_TEST(misfit(cluster_with(name, value)) == expected, name << ": " << value);
        }
}

BOOST_AUTO_TEST_CASE(types_of_the_parameters_are_checked)
{
    for (auto const& [name, type] : parameters_model)
        for (auto const& value : every_type()) {
            auto const expected = fits(value, type) ? std::string() : "parameters." + std::string(name);
            BOOST_TEST(misfit(parameters_with(name, value)) == expected, name << ": " << value);
        }
}

BOOST_AUTO_TEST_CASE(numbers_have_32_bits)
{
    for (std::int64_t const fitting :
        {std::int64_t{0}, std::int64_t{-1}, std::int64_t{INT32_MAX}, std::int64_t{INT32_MIN}})
        for (auto const* name : {"kubernetes_master_port", "kubernetes_worker_instances"}) {
            auto const p = read(parameters_with(name, fitting)).parameters();
            auto const got = name == std::string_view("kubernetes_master_port") ? p.kubernetes_master_port()
                                                                                : p.kubernetes_worker_instances();
            BOOST_TEST((got == static_cast<std::int32_t>(fitting)), fitting);
        }
    for (auto const& value : {json::value(std::int64_t{INT32_MAX} + 1), json::value(std::int64_t{INT32_MIN} - 1),
             json::value(INT64_MAX), json::value(UINT64_MAX), json::value(8443.0), json::value("8443")})
        BOOST_TEST(misfit(parameters_with("kubernetes_master_port", value)) == "parameters.kubernetes_master_port");
}

BOOST_AUTO_TEST_CASE(a_cluster_has_a_name)
{
    for (auto const* text : {"{}", R"({"name":null})", R"({"name":""})", R"({"name":1})", R"({"name":["a"]})",
             R"({"Name":"demo","uuid":"1"})"})
        BOOST_TEST(misfit(json::parse(text)) == "name", text);
    for (auto const* text : {"null", "[]", "\"demo\"", "1", "[{\"name\":\"demo\"}]"})
        BOOST_TEST(misfit(json::parse(text)) == "no object", text);
    // The first one is told.
    BOOST_TEST(misfit(json::parse(R"({"uuid":1,"plan_name":2})")) == "uuid");
}

BOOST_AUTO_TEST_CASE(texts_hold_any_octets)
{
    auto const c = parsed(R"({"name":"a\u0000b\n\u00e9","uuid":"not a uuid"})");
    BOOST_TEST((c.name() == std::string_view("a\0b\n\xc3\xa9", 6)));
    BOOST_TEST(c.uuid() == "not a uuid");
}

BOOST_AUTO_TEST_CASE(views_hold_the_reply)
{
    std::optional<cluster> c;
    std::optional<cluster_parameters> p;
    std::weak_ptr<json::value const> watched;
    {
        auto reply = std::make_shared<json::value const>(
            json::parse(R"([{"name":"demo","parameters":{"kubernetes_master_host":"a name too long to be inside"}}])"));
        watched = reply;
        auto const got = cluster::read(reply, reply->at(0));
        BOOST_REQUIRE(got.has_value());
        c = *got;
        p = c->parameters();
    }
    c.reset();
    BOOST_TEST(!watched.expired());
    BOOST_TEST(p->kubernetes_master_host() == "a name too long to be inside");
    p.reset();
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(lists)
{
    cluster_list const none;
    BOOST_TEST(none.empty());
    BOOST_TEST(none.size() == 0u);
    BOOST_TEST((none.begin() == none.end()));
    BOOST_TEST((none.find("a") == nullptr));

    cluster_list const list(
        {parsed(R"({"name":"b"})"), parsed(R"({"name":"a","uuid":"1"})"), parsed(R"({"name":"a","uuid":"2"})")});
    BOOST_TEST(!list.empty());
    BOOST_TEST(list.size() == 3u);
    std::string names;
    for (auto const& c : list)
        names += c.name();
    BOOST_TEST(names == "baa");
    BOOST_TEST(list[0].name() == "b");
    BOOST_REQUIRE(list.find("a"));
    BOOST_TEST(list.find("a")->uuid() == "1");
    BOOST_TEST((list.find("b") == &list[0]));
    for (auto const* other : {"", "A", "ab", "c"})
        BOOST_TEST((list.find(other) == nullptr), other);
}

// Whatever the published model names is read.
BOOST_AUTO_TEST_CASE(the_published_model)
{
    auto const members = unit_test::published_members("Cluster");
    auto const parameters = unit_test::published_members("ClusterParameters");
    if (!members || !parameters)
        return;
    // No member of the model is null, a text, a number, an array and an object at once.
    auto const checked = [](auto with, std::string_view name) {
        for (auto const& value : every_type())
            if (!misfit(with(name, value)).empty())
                return true;
        return false;
    };
    for (auto const& member : *members)
        BOOST_TEST(checked(cluster_with, member.key()), member.key());
    for (auto const& member : *parameters)
        BOOST_TEST(checked(parameters_with, member.key()), member.key());
    BOOST_TEST(members->size() == std::size(cluster_model) + 1);
    BOOST_TEST(parameters->size() == std::size(parameters_model));

    for (auto const& action : members->at("last_action").at("x-known-values").as_array())
        BOOST_TEST((read(cluster_with("last_action", action)).last_action() != cluster_action::unknown), action);
}

BOOST_AUTO_TEST_SUITE_END()
