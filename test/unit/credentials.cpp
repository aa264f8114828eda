// credentials: what each function puts together; what becomes of it on the wire is in proto/uaa_messages.cpp.
#include <pks/credentials.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using pks::authentication_method;
using pks::client_authentication;
using pks::credentials;
using pks::grant_type;
using pks::secret;

template <class T>
concept streams = requires(std::ostream& stream, T const& value) { stream << value; };

static_assert(!std::is_aggregate_v<credentials> && !std::is_aggregate_v<client_authentication>);
static_assert(!streams<credentials> && !streams<client_authentication>);
static_assert(!std::is_default_constructible_v<credentials>);
static_assert(!std::is_default_constructible_v<client_authentication>);

using parameters = std::vector<std::pair<std::string, std::string>>;

parameters revealed(credentials const& with)
{
    parameters out;
    for (auto const& [name, value] : with.parameters())
        out.emplace_back(name, value.reveal());
    return out;
}

void is(client_authentication const& got, authentication_method method, std::string const& id, std::string_view text)
{
    BOOST_TEST((got.method() == method));
    BOOST_TEST(got.client_id() == id);
    BOOST_TEST(got.client_secret().reveal() == text);
}

// pks_cli with its empty secret in the form, and `response_type=token`, as the real command line sends them.
void is_through_pks_cli(credentials const& got, grant_type grant)
{
    BOOST_TEST((got.grant() == grant));
    is(got.client(), authentication_method::body, "pks_cli", "");
    BOOST_TEST(got.response_type() == "token");
    BOOST_TEST(got.scope().empty());
    BOOST_TEST(!got.token_format());
}

} // namespace

BOOST_AUTO_TEST_SUITE(values_credentials)

BOOST_AUTO_TEST_CASE(ways_to_authenticate_a_client)
{
    secret const s("sec ret");
    is(client_authentication::automatic("id", s), authentication_method::automatic, "id", "sec ret");
    is(client_authentication::basic("id", s), authentication_method::basic, "id", "sec ret");
    is(client_authentication::basic_unencoded("id", s), authentication_method::basic_unencoded, "id", "sec ret");
    is(client_authentication::body("id", s), authentication_method::body, "id", "sec ret");
    is(client_authentication::none("id"), authentication_method::none, "id", "");
    is(client_authentication::assertion(secret("j.w.t")), authentication_method::assertion, "", "j.w.t");
    is(client_authentication::assertion(secret("j.w.t"), "id"), authentication_method::assertion, "id", "j.w.t");
}

BOOST_AUTO_TEST_CASE(an_automated_client)
{
    auto const got = pks::client_credentials("automated-client", secret("s"));
    BOOST_TEST((got.grant() == grant_type::client_credentials));
    is(got.client(), authentication_method::automatic, "automated-client", "s");
    BOOST_TEST(got.parameters().empty());
    BOOST_TEST(got.response_type() == "");
}

BOOST_AUTO_TEST_CASE(users)
{
    auto const password = pks::password_credentials("alana", secret("p"));
    is_through_pks_cli(password, grant_type::password);
    BOOST_TEST((revealed(password) == parameters{{"username", "alana"}, {"password", "p"}}));

    auto const passcode = pks::passcode_credentials(secret("c"));
    is_through_pks_cli(passcode, grant_type::passcode);
    BOOST_TEST((revealed(passcode) == parameters{{"passcode", "c"}}));

    auto const refresh = pks::refresh_token_credentials(secret("r"));
    is_through_pks_cli(refresh, grant_type::refresh_token);
    BOOST_TEST((revealed(refresh) == parameters{{"refresh_token", "r"}}));
}

BOOST_AUTO_TEST_CASE(codes_and_assertions)
{
    auto const app = client_authentication::none("app");
    auto const code = pks::authorization_code_credentials(app, secret("c"), "http://x", secret("v"));
    BOOST_TEST((code.grant() == grant_type::authorization_code));
    is(code.client(), authentication_method::none, "app", "");
    BOOST_TEST((revealed(code) == parameters{{"code", "c"}, {"redirect_uri", "http://x"}, {"code_verifier", "v"}}));
    BOOST_TEST(code.response_type() == "");
    BOOST_TEST((revealed(pks::authorization_code_credentials(app, secret("c"), "")) == parameters{{"code", "c"}}));

    auto const bearer = pks::jwt_bearer_credentials(app, secret("a"));
    BOOST_TEST((bearer.grant() == grant_type::jwt_bearer));
    BOOST_TEST((revealed(bearer) == parameters{{"assertion", "a"}}));
    BOOST_TEST(bearer.response_type() == "");
}

BOOST_AUTO_TEST_CASE(nothing_is_checked)
{
    BOOST_TEST((revealed(pks::password_credentials("", secret())) == parameters{{"username", ""}, {"password", ""}}));
    BOOST_TEST((revealed(pks::passcode_credentials(secret("\r\n"))) == parameters{{"passcode", "\r\n"}}));
}

BOOST_AUTO_TEST_CASE(settings_replace_and_parameters_add)
{
    auto with = pks::password_credentials("alana", secret("p"));
    auto& same = with.client(client_authentication::basic("a", secret("b")))
                     .scope({"x"})
                     .scope({"y", "z"})
                     .token_format(pks::token_format::jwt)
                     .token_format(pks::token_format::opaque)
                     .response_type("id_token")
                     .parameter("n", secret("1"))
                     .parameter("n", secret("2"));
    BOOST_TEST(&same == &with);
    is(with.client(), authentication_method::basic, "a", "b");
    BOOST_TEST((with.scope() == std::vector<std::string>{"y", "z"}));
    BOOST_TEST((with.token_format() == pks::token_format::opaque));
    BOOST_TEST(with.response_type() == "id_token");
    BOOST_TEST((revealed(with) == parameters{{"username", "alana"}, {"password", "p"}, {"n", "1"}, {"n", "2"}}));
    BOOST_TEST(with.response_type("").response_type() == "");
    BOOST_TEST(with.scope({}).scope().empty());
}

BOOST_AUTO_TEST_CASE(the_origin_is_json)
{
    auto const hint = [](std::string const& origin) {
        auto with = pks::password_credentials("alana", secret("p"));
        with.origin(origin);
        BOOST_REQUIRE(with.parameters().size() == 3u);
        BOOST_TEST(with.parameters()[2].first == "login_hint");
        return std::string(with.parameters()[2].second.reveal());
    };
    BOOST_TEST(hint("uaa") == R"({"origin":"uaa"})");
    BOOST_TEST(hint("") == R"({"origin":""})");
    BOOST_TEST(hint(R"(a"b\c)") == R"({"origin":"a\"b\\c"})");
    BOOST_TEST(hint(R"(","x":")") == R"({"origin":"\",\"x\":\""})");
    BOOST_TEST(hint("\xc3\xa9") == "{\"origin\":\"\xc3\xa9\"}");
}

BOOST_AUTO_TEST_SUITE_END()
