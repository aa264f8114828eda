// The codes of policy: a text of its own for each, and the conditions that they equal.
#include <pks/policy/token_errc.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using pks::condition;
using pks::error_code;
using pks::token_errc;

BOOST_AUTO_TEST_SUITE(policy_codes)

BOOST_AUTO_TEST_CASE(each_code_has_a_text_of_its_own)
{
    std::set<std::string> texts;
    int value = 1;
    for (; value <= static_cast<int>(token_errc::saved_keys_too_old); ++value)
        BOOST_TEST(texts.insert(error_code(static_cast<token_errc>(value)).message()).second, "code " << value);
    BOOST_TEST(texts.count("unknown token error") == 0u);
    BOOST_TEST(error_code(static_cast<token_errc>(value)).message() == "unknown token error");
    BOOST_TEST(error_code(token_errc::expired).category().name() == "pks.token");
}

BOOST_AUTO_TEST_CASE(each_code_equals_the_conditions_of_its_kind)
{
    for (int value = 1; value <= static_cast<int>(token_errc::saved_keys_too_old); ++value)
        BOOST_TEST_CONTEXT("code " << value)
        {
            auto const code = static_cast<token_errc>(value);
            error_code const ec(code);
            bool const of_token = code <= token_errc::inactive;
            bool const of_scope = code == token_errc::insufficient_scope;
            bool const of_uaa = code > token_errc::insufficient_scope && code <= token_errc::question_refused;
            BOOST_TEST((ec == condition::unauthorized) == of_token);
            BOOST_TEST((ec == condition::forbidden) == of_scope);
            BOOST_TEST((ec == condition::unavailable) == of_uaa);
            BOOST_TEST((ec == condition::retryable) == (of_uaa && code != token_errc::question_refused));
            BOOST_TEST((ec == condition::invalid_input) == (!of_token && !of_scope && !of_uaa));
            BOOST_TEST((ec != condition::bad_reply));
            BOOST_TEST((ec != make_error_condition(boost::system::errc::permission_denied)));
        }
}

BOOST_AUTO_TEST_SUITE_END()
