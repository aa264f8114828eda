// JSON lines in, JSON lines out: the verbs that judge what stands on standard input.
#include "runner/line_verb.hpp"
#include "runner/canonical_json.hpp"
#include "runner/error_name.hpp"
#include "runner/http_line.hpp"
#include "runner/line_members.hpp"
#include "runner/tls_line.hpp"
#include "runner/x509_line.hpp"
#include "suites/judge.hpp"

#include <pks/clock.hpp>
#include <pks/jose/algorithm_set.hpp>
#include <pks/jose/base64url.hpp>
#include <pks/jose/claims.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/json_document.hpp>
#include <pks/jose/jwk.hpp>
#include <pks/jose/jwk_set.hpp>
#include <pks/jose/jws.hpp>
#include <pks/jose/string_list.hpp>
#include <pks/jose/verifier.hpp>
#include <pks/policy/claim_rules.hpp>
#include <pks/proto/strict_json.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace conform {

namespace {

namespace json = boost::json;
using pks::jose::algorithm_set;
using pks::jose::json_document;
using pks::jose::json_document_limits;
using pks::jose::json_value;
using pks::jose::jwk_rules;
using pks::jose::jwk_set;
using pks::jose::verifier;

// Whoever writes the lines may send a set of any size in one; what the library takes of it is for it to say.
json_document_limits limits_of_lines()
{
    json_document_limits out;
    out.depth = 64;
    out.values = std::size_t{1} << 24;
    return out;
}

// The text of a key or key set.
std::string json_member(json_value line, std::string_view name)
{
    auto const member = line[name];
    if (auto const text = member.if_string())
        return std::string(*text);
    if (member.type() != pks::jose::json_type::object)
        throw line_error("no object or string " + std::string(name));
    return canonical_json(member);
}

json::object answer(char const* good, char const* bad, pks::error_code ec)
{
    json::object out;
    out["verdict"] = ec ? bad : good;
    if (ec)
        out["error"] = name_of(ec);
    return out;
}

boost::system::result<jwk_set> own_keys(json_value line, jwk_rules const& rules)
{
    if (line["jwk"].exists() == line["jwks"].exists())
        throw line_error("a line has a jwk or jwks, and not both");
    if (line["jwks"].exists())
        return pks::jose::parse_jwk_set(json_member(line, "jwks"), rules);
    auto const one = pks::jose::parse_jwk(json_member(line, "jwk"), rules);
    if (!one)
        return one.error();
    return jwk_set({*one});
}

// `keys`: those of every line, or null.
boost::system::result<jwk_set> keys_of(json_value line, jwk_set const* keys, jwk_rules const& rules)
{
    if (!keys)
        return own_keys(line, rules);
    if (line["jwk"].exists() || line["jwks"].exists())
        throw line_error("a line has no key of its own beside --jwks");
    return *keys;
}

json::object verify_token(json_value line, jwk_set const* every)
{
    auto const token = text_member(line, "token");
    auto const keys = keys_of(line, every, suites::with_secrets());
    pks::jose::jws parsed;
    pks::error_code failed = parsed.parse(token);
    if (!failed)
        failed = keys.error();
    if (!failed)
        failed = verifier::of_this_thread().verify(parsed, *keys, suites::all_algorithms);
    auto out = answer("valid", "invalid", failed);
    if (!failed)
        out["payload"] = pks::jose::base64url_encode(parsed.payload());
    return out;
}

pks::policy::claim_rules rules_of(json_value line)
{
    pks::policy::claim_rules out;
    out.issuer = text_member(line, "issuer");
    out.audiences = text_list(line, "audiences");
    out.scopes.all = text_list(line, "scopes");
    if (auto const leeway = number_member(line, "leeway")) {
        out.expiry_leeway = std::chrono::seconds(*leeway);
        out.start_leeway = std::chrono::seconds(*leeway);
    }
    if (auto const failed = out.check_settings())
        throw line_error(name_of(failed));
    return out;
}

// In seconds; what is beyond every clock is a mistake of whoever wrote the line.
pks::clock::time_point time_of(json_value line)
{
    auto const seconds = number_member(line, "now");
    if (!seconds)
        return std::chrono::system_clock::now();
    if (*seconds < 0 || *seconds > 253'402'300'799)
        throw line_error("now is outside of the years 1970 to 9999");
    auto const latest = std::chrono::floor<std::chrono::seconds>(pks::clock::time_point::max());
    return std::min(std::chrono::sys_seconds(std::chrono::seconds(*seconds)), latest);
}

json::array list_of(pks::jose::string_list const& list)
{
    json::array out;
    for (auto const word : list)
        out.emplace_back(std::string(word));
    return out;
}

// As the library has them, where `claims` shows how they are written.
json::object what_is_read(pks::jose::claims const& claims)
{
    json::object out;
    std::pair<char const*, std::string_view> const texts[] = {{"iss", claims.iss()}, {"sub", claims.sub()},
        {"jti", claims.jti()}, {"client_id", claims.client_id()}, {"cid", claims.cid()}};
    for (auto const& [name, text] : texts)
        if (claims.has(name))
            out[name] = std::string(text);
    if (claims.has("aud"))
        out["aud"] = list_of(claims.aud());
    if (claims.has("scope"))
        out["scope"] = list_of(claims.scope());
    if (auto const exp = claims.exp())
        out["exp"] = std::chrono::duration<double>(exp->time_since_epoch()).count();
    return out;
}

// In the order of a validator that knows the keys.
json::object check_token(json_value line, jwk_set const* every)
{
    auto const token = text_member(line, "token");
    auto const rules = rules_of(line);
    auto const now = time_of(line);
    auto const keys = keys_of(line, every, {});
    pks::jose::jws parsed;
    pks::jose::claims claims;
    pks::error_code failed = parsed.parse(token);
    if (!failed && !algorithm_set::asymmetric().contains(parsed.alg()))
        failed = pks::jose_errc::algorithm_not_allowed;
    if (!failed)
        failed = rules.check_type(parsed);
    if (!failed)
        failed = keys.error();
    if (!failed)
        failed = verifier::of_this_thread().verify(parsed, *keys, algorithm_set::asymmetric());
    if (!failed)
        failed = claims.parse(parsed.payload());
    if (!failed)
        failed = rules.check(claims, now);
    auto out = answer("valid", "invalid", failed);
    if (!failed) {
        out["claims"] = json::parse(std::string(parsed.payload()));
        out["read"] = what_is_read(claims);
    }
    return out;
}

pks::error_code verdict_on_signature(
    std::string_view alg, std::string_view key, std::string_view message, std::string_view signature)
{
    auto const known = pks::jose::parse_algorithm(alg);
    if (!known)
        return pks::jose_errc::algorithm_not_allowed;
    auto const read = pks::jose::parse_jwk(key, suites::with_secrets());
    if (!read)
        return read.error();
    return verifier::of_this_thread().verify(*known, *read, message, signature);
}

json::object verify_signature(json_value line)
{
    auto const alg = text_member(line, "alg");
    auto const key = json_member(line, "jwk");
    auto const message = binary_member(line, "message");
    auto const signature = binary_member(line, "signature");
    return answer("valid", "invalid", verdict_on_signature(alg, key, message, signature));
}

json::object parse_for_jose(json_value line)
{
    json_document document;
    auto const failed = document.parse(binary_member(line, "bytes"));
    auto out = answer("accept", "reject", failed);
    if (!failed)
        out["canonical"] = canonical_json(document.root());
    return out;
}

json::object parse_general(json_value line)
{
    auto const value = pks::proto::parse_json(binary_member(line, "bytes"));
    auto out = answer("accept", "reject", value ? pks::error_code() : value.error());
    if (value) {
        json_document document;
        if (document.parse(json::serialize(*value), limits_of_lines()))
            throw std::logic_error("what was written of a JSON text cannot be read");
        out["canonical"] = canonical_json(document.root());
    }
    return out;
}

using line_judge = std::function<json::object(json_value line)>;

json::object judge_line(std::string_view text, line_judge const& judge)
{
    json_document document;
    if (auto const failed = document.parse(text, limits_of_lines()))
        throw line_error("not strict JSON: " + name_of(failed));
    auto const line = document.root();
    if (line.type() != pks::jose::json_type::object)
        throw line_error("no JSON object");
    json::object out;
    if (auto const id = line["id"].if_string())
        out["id"] = json::string(id->data(), id->size());
    else if (auto const number = line["id"].if_int64())
        out["id"] = *number;
    else
        throw line_error("no id that is a string or an integer");
    for (auto& [name, value] : judge(line))
        out[name] = std::move(value);
    return out;
}

exit_status judge_lines(std::istream& in, std::ostream& out, std::ostream& complaints, line_judge const& judge)
{
    std::size_t number = 0, judged = 0, malformed = 0;
    for (std::string text; std::getline(in, text);) {
        ++number;
        if (text.find_first_not_of(" \t\r") == text.npos)
            continue;
        json::object reply;
        try {
            reply = judge_line(text, judge);
            ++judged;
        } catch (line_error const& wrong) {
            ++malformed;
            reply["line"] = number;
            reply["error"] = wrong.what();
        }
        // An answer at a time, for whoever asks one question after the other.
        out << json::serialize(reply) << std::endl;
    }
    if (malformed != 0)
        complaints << "pks-conform: " << malformed << " of " << malformed + judged << " lines cannot be judged\n";
    else if (judged == 0)
        complaints << "pks-conform: no line on standard input\n";
    return malformed == 0 && judged != 0 ? as_expected : usage;
}

// Nothing, after a complaint, where that cannot be.
std::optional<jwk_set> read_key_file(std::string const& file, jwk_rules const& rules, std::ostream& complaints)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream all;
    if (!in || !(all << in.rdbuf())) {
        complaints << "pks-conform: cannot read " << file << '\n';
        return std::nullopt;
    }
    auto set = pks::jose::parse_jwk_set(all.str(), rules);
    if (!set) {
        complaints << "pks-conform: " << file << ": " << name_of(set.error()) << '\n';
        return std::nullopt;
    }
    for (auto const& refused : set->refused())
        complaints << "pks-conform: " << file << ": key " << refused.position
                   << " is not used: " << name_of(refused.reason) << '\n';
    return std::move(*set);
}

} // namespace

bool is_line_verb(std::string_view name)
{
    return name == "jws-verify" || name == "jwt-check" || name == "sig-verify" || name == "json-parse" ||
        name == "http-parse" || name == "x509-verify" || name == "tls-get";
}

exit_status run_line_verb(std::string_view name, line_verb_options const& options, std::istream& in, std::ostream& out,
    std::ostream& complaints)
{
    if (name == "sig-verify")
        return judge_lines(in, out, complaints, verify_signature);
    if (name == "json-parse")
        return judge_lines(in, out, complaints, options.jose ? parse_for_jose : parse_general);
    if (name == "http-parse")
        return judge_lines(in, out, complaints, parse_response);
    if (name == "tls-get")
        return judge_lines(in, out, complaints, get_over_tls);
    if (name == "x509-verify")
        return judge_lines(in, out, complaints, options.limbo ? verify_limbo_case : verify_certificates);
    bool const whole = name == "jwt-check";
    std::optional<jwk_set> keys;
    if (!options.jwks.empty()) {
        keys = read_key_file(options.jwks, whole ? jwk_rules() : suites::with_secrets(), complaints);
        if (!keys)
            return environment;
    }
    auto const judge = whole ? check_token : verify_token;
    auto const with_keys = [&](json_value line) { return judge(line, keys ? &*keys : nullptr); };
    return judge_lines(in, out, complaints, with_keys);
}

} // namespace conform
