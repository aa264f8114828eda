// A string that leaves nothing behind: its contents through growth, copies and moves.
#include <pks/detail/wiped_string.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace {

using pks::detail::wiped_string;

static_assert(std::is_nothrow_move_constructible_v<wiped_string> && std::is_nothrow_move_assignable_v<wiped_string>);
static_assert(!std::is_convertible_v<wiped_string, std::string>);

std::string const long_text(100, 'x');

std::string_view view(wiped_string const& s)
{
    return s;
}

} // namespace

BOOST_AUTO_TEST_SUITE(detail_wiped_string)

BOOST_AUTO_TEST_CASE(empty)
{
    wiped_string const none;
    BOOST_TEST(none.empty());
    BOOST_TEST(none.size() == 0u);
    BOOST_TEST(view(none) == "");
    BOOST_TEST(view(wiped_string(std::string_view())) == "");
}

BOOST_AUTO_TEST_CASE(grows)
{
    wiped_string s;
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
        char const c = static_cast<char>(i);
        s += c;
        expected += c;
        s.append("ab").append("");
        expected += "ab";
        s.push_back('!');
        expected += '!';
        BOOST_REQUIRE((view(s) == expected));
        BOOST_REQUIRE(s.capacity() >= s.size());
    }
    s.append(view(s));
    BOOST_TEST((view(s) == expected + expected));
}

BOOST_AUTO_TEST_CASE(takes_several_texts_at_once)
{
    wiped_string s;
    s.append({});
    BOOST_TEST(view(s) == "");
    s.append({"", "ab", "", std::string_view("\0c", 2)});
    BOOST_TEST((view(s) == std::string_view("ab\0c", 4)));
    // Parts of itself, with room and without.
    for (int i = 0; i < 6; ++i) {
        std::string const before(view(s));
        s.append({view(s).substr(2), "!", view(s)});
        BOOST_TEST((view(s) == before + before.substr(2) + "!" + before));
    }
    wiped_string exact;
    exact.append({long_text, long_text});
    BOOST_TEST(exact.capacity() == 2 * long_text.size());
}

BOOST_AUTO_TEST_CASE(room)
{
    wiped_string s("abc");
    s.reserve(1000);
    BOOST_TEST(s.capacity() >= 1000u);
    BOOST_TEST(view(s) == "abc");
    auto const* const where = s.data();
    s.append(std::string(900, 'y'));
    BOOST_TEST((s.data() == where));
    s.reserve(1);
    BOOST_TEST((s.data() == where));
    s.resize(2);
    BOOST_TEST(view(s) == "ab");
    s.resize(4);
    BOOST_TEST((view(s) == std::string_view("ab\0\0", 4)));
    s.clear();
    BOOST_TEST(s.empty());
}

BOOST_AUTO_TEST_CASE(copies_and_moves)
{
    for (std::string const& text : {std::string("short"), long_text}) {
        wiped_string a(text);
        wiped_string b = a;
        BOOST_TEST(view(b) == text);
        b.append("!");
        BOOST_TEST(view(a) == text);
        wiped_string const c = std::move(b);
        BOOST_TEST(view(c) == text + "!");
        a = c;
        BOOST_TEST(view(a) == text + "!");
        wiped_string d("other");
        d = std::move(a);
        BOOST_TEST(view(d) == text + "!");
        d = wiped_string();
        BOOST_TEST(d.empty());
        auto& same = d;
        d.append(text);
        d = same;
        BOOST_TEST(view(d) == text);
    }
}

BOOST_AUTO_TEST_CASE(a_short_text_is_handed_over_too)
{
    for (std::string const& text : {std::string("s"), long_text}) {
        wiped_string a(text);
        auto const* const where = a.data();
        wiped_string b = std::move(a);
        BOOST_TEST((b.data() == where));
        BOOST_TEST(a.empty());
        BOOST_TEST(a.capacity() == 0u);
        wiped_string c("other");
        c = std::move(b);
        BOOST_TEST((c.data() == where));
        BOOST_TEST(b.empty());
    }
}

BOOST_AUTO_TEST_CASE(what_is_cut_off_is_wiped)
{
    wiped_string s(long_text);
    s.resize(10);
    for (std::size_t i = 10; i < long_text.size(); ++i)
        BOOST_TEST(static_cast<char const volatile&>(s.data()[i]) == '\0');
    BOOST_TEST((view(s) == long_text.substr(0, 10)));
}

// What the object still holds of a text, in the room that it keeps.
BOOST_AUTO_TEST_CASE(clearing_wipes)
{
    for (std::string const& text : {std::string("SSSSSSSS"), std::string(100, 'S')}) {
        wiped_string s(text);
        char const* const where = s.data();
        s.clear();
        for (std::size_t i = 0; i < text.size(); ++i)
            BOOST_TEST(static_cast<char const volatile&>(where[i]) == '\0');
    }
}

BOOST_AUTO_TEST_SUITE_END()
