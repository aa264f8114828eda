// The tag of a token: of all its octets, the same each time, on each thread.
#include "../jose/support.hpp"

#include <pks/policy/token_tag.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using pks::policy::token_tag;

BOOST_AUTO_TEST_SUITE(policy_token_tag)

BOOST_AUTO_TEST_CASE(the_same_text_has_the_same_tag_on_each_thread)
{
    std::string const token(1258, 'x');
    auto const here = token_tag::of(token);
    BOOST_TEST((here == token_tag::of(token)));
    BOOST_TEST((here == token_tag::of(std::string(token))));
    token_tag there;
    std::thread([&] { there = token_tag::of(token); }).join();
    BOOST_TEST((here == there));
    BOOST_TEST(here.hash() == there.hash());
}

BOOST_AUTO_TEST_CASE(each_octet_counts)
{
    std::string token(1258, 'x');
    auto const original = token_tag::of(token);
    for (std::size_t i = 0; i != token.size(); ++i) {
        token[i] = 'y';
        BOOST_TEST((token_tag::of(token) != original), i);
        token[i] = 'x';
    }
    BOOST_TEST((token_tag::of(token) == original));
}

BOOST_AUTO_TEST_CASE(a_prefix_is_another_token)
{
    std::vector<token_tag> tags;
    std::string const token(100, '\0');
    for (std::size_t size = 0; size != token.size(); ++size) {
        auto const tag = token_tag::of(std::string_view(token).substr(0, size));
        for (auto const& other : tags)
            BOOST_TEST((tag != other), size);
        tags.push_back(tag);
    }
    BOOST_TEST((token_tag() != token_tag::of("")));
}

BOOST_AUTO_TEST_CASE(places_that_change_at_once_do_not_cancel_out)
{
    // Words swapped, and one octet moved up while another moves down by the same.
    std::string const token = "0123456789abcdefFEDCBA98765432100123456789abcdef";
    auto const tag = token_tag::of(token);
    for (std::size_t i = 0; i != 6; ++i)
        for (std::size_t j = 0; j != i; ++j) {
            auto swapped = token;
            for (std::size_t k = 0; k != 8; ++k)
                std::swap(swapped[8 * i + k], swapped[8 * j + k]);
            BOOST_TEST((token_tag::of(swapped) == tag) == (swapped == token), i << ' ' << j);
        }
    for (std::size_t i = 0; i != token.size(); ++i)
        for (std::size_t j = 0; j != token.size(); ++j) {
            auto moved = token;
            ++moved[i];
            --moved[j];
            BOOST_TEST((token_tag::of(moved) == tag) == (i == j), i << ' ' << j);
        }
}

BOOST_AUTO_TEST_CASE(tags_are_spread_over_a_table)
{
    // Tokens that count up: of 4096 places for as many tokens about 63 % are taken.
    for (unsigned const shift : {0u, 8u, 40u}) {
        std::set<std::size_t> places;
        for (int i = 0; i != 4096; ++i)
            places.insert(token_tag::of(std::string(1200, 'x') + std::to_string(100'000 + i)).hash() >> shift & 4095);
        BOOST_TEST(places.size() > 2400u, shift);
        BOOST_TEST(places.size() < 2800u, shift);
    }
}

BOOST_AUTO_TEST_CASE(a_token_beyond_64_kib_equals_nothing)
{
    std::string const most(64 * 1024, 'x'), more(64 * 1024 + 1, 'x');
    BOOST_TEST((token_tag::of(most) == token_tag::of(most)));
    BOOST_TEST((token_tag::of(more) != token_tag::of(more)));
    BOOST_TEST((token_tag::of(more) != token_tag::of(most)));
}

BOOST_AUTO_TEST_CASE(a_tag_allocates_nothing)
{
    jose_test::allocation_count const before;
    token_tag::of("second");
    BOOST_TEST(before.calls() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
