// cluster_request: what each setter puts where; what becomes of it on the wire is in proto/change_cluster_messages.cpp.
#include "published_model.hpp"

#include <pks/cluster_request.hpp>

#include <pks/detail/wiping_resource.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace {

namespace json = boost::json;
using pks::cluster_config_parameters;
using pks::cluster_request;
using pks::secret;

template <class T>
concept streams = requires(std::ostream& stream, T const& value) { stream << value; };

static_assert(!std::is_aggregate_v<cluster_request> && !streams<cluster_request>);
static_assert(!std::is_default_constructible_v<cluster_request>);

std::string text(cluster_request const& what)
{
    return json::serialize(what.reveal());
}

cluster_request everything()
{
    cluster_config_parameters config;
    config.no_proxy("localhost");
    cluster_request out("demo", "small", "demo.example.com");
    out.network_profile_name("np")
        .compute_profile_name("cp")
        .kubernetes_profile_name("kp")
        .kubernetes_master_port(8443)
        .kubernetes_worker_instances(3)
        .authorization_mode("rbac")
        .worker_haproxy_ip_addresses("10.0.0.1")
        .node_pool_instances("node-pool1:2")
        .nsxt_network_profile("{}")
        .compute_profile("[]")
        .cluster_tag("env", "test")
        .custom_ca_cert("registry.example.com:5000", "PEM")
        .insecure_registries({"registry.example.com"})
        .unset_http_proxy({"runtime"})
        .vsphere_cloud_provider_config_key("key")
        .cluster_config_parameters(config);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(values_cluster_request)

BOOST_AUTO_TEST_CASE(what_the_api_requires)
{
    cluster_request const what("demo", "small", "demo.example.com");
    BOOST_TEST(what.name() == "demo");
    BOOST_TEST(what.plan_name() == "small");
    BOOST_TEST(what.kubernetes_master_host() == "demo.example.com");
    BOOST_TEST(text(what) ==
        R"({"name":"demo","plan_name":"small","parameters":{"kubernetes_master_host":"demo.example.com"}})");
}

BOOST_AUTO_TEST_CASE(each_setting_at_its_place)
{
    BOOST_TEST(text(everything()) ==
        R"({"name":"demo","plan_name":"small","parameters":{"kubernetes_master_host":"demo.example.com",)"
        R"("kubernetes_master_port":8443,"kubernetes_worker_instances":3,"authorization_mode":"rbac",)"
        R"("worker_haproxy_ip_addresses":"10.0.0.1","node_pool_instances":"node-pool1:2","nsxt_network_profile":"{}",)"
        R"("compute_profile":"[]","cluster_tags":[{"name":"env","value":"test"}],)"
        R"("custom_ca_certs":[{"domain_name":"registry.example.com:5000","ca_cert":"PEM"}],)"
        R"("k8s_customization_parameters":{"insecure_registries":["registry.example.com"],)"
        R"("unset_http_proxy":["runtime"],"vsphere_cloud_provider_config_key":"key"},)"
        R"("cluster_config_parameters":{"no_proxy":"localhost"}},)"
        R"("network_profile_name":"np","compute_profile_name":"cp","kubernetes_profile_name":"kp"})");
}

BOOST_AUTO_TEST_CASE(settings_replace_and_entries_add)
{
    cluster_request what("demo", "small", "demo.example.com");
    auto& same = what.kubernetes_worker_instances(1)
                     .kubernetes_worker_instances(2)
                     .insecure_registries({"a"})
                     .insecure_registries({"b", "c"})
                     .cluster_tag("a", "1")
                     .cluster_tag("b", "2", "on vSphere")
                     .custom_ca_cert("x", "1")
                     .custom_ca_cert("y", "2");
    BOOST_TEST(&same == &what);
    auto const& p = what.reveal().at("parameters").as_object();
    BOOST_TEST(p.at("kubernetes_worker_instances").as_int64() == 2);
    BOOST_TEST(json::serialize(p.at("k8s_customization_parameters")) == R"({"insecure_registries":["b","c"]})");
    BOOST_TEST(json::serialize(p.at("cluster_tags")) ==
        R"([{"name":"a","value":"1"},{"category":"on vSphere","name":"b","value":"2"}])");
    BOOST_TEST(p.at("custom_ca_certs").as_array().size() == 2U);
}

BOOST_AUTO_TEST_CASE(members_that_are_not_known)
{
    cluster_request what("demo", "small", "demo.example.com");
    what.parameter("new_parameter", json::array{1, nullptr}).member("new_member", true);
    BOOST_TEST(json::serialize(what.reveal().at("parameters").at("new_parameter")) == "[1,null]");
    BOOST_TEST(what.reveal().at("new_member").as_bool());
    // Whatever was made of the known ones.
    what.member("parameters", 7);
    BOOST_TEST(what.kubernetes_master_host() == "");
    what.member("name", nullptr);
    BOOST_TEST(what.name() == "");
    what.kubernetes_master_port(1);
    BOOST_TEST(json::serialize(what.reveal().at("parameters")) == R"({"kubernetes_master_port":1})");
}

BOOST_AUTO_TEST_CASE(copies_are_their_own)
{
    auto const first = everything();
    auto copy = first;
    copy.network_profile_name("other");
    BOOST_TEST(first.reveal().at("network_profile_name").as_string() == "np");
    BOOST_TEST(copy.reveal().at("network_profile_name").as_string() == "other");
    copy = first;
    BOOST_TEST(text(copy) == text(first));
    auto moved = std::move(copy);
    BOOST_TEST(text(moved) == text(first));
    cluster_request assigned("a", "b", "c");
    assigned = std::move(moved);
    BOOST_TEST(text(assigned) == text(first));
}

BOOST_AUTO_TEST_CASE(all_of_it_is_in_storage_that_is_wiped)
{
    auto const wiping = pks::detail::wiping_storage();
    auto const is_wiped = [&wiping](json::storage_ptr const& storage) {
        auto const &a = *storage.get(), &b = *wiping.get();
        return typeid(a) == typeid(b);
    };
    cluster_config_parameters config;
    config.domain_user_password(secret("a password")).instance_group("workers", json::object{{"a", "b"}});
    cluster_request first("demo", "small", "demo.example.com");
    first.cluster_config_parameters(config).parameter("more", json::object{{"a", json::array{"b"}}});
    auto const copy = first;
    for (auto const* const what : {&std::as_const(first), &copy}) {
        auto const& parameters = what->reveal().at("parameters").as_object();
        auto const& of_config = parameters.at("cluster_config_parameters").as_object();
        BOOST_TEST(is_wiped(what->reveal().storage()));
        BOOST_TEST(is_wiped(parameters.storage()));
        BOOST_TEST(is_wiped(of_config.at("domain_user_password").storage()));
        BOOST_TEST(is_wiped(of_config.at("instance_groups").at(0).at("vm_extension").at("a").storage()));
        BOOST_TEST(is_wiped(parameters.at("more").at("a").at(0).storage()));
    }
}

// Whatever the published model names can be set.
BOOST_AUTO_TEST_CASE(the_published_model)
{
    auto const members = unit_test::published_members("ClusterRequest");
    auto const parameters = unit_test::published_members("ClusterParameters");
    if (!members || !parameters)
        return;
    auto const what = everything();
    for (auto const& member : *members)
        BOOST_TEST(what.reveal().contains(member.key()), member.key());
    for (auto const& member : *parameters) {
        // What only servers say.
        bool const reported = member.key() == "nsxt_network_details" || member.key().starts_with("kubernetes_setting_");
        BOOST_TEST(what.reveal().at("parameters").as_object().contains(member.key()) != reported, member.key());
    }
}

BOOST_AUTO_TEST_SUITE_END()
