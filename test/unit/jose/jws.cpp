// A token taken apart: its form, its header, and what is refused before any key is looked at.
#include "support.hpp"

#include <pks/jose/base64url.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/jws.hpp>

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace {

using pks::error_code;
using pks::jose_errc;
using pks::jose::algorithm;
using pks::jose::base64url_encode;
using pks::jose::jws;
using pks::jose::jws_limits;

// Unsigned: what is tested here does not reach the signature.
std::string token_of(std::string_view header, std::string_view payload = "{}", std::string_view signature = "sig")
{
    return base64url_encode(header) + '.' + base64url_encode(payload) + '.' + base64url_encode(signature);
}

error_code verdict(std::string_view token, jws_limits const& limits = {})
{
    jws j;
    return j.parse(token, limits);
}

error_code verdict_of_header(std::string_view header)
{
    return verdict(token_of(header));
}

} // namespace

BOOST_AUTO_TEST_SUITE(jose_jws)

BOOST_AUTO_TEST_CASE(the_parts_of_a_token_of_a_uaa)
{
    jws j;
    auto const token = token_of(
        R"({"alg":"RS256","jku":"https://localhost:8080/uaa/token_keys","kid":"legacy-token-key","typ":"JWT"})",
        "{\"a\":1}", "xyz");
    BOOST_TEST(j.parse(token) == error_code());
    BOOST_TEST((j.alg() == algorithm::rs256));
    BOOST_TEST((j.kid() == "legacy-token-key"));
    BOOST_TEST((j.typ() == "JWT"));
    BOOST_TEST((j.header()["jku"].if_string() == "https://localhost:8080/uaa/token_keys"));
    BOOST_TEST(j.signing_input() == token.substr(0, token.rfind('.')));
    BOOST_TEST(j.payload() == "{\"a\":1}");
    BOOST_TEST(j.signature() == "xyz");

    BOOST_TEST(j.parse(token_of(R"({"alg":"ES512"})", "", "")) == error_code());
    BOOST_TEST((j.alg() == algorithm::es512));
    BOOST_TEST(!j.kid().has_value());
    BOOST_TEST(!j.typ().has_value());
    BOOST_TEST(j.payload() == "");
    BOOST_TEST(j.signature() == "");
}

BOOST_AUTO_TEST_CASE(j1_alg_none_and_its_kin)
{
    for (auto const* alg :
        {"none", "None", "NONE", "nOnE", " none", "none ", "", "rs256", "RS256 ", "RSA", "HS1", "dir", "A128KW"})
        BOOST_TEST(
            verdict_of_header("{\"alg\":\"" + std::string(alg) + "\"}") == error_code(jose_errc::algorithm_not_allowed),
            alg);
    BOOST_TEST(verdict_of_header(R"({"alg":"RS256\u0000"})") == error_code(jose_errc::algorithm_not_allowed));
    for (auto const* header : {"{}", R"({"alg":null})", R"({"alg":42})", R"({"alg":["RS256"]})",
             R"({"alg":{"a":"RS256"}})", R"({"alg":true})", R"({"Alg":"RS256"})"})
        BOOST_TEST(verdict_of_header(header) == error_code(jose_errc::malformed_header), header);
    BOOST_TEST(
        verdict(base64url_encode(R"({"alg":"none"})") + ".e30.") == error_code(jose_errc::algorithm_not_allowed));
}

BOOST_AUTO_TEST_CASE(j6_keys_within_the_header_have_no_effect)
{
    jws j;
    for (auto const* more : {R"(,"jwk":{"kty":"RSA"})", R"(,"jwk":42)", R"(,"jku":"https://evil.example/keys")",
             R"(,"x5u":"file:///etc/passwd")", R"(,"x5c":["MIIB"])", R"(,"x5t":"a")"}) {
        BOOST_TEST(j.parse(token_of(R"({"alg":"RS256","kid":"k")" + std::string(more) + '}')) == error_code(), more);
        BOOST_TEST((j.kid() == "k"));
    }
}

BOOST_AUTO_TEST_CASE(j7_kid_is_any_text)
{
    jws j;
    jws_limits large;
    large.token = 1 << 20;
    for (auto const& kid : std::initializer_list<std::string>{"../../dev/null", "/proc/self/environ", "' OR 1=1 --",
             "|sleep 10", "", std::string(64 * 1024, 'k'), "\xc3\xa9"}) {
        auto const token = token_of(R"({"alg":"RS256","kid":")" + kid + "\"}");
        BOOST_TEST(j.parse(token, large) == error_code());
        BOOST_TEST((j.kid() == kid));
    }
    BOOST_TEST(j.parse(token_of(R"({"alg":"RS256","kid":"a\r\nb\u0000"})")) == error_code());
    BOOST_TEST((j.kid() == std::string_view("a\r\nb\0", 5)));
    for (auto const* kid : {"1", "null", "[\"k\"]", "{}", "true"})
        BOOST_TEST(verdict_of_header("{\"alg\":\"RS256\",\"kid\":" + std::string(kid) + '}') ==
                error_code(jose_errc::malformed_header),
            kid);
}

BOOST_AUTO_TEST_CASE(j10_members_twice_in_the_header)
{
    for (auto const* header : {R"({"alg":"RS256","alg":"RS256"})", R"({"alg":"none","\u0061lg":"RS256"})",
             R"({"\u0061lg":"none","alg":"RS256"})", R"({"alg":"RS256","kid":"a","kid":"b"})",
             R"({"alg":"RS256","x":{"y":1,"y":2}})"})
        BOOST_TEST(verdict_of_header(header) == error_code(jose_errc::duplicate_member), header);
}

BOOST_AUTO_TEST_CASE(j11_crit)
{
    auto const with = [](std::string_view more) {
        return verdict_of_header("{\"alg\":\"RS256\"," + std::string(more) + '}');
    };
    for (auto const* more :
        {R"("crit":["exp"],"exp":1)", R"("crit":["b64"],"b64":true)", R"("crit":["a","c"],"a":1,"c":2)"})
        BOOST_TEST(with(more) == error_code(jose_errc::unknown_crit), more);
    for (auto const* more : {R"("crit":[])", R"("crit":"exp","exp":1)", R"("crit":null)", R"("crit":{"exp":1})",
             R"("crit":[1])", R"("crit":["exp"])", R"("crit":["exp","exp"],"exp":1)", R"("crit":["alg"])",
             R"("crit":["kid"],"kid":"k")", R"("crit":["crit"])", R"("crit":["zip"],"zip":"DEF")",
             R"("crit":["a","enc"],"a":1,"enc":"x")", R"("crit":[""])"})
        BOOST_TEST(with(more) == error_code(jose_errc::malformed_crit), more);
    BOOST_TEST(with(R"("b64":false)") == error_code(jose_errc::unencoded_payload));
    BOOST_TEST(with(R"("b64":false,"crit":["b64"])") == error_code(jose_errc::unencoded_payload));
    BOOST_TEST(with(R"("b64":true)") == error_code());
    for (auto const* value : {"null", "0", "\"false\""})
        BOOST_TEST(with("\"b64\":" + std::string(value)) == error_code(jose_errc::malformed_header), value);
}

BOOST_AUTO_TEST_CASE(j12_base64url_of_each_part)
{
    std::string const header = base64url_encode(R"({"alg":"RS256"  })"), payload = base64url_encode("{\"a\":1}"),
                      signature = base64url_encode("0123456");
    BOOST_TEST(verdict(header + '.' + payload + '.' + signature) == error_code());
    auto const spoiled = [](std::string part, std::string_view with) {
        part.replace(4, 1, with);
        return part;
    };
    for (auto const* with : {"=", "+", "/", " ", "\n", "\r", "\t", "?", "\xff"}) {
        BOOST_TEST(verdict(spoiled(header, with) + '.' + payload + '.' + signature) ==
                error_code(jose_errc::invalid_base64url),
            with);
        BOOST_TEST(verdict(header + '.' + spoiled(payload, with) + '.' + signature) ==
                error_code(jose_errc::invalid_base64url),
            with);
        BOOST_TEST(verdict(header + '.' + payload + '.' + spoiled(signature, with)) ==
                error_code(jose_errc::invalid_base64url),
            with);
    }
    // Padding; one character too many; bits that belong to no octet.
    BOOST_TEST(verdict(header + "AA." + payload + '.' + signature) == error_code(jose_errc::invalid_base64url));
    BOOST_TEST(verdict(header + '.' + payload + "AAA." + signature) == error_code(jose_errc::invalid_base64url));
    BOOST_TEST(verdict(header + '.' + payload + '.' + signature + "AAA") == error_code(jose_errc::invalid_base64url));
    for (auto const* end : {"=", "==", "\n"}) {
        BOOST_TEST(
            verdict(header + end + '.' + payload + '.' + signature) == error_code(jose_errc::invalid_base64url), end);
        BOOST_TEST(
            verdict(header + '.' + payload + end + '.' + signature) == error_code(jose_errc::invalid_base64url), end);
        BOOST_TEST(
            verdict(header + '.' + payload + '.' + signature + end) == error_code(jose_errc::invalid_base64url), end);
    }
    auto const last_bit = [](std::string part) {
        ++part.back();
        return part;
    };
    BOOST_TEST(header.size() % 4 == 3u);
    BOOST_TEST(payload.size() % 4 == 2u);
    BOOST_TEST(verdict(last_bit(header) + '.' + payload + '.' + signature) == error_code(jose_errc::invalid_base64url));
    BOOST_TEST(verdict(header + '.' + last_bit(payload) + '.' + signature) == error_code(jose_errc::invalid_base64url));
    BOOST_TEST(verdict(header + '.' + payload + '.' + last_bit(signature)) == error_code(jose_errc::invalid_base64url));
}

BOOST_AUTO_TEST_CASE(j13_what_is_no_signed_compact_token)
{
    for (auto const* token :
        {"", ".", "..", ".e30.", "e30", "e30.e30", "a.b.c.d", "a.b.c.d.e", "....", "0503eb83840d438693fa1c2ee926d474",
            R"({"payload":"e30","signatures":[{"protected":"e30","signature":"AA"}]})"})
        BOOST_TEST(verdict(token) == error_code(jose_errc::not_compact), token);
    auto const token = token_of(R"({"alg":"RS256"})");
    BOOST_TEST(verdict(token + '.') == error_code(jose_errc::not_compact));
    BOOST_TEST(verdict('.' + token) == error_code(jose_errc::not_compact));
    BOOST_TEST(
        verdict(token_of(R"({"alg":"RSA-OAEP","enc":"A256GCM"})") + ".AA.AA") == error_code(jose_errc::not_compact));
    BOOST_TEST(verdict(token + ' ') == error_code(jose_errc::invalid_base64url));
    BOOST_TEST(verdict(' ' + token) == error_code(jose_errc::invalid_base64url));

    for (auto const* cty : {"JWT", "jwt", "application/jwt", "Application/JWT"})
        BOOST_TEST(verdict_of_header("{\"alg\":\"RS256\",\"cty\":\"" + std::string(cty) + "\"}") ==
                error_code(jose_errc::nested_token),
            cty);
    BOOST_TEST(verdict_of_header(R"({"alg":"RS256","cty":"json"})") == error_code());
    BOOST_TEST(verdict_of_header(R"({"alg":"RS256","cty":null})") == error_code(jose_errc::malformed_header));
    for (auto const* zip : {"\"DEF\"", "null", "false"})
        BOOST_TEST(verdict_of_header("{\"alg\":\"RS256\",\"zip\":" + std::string(zip) + '}') ==
                error_code(jose_errc::compressed),
            zip);
}

BOOST_AUTO_TEST_CASE(j19_typ)
{
    jws j;
    BOOST_TEST(j.parse(token_of(R"({"alg":"RS256","typ":"at+JWT"})")) == error_code());
    BOOST_TEST(j.has_type("at+jwt"));
    BOOST_TEST(j.has_type("application/at+jwt"));
    BOOST_TEST(!j.has_type("JWT"));
    BOOST_TEST(j.parse(token_of(R"({"alg":"RS256","typ":"APPLICATION/jwt"})")) == error_code());
    BOOST_TEST(j.has_type("JWT"));
    BOOST_TEST(j.parse(token_of(R"({"alg":"RS256","typ":"application/x/jwt"})")) == error_code());
    BOOST_TEST(!j.has_type("x/jwt"));
    BOOST_TEST(!j.has_type("jwt"));
    BOOST_TEST(j.has_type("application/x/jwt"));
    BOOST_TEST(j.parse(token_of(R"({"alg":"RS256"})")) == error_code());
    BOOST_TEST(!j.has_type("JWT"));
    BOOST_TEST(!j.has_type(""));
    for (auto const* typ : {"1", "null", "[\"JWT\"]"})
        BOOST_TEST(verdict_of_header("{\"alg\":\"RS256\",\"typ\":" + std::string(typ) + '}') ==
                error_code(jose_errc::malformed_header),
            typ);
}

BOOST_AUTO_TEST_CASE(j25_size_and_depth)
{
    jws_limits limits;
    auto const token = token_of(R"({"alg":"RS256"})");
    limits.token = token.size();
    BOOST_TEST(verdict(token, limits) == error_code());
    limits.token = token.size() - 1;
    BOOST_TEST(verdict(token, limits) == error_code(jose_errc::token_too_large));

    std::string const dots(1'000'000, '.'), large(1 << 20, 'A'), few_dots(60'000, '.');
    auto const deep = token_of("{\"alg\":" + std::string(10'000, '['));
    auto const wide = token_of("{\"alg\":\"RS256\",\"x\":[0" + std::string(20'000, ',') + "]}");
    std::string many = "{\"alg\":\"RS256\",\"crit\":[";
    for (int i = 0; i != 300; ++i)
        many += "\"" + std::to_string(i) + "\",";
    auto const critical = token_of(many + "\"x\"],\"x\":1}");
    std::string elements = "{\"alg\":\"RS256\",\"x\":[0";
    for (int i = 0; i != 10'000; ++i)
        elements += ",0";
    auto const long_array = token_of(elements + "]}");

    jws j;
    jose_test::allocation_count const count;
    auto const refused_dots = j.parse(dots), refused_large = j.parse(large);
    auto const octets = count.octets();
    BOOST_TEST(refused_dots == error_code(jose_errc::token_too_large));
    BOOST_TEST(refused_large == error_code(jose_errc::token_too_large));
    BOOST_TEST(octets == 0u);
    BOOST_TEST(verdict(few_dots) == error_code(jose_errc::not_compact));
    BOOST_TEST(verdict(deep) == error_code(jose_errc::json_too_deep));
    BOOST_TEST(verdict(wide) == error_code(jose_errc::malformed_json));
    BOOST_TEST(verdict(critical) == error_code(jose_errc::too_many_values));
    BOOST_TEST(verdict(token_of(R"({"alg":"RS256"})", "{}", std::string(2049, 's'))) ==
        error_code(jose_errc::wrong_signature_length));

    jose_test::allocation_count const again;
    auto const refused_array = verdict(long_array);
    auto const taken = again.octets();
    BOOST_TEST(refused_array == error_code(jose_errc::too_many_values));
    BOOST_TEST(taken < 2 * long_array.size());
}

BOOST_AUTO_TEST_CASE(j26_headers_that_are_not_json)
{
    BOOST_TEST(verdict_of_header("{\"alg\":\"RS256\",\"kid\":\"\xff\"}") == error_code(jose_errc::invalid_utf8));
    BOOST_TEST(verdict_of_header("\xef\xbb\xbf{\"alg\":\"RS256\"}") == error_code(jose_errc::invalid_utf8));
    BOOST_TEST(verdict_of_header(R"({"alg":"RS256","kid":"\ud800"})") == error_code(jose_errc::invalid_utf8));
    BOOST_TEST(verdict_of_header(R"({"alg":"RS256"}x)") == error_code(jose_errc::malformed_json));
    BOOST_TEST(verdict_of_header(R"({"alg":"RS256"},)") == error_code(jose_errc::malformed_json));
    BOOST_TEST(verdict_of_header(R"({"alg":"RS256","x":1e999})") == error_code(jose_errc::number_out_of_range));
    for (auto const* header : {"[]", "\"RS256\"", "null", "1"})
        BOOST_TEST(verdict_of_header(header) == error_code(jose_errc::malformed_header), header);
}

BOOST_AUTO_TEST_CASE(parsing_again_takes_nothing_from_the_heap)
{
    jws j;
    auto const token = token_of(R"({"alg":"RS256","kid":"a long enough key id, for certain","typ":"JWT"})",
        R"({"iss":"https://uaa.example.com/oauth/token","sub":"somebody"})", std::string(256, 's'));
    BOOST_TEST(j.parse(token) == error_code());
    jose_test::allocation_count const count;
    bool failed = false;
    for (int i = 0; i != 100; ++i)
        failed = failed || j.parse(token);
    auto const calls = count.calls();
    BOOST_TEST(!failed);
    BOOST_TEST(calls == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
