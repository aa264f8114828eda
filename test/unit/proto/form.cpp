// application/x-www-form-urlencoded: every octet both ways, and what is no encoding.
#include <pks/proto/form.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pks::detail::wiped_string;
using pks::proto::append_form_encoded;
using pks::proto::append_form_field;
using pks::proto::form_decode;
using pks::proto::form_encodes_to_itself;
using pks::proto::parse_form;

using fields = std::vector<std::pair<std::string, std::string>>;

std::string encoded(std::string_view text)
{
    std::string out;
    append_form_encoded(out, text);
    return out;
}

std::string const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._";

} // namespace

BOOST_AUTO_TEST_SUITE(proto_form)

BOOST_AUTO_TEST_CASE(every_octet_has_its_encoding)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    for (unsigned octet = 0; octet < 256; ++octet) {
        std::string const text(1, static_cast<char>(octet));
        bool const plain = unreserved.find(text) != std::string::npos;
        auto const expected = plain ? text
            : text == " "           ? std::string("+")
                                    : std::string("%") + digits[octet / 16] + digits[octet % 16];
        BOOST_TEST(encoded(text) == expected);
        BOOST_TEST(form_encodes_to_itself(text) == plain);
        BOOST_TEST((form_decode(expected) == text));
    }
}

BOOST_AUTO_TEST_CASE(texts)
{
    BOOST_TEST(encoded("") == "");
    BOOST_TEST(encoded("a b+c&d=e%f") == "a+b%2Bc%26d%3De%25f");
    BOOST_TEST(encoded("gr\xc3\xbc\xc3\x9f") == "gr%C3%BC%C3%9F");
    BOOST_TEST(encoded(std::string_view("\0\r\n", 3)) == "%00%0D%0A");
    BOOST_TEST(encoded("{\"origin\":\"uaa\"}") == "%7B%22origin%22%3A%22uaa%22%7D");
    BOOST_TEST(encoded("~!'()") == "%7E%21%27%28%29");
    BOOST_TEST(form_encodes_to_itself(""));
    BOOST_TEST(form_encodes_to_itself(unreserved));
    BOOST_TEST(!form_encodes_to_itself("pks_cli "));
}

BOOST_AUTO_TEST_CASE(appends_to_what_is_there)
{
    std::string text = "x=";
    append_form_encoded(text, "1 2");
    BOOST_TEST(text == "x=1+2");
    wiped_string wiped("y=");
    append_form_encoded(wiped, "&");
    BOOST_TEST(std::string_view(wiped) == "y=%26");
}

BOOST_AUTO_TEST_CASE(fields_are_joined)
{
    wiped_string form;
    append_form_field(form, "grant_type", "password");
    append_form_field(form, "client_secret", "");
    append_form_field(form, "a&b", "c=d");
    append_form_field(form, "", "");
    BOOST_TEST(std::string_view(form) == "grant_type=password&client_secret=&a%26b=c%3Dd&=");
}

BOOST_AUTO_TEST_CASE(decoding)
{
    BOOST_TEST((form_decode("") == std::string()));
    BOOST_TEST((form_decode("a+b%20c%2b%2B") == "a b c++"));
    BOOST_TEST((form_decode("%00") == std::string(1, '\0')));
    BOOST_TEST((form_decode("\xc3\xbc~") == "\xc3\xbc~"));
    for (auto const* bad : {"%", "%4", "a%", "a%2", "%zz", "%2g", "%g2", "%%41", "% 41", "%+1", "%-1", "%0x"})
        BOOST_TEST((form_decode(bad) == std::nullopt), bad);
}

BOOST_AUTO_TEST_CASE(forms_are_read_in_order)
{
    BOOST_TEST((parse_form("b=1&a=2&b=3&b=1") == fields{{"b", "1"}, {"a", "2"}, {"b", "3"}, {"b", "1"}}));
    BOOST_TEST((parse_form("a+b=c%3Dd") == fields{{"a b", "c=d"}}));
    BOOST_TEST((parse_form("a=b=c") == fields{{"a", "b=c"}}));
    BOOST_TEST((parse_form("a") == fields{{"a", ""}}));
    BOOST_TEST((parse_form("a=") == fields{{"a", ""}}));
    BOOST_TEST((parse_form("=a") == fields{{"", "a"}}));
}

BOOST_AUTO_TEST_CASE(empty_and_undecodable_fields_are_left_out)
{
    BOOST_TEST((parse_form("").empty()));
    BOOST_TEST((parse_form("&").empty()));
    BOOST_TEST((parse_form("&&a=1&&b=2&") == fields{{"a", "1"}, {"b", "2"}}));
    BOOST_TEST((parse_form("a=%&b=2&%4=c&d=4") == fields{{"b", "2"}, {"d", "4"}}));
}

BOOST_AUTO_TEST_CASE(what_was_encoded_is_read_back)
{
    std::string every;
    for (int octet = 0; octet < 256; ++octet)
        every += static_cast<char>(octet);
    wiped_string form;
    append_form_field(form, every, "x");
    append_form_field(form, "y", every);
    BOOST_TEST((parse_form(form) == fields{{every, "x"}, {"y", every}}));
}

BOOST_AUTO_TEST_SUITE_END()
