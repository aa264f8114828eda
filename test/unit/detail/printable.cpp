// What may be shown and sent in names: UTF-8 without controls.
#include <pks/detail/printable.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using pks::detail::is_printable;
using pks::detail::printable;

BOOST_AUTO_TEST_SUITE(detail_printable)

BOOST_AUTO_TEST_CASE(printable_texts_stay)
{
    for (std::string_view const text :
        {"", "a", " ", "~", "my cluster", "\xc3\xa9", "\xc2\xa0", "\xef\xbf\xbd", "\xf0\x9f\x98\x80", "a\xc3\xa9z"}) {
        BOOST_TEST(is_printable(text), text);
        BOOST_TEST(printable(text) == text);
    }
}

BOOST_AUTO_TEST_CASE(controls_and_what_is_no_utf8_do_not)
{
    struct row
    {
        std::string_view text;
        std::string_view shown;
    };
    row const rows[] = {
        {{"\0", 1}, "\\x00"},
        {"a\r\nX: y", "a\\x0d\\x0aX: y"},
        {"\t", "\\x09"},
        {"\x1b[2J", "\\x1b[2J"},
        {"\x7f", "\\x7f"},
        {"\xc2\x85", "\\xc2\\x85"}, // C1
        {"\xc2\x9b", "\\xc2\\x9b"},
        {"\xff", "\\xff"},
        {"\x80", "\\x80"},
        {"\xc0\xaf", "\\xc0\\xaf"}, // overlong
        {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, // a surrogate
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
        {"\xc3", "\\xc3"}, // cut off
        {"\xe2\x82", "\\xe2\\x82"},
        {"a\xc3z", "a\\xc3z"},
    };
    for (auto const& [text, shown] : rows) {
        BOOST_TEST(!is_printable(text), shown);
        BOOST_TEST(printable(text) == shown);
    }
}

BOOST_AUTO_TEST_SUITE_END()
