// Compares replies.
#include "comparison.hpp"

#include "words.hpp"

#include <pks/jose/base64url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>

namespace testing_recorded {

namespace {

namespace json = boost::json;

bool all_hex(std::string_view text)
{
    return std::all_of(
        text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Takes out what differs from run to run.
std::string normalized(std::string_view text)
{
    auto out = replace_words(text, [](std::string_view w) -> std::string {
        if (looks_signed(w))
            return "<jwt>";
        bool const refresh = w.size() == 34 && w.substr(32) == "-r";
        if ((w.size() == 32 || refresh) && all_hex(w.substr(0, 32)))
            return refresh ? "<id>-r" : "<id>";
        if (w.size() == 36 && w[8] == '-' && w[23] == '-')
            return "<uuid>";
        return std::string(w);
    });
    if (auto const at = out.find("expired at "); at != std::string::npos)
        out.resize(at + 11);
    return out;
}

json::value parsed(std::string const& body)
{
    boost::system::error_code ec;
    auto out = json::parse(body, ec);
    return ec ? json::value() : out;
}

std::string shape(json::object const& object)
{
    std::string out;
    for (auto const& member : object)
        out += std::string(member.key()) + ' ';
    return out;
}

std::multiset<std::string> words_of(std::string_view text)
{
    std::multiset<std::string> out;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        out.emplace(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

// Names of the header's members, in order, and of the claims, whose order is that of a hash map; for what is no JWT, its
// length.
std::string token_shape(json::object const& reply, char const* name)
{
    auto const* const value = reply.if_contains(name);
    if (!value || !value->is_string())
        return {};
    std::string_view const token = value->get_string();
    auto const first = token.find('.');
    if (first == std::string_view::npos)
        return std::to_string(token.size());
    auto const second = token.rfind('.');
    auto const part = [](std::string_view encoded) {
        auto const value_of = parsed(pks::jose::base64url_decode(encoded).value_or(""));
        return value_of.is_object() ? shape(value_of.get_object()) : std::string("?");
    };
    std::string claims;
    for (auto const& name_of_claim : words_of(part(token.substr(first + 1, second - first - 1))))
        claims += name_of_claim + ' ';
    return part(token.substr(0, first)) + "| " + claims;
}

class report
{
public:
    void compare(std::string const& what, std::string const& recorded, std::string const& ours)
    {
        if (recorded != ours)
            lines.push_back(what + ": recorded " + recorded.substr(0, 400) + ", ours " + ours.substr(0, 400));
    }

    std::vector<std::string> lines;
};

void compare_success(report& out, json::object const& recorded, json::object const& ours, bool live)
{
    out.compare("members", shape(recorded), shape(ours));
    // What is a configuration's own, or another in each run.
    static std::set<std::string_view> const varying{"access_token", "refresh_token", "id_token", "jti", "exp", "iat",
        "auth_time", "rev_sig", "entityID", "keys", "value", "n", "previous_logon_time", "uuid", "sub", "user_id",
        "scope", "aud", "authorities", "prompts", "idpDefinitions"};
    for (auto const& member : recorded) {
        auto const* const other = ours.if_contains(member.key());
        if (other && !varying.contains(std::string_view(member.key())))
            out.compare(std::string(member.key()), json::serialize(member.value()), json::serialize(*other));
    }
    auto const* const scope = recorded.if_contains("scope");
    auto const* const our_scope = ours.if_contains("scope");
    if (scope && our_scope && scope->is_string() && our_scope->is_string() &&
        words_of(scope->get_string()) != words_of(our_scope->get_string()))
        out.compare("scope", std::string(scope->get_string()), std::string(our_scope->get_string()));
    // Tokens of reconstructed exchanges are models, not UAA's.
    for (auto const name : {"access_token", "refresh_token", "id_token"})
        if (live)
            out.compare(name, token_shape(recorded, name), token_shape(ours, name));
    if (auto const* const keys = recorded.if_contains("keys"); keys && ours.contains("keys"))
        for (auto const& key : keys->as_array())
            out.compare("key", shape(key.as_object()), shape(ours.at("keys").as_array().front().as_object()));
}

std::string names_of(pks::testing::header_fields const& fields)
{
    std::string out;
    for (auto const& [name, value] : fields)
        out += name + ' ';
    return out;
}

std::string framing_of(pks::testing::reply const& ours)
{
    using framing = pks::testing::reply::framing;
    switch (ours.frame) {
    case framing::none:
        return "none";
    case framing::content_length:
        return "content-length";
    case framing::chunked:
        return "chunked";
    default:
        return "close";
    }
}

} // namespace

std::vector<std::string> differences(exchange const& recorded, pks::testing::reply const& ours)
{
    report out;
    auto const value = [](std::string const* text) { return text ? normalized(*text) : std::string("none"); };
    out.compare("status", std::to_string(recorded.status), std::to_string(ours.status));
    out.compare("media type", value(recorded.field("Content-Type")), value(ours.find("Content-Type")));
    out.compare("challenge", value(recorded.field("WWW-Authenticate")), value(ours.find("WWW-Authenticate")));
    auto const theirs = parsed(recorded.body);
    auto const mine = ours.frame == pks::testing::reply::framing::none ? json::value() : parsed(ours.body);
    if (recorded.status >= 400 && theirs.is_object())
        out.compare("body", normalized(recorded.body), mine.is_null() ? "" : normalized(ours.body));
    else if (theirs.is_object() && mine.is_object())
        compare_success(out, theirs.get_object(), mine.get_object(), recorded.live);
    else
        out.compare("kind of body", std::to_string(static_cast<int>(theirs.kind())),
            std::to_string(static_cast<int>(mine.kind())));
    if (recorded.live) {
        out.compare("fields", names_of(recorded.fields), names_of(ours.fields));
        out.compare("framing", recorded.framing, framing_of(ours));
        out.compare("chunks", std::to_string(recorded.chunks),
            std::to_string(ours.frame == pks::testing::reply::framing::chunked ? ours.chunks.size() : 0));
        out.compare("closed", recorded.closed ? "yes" : "no", ours.close ? "yes" : "no");
    }
    return std::move(out.lines);
}

} // namespace testing_recorded
