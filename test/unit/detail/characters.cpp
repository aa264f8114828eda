// Questions about characters: the fast ones give the verdict of the plain ones, wherever the octet stands.
#include <pks/detail/characters.hpp>
#include <pks/proto/http_grammar.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace {

// In texts that are shorter than a block, one block, and several with a rest.
template <class Fast>
void agrees(Fast fast, bool (*plain)(char))
{
    for (std::size_t const size : {1U, 7U, 15U, 16U, 17U, 31U, 32U, 33U, 50U})
        for (std::size_t at = 0; at != size; ++at)
            for (int octet = 0; octet != 256; ++octet) {
                std::string text(size, 'a');
                text[at] = static_cast<char>(octet);
                // Without a message of its own for each of a hundred thousand.
                if (fast(text) != plain(text[at]))
                    BOOST_ERROR("octet " << octet << " at " << at << " of " << size);
            }
}

} // namespace

BOOST_AUTO_TEST_SUITE(detail_characters)

BOOST_AUTO_TEST_CASE(visible)
{
    BOOST_TEST(pks::detail::all_visible(""));
    agrees([](std::string_view text) { return pks::detail::all_visible(text); }, pks::detail::is_visible);
}

BOOST_AUTO_TEST_CASE(control)
{
    BOOST_TEST(!pks::detail::has_control(""));
    agrees([](std::string_view text) { return pks::detail::has_control(text); }, pks::detail::is_control);
}

BOOST_AUTO_TEST_CASE(text_of_fields)
{
    using pks::proto::http_grammar::is_text;
    BOOST_TEST(is_text(""));
    BOOST_TEST(is_text("a\tb"));
    BOOST_TEST(!is_text("a\tb\r"));
    agrees([](std::string_view text) { return is_text(text); }, pks::proto::http_grammar::is_text_char);
}

// Octets of opposite kinds side by side do not make up for each other.
BOOST_AUTO_TEST_CASE(pairs)
{
    for (int first = 0; first != 256; ++first)
        for (int second = 0; second != 256; ++second) {
            std::string text(32, 'a');
            text[20] = static_cast<char>(first);
            text[21] = static_cast<char>(second);
            bool const visible = std::all_of(text.begin(), text.end(), pks::detail::is_visible);
            bool const control = std::any_of(text.begin(), text.end(), pks::detail::is_control);
            if (pks::detail::all_visible(text) != visible || pks::detail::has_control(text) != control)
                BOOST_ERROR("octets " << first << " and " << second);
        }
}

BOOST_AUTO_TEST_SUITE_END()
