// access_token: the members of a reply, and no token.
#include <pks/access_token.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using pks::access_token;
using pks::secret;

template <class T>
concept streams = requires(std::ostream& stream, T const& value) { stream << value; };

static_assert(!std::is_aggregate_v<access_token>);
static_assert(!streams<access_token>);
static_assert(!std::is_convertible_v<access_token::parts, access_token>);
static_assert(std::is_nothrow_move_constructible_v<access_token>);

} // namespace

BOOST_AUTO_TEST_SUITE(values_access_token)

BOOST_AUTO_TEST_CASE(no_token)
{
    access_token const none;
    BOOST_TEST(none.empty());
    BOOST_TEST(none.value().empty());
    BOOST_TEST(none.token_type() == "bearer");
    BOOST_TEST(!none.expires_in());
    BOOST_TEST(!none.expires_at());
    BOOST_TEST(none.scope().empty());
    BOOST_TEST(none.jti() == "");
    BOOST_TEST(!none.refresh_token());
    BOOST_TEST(!none.id_token());
}

BOOST_AUTO_TEST_CASE(all_members)
{
    access_token::parts parts;
    parts.value = secret("v");
    parts.token_type = "Bearer";
    parts.expires_in = 599s;
    parts.expires_at = pks::clock::time_point(1768478999s);
    parts.scope = {"a", "b"};
    parts.jti = "4f1";
    parts.refresh_token = secret("r");
    parts.id_token = secret("i");
    access_token const token(std::move(parts));
    BOOST_TEST(!token.empty());
    BOOST_TEST(token.value().reveal() == "v");
    BOOST_TEST(token.token_type() == "Bearer");
    BOOST_TEST((token.expires_in() == 599s));
    BOOST_TEST((token.expires_at() == pks::clock::time_point(1768478999s)));
    BOOST_TEST((token.scope() == std::vector<std::string>{"a", "b"}));
    BOOST_TEST(token.jti() == "4f1");
    BOOST_REQUIRE(token.refresh_token());
    BOOST_TEST(token.refresh_token()->reveal() == "r");
    BOOST_REQUIRE(token.id_token());
    BOOST_TEST(token.id_token()->reveal() == "i");
}

BOOST_AUTO_TEST_CASE(copies_are_independent)
{
    access_token::parts parts;
    parts.value = secret("v");
    access_token a(parts);
    access_token const b = a;
    a = access_token();
    BOOST_TEST(a.empty());
    BOOST_TEST(b.value().reveal() == "v");
    access_token d(b);
    access_token const c = std::move(d);
    BOOST_TEST(c.value().reveal() == "v");
    BOOST_TEST(d.empty());
}

BOOST_AUTO_TEST_CASE(a_refresh_token_alone_is_no_token)
{
    access_token::parts parts;
    parts.refresh_token = secret("r");
    BOOST_TEST(access_token(parts).empty());
}

BOOST_AUTO_TEST_SUITE_END()
