// policy/bearer_token.hpp: where a token is looked for, and what is refused. Threat O13.
#include <pks/policy/bearer_errc.hpp>
#include <pks/policy/bearer_token.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using pks::bearer_errc;
using pks::condition;
using pks::error_code;

struct request
{
    std::vector<std::string_view> authorization;
    std::string_view target = "/v1/clusters";
    std::string_view form{};
};

std::string read(request const& r)
{
    pks::policy::bearer_request in;
    in.authorization = r.authorization;
    in.target = r.target;
    in.form = r.form;
    auto const got = pks::policy::bearer_token(in);
    return got.has_value() ? "token " + std::string(*got) : got.error().message();
}

std::string refused(bearer_errc e)
{
    return make_error_code(e).message();
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_bearer_token)

BOOST_AUTO_TEST_CASE(takes_what_follows_bearer)
{
    BOOST_TEST(read({{"Bearer abc"}}) == "token abc");
    BOOST_TEST(read({{"bearer abc"}}) == "token abc");
    BOOST_TEST(read({{"BEARER   a-b.c_d~e+f/g=="}}) == "token a-b.c_d~e+f/g==");
    BOOST_TEST(read({{"Bearer a"}, "/v1/clusters?name=access_token&x=1#access_token=b"}) == "token a");
    BOOST_TEST(read({{"Bearer a"}, "/access_token=b", "my_access_token=c&access_tokens=d"}) == "token a");
}

BOOST_AUTO_TEST_CASE(without_a_bearer_token_there_is_none)
{
    for (request const& r :
        {request{}, request{{"Basic YTpi"}}, request{{""}}, request{{"Bearerabc"}}, request{{"Bear a"}}})
        BOOST_TEST(read(r) == refused(bearer_errc::no_token));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_token)
{
    for (std::string_view const value : {"Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer =", "Bearer a=b",
             "Bearer \xc3\xa9", "Bearer a\"b", "Bearer a, Bearer b", "Bearer\ta"})
        BOOST_TEST_CONTEXT(value)
        {
            auto const expected = value == "Bearer\ta" ? bearer_errc::no_token : bearer_errc::malformed_authorization;
            BOOST_TEST(read({{value}}) == refused(expected));
        }
    BOOST_TEST(read({{std::string_view("Bearer a\0b", 10)}}) == refused(bearer_errc::malformed_authorization));
}

BOOST_AUTO_TEST_CASE(refuses_several)
{
    BOOST_TEST(read({{"Bearer a", "Bearer a"}}) == refused(bearer_errc::several_tokens));
    BOOST_TEST(read({{"Basic YTpi", "Bearer a"}}) == refused(bearer_errc::several_tokens));
}

BOOST_AUTO_TEST_CASE(refuses_tokens_elsewhere_also_beside_a_good_one)
{
    for (auto const target : {"/?access_token=a", "/x?a=1&access_token=a", "/?access_token", "/?access%5Ftoken=a",
             "/?%61ccess_token=%zz", "/?&&access_token=a&"})
        for (auto const& authorization : {std::vector<std::string_view>{}, std::vector<std::string_view>{"Bearer a"}})
            BOOST_TEST_CONTEXT(target)
    BOOST_TEST(read({authorization, target}) == refused(bearer_errc::token_in_target));
    BOOST_TEST(read({{}, "/", "access_token=a"}) == refused(bearer_errc::token_in_form));
    BOOST_TEST(read({{"Bearer a"}, "/", "x=1&access_token=a"}) == refused(bearer_errc::token_in_form));
}

BOOST_AUTO_TEST_CASE(each_error_has_a_text_and_a_condition)
{
    std::vector<std::string> seen;
    for (auto const e : {bearer_errc::no_token, bearer_errc::several_tokens, bearer_errc::token_in_target,
             bearer_errc::token_in_form, bearer_errc::malformed_authorization}) {
        error_code const ec = e;
        BOOST_TEST(ec.category().name() == "pks.bearer");
        BOOST_TEST(!ec.message().empty());
        BOOST_TEST((std::find(seen.begin(), seen.end(), ec.message()) == seen.end()));
        seen.push_back(ec.message());
        bool const missing = e == bearer_errc::no_token;
        BOOST_TEST((ec == condition::unauthorized) == missing);
        BOOST_TEST((ec == condition::invalid_input) == !missing);
        BOOST_TEST((ec != condition::forbidden));
    }
    BOOST_TEST(error_code(77, pks::bearer_category()).message() == "unknown bearer error");
}

BOOST_AUTO_TEST_SUITE_END()
