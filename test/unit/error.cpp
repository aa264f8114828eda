// The error categories: a text of its own for every value, and which condition each value meets.
#include <pks/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using pks::api_errc;
using pks::condition;
using pks::errc;
using pks::error_code;
using pks::oauth_errc;
using pks::tls_errc;

static_assert(boost::system::is_error_code_enum<errc>::value && boost::system::is_error_code_enum<oauth_errc>::value);
static_assert(boost::system::is_error_code_enum<api_errc>::value && boost::system::is_error_code_enum<tls_errc>::value);
static_assert(boost::system::is_error_condition_enum<condition>::value);
static_assert(std::is_same_v<decltype(make_error_code(errc::timeout)), error_code>);

constexpr int last_of(errc) noexcept
{
    return static_cast<int>(errc::invalid_expires_in);
}
constexpr int last_of(oauth_errc) noexcept
{
    return static_cast<int>(oauth_errc::other);
}
constexpr int last_of(api_errc) noexcept
{
    return static_cast<int>(api_errc::other);
}
constexpr int last_of(tls_errc) noexcept
{
    return static_cast<int>(tls_errc::malformed);
}

template <class Enum>
std::vector<error_code> all_of()
{
    std::vector<error_code> out;
    for (int value = 1; value <= last_of(Enum()); ++value)
        out.emplace_back(static_cast<Enum>(value));
    return out;
}

std::vector<error_code> all()
{
    std::vector<error_code> out;
    for (auto const& part : {all_of<errc>(), all_of<oauth_errc>(), all_of<api_errc>(), all_of<tls_errc>()})
        out.insert(out.end(), part.begin(), part.end());
    return out;
}

// Those codes of ours meet the condition, and no other.
void met_by(condition wanted, std::vector<error_code> const& expected)
{
    for (auto const& code : all()) {
        bool const named = std::find(expected.begin(), expected.end(), code) != expected.end();
        BOOST_TEST((code == wanted) == named, code.category().name() << ' ' << code.message());
        BOOST_TEST((wanted == code) == named);
        BOOST_TEST((code != wanted) == !named);
    }
}

// As Asio reports what a socket says.
error_code of_system(int value)
{
    return {value, boost::system::system_category()};
}

std::vector<error_code> range(errc first, errc last)
{
    std::vector<error_code> out;
    for (int value = static_cast<int>(first); value <= static_cast<int>(last); ++value)
        out.emplace_back(static_cast<errc>(value));
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(values_error)

BOOST_AUTO_TEST_CASE(categories)
{
    BOOST_TEST(pks::client_category().name() == std::string("pks"));
    BOOST_TEST(pks::oauth_category().name() == std::string("pks.oauth"));
    BOOST_TEST(pks::api_category().name() == std::string("pks.api"));
    BOOST_TEST(pks::tls_category().name() == std::string("pks.tls"));
    BOOST_TEST(pks::condition_category().name() == std::string("pks.condition"));

    BOOST_TEST((error_code(errc::timeout).category() == pks::client_category()));
    BOOST_TEST((error_code(oauth_errc::other).category() == pks::oauth_category()));
    BOOST_TEST((error_code(api_errc::other).category() == pks::api_category()));
    BOOST_TEST((error_code(tls_errc::weak).category() == pks::tls_category()));
    BOOST_TEST((make_error_condition(condition::timeout).category() == pks::condition_category()));
    BOOST_TEST((&pks::client_category() == &pks::client_category()));
}

BOOST_AUTO_TEST_CASE(numbers_are_not_shared)
{
    BOOST_TEST((error_code(errc::invalid_endpoint) != error_code(oauth_errc::unauthorized)));
    BOOST_TEST((error_code(oauth_errc::unauthorized) != error_code(api_errc::unauthorized)));
    BOOST_TEST((error_code(api_errc::unauthorized) != error_code(tls_errc::unknown_issuer)));
    for (auto const& code : all())
        BOOST_TEST(code.failed());
}

BOOST_AUTO_TEST_CASE(every_value_has_a_text_of_its_own)
{
    std::set<std::string> seen;
    for (auto const& code : all()) {
        auto const text = code.message();
        BOOST_TEST(!text.empty());
        BOOST_TEST(!text.starts_with("unknown "), code.category().name() << ' ' << code.value());
        BOOST_TEST(seen.insert(text).second, text);
        BOOST_TEST(text.find_first_of("\r\n") == std::string::npos);
        BOOST_TEST(text.back() != '.');
    }
    BOOST_TEST(seen.size() == all().size());
}

BOOST_AUTO_TEST_CASE(other_values)
{
    for (int const value : {0, -1, 1000}) {
        BOOST_TEST(pks::client_category().message(value) == "unknown error");
        BOOST_TEST(pks::oauth_category().message(value) == "unknown OAuth error");
        BOOST_TEST(pks::api_category().message(value) == "unknown API error");
        BOOST_TEST(pks::tls_category().message(value) == "unknown TLS error");
        BOOST_TEST(pks::condition_category().message(value) == "unknown condition");
    }
}

BOOST_AUTO_TEST_CASE(texts_that_people_act_upon)
{
    BOOST_TEST(error_code(errc::invalid_endpoint).message() ==
        "the server's address cannot be read: write HOST, HOST:PORT or https://HOST[:PORT]");
    BOOST_TEST(error_code(errc::redirected).message() ==
        "the server answered with a redirect that is not followed: is the address right?");
    BOOST_TEST(error_code(oauth_errc::bad_credentials).message() ==
        "the UAA refused the credentials: client id, client secret, user name or password is wrong");
    BOOST_TEST(error_code(oauth_errc::account_locked).message() ==
        "the account is locked after too many failed logins: wait, do not retry");
    BOOST_TEST(error_code(api_errc::not_found).message() == "no such object, or none that this identity manages: 404");
    BOOST_TEST(error_code(tls_errc::unknown_issuer).message() ==
        "the server's certificate comes from a CA that is not trusted here: is it the right CA?");
    BOOST_TEST(boost::system::system_error(errc::ca_not_found).what() ==
        std::string("the CA file or directory does not exist [pks:7]"));
}

BOOST_AUTO_TEST_CASE(every_condition_has_a_text_of_its_own)
{
    std::set<std::string> seen;
    for (int value = 1; value <= static_cast<int>(condition::outcome_unknown); ++value) {
        auto const text = make_error_condition(static_cast<condition>(value)).message();
        BOOST_TEST(text != "unknown condition");
        BOOST_TEST(seen.insert(text).second, text);
    }
    BOOST_TEST(seen.size() == 12u);
}

BOOST_AUTO_TEST_CASE(invalid_input)
{
    met_by(condition::invalid_input, range(errc::invalid_endpoint, errc::client_certificate_invalid));
    BOOST_TEST(range(errc::invalid_endpoint, errc::client_certificate_invalid).size() == 13u);
}

BOOST_AUTO_TEST_CASE(timeout)
{
    met_by(condition::timeout, {errc::timeout, errc::timeout_outcome_unknown});
    BOOST_TEST((of_system(ETIMEDOUT) == condition::timeout));
    BOOST_TEST((of_system(ECONNREFUSED) != condition::timeout));
}

BOOST_AUTO_TEST_CASE(untrusted)
{
    met_by(condition::untrusted, all_of<tls_errc>());
}

BOOST_AUTO_TEST_CASE(unauthorized)
{
    met_by(condition::unauthorized,
        {errc::no_credentials, errc::reauthentication_required, oauth_errc::unauthorized, oauth_errc::invalid_client,
            oauth_errc::bad_credentials, oauth_errc::account_locked, oauth_errc::password_expired,
            oauth_errc::account_unverified, oauth_errc::invalid_passcode, oauth_errc::invalid_grant,
            oauth_errc::invalid_token, api_errc::unauthorized, api_errc::invalid_token});
}

BOOST_AUTO_TEST_CASE(forbidden)
{
    met_by(condition::forbidden,
        {oauth_errc::invalid_scope, oauth_errc::insufficient_scope, oauth_errc::unauthorized_grant,
            oauth_errc::access_denied, api_errc::forbidden});
}

BOOST_AUTO_TEST_CASE(not_found)
{
    met_by(condition::not_found, {oauth_errc::not_found, api_errc::not_found});
}

BOOST_AUTO_TEST_CASE(conflict)
{
    met_by(condition::conflict, {api_errc::conflict});
}

BOOST_AUTO_TEST_CASE(unavailable)
{
    met_by(condition::unavailable,
        {oauth_errc::unavailable, oauth_errc::server_error, api_errc::server_error, api_errc::bad_gateway,
            api_errc::unavailable, api_errc::gateway_timeout});
}

BOOST_AUTO_TEST_CASE(retryable)
{
    met_by(condition::retryable,
        {errc::timeout, errc::connection_closed, errc::truncated, oauth_errc::too_many_requests,
            oauth_errc::unavailable, api_errc::too_many_requests, api_errc::unavailable});
    for (int const value : {ETIMEDOUT, ECONNREFUSED, ECONNRESET})
        BOOST_TEST((of_system(value) == condition::retryable), value);
    for (int const value : {ECANCELED, EACCES, EHOSTUNREACH, EPIPE})
        BOOST_TEST((of_system(value) != condition::retryable), value);
}

BOOST_AUTO_TEST_CASE(bad_reply)
{
    met_by(condition::bad_reply, range(errc::protocol_error, errc::invalid_expires_in));
    BOOST_TEST(range(errc::protocol_error, errc::invalid_expires_in).size() == 17u);
}

BOOST_AUTO_TEST_CASE(connection_lost)
{
    met_by(condition::connection_lost, {errc::connection_closed, errc::truncated});
    for (int const value : {ECONNRESET, ECONNABORTED, EPIPE})
        BOOST_TEST((of_system(value) == condition::connection_lost), value);
    // Never made, or ended by this side.
    for (int const value : {ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ECANCELED})
        BOOST_TEST((of_system(value) != condition::connection_lost), value);
    BOOST_TEST((error_code(boost::asio::error::eof) == condition::connection_lost));
    BOOST_TEST((error_code(boost::asio::error::not_found) != condition::connection_lost));
    BOOST_TEST((error_code(boost::asio::ssl::error::stream_truncated) == condition::connection_lost));
    BOOST_TEST((error_code(boost::asio::ssl::error::unexpected_result) != condition::connection_lost));
    BOOST_TEST((error_code(boost::asio::error::host_not_found) != condition::connection_lost));
}

BOOST_AUTO_TEST_CASE(outcome_unknown)
{
    met_by(condition::outcome_unknown, {errc::outcome_unknown, errc::timeout_outcome_unknown});
    BOOST_TEST((of_system(ECANCELED) != condition::outcome_unknown));
}

BOOST_AUTO_TEST_CASE(success_meets_no_condition)
{
    for (int value = 0; value <= 13; ++value) {
        auto const wanted = boost::system::error_condition(value, pks::condition_category());
        BOOST_TEST((error_code() != wanted));
        for (auto const* category :
            {&pks::client_category(), &pks::oauth_category(), &pks::api_category(), &pks::tls_category()})
            BOOST_TEST((error_code(0, *category) != wanted), category->name() << ' ' << value);
        // Nor does what is somebody else's.
        BOOST_TEST((of_system(EPERM) != wanted));
        BOOST_TEST((error_code(1, boost::system::generic_category()) != wanted));
    }
}

BOOST_AUTO_TEST_SUITE_END()
