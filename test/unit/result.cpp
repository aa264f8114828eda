// result: a value or an error, with values that have a life of their own.
#include <pks/result.hpp>

#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace {

using pks::errc;
using pks::error_code;
using pks::oauth_errc;
using pks::result;

static_assert(!std::is_default_constructible_v<result<int>>);
static_assert(!std::is_convertible_v<result<int>, bool> && !std::is_convertible_v<result<int>, int>);
static_assert(std::is_nothrow_move_constructible_v<result<std::string>>);
static_assert(!std::is_constructible_v<result<std::string>, int>);

std::string const text = "a text that is too long to lie inside of its string";

} // namespace

BOOST_AUTO_TEST_SUITE(values_result)

BOOST_AUTO_TEST_CASE(a_value)
{
    result<std::string> const r = text;
    BOOST_TEST(r.has_value());
    BOOST_TEST(!r.has_error());
    BOOST_TEST(static_cast<bool>(r));
    BOOST_TEST(r.error() == error_code());
    BOOST_TEST(r.value() == text);
    BOOST_TEST(*r == text);
    BOOST_TEST(r->size() == text.size());
}

BOOST_AUTO_TEST_CASE(an_error)
{
    result<std::string> const r = errc::timeout;
    BOOST_TEST(!r.has_value());
    BOOST_TEST(r.has_error());
    BOOST_TEST(!r);
    BOOST_TEST(r.error() == error_code(errc::timeout));
    BOOST_TEST(result<int>(oauth_errc::other).error() == error_code(oauth_errc::other));
    BOOST_TEST(result<int>(error_code(errc::not_json)).error() == error_code(errc::not_json));
}

BOOST_AUTO_TEST_CASE(asking_for_a_value_that_there_is_not)
{
    auto const is_timeout = [](boost::system::system_error const& e) { return e.code() == errc::timeout; };
    result<std::string> r = errc::timeout;
    BOOST_CHECK_EXCEPTION((void)r.value(), boost::system::system_error, is_timeout);
    BOOST_CHECK_EXCEPTION((void)std::move(r).value(), boost::system::system_error, is_timeout);
}

BOOST_AUTO_TEST_CASE(copies_and_moves)
{
    result<std::string> a = text;
    result<std::string> const b = a;
    BOOST_TEST(*b == text);
    a->clear();
    BOOST_TEST(*b == text);
    result<std::string> const c = result<std::string>(b).value();
    BOOST_TEST(*c == text);
    result<std::string> const error = errc::timeout;
    result<std::string> const copy = error;
    BOOST_TEST(copy.error() == error_code(errc::timeout));
}

BOOST_AUTO_TEST_CASE(assignment)
{
    result<std::string> r = errc::timeout;
    r = result<std::string>(text);
    BOOST_TEST(*r == text);
    BOOST_TEST(r.error() == error_code());
    auto& same = r;
    r = same;
    BOOST_TEST(*r == text);
    r = errc::not_json;
    BOOST_TEST(!r);
    BOOST_TEST(r.error() == error_code(errc::not_json));
    r = result<std::string>("x");
    BOOST_TEST(*r == "x");
}

BOOST_AUTO_TEST_CASE(values_live_as_long_as_they_are_held)
{
    auto const counted = std::make_shared<int>(1);
    {
        result<std::shared_ptr<int>> a = counted;
        result<std::shared_ptr<int>> b = a;
        BOOST_TEST(counted.use_count() == 3);
        b = errc::timeout;
        BOOST_TEST(counted.use_count() == 2);
        b = a;
        BOOST_TEST(counted.use_count() == 3);
        auto const out = std::move(a).value();
        BOOST_TEST(counted.use_count() == 3);
    }
    BOOST_TEST(counted.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(values_that_only_move)
{
    result<std::unique_ptr<int>> a = std::make_unique<int>(7);
    result<std::unique_ptr<int>> b = std::move(a);
    BOOST_REQUIRE(*b);
    BOOST_TEST(**b == 7);
    auto const out = std::move(b).value();
    BOOST_TEST(*out == 7);
}

BOOST_AUTO_TEST_SUITE_END()
