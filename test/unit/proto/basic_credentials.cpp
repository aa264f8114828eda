// HTTP Basic: the vectors of RFC 7617 and RFC 4648, and the form-encoded way of RFC 6749.
#include <pks/proto/basic_credentials.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace {

using pks::proto::basic_credentials;
using pks::proto::form_encoded_basic_credentials;

} // namespace

BOOST_AUTO_TEST_SUITE(proto_basic_credentials)

BOOST_AUTO_TEST_CASE(as_they_are)
{
    BOOST_TEST(std::string_view(basic_credentials("Aladdin", "open sesame")) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    BOOST_TEST(std::string_view(basic_credentials("test", "123\xc2\xa3")) == "Basic dGVzdDoxMjPCow==");
    BOOST_TEST(std::string_view(basic_credentials("login", "loginsecret")) == "Basic bG9naW46bG9naW5zZWNyZXQ=");
}

BOOST_AUTO_TEST_CASE(empty_secrets_and_ids)
{
    BOOST_TEST(std::string_view(basic_credentials("cf", "")) == "Basic Y2Y6");
    BOOST_TEST(std::string_view(basic_credentials("pks_cli", "")) == "Basic cGtzX2NsaTo=");
    BOOST_TEST(std::string_view(basic_credentials("", "")) == "Basic Og==");
    BOOST_TEST(std::string_view(form_encoded_basic_credentials("cf", "")) == "Basic Y2Y6");
}

BOOST_AUTO_TEST_CASE(every_padding)
{
    BOOST_TEST(std::string_view(basic_credentials("a", "b")) == "Basic YTpi");
    BOOST_TEST(std::string_view(basic_credentials("a", "bc")) == "Basic YTpiYw==");
    BOOST_TEST(std::string_view(basic_credentials("a", "bcd")) == "Basic YTpiY2Q=");
    BOOST_TEST(std::string_view(basic_credentials("a", "\xfb\xff\xfe\xff")) == "Basic YTr7//7/");
}

BOOST_AUTO_TEST_CASE(form_encoded)
{
    // a%2Bb:c%3A+%25%C3%A9
    BOOST_TEST(std::string_view(form_encoded_basic_credentials("a+b", "c: %\xc3\xa9")) ==
        "Basic YSUyQmI6YyUzQSslMjUlQzMlQTk=");
    BOOST_TEST(std::string_view(form_encoded_basic_credentials("a:b", "c")) == "Basic YSUzQWI6Yw==");
    BOOST_TEST(std::string_view(form_encoded_basic_credentials("admin", "Secret-1.x*_")) ==
        std::string_view(basic_credentials("admin", "Secret-1.x*_")));
}

BOOST_AUTO_TEST_CASE(long_secrets_stay_on_one_line)
{
    std::string const secret(64 * 1024, 's');
    auto const got = basic_credentials("i", secret);
    BOOST_TEST(got.size() == 6u + 4 * ((2 + secret.size() + 2) / 3));
    BOOST_TEST(std::string_view(got).find_first_of("\r\n") == std::string_view::npos);
    BOOST_TEST(std::string_view(got).find('\0') == std::string_view::npos);
}

BOOST_AUTO_TEST_SUITE_END()
