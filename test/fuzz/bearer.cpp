// Requests with a token, and the WWW-Authenticate that answers them: no request gets a token taken that stands where it
// must not, and nothing gets out of the quotes of a challenge.
#include "fuzz/target.hpp"

#include <pks/error.hpp>
#include <pks/endpoint.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/json_document.hpp>
#include <pks/policy/bearer_errc.hpp>
#include <pks/policy/bearer_refusal.hpp>
#include <pks/policy/bearer_token.hpp>
#include <pks/policy/scope_requirement.hpp>
#include <pks/policy/token_errc.hpp>
#include <pks/proto/refusal.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace fuzz {

namespace {

using pks::error_code;

/// An input: two octets that choose a reason, then lines: the realm, the target, values of Authorization up to an empty
/// line, and what follows is the form.
struct request
{
    error_code reason;
    std::string realm;
    std::string target;
    std::vector<std::string> authorization;
    std::string form;
};

std::string take_line(std::string_view& rest)
{
    auto const end = std::min(rest.find('\n'), rest.size());
    std::string out(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return out;
}

error_code reason_of(unsigned char category, unsigned char value)
{
    int const number = value % 64 + 1;
    switch (category % 6) {
    case 0:
        return {number, pks::bearer_category()};
    case 1:
        return {number, pks::jose_category()};
    case 2:
        return {number, pks::token_category()};
    case 3:
        return {number, pks::client_category()};
    case 4:
        return {number, pks::oauth_category()};
    default:
        return {number, boost::system::generic_category()};
    }
}

request split(std::string_view input)
{
    request out;
    auto const octet = [&input]() -> unsigned char {
        if (input.empty())
            return 0;
        auto const c = static_cast<unsigned char>(input.front());
        input.remove_prefix(1);
        return c;
    };
    auto const category = octet();
    out.reason = reason_of(category, octet());
    out.realm = take_line(input);
    out.target = take_line(input);
    while (!input.empty()) {
        auto value = take_line(input);
        if (value.empty())
            break;
        out.authorization.push_back(std::move(value));
    }
    out.form = std::string(input);
    return out;
}

// Spelled without escapes; with them it is for the library to see.
bool shows_a_token(std::string_view fields)
{
    return ('&' + std::string(fields)).find("&access_token=") != std::string::npos;
}

void check_token(request const& r, std::string_view token)
{
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
    require(r.authorization.size() == 1, "a token stands in the one field Authorization");
    auto const& field = r.authorization.front();
    require(!token.empty() && token.data() + token.size() == field.data() + field.size(), "a token ends its field");
    require(token.find_first_not_of(alphabet) == token.npos, "a token has characters of tokens");
    auto scheme = field.substr(0, field.size() - token.size());
    scheme.erase(std::min(scheme.find_last_not_of(' ') + 1, scheme.size()));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    require(scheme == "bearer" && field[scheme.size()] == ' ', "a token comes after its scheme and a blank");
    auto const query = std::min(r.target.find('?'), r.target.size());
    require(query == r.target.size() || !shows_a_token(std::string_view(r.target).substr(query + 1)),
        "no token in the target besides");
    require(!shows_a_token(r.form), "no token in the form besides");
}

// Bearer and its parameters, all of them quoted strings without an escape. Throws finding for anything else.
std::map<std::string, std::string> parameters_of(std::string_view challenge)
{
    std::map<std::string, std::string> out;
    require(std::all_of(challenge.begin(), challenge.end(), [](char c) { return c >= 0x20 && c < 0x7f; }),
        "a challenge is visible ASCII and blanks");
    require(challenge.starts_with("Bearer "), "the scheme is Bearer");
    challenge.remove_prefix(7);
    for (;;) {
        auto const open = challenge.find("=\"");
        require(open != challenge.npos && open != 0, "a parameter is a name and a quoted string");
        std::string const name(challenge.substr(0, open));
        require(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == name.npos, "a parameter has a name");
        challenge.remove_prefix(open + 2);
        auto const close = challenge.find('"');
        require(
            close != challenge.npos && challenge.substr(0, close).find('\\') == challenge.npos, "a quote is closed");
        require(out.emplace(name, challenge.substr(0, close)).second, "a parameter stands once");
        challenge.remove_prefix(close + 1);
        if (challenge.empty())
            return out;
        require(challenge.starts_with(", "), "a comma between parameters");
        challenge.remove_prefix(2);
    }
}

void check_refusal(error_code reason, request const& r)
{
    pks::policy::scope_requirement needed;
    needed.all = r.authorization;
    needed.any = {r.target};
    pks::policy::bearer_refusal const refusal(reason, r.realm, needed);

    pks::jose::json_document body;
    require(!body.parse(refusal.body) && body.root().size() == 2 && body.root()["error"].if_string().has_value() &&
            body.root()["error_description"].if_string().has_value(),
        "the body is JSON of two texts");
    if (refusal.status == 503) {
        require(refusal.www_authenticate.empty(), "no challenge where another token would not help");
        return;
    }
    auto const parameters = parameters_of(refusal.www_authenticate);
    require(parameters.contains("realm"), "a challenge has a realm");
    require(parameters.contains("error") == parameters.contains("error_description"), "an error is described");
    std::string const error = parameters.contains("error") ? parameters.at("error") : "";
    switch (refusal.status) {
    case 400:
        require(error == "invalid_request", "400: the request");
        break;
    case 401:
        require(error.empty() || error == "invalid_token", "401: no token, or a bad one");
        require(
            error.empty() == (reason == error_code(pks::bearer_errc::no_token)), "no error where there is no token");
        break;
    default:
        require(refusal.status == 403 && error == "insufficient_scope", "403: the scope");
    }
    require(!parameters.contains("scope") || refusal.status == 403, "scopes where one is missing");

    // A client of this library understands it.
    pks::proto::response reply;
    reply.status = static_cast<int>(refusal.status);
    reply.fields.emplace_back("WWW-Authenticate", refusal.www_authenticate);
    pks::diagnostics diag;
    auto const understood = pks::proto::read_api_refusal(
        reply, pks::proto::request("GET", pks::endpoint::api("api.example.com"), "/v1/clusters"), diag);
    bool const named = parameters.at("realm").find("error=") != std::string::npos; // by the realm itself
    require((understood == pks::api_errc::invalid_token) == (error == "invalid_token") || named,
        "a client tells a bad token from none");
}

void run(std::string_view input)
{
    auto const r = split(input);
    std::vector<std::string_view> const fields(r.authorization.begin(), r.authorization.end());
    pks::policy::bearer_request asked;
    asked.authorization = fields;
    asked.target = r.target;
    asked.form = r.form;
    auto const token = pks::policy::bearer_token(asked);
    if (token.has_error()) {
        require(token.error().category() == pks::bearer_category(), "an error of requests");
        check_refusal(token.error(), r);
    } else {
        check_token(r, *token);
    }
    check_refusal(r.reason, r);
}

std::vector<std::string> seeds()
{
    std::vector<std::string> out;
    std::string const token = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA";
    std::vector<std::string> const requests = {"pks\n/v1/clusters\nBearer " + token + "\n\n", "pks\n/v1/clusters\n\n",
        "pks\n/?access_token=" + token + "\nBearer " + token + "\n\n", "pks\n/?a=b&%61ccess_token=x\n\n",
        "pks\n/x\nBearer a\nBearer b\n\n", "pks\n/x\nBasic Yzpz\n\n", "pks\n/x\nbearer   " + token + "==\n\n",
        "pks\n/x\nBearer a b\n\n", "pks\n/x\nBearer \n\n", "pks\n/x\nBearer a, Bearer b\n\n",
        "pks\n/x\nBearer " + token + "\n\na=1&access_token=" + token,
        std::string("re\"al\\m\r, error=\"invalid_token\"\npks.clusters.manage\" x\na\"b\n\n")};
    for (auto const& request : requests)
        for (auto const* reason : {"\0\0", "\1\25", "\2\11", "\2\21", "\3\15", "\4\1"})
            out.push_back(std::string(reason, 2) + request);
    return out;
}

std::vector<std::string> words()
{
    return {"Bearer ", "bearer ", "Basic ", "\n\n",
        "access_token=", "&access_token=", "?access_token=", "%61ccess_token", "\", error=\"", "\r\nX: y", "\\", "\"",
        "=", ", ", "pks.clusters.*", "\xc3\xa9"};
}

} // namespace

target bearer()
{
    return {run, seeds, words, nullptr};
}

} // namespace fuzz
