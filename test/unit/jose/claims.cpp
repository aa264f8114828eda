// Claims with their types, the lists and times among them, and what is refused.
#include "support.hpp"

#include <pks/jose/claims.hpp>
#include <pks/jose/jose_errc.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using pks::clock;
using pks::error_code;
using pks::jose_errc;
using pks::jose::claims;
using pks::jose::string_list;

using words = std::vector<std::string>;

error_code verdict(std::string_view payload)
{
    claims c;
    auto const out = c.parse(payload);
    if (out) {
        // Nothing of a payload that was refused can be asked for.
        BOOST_TEST(!c.all().exists());
        BOOST_TEST(c.iss() == "");
        BOOST_TEST(c.scope().empty());
        BOOST_TEST(!c.exp().has_value());
        BOOST_TEST(!c.revocable());
    }
    return out;
}

claims parsed(std::string_view payload)
{
    claims out;
    BOOST_TEST(out.parse(payload) == error_code(), payload);
    return out;
}

std::string exp_of(std::string_view number)
{
    return "{\"exp\":" + std::string(number) + '}';
}

clock::time_point at(std::chrono::milliseconds since)
{
    return clock::time_point(since);
}

} // namespace

BOOST_AUTO_TEST_SUITE(jose_claims)

BOOST_AUTO_TEST_CASE(a_user_token_of_a_uaa)
{
    auto const c =
        parsed(R"({"jti":"0503eb83","sub":"u-1","scope":["openid","pks.clusters.manage"],"client_id":"pks_cli",)"
               R"("cid":"pks_cli",)"
               R"("azp":"pks_cli","grant_type":"password","user_id":"u-1","origin":"uaa","user_name":"marissa",)"
               R"("email":"m@test.org",)"
               R"("auth_time":1729600015,"rev_sig":"18de904","iat":1729600016,"exp":1729600616,)"
               R"("iss":"https://uaa/oauth/token",)"
               R"("zid":"uaa","aud":["openid","pks.clusters"],"nonce":"n","amr":["pwd"],"authorities":["a.b"],)"
               R"("revocable":true,)"
               R"("nbf":1729600010,"granted_scopes":["x"],"user_attributes":{"cost":[1]},"\u0061cr":null})");
    BOOST_TEST(c.jti() == "0503eb83");
    BOOST_TEST(c.sub() == "u-1");
    BOOST_TEST(c.client_id() == "pks_cli");
    BOOST_TEST(c.cid() == "pks_cli");
    BOOST_TEST(c.azp() == "pks_cli");
    BOOST_TEST(c.grant_type() == "password");
    BOOST_TEST(c.user_id() == "u-1");
    BOOST_TEST(c.origin() == "uaa");
    BOOST_TEST(c.user_name() == "marissa");
    BOOST_TEST(c.email() == "m@test.org");
    BOOST_TEST(c.rev_sig() == "18de904");
    BOOST_TEST(c.iss() == "https://uaa/oauth/token");
    BOOST_TEST(c.zid() == "uaa");
    BOOST_TEST(c.nonce() == "n");
    BOOST_TEST((c.scope().to_vector() == words{"openid", "pks.clusters.manage"}));
    BOOST_TEST((c.aud().to_vector() == words{"openid", "pks.clusters"}));
    BOOST_TEST((c.amr().to_vector() == words{"pwd"}));
    BOOST_TEST((c.authorities().to_vector() == words{"a.b"}));
    BOOST_TEST((c.granted_scopes().to_vector() == words{"x"}));
    BOOST_TEST((c.exp() == at(1729600616s)));
    BOOST_TEST((c.iat() == at(1729600016s)));
    BOOST_TEST((c.nbf() == at(1729600010s)));
    BOOST_TEST((c.auth_time() == at(1729600015s)));
    BOOST_TEST(c.revocable());
    BOOST_TEST(c.has("user_attributes"));
    BOOST_TEST(((*c.find("user_attributes")["cost"].elements().begin()).if_int64() == 1));
    BOOST_TEST(c.has("acr"));
    BOOST_TEST(!c.has("absent"));
    BOOST_TEST(c.all().size() == 26u);
}

BOOST_AUTO_TEST_CASE(a_claim_that_is_missing_is_empty)
{
    auto const c = parsed("{}");
    for (auto const text : {c.iss(), c.sub(), c.jti(), c.client_id(), c.cid(), c.azp(), c.user_id(), c.user_name(),
             c.email(), c.origin(), c.zid(), c.grant_type(), c.rev_sig(), c.nonce()})
        BOOST_TEST(text == "");
    for (auto const& list : {c.scope(), c.aud(), c.amr(), c.granted_scopes(), c.authorities()}) {
        BOOST_TEST(list.empty());
        BOOST_TEST(list.size() == 0u);
        BOOST_TEST(!list.contains(""));
    }
    for (auto const& time : {c.exp(), c.nbf(), c.iat(), c.auth_time()})
        BOOST_TEST(!time.has_value());
    BOOST_TEST(!c.revocable());
    BOOST_TEST(!c.has("iss"));
    BOOST_TEST(parsed("{\"iss\":\"\"}").has("iss"));
}

BOOST_AUTO_TEST_CASE(j26_scope_as_array_and_as_string)
{
    BOOST_TEST((parsed(R"({"scope":["a","b.c"]})").scope().to_vector() == words{"a", "b.c"}));
    BOOST_TEST((parsed(R"({"scope":"a b.c"})").scope().to_vector() == words{"a", "b.c"}));
    BOOST_TEST((parsed(R"({"scope":"  a   b "})").scope().to_vector() == words{"a", "b"}));
    BOOST_TEST((parsed(R"({"scope":["a"]})").scope().to_vector() == words{"a"}));
    for (auto const* none : {R"({"scope":""})", R"({"scope":"   "})", R"({"scope":[]})"}) {
        BOOST_TEST(parsed(none).scope().empty(), none);
        BOOST_TEST(!parsed(none).scope().contains(""), none);
    }
    auto const array = parsed(R"({"scope":["a","b.c",""]})"), string = parsed(R"({"scope":"a b.c"})");
    for (auto const& c : {&array, &string}) {
        BOOST_TEST(c->scope().contains("a"));
        BOOST_TEST(c->scope().contains("b.c"));
        for (auto const* other : {"A", "b", "c", "b.", ".c", "a b.c", "ab.c", " ", "a "})
            BOOST_TEST(!c->scope().contains(other), other);
    }
    BOOST_TEST(array.scope().size() == 3u);
    BOOST_TEST(array.scope().contains(""));
    BOOST_TEST(!string.scope().contains(""));
    BOOST_TEST(verdict(R"({"scope":["a b"]})") == error_code(jose_errc::forbidden_character));
    BOOST_TEST(verdict(R"({"granted_scopes":["a b"]})") == error_code(jose_errc::forbidden_character));
    auto at = string.scope().begin();
    BOOST_TEST(*at++ == "a");
    BOOST_TEST(*at == "b.c");
}

BOOST_AUTO_TEST_CASE(j18_aud_as_array_and_as_string)
{
    auto const one = parsed(R"({"aud":"pks api"})");
    BOOST_TEST((one.aud().to_vector() == words{"pks api"}));
    BOOST_TEST(one.aud().contains("pks api"));
    BOOST_TEST(!one.aud().contains("pks"));
    auto const many = parsed(R"({"aud":["pks.clusters","x y"]})");
    BOOST_TEST(many.aud().contains("pks.clusters"));
    BOOST_TEST(many.aud().contains("x y"));
    for (auto const* other : {"pks", "pks.cluster", "pks.clusters.", "Pks.clusters", "x"})
        BOOST_TEST(!many.aud().contains(other), other);
    BOOST_TEST(parsed(R"({"aud":[]})").aud().empty());
    BOOST_TEST(!parsed(R"({"aud":""})").aud().empty());
    for (auto const* wrong : {"1", "null", "{}", "true", "[1]", "[\"a\",null]", "[[\"a\"]]", "[\"a\",[]]"})
        BOOST_TEST(verdict("{\"aud\":" + std::string(wrong) + '}') == error_code(jose_errc::wrong_claim_type), wrong);
}

BOOST_AUTO_TEST_CASE(j14_times)
{
    std::pair<char const*, std::chrono::milliseconds> const samples[] = {{"0", 0s}, {"1", 1s}, {"-0", 0s}, {"0.0", 0s},
        {"1.5", 1500ms}, {"1729643216", 1729643216s}, {"1729643216.999", 1729643216999ms},
        {"1729643216.9999", 1729643216999ms}, {"1729643216.0004", 1729643216s}, {"1.729643216e9", 1729643216s},
        {"1729643216e0", 1729643216s}, {"17296432160E-1", 1729643216s}, {"0.1729643216e+10", 1729643216s},
        {"172964321650e-2", 1729643216500ms}, {"1e-3", 1ms}, {"1e-4", 0s}, {"1e-999999999999", 0s},
        {"0e999999999999", 0s}, {"-0.0e5", 0s}, {"0.00000000000000000000000000000000000001e40", 100s},
        {"7258118400", 7258118400s}, {"7258118401", 7258118400s}, {"253402300799", 7258118400s},
        {"253402300799.9999", 7258118400s}, {"2.53402300799e11", 7258118400s}};
    for (auto const& [text, since] : samples)
        BOOST_TEST((parsed(exp_of(text)).exp() == at(since)), text);

    for (auto const* text : {"-1", "-0.001", "-1e-9", "253402300800", "2.534023008e11", "9223372036854775807",
             "9223372036854775808", "18446744073709551616", "1e20", "1e300", "1e12", "-1e20",
             "99999999999999999999999999999999999999999", "0.1e13"})
        BOOST_TEST(verdict(exp_of(text)) == error_code(jose_errc::time_out_of_range), text);
    BOOST_TEST(verdict(exp_of("1e400")) == error_code(jose_errc::number_out_of_range));
    for (auto const* text : {"\"1729643216\"", "true", "null", "[1729643216]", "{}", "\"\""})
        for (auto const* name : {"exp", "nbf", "iat", "auth_time"})
            BOOST_TEST(
                verdict("{\"" + std::string(name) + "\":" + text + '}') == error_code(jose_errc::wrong_claim_type),
                text);
}

BOOST_AUTO_TEST_CASE(claims_of_the_wrong_type)
{
    for (auto const* name : {"iss", "sub", "jti", "client_id", "cid", "azp", "user_id", "user_name", "email", "origin",
             "zid", "grant_type", "rev_sig", "nonce"})
        for (auto const* value : {"1", "null", "true", "[]", "[\"a\"]", "{}"})
            BOOST_TEST(
                verdict("{\"" + std::string(name) + "\":" + value + '}') == error_code(jose_errc::wrong_claim_type),
                name << value);
    for (auto const* name : {"scope", "aud", "amr", "granted_scopes", "authorities"})
        for (auto const* value : {"1", "null", "true", "{}", "[0]", "[\"a\",{}]"})
            BOOST_TEST(
                verdict("{\"" + std::string(name) + "\":" + value + '}') == error_code(jose_errc::wrong_claim_type),
                name << value);
    for (auto const* value : {"1", "null", "\"true\"", "[]"})
        BOOST_TEST(
            verdict("{\"revocable\":" + std::string(value) + '}') == error_code(jose_errc::wrong_claim_type), value);
    // Names that only look like those above.
    for (auto const* name :
        {"ISS", "iss ", "is", "exq", "scopes", "user_ix", "xevocable", "xxxxx", "sxxxx", "exxxx", "uxxxxxx",
            "cxxxxxxxx", "uxxxxxxxx", "axxxxxxxx", "origio", "grant_typo", "authoritiez", "granted_scopez", ""})
        BOOST_TEST(verdict("{\"" + std::string(name) + "\":null}") == error_code(), name);
}

BOOST_AUTO_TEST_CASE(j26_payloads_that_are_no_claims)
{
    for (auto const* payload : {"[]", "\"x\"", "1", "null", "true"})
        BOOST_TEST(verdict(payload) == error_code(jose_errc::malformed_claims), payload);
    BOOST_TEST(verdict("") == error_code(jose_errc::malformed_json));
    BOOST_TEST(verdict("{} ") == error_code());
    BOOST_TEST(verdict("{}x") == error_code(jose_errc::malformed_json));
    BOOST_TEST(verdict("\xef\xbb\xbf{}") == error_code(jose_errc::invalid_utf8));
    BOOST_TEST(verdict("{\"sub\":\"\xff\"}") == error_code(jose_errc::invalid_utf8));
    BOOST_TEST(verdict(R"({"sub":"\ud800"})") == error_code(jose_errc::invalid_utf8));
    BOOST_TEST(verdict(R"({"sub":"a","\u0073ub":"b"})") == error_code(jose_errc::duplicate_member));
}

BOOST_AUTO_TEST_CASE(j26_controls_within_claims)
{
    for (auto const* payload :
        {R"({"sub":"a\u0000b"})", R"({"scope":"a\u0000b"})", R"({"scope":["a\u0000"]})", R"({"scope":"a\tb"})",
            R"({"iss":"x\r\ny"})", R"({"aud":"\n"})", R"({"aud":["a","\u001f"]})", "{\"sub\":\"\x7f\"}"})
        BOOST_TEST(verdict(payload) == error_code(jose_errc::forbidden_character), payload);
    BOOST_TEST(verdict(R"({"sub":"a b","name":"a\u0000\n","aud":"\u00e9"})") == error_code());
}

BOOST_AUTO_TEST_CASE(claims_are_a_value)
{
    claims a = parsed(R"({"iss":"\u0041","scope":["x","y"],"exp":5})");
    auto const b = a;
    auto const c = std::move(a);
    a = claims();
    for (auto const* copy : {&b, &c}) {
        BOOST_TEST(copy->iss() == "A");
        BOOST_TEST((copy->scope().to_vector() == words{"x", "y"}));
        BOOST_TEST((copy->exp() == at(5s)));
        BOOST_TEST(copy->payload() == R"({"iss":"\u0041","scope":["x","y"],"exp":5})");
    }
}

BOOST_AUTO_TEST_CASE(nothing_of_the_last_token_is_left)
{
    auto c = parsed(R"({"iss":"a","scope":["x"],"exp":5,"revocable":true})");
    BOOST_TEST(c.parse(R"({"sub":"b"})") == error_code());
    BOOST_TEST(c.iss() == "");
    BOOST_TEST(c.scope().empty());
    BOOST_TEST(!c.exp().has_value());
    BOOST_TEST(!c.revocable());
    BOOST_TEST(c.sub() == "b");
}

BOOST_AUTO_TEST_CASE(parsing_again_takes_nothing_from_the_heap)
{
    std::string const payload =
        R"({"iss":"https://uaa/oauth/token","sub":"\u0041","scope":["a","b"],"aud":"c","exp":1.5,"iat":1,)"
        R"("other":{"a":[1]}})";
    auto c = parsed(payload);
    jose_test::allocation_count const count;
    bool wrong = false;
    for (int i = 0; i != 100; ++i) {
        wrong = wrong || c.parse(payload) || !c.scope().contains("b") || c.aud().size() != 1;
        wrong = wrong || c.iss() != "https://uaa/oauth/token" || !c.find("other")["a"].exists();
    }
    auto const calls = count.calls();
    BOOST_TEST(!wrong);
    BOOST_TEST(calls == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
