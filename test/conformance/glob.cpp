// Patterns over case ids.
#include "runner/glob.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(glob)

BOOST_AUTO_TEST_CASE(matches)
{
    using conform::glob_match;
    BOOST_TEST(glob_match("*", ""));
    BOOST_TEST(glob_match("*", "4.30.0/info/info-json"));
    BOOST_TEST(glob_match("4.30.0/*", "4.30.0/info/info-json"));
    BOOST_TEST(glob_match("*/info-json", "4.30.0/info/info-json"));
    BOOST_TEST(glob_match("*token*refresh*", "4.30.0/token-refresh/refresh"));
    BOOST_TEST(glob_match("pks/list/admi?", "pks/list/admin"));
    BOOST_TEST(glob_match("**a**", "bab"));
    BOOST_TEST(glob_match("", ""));
}

BOOST_AUTO_TEST_CASE(does_not_match)
{
    using conform::glob_match;
    BOOST_TEST(!glob_match("", "a"));
    BOOST_TEST(!glob_match("?", ""));
    BOOST_TEST(!glob_match("pks/list/admin", "pks/list/admin-read"));
    BOOST_TEST(!glob_match("*/admin", "pks/list/admin-read"));
    BOOST_TEST(!glob_match("a*b*c", "a-c-b"));
    BOOST_TEST(!glob_match("PKS/*", "pks/list/admin"));
}

BOOST_AUTO_TEST_SUITE_END()
