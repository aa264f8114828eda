// cluster_update: what each setter puts where; what becomes of it on the wire is in proto/change_cluster_messages.cpp.
#include "published_model.hpp"

#include <pks/cluster_update.hpp>

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

namespace {

namespace json = boost::json;
using pks::cluster_update;

template <class T>
concept streams = requires(std::ostream& stream, T const& value) { stream << value; };

static_assert(!std::is_aggregate_v<cluster_update> && !streams<cluster_update>);

std::string text(cluster_update const& what)
{
    return json::serialize(what.reveal());
}

cluster_update everything()
{
    pks::cluster_config_parameters config;
    config.no_proxy("localhost");
    cluster_update out;
    out.kubernetes_worker_instances(5)
        .node_pool_instances("node-pool1:2")
        .network_profile_name("np")
        .compute_profile_name("cp")
        .kubernetes_profile_name("kp")
        .cluster_tag("env", "test")
        .delete_all_tags(false)
        .custom_ca_cert("registry.example.com", "PEM")
        .insecure_registries({"registry.example.com"})
        .unset_http_proxy({"runtime"})
        .vsphere_cloud_provider_config_key("key")
        .cluster_config_parameters(config)
        .kubelet_drain_timeout("1")
        .kubelet_drain_grace_period("5")
        .kubelet_drain_force("true")
        .kubelet_drain_force_node("false")
        .kubelet_drain_ignore_daemonsets("true")
        .kubelet_drain_delete_local_data("false");
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(values_cluster_update)

BOOST_AUTO_TEST_CASE(nothing_yet)
{
    BOOST_TEST(text(cluster_update()) == "{}");
}

BOOST_AUTO_TEST_CASE(each_setting_at_its_place)
{
    BOOST_TEST(text(everything()) ==
        R"({"kubernetes_worker_instances":5,"node_pool_instances":"node-pool1:2","network_profile_name":"np",)"
        R"("compute_profile_name":"cp","kubernetes_profile_name":"kp","cluster_tags":[{"name":"env","value":"test"}],)"
        R"("delete_all_tags":false,"custom_ca_certs":[{"domain_name":"registry.example.com","ca_cert":"PEM"}],)"
        R"("insecure_registries":["registry.example.com"],"k8s_customization_parameters":{)"
        R"("unset_http_proxy":["runtime"],"vsphere_cloud_provider_config_key":"key"},)"
        R"("cluster_config_parameters":{"no_proxy":"localhost"},"kubelet_drain_timeout":"1",)"
        R"("kubelet_drain_grace_period":"5","kubelet_drain_force":"true","kubelet_drain_force_node":"false",)"
        R"("kubelet_drain_ignore_daemonsets":"true","kubelet_drain_delete_local_data":"false"})");
}

BOOST_AUTO_TEST_CASE(settings_replace_entries_add_and_the_rest_is_open)
{
    cluster_update what;
    auto& same = what.kubernetes_worker_instances(1)
                     .kubernetes_worker_instances(2)
                     .cluster_tag("a", "1")
                     .cluster_tag("b", "2", "on vSphere")
                     .member("new_member", json::object{{"a", 1}})
                     .member("new_member", nullptr);
    BOOST_TEST(&same == &what);
    BOOST_TEST(text(what) ==
        R"({"kubernetes_worker_instances":2,"cluster_tags":[{"name":"a","value":"1"},)"
        R"({"category":"on vSphere","name":"b","value":"2"}],"new_member":null})");
}

BOOST_AUTO_TEST_CASE(copies_are_their_own_and_wiped)
{
    auto const first = everything();
    auto copy = first;
    copy.kubernetes_worker_instances(7);
    BOOST_TEST(first.reveal().at("kubernetes_worker_instances").as_int64() == 5);
    BOOST_TEST(copy.reveal().at("kubernetes_worker_instances").as_int64() == 7);
    auto const wiping = pks::detail::wiping_storage();
    for (auto const* const what : {&first, static_cast<cluster_update const*>(&copy)}) {
        auto const& a = *what->reveal().at("cluster_config_parameters").at("no_proxy").storage().get();
        auto const& b = *wiping.get();
        BOOST_TEST((typeid(a) == typeid(b)));
    }
    copy = cluster_update();
    BOOST_TEST(text(copy) == "{}");
}

// Whatever the published model names can be set.
BOOST_AUTO_TEST_CASE(the_published_model)
{
    auto const members = unit_test::published_members("UpdateClusterParameters");
    if (!members)
        return;
    auto const what = everything();
    for (auto const& member : *members)
        BOOST_TEST(what.reveal().contains(member.key()), member.key());
    BOOST_TEST(members->size() == what.reveal().size());
}

BOOST_AUTO_TEST_SUITE_END()
