// proto/challenge.hpp: parameters of challenges, and what only looks like one.
#include <pks/proto/challenge.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace {

std::string error_of(std::string_view field)
{
    return pks::proto::challenge_parameter(field, "Bearer", "error").value_or("none");
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_challenge)

BOOST_AUTO_TEST_CASE(parameters_of_the_scheme)
{
    std::pair<std::string_view, std::string_view> const rows[] = {
        {R"(Bearer realm="UAA/oauth", error="invalid_token", error_description="x")", "invalid_token"},
        {R"(Bearer error="invalid_token")", "invalid_token"},
        {"bearer ERROR=invalid_token", "invalid_token"},
        {"Bearer  error \t=\t invalid_token , realm=x", "invalid_token"},
        {",, Bearer ,, realm=x,,error=a,,", "a"},
        {R"(Bearer error="a\"b\\c\d")", R"(a"b\cd)"},
        {R"(Bearer error="")", ""},
        {"Bearer realm=\"\xc3\xa9\", error=a", "a"},
        {"Bearer error=a, error=b", "a"},
        // Several challenges in one field.
        {R"(Basic realm="x", Bearer error="a")", "a"},
        {R"(Bearer realm="x", Basic error="b", Bearer error="a")", "a"},
        {"Negotiate abc==, Bearer error=a", "a"},
        {"Negotiate, Bearer error=a", "a"},
        {"Bearer, Basic realm=x", "none"},
    };
    for (auto const& [field, expected] : rows)
        BOOST_TEST(error_of(field) == expected, field);
}

BOOST_AUTO_TEST_CASE(what_only_looks_like_it)
{
    for (std::string_view const field : {std::string_view(""), std::string_view(" , ,"), std::string_view("Bearer"),
             std::string_view(R"(Bearer realm="error=invalid_token")"),
             std::string_view(R"(Bearer realm="x\", error=\"invalid_token")"),
             std::string_view(R"(Bearer error_description="error=\"invalid_token\"")"),
             std::string_view(R"(Bearer xerror="a")"), std::string_view(R"(Basic error="a")"),
             std::string_view(R"(XBearer error="a")"), std::string_view(R"(error="a")"),
             std::string_view(R"(error="a", Bearer realm="x")"), std::string_view("Bearer error"),
             std::string_view("Bearer error="), std::string_view("Bearer error=,realm=x"),
             std::string_view("Bearer abc== error=a")})
        BOOST_TEST(error_of(field) == "none", field);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_hides_what_follows_it_and_not_what_goes_before)
{
    for (std::string_view const field : {std::string_view(R"(Bearer realm="x, error=a)"),
             std::string_view(R"(Bearer realm="x"y, error=a)"), std::string_view(R"(Bearer realm=, error=a)"),
             std::string_view(R"(Bearer realm=@, error=a)"), std::string_view("Bearer realm=\"\x01\", error=a"),
             std::string_view("\x7f Bearer error=a"), std::string_view("Bearer realm=\"x\\", 16)})
        BOOST_TEST(error_of(field) == "none", field);
    // Spring escapes no quotes.
    BOOST_TEST(error_of(R"(Bearer error="invalid_token", error_description="the "scope" claim")") == "invalid_token");
}

BOOST_AUTO_TEST_SUITE_END()
