// binding_request: which cluster, and for whom.
#include <pks/binding_request.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <type_traits>

namespace {

using pks::binding_request;

static_assert(!std::is_aggregate_v<binding_request> && !std::is_default_constructible_v<binding_request>);
static_assert(
    std::is_convertible_v<char const*, binding_request> && std::is_convertible_v<std::string, binding_request>);

} // namespace

BOOST_AUTO_TEST_SUITE(values_binding_request)

BOOST_AUTO_TEST_CASE(of_the_caller_and_of_a_user)
{
    binding_request what = "demo";
    BOOST_TEST(what.cluster_name() == "demo");
    BOOST_TEST(what.user() == "");
    BOOST_TEST(!what.suppress_cluster_role_binding());
    auto& same = what.user("alana").suppress_cluster_role_binding(true);
    BOOST_TEST(&same == &what);
    BOOST_TEST(what.user() == "alana");
    BOOST_TEST(what.suppress_cluster_role_binding());
    BOOST_TEST(!what.suppress_cluster_role_binding(false).suppress_cluster_role_binding());
}

BOOST_AUTO_TEST_SUITE_END()
