// kubeconfig: every member of the API's model, what is unknown, missing or of another type, and that it is wiped.
#include <pks/kubeconfig.hpp>

#include <pks/detail/wiping_resource.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace {

namespace json = boost::json;
using pks::errc;
using pks::kubeconfig;
using pks::secret;

template <class T>
concept streams = requires(std::ostream& stream, T const& value) { stream << value; };

static_assert(!std::is_aggregate_v<kubeconfig> && !streams<kubeconfig> && !streams<kubeconfig::named_user>);

constexpr std::string_view of_an_account =
    R"({"preferences":{},"apiVersion":"v1","kind":"Config","current-context":"demo",)"
    R"("contexts":[{"context":{"cluster":"demo","user":"ef01e590"},"name":"demo"}],)"
    R"("clusters":[{"name":"demo","cluster":{"certificate-authority-data":"LS0t","server":"https://demo:8443"}}],)"
    R"("users":[{"name":"ef01e590","user":{"token":"a-token-of-an-account"}}],"more":[1]})";

constexpr std::string_view of_a_user = R"({"apiVersion":"v1","kind":"Config","clusters":[],"contexts":[],)"
                                       R"("users":[{"name":"alana","user":{"auth-provider":{"name":"oidc","config":)"
                                       R"({"client-id":"pks_cluster_client","id-token":"an-id-token"}}}}]})";

std::shared_ptr<json::value const> parsed(std::string_view text)
{
    auto const storage = pks::detail::wiping_storage();
    return std::make_shared<json::value const>(json::parse(text, storage));
}

kubeconfig read(std::string_view text)
{
    std::string where = "untouched";
    auto const got = kubeconfig::read(parsed(text), &where);
    BOOST_REQUIRE_MESSAGE(got.has_value(), where);
    BOOST_TEST(where == "untouched");
    return *got;
}

// The name of the first member that does not fit; empty where all do.
std::string misfit(json::value value)
{
    auto const reply = std::make_shared<json::value const>(std::move(value));
    std::string where;
    auto const got = kubeconfig::read(reply, &where);
    BOOST_TEST(got.has_error() == !where.empty());
    if (got.has_error())
        BOOST_TEST((got.error() == errc::unexpected_json));
    BOOST_TEST(kubeconfig::read(reply).has_error() == got.has_error());
    return where;
}

// With the member at a JSON pointer changed.
std::string misfit_at(std::string_view pointer, json::value value, std::string_view text = of_an_account)
{
    auto changed = json::parse(text);
    pks::error_code ec;
    auto* const member = changed.find_pointer(pointer, ec);
    BOOST_REQUIRE(member);
    *member = std::move(value);
    return misfit(std::move(changed));
}

std::string misfit_without(std::string_view member)
{
    auto changed = json::parse(of_an_account);
    changed.as_object().erase(member);
    return misfit(std::move(changed));
}

} // namespace

BOOST_AUTO_TEST_SUITE(values_kubeconfig)

BOOST_AUTO_TEST_CASE(of_a_service_account)
{
    auto const got = read(of_an_account);
    BOOST_TEST(got.api_version() == "v1");
    BOOST_TEST(got.kind() == "Config");
    BOOST_TEST(got.current_context() == "demo");
    BOOST_TEST_REQUIRE(got.clusters().size() == 1U);
    BOOST_TEST(got.clusters()[0].name == "demo");
    BOOST_TEST(got.clusters()[0].server == "https://demo:8443");
    BOOST_TEST(got.clusters()[0].certificate_authority_data == "LS0t");
    BOOST_TEST_REQUIRE(got.contexts().size() == 1U);
    BOOST_TEST(got.contexts()[0].name == "demo");
    BOOST_TEST(got.contexts()[0].cluster == "demo");
    BOOST_TEST(got.contexts()[0].user == "ef01e590");
    auto const users = got.users();
    BOOST_TEST_REQUIRE(users.size() == 1U);
    BOOST_TEST(users[0].name == "ef01e590");
    BOOST_TEST((users[0].token == secret("a-token-of-an-account")));
    BOOST_TEST(users[0].auth_provider == "");
    BOOST_TEST(users[0].auth_provider_config.empty());
    BOOST_TEST(got.reveal().at("more").at(0).as_int64() == 1);
    // As kubectl reads it, to the octet.
    BOOST_TEST(got.text().reveal() == of_an_account);
}

BOOST_AUTO_TEST_CASE(of_a_user_with_oidc)
{
    auto const got = read(of_a_user);
    BOOST_TEST(got.current_context() == "");
    BOOST_TEST(got.clusters().empty());
    BOOST_TEST(got.contexts().empty());
    auto const users = got.users();
    BOOST_TEST_REQUIRE(users.size() == 1U);
    BOOST_TEST(users[0].name == "alana");
    BOOST_TEST(users[0].token.empty());
    BOOST_TEST(users[0].auth_provider == "oidc");
    BOOST_TEST_REQUIRE(users[0].auth_provider_config.size() == 2U);
    BOOST_TEST(users[0].auth_provider_config[1].first == "id-token");
    BOOST_TEST((users[0].auth_provider_config[1].second == secret("an-id-token")));
}

BOOST_AUTO_TEST_CASE(nothing)
{
    kubeconfig const none;
    for (auto const text : {none.api_version(), none.kind(), none.current_context()})
        BOOST_TEST(text == "");
    BOOST_TEST(none.clusters().empty());
    BOOST_TEST(none.contexts().empty());
    BOOST_TEST(none.users().empty());
    BOOST_TEST(none.text().reveal() == "{}");
}

BOOST_AUTO_TEST_CASE(what_the_model_requires)
{
    for (auto const* const member : {"apiVersion", "kind", "clusters", "contexts", "users"})
        BOOST_TEST(misfit_without(member) == member);
    for (auto const* const member : {"preferences", "current-context", "more"})
        BOOST_TEST(misfit_without(member) == "", member);
    for (auto const* const body : {"null", "[]", "7", "\"text\""})
        BOOST_TEST(misfit(json::parse(body)) == "no object", body);
    BOOST_TEST(misfit(json::object()) == "apiVersion");
}

BOOST_AUTO_TEST_CASE(types_are_checked)
{
    std::pair<char const*, char const*> const required[] = {{"/apiVersion", "apiVersion"}, {"/kind", "kind"},
        {"/clusters", "clusters"}, {"/clusters/0", "clusters"}, {"/clusters/0/name", "clusters.name"},
        {"/clusters/0/cluster", "clusters.cluster"}, {"/clusters/0/cluster/server", "clusters.cluster.server"},
        {"/contexts", "contexts"}, {"/contexts/0/name", "contexts.name"}, {"/contexts/0/context", "contexts.context"},
        {"/contexts/0/context/cluster", "contexts.context.cluster"},
        {"/contexts/0/context/user", "contexts.context.user"}, {"/users", "users"}, {"/users/0/name", "users.name"},
        {"/users/0/user", "users.user"}};
    for (auto const& [pointer, name] : required)
        for (auto const& value : {json::value(nullptr), json::value(7), json::value(json::array{7})})
            BOOST_TEST(misfit_at(pointer, value) == name, pointer << ": " << value);
    std::pair<char const*, char const*> const optional[] = {{"/preferences", "preferences"},
        {"/current-context", "current-context"},
        {"/clusters/0/cluster/certificate-authority-data", "clusters.cluster.certificate-authority-data"},
        {"/users/0/user/token", "users.user.token"}};
    for (auto const& [pointer, name] : optional) {
        BOOST_TEST(misfit_at(pointer, nullptr) == "", pointer);
        BOOST_TEST(misfit_at(pointer, 7) == name, pointer);
    }
    std::pair<char const*, char const*> const of_provider[] = {
        {"/users/0/user/auth-provider/name", "users.user.auth-provider.name"},
        {"/users/0/user/auth-provider/config", "users.user.auth-provider.config"},
        {"/users/0/user/auth-provider/config/id-token", "users.user.auth-provider.config"}};
    for (auto const& [pointer, name] : of_provider)
        for (auto const& value : {json::value(nullptr), json::value(7)})
            BOOST_TEST(misfit_at(pointer, value, of_a_user) == name, pointer);
    BOOST_TEST(misfit_at("/users/0/user/auth-provider", nullptr, of_a_user) == "");
    BOOST_TEST(misfit_at("/users/0/user/auth-provider", 7, of_a_user) == "users.user.auth-provider");
}

BOOST_AUTO_TEST_CASE(copies_share_what_they_were_read_from)
{
    std::optional<kubeconfig> copy;
    std::weak_ptr<json::value const> watched;
    {
        auto const reply = parsed(of_an_account);
        watched = reply;
        auto const got = kubeconfig::read(reply);
        BOOST_REQUIRE(got.has_value());
        copy = *got;
    }
    BOOST_TEST(!watched.expired());
    BOOST_TEST(copy->current_context() == "demo");
    copy.reset();
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_SUITE_END()
