// cluster_config_parameters: what each setter puts where.
#include "published_model.hpp"

#include <pks/cluster_config_parameters.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <type_traits>

namespace {

namespace json = boost::json;
using pks::cluster_config_parameters;
using pks::secret;

template <class T>
concept streams = requires(std::ostream& stream, T const& value) { stream << value; };

static_assert(!std::is_aggregate_v<cluster_config_parameters> && !streams<cluster_config_parameters>);

std::string text(cluster_config_parameters const& what)
{
    return json::serialize(what.reveal());
}

cluster_config_parameters everything()
{
    cluster_config_parameters out;
    out.custom_ca("PEM", secret("KEY"))
        .http_proxy("http://proxy.example.com:3128", "user", secret("password"))
        .https_proxy("http://proxy.example.com:3128")
        .no_proxy("localhost")
        .global_no_proxy_merge(true)
        .instance_group("workers", json::object{{"cpu", 2}})
        .net_permission("n", "10.0.0.0/8", "READ_ONLY", false)
        .disable_net_permissions(false)
        .target_vsan_fileshare_datastore_urls("ds:///")
        .disable_target_vsan_fileshare_datastore_urls(true)
        .enable_gmsa(true)
        .domain_controller_ip_address("10.0.0.2")
        .domain_fqdn("example.com")
        .domain_security_group("g")
        .domain_service_account("a")
        .domain_user_username("u")
        .domain_user_password(secret("p"));
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(values_cluster_config_parameters)

BOOST_AUTO_TEST_CASE(each_setting_at_its_place)
{
    BOOST_TEST(text(cluster_config_parameters()) == "{}");
    BOOST_TEST(text(everything()) ==
        R"({"custom_ca":{"certificate":"PEM","private_key":"KEY"},"http_proxy":{"url":"http://proxy.example.com:3128",)"
        R"("username":"user","password":"password"},"https_proxy":{"url":"http://proxy.example.com:3128"},)"
        R"("no_proxy":"localhost","global_no_proxy_merge":true,"instance_groups":[{"name":"workers",)"
        R"("vm_extension":{"cpu":2}}],"net_permissions":[{"name":"n","ips":"10.0.0.0/8","permissions":"READ_ONLY",)"
        R"("rootsquash":false}],"disable_net_permissions":false,"target_vsan_fileshare_datastore_urls":"ds:///",)"
        R"("disable_target_vsan_fileshare_datastore_urls":true,"enable_gmsa":true,)"
        R"("domain_controller_ip_address":"10.0.0.2","domain_fqdn":"example.com","domain_security_group":"g",)"
        R"("domain_service_account":"a","domain_user_username":"u","domain_user_password":"p"})");
}

BOOST_AUTO_TEST_CASE(settings_replace_and_entries_add)
{
    cluster_config_parameters what;
    auto& same = what.http_proxy("a", "b", secret("c"))
                     .http_proxy("d")
                     .instance_group("x", nullptr)
                     .instance_group("y", json::object())
                     .member("new_member", 1)
                     .member("new_member", 2);
    BOOST_TEST(&same == &what);
    BOOST_TEST(text(what) ==
        R"({"http_proxy":{"url":"d"},"instance_groups":[{"name":"x","vm_extension":null},)"
        R"({"name":"y","vm_extension":{}}],"new_member":2})");
}

// Whatever the published model names can be set.
BOOST_AUTO_TEST_CASE(the_published_model)
{
    auto const members = unit_test::published_members("ClusterConfigParameters");
    if (!members)
        return;
    auto const what = everything();
    for (auto const& member : *members)
        BOOST_TEST(what.reveal().contains(member.key()), member.key());
    BOOST_TEST(members->size() == what.reveal().size());
}

BOOST_AUTO_TEST_SUITE_END()
