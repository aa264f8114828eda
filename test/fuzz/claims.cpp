// Claims: the strict JSON reads what Boost.JSON reads or refuses, and every claim is what its type says.
#include "fuzz/target.hpp"
#include "same_json.hpp"

#include <pks/jose/claims.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/json_document.hpp>

#include <boost/json/error.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

namespace fuzz {

namespace {

namespace json = boost::json;
using pks::error_code;
using pks::jose_errc;

void compare_with_boost(std::string const& text, pks::jose::json_document const& document, error_code ours)
{
    json::parse_options options;
    options.max_depth = 100;
    boost::system::error_code theirs;
    auto const value = json::parse(text, theirs, {}, options);
    // An exponent beyond 31 bits, even if the number is 0.
    if (theirs == json::error::exponent_overflow)
        return;
    if (!ours) {
        require(!theirs, "Boost.JSON reads it too");
        require(jose_test::same_json(document.root(), value), "Boost.JSON reads the same");
    } else if (ours == error_code(jose_errc::malformed_json) || ours == error_code(jose_errc::invalid_utf8)) {
        require(static_cast<bool>(theirs), "Boost.JSON finds it malformed too");
    }
}

bool has_controls(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void check_list(pks::jose::string_list list, bool words)
{
    std::size_t count = 0;
    for (auto const text : list) {
        ++count;
        require(!has_controls(text), "no control characters");
        require(!words || (text.find(' ') == text.npos), "a word holds no space");
        require(list.contains(text), "a list contains its elements");
    }
    require(list.size() == count && list.empty() == (count == 0), "a list has the size it says");
    require(list.to_vector().size() == count, "a list is as long as its copy");
}

void check_time(std::optional<pks::clock::time_point> time)
{
    constexpr std::chrono::sys_days end(std::chrono::year(2200) / std::chrono::January / 1);
    require(!time || (time->time_since_epoch().count() >= 0 && *time <= end), "a time between 1970 and 2200");
}

void check_claims(pks::jose::claims const& c)
{
    for (auto const text : {c.iss(), c.sub(), c.jti(), c.client_id(), c.cid(), c.azp(), c.user_id(), c.user_name(),
             c.email(), c.origin(), c.zid(), c.grant_type(), c.rev_sig(), c.nonce()})
        require(!has_controls(text), "no control characters");
    require(c.has("iss") || c.iss().empty(), "a claim that is missing is empty");
    require(c.find("sub").if_string().value_or("") == c.sub(), "a text is that of its member");
    check_list(c.aud(), false);
    check_list(c.amr(), false);
    check_list(c.scope(), true);
    check_list(c.granted_scopes(), true);
    check_list(c.authorities(), true);
    for (auto const time : {c.exp(), c.nbf(), c.iat(), c.auth_time()})
        check_time(time);
    require(c.has("exp") == c.exp().has_value(), "a time that is there is read");
    require(c.revocable() == c.find("revocable").if_boolean().value_or(false), "a boolean is that of its member");
}

void run(std::string_view input)
{
    std::string const exact(input); // which ends where its storage does
    pks::jose::json_document document;
    auto const json_failed = document.parse(exact);
    compare_with_boost(exact, document, json_failed);

    static pks::jose::claims used;
    pks::jose::claims c;
    auto const failed = c.parse(exact);
    require(used.parse(exact) == failed, "an object that was used before finds the same");
    if (json_failed)
        require(failed == json_failed, "claims are strict JSON");
    if (failed) {
        require(failed.category() == pks::jose_category(), "an error of claims");
        require(!c.all().exists() && c.iss().empty() && c.aud().empty() && !c.exp() && !c.revocable(),
            "after an error there are no claims");
        return;
    }
    require(c.payload() == exact && c.all().size() == document.root().size(), "the payload is kept");
    check_claims(c);
    check_claims(used);
    auto const copy = c;
    check_claims(copy);
}

std::vector<std::string> seeds()
{
    std::vector<std::string> out = {
        R"({"jti":"9f41ccd1ea534b1c8b0bff0c2e4e4a2f","sub":"automated-client","authorities":["pks.clusters.manage"],)"
        R"("scope":["pks.clusters.manage","uaa.none"],"client_id":"c","cid":"c","azp":"c","grant_type":"password",)"
        R"("user_id":"4e0f","origin":"uaa","user_name":"cody","email":"cody@example.com","auth_time":1700000000,)"
        R"("rev_sig":"f2bd3ab2","iat":1700000000,"exp":1700000600,"iss":"https://uaa.example.com/oauth/token",)"
        R"("zid":"uaa","aud":["pks.clusters","c"],"revocable":true,"amr":["pwd"],"nonce":"n","nbf":1})",
        R"({"scope":"a b  c","aud":"one","granted_scopes":["a","b"],"jti":"x-r"})",
        R"({"exp":1700000600.5,"iat":1e9,"nbf":1.7E+9,"auth_time":253402300799})", R"({"exp":-1})",
        R"({"exp":253402300800})", R"({"exp":1e400})", R"({"exp":"1700000600"})", R"({"exp":null})", R"({"iss":7})",
        R"({"iss":"a\u0000b"})", R"({"iss":"\ud83d\ude00\ud83d"})", R"({"scope":["a b"]})", R"({"scope":[1]})",
        R"({"aud":[]})", R"({"a":1,"\u0061":2})", R"({"sub":"é","\u00e9":{"a":[true,false,null,-0.5e-10]}})", "{}",
        " {} ", "[]", "7", "\"x\"", "null", "", "{", "\xef\xbb\xbf{}"};
    out.push_back("{\"x\":" + std::string(31, '[') + std::string(31, ']') + '}');
    out.push_back(std::string(40, '[') + std::string(40, ']'));
    std::string many = "{";
    for (int i = 0; i != 80; ++i)
        many += "\"m" + std::to_string(i) + "\":" + std::to_string(i) + ',';
    out.push_back(many + "\"m7\":0}");
    out.push_back(many + "\"exp\":1700000000}");
    return out;
}

std::vector<std::string> words()
{
    std::vector<std::string> out = {"true", "false", "null", "\\u0000", "\\ud83d", "\\ude00", "1e308", "1.0", "-0",
        "253402300799", "\"\"", "{}", "[]", "\\\"", "\xc3\xa9", "\xef\xbb\xbf"};
    for (auto const* name : {"iss", "sub", "jti", "client_id", "cid", "azp", "user_id", "user_name", "email", "origin",
             "zid", "grant_type", "rev_sig", "nonce", "aud", "amr", "scope", "granted_scopes", "authorities", "exp",
             "nbf", "iat", "auth_time", "revocable"})
        out.push_back('"' + std::string(name) + "\":");
    return out;
}

} // namespace

target claims()
{
    return {run, seeds, words, nullptr};
}

} // namespace fuzz
