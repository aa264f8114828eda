// The codes of tokens and keys: a text of its own for each, and the conditions that they equal.
#include <pks/jose/jose_errc.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using pks::condition;
using pks::error_code;
using pks::jose_errc;

BOOST_AUTO_TEST_SUITE(jose_codes)

BOOST_AUTO_TEST_CASE(each_code_has_a_text_of_its_own)
{
    std::set<std::string> texts;
    int value = 1;
    for (; value <= static_cast<int>(jose_errc::key_set_empty); ++value)
        BOOST_TEST(texts.insert(error_code(static_cast<jose_errc>(value)).message()).second, "code " << value);
    BOOST_TEST(texts.count("unknown JOSE error") == 0u);
    BOOST_TEST(error_code(static_cast<jose_errc>(value)).message() == "unknown JOSE error");
    BOOST_TEST(error_code(jose_errc::bad_signature).category().name() == "pks.jose");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_token_is_unauthorized_and_with_a_key_a_bad_reply)
{
    BOOST_TEST((error_code(jose_errc::token_too_large) == condition::unauthorized));
    BOOST_TEST((error_code(jose_errc::bad_signature) == condition::unauthorized));
    BOOST_TEST((error_code(jose_errc::forbidden_character) == condition::unauthorized));
    BOOST_TEST((error_code(jose_errc::forbidden_character) != condition::bad_reply));
    BOOST_TEST((error_code(jose_errc::malformed_key) == condition::bad_reply));
    BOOST_TEST((error_code(jose_errc::key_set_empty) == condition::bad_reply));
    BOOST_TEST((error_code(jose_errc::key_set_empty) != condition::unauthorized));
    BOOST_TEST((error_code(jose_errc::bad_signature) != condition::retryable));
    BOOST_TEST((error_code(jose_errc::bad_signature) != make_error_condition(boost::system::errc::permission_denied)));
}

BOOST_AUTO_TEST_SUITE_END()
