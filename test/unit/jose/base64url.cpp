// base64url: RFC 4648 vectors, and exactly one text for each octet sequence.
#include <pks/jose/base64url.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

using pks::jose::base64url_decode;
using pks::jose::base64url_encode;

BOOST_AUTO_TEST_SUITE(jose_base64url)

BOOST_AUTO_TEST_CASE(vectors)
{
    std::pair<char const*, char const*> const samples[] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};
    for (auto const& [octets, text] : samples) {
        BOOST_TEST(base64url_encode(octets) == text);
        BOOST_TEST((base64url_decode(text) == std::string(octets)));
    }
}

BOOST_AUTO_TEST_CASE(every_octet_and_length_comes_back)
{
    std::string octets;
    for (int i = 0; i < 300; ++i) {
        BOOST_TEST((base64url_decode(base64url_encode(octets)) == octets));
        octets += static_cast<char>(i * 7);
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_canonical_is_refused)
{
    for (auto const text :
        {"Z", "Zg=", "Zg==", "Zh", "Zm9", "Zm9v Zm9v", "Zm9v\n", "Zm+v", "Zm/v", "Zm9vY", "Zm9\xc3\xa9"})
        BOOST_TEST((base64url_decode(text) == std::nullopt), text);
    BOOST_TEST((base64url_decode(std::string_view("Zm9\0", 4)) == std::nullopt));
}

BOOST_AUTO_TEST_SUITE_END()
