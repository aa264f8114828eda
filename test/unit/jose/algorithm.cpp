// Algorithm names, exactly, and sets of them.
#include <pks/jose/algorithm.hpp>
#include <pks/jose/algorithm_set.hpp>

#include <boost/test/unit_test.hpp>

#include <string_view>

using pks::jose::algorithm;
using pks::jose::algorithm_set;
using pks::jose::name_of;
using pks::jose::parse_algorithm;

BOOST_AUTO_TEST_SUITE(jose_algorithm)

BOOST_AUTO_TEST_CASE(names_come_back)
{
    for (auto const name : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
             "HS256", "HS384", "HS512"}) {
        auto const read = parse_algorithm(name);
        BOOST_REQUIRE(read.has_value());
        BOOST_TEST(name_of(*read) == name);
        BOOST_TEST(is_symmetric(*read) == (name[0] == 'H'));
        BOOST_TEST(algorithm_set::symmetric().contains(*read) == (name[0] == 'H'));
        BOOST_TEST(algorithm_set::asymmetric().contains(*read) == (name[0] != 'H'));
    }
}

BOOST_AUTO_TEST_CASE(j1_other_names_are_none)
{
    for (auto const name : {"", "none", "None", "NONE", "nOnE", " none", "rs256", "RS256 ", "RS2560", "RS25", "ES256K",
             "ES521", "EDDSA", "Ed25519", "A256KW", "RSA1_5", "dir"})
        BOOST_TEST(!parse_algorithm(name).has_value(), name);
    BOOST_TEST(!parse_algorithm(std::string_view("RS256\0", 6)).has_value());
}

BOOST_AUTO_TEST_CASE(sets)
{
    algorithm_set set;
    BOOST_TEST(set.empty());
    set.insert(algorithm::es384);
    BOOST_TEST(set.contains(algorithm::es384));
    BOOST_TEST(!set.contains(algorithm::es256));
    BOOST_TEST((set == algorithm_set{algorithm::es384}));
    BOOST_TEST(((set | algorithm_set{algorithm::hs512}) == algorithm_set{algorithm::hs512, algorithm::es384}));
}

BOOST_AUTO_TEST_SUITE_END()
