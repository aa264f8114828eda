// Altered recordings: exactly the altered cases fail, and the report names what was altered.
#include "runner/replay.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <random>

namespace {

namespace json = boost::json;

std::filesystem::path const conformance = std::filesystem::path(PKS_SOURCE_DIR) / "conformance";

/// What was done to an entry, and what the report must say one of.
struct mutation
{
    std::string what;
    std::vector<std::string> names;
};

using generator = std::mt19937;
using mutator = std::optional<mutation> (*)(conform::test_case&, generator&);

template <class Range>
auto& any_of(Range& range, generator& random)
{
    return *(range.begin() + static_cast<std::ptrdiff_t>(random() % range.size()));
}

json::object& request_of(conform::test_case& c)
{
    return c.entry.at("request").as_object();
}
json::object& response_of(conform::test_case& c)
{
    return c.entry.at("response").as_object();
}

std::string text_of(json::value const& value)
{
    return value.as_string().c_str();
}

json::object* field_of(json::object& message, std::string_view name)
{
    for (auto& field : message.at("headers").as_array()) {
        auto found = text_of(field.at("name"));
        std::transform(found.begin(), found.end(), found.begin(),
            [](char ch) { return ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch + ('a' - 'A')) : ch; });
        if (found == name)
            return &field.as_object();
    }
    return nullptr;
}

bool expects(conform::test_case const& c, std::string_view error)
{
    auto const* const code = c.expect.if_contains("error");
    return code && code->as_string() == error;
}

bool is_operation(conform::test_case const& c)
{
    return c.kind == conform::case_kind::operation;
}

// ---- requests ----

std::optional<mutation> alter_method(conform::test_case& c, generator&)
{
    if (!is_operation(c))
        return {};
    request_of(c)["method"] = "PUT";
    return mutation{"method", {"request: method"}};
}

std::optional<mutation> alter_target(conform::test_case& c, generator&)
{
    if (!is_operation(c))
        return {};
    request_of(c)["url"] = text_of(request_of(c).at("url")) + "x";
    return mutation{"target", {"request: target"}};
}

std::optional<mutation> alter_request_field(conform::test_case& c, generator& random)
{
    if (!is_operation(c))
        return {};
    static std::vector<std::pair<std::string, std::string>> const names = {{"host", "Host"},
        {"authorization", "Authorization"}, {"x-cf-encoded-credentials", "X-CF-ENCODED-CREDENTIALS"},
        {"accept", "Accept media type"}, {"content-type", "Content-Type media type"},
        {"if-none-match", "If-None-Match"}};
    auto const& [lower, name] = any_of(names, random);
    auto* const field = field_of(request_of(c), lower);
    if (!field)
        return {};
    (*field)["value"] = "x" + text_of(field->at("value"));
    return mutation{"request field " + lower, {"request: " + name}};
}

std::optional<mutation> drop_request_field(conform::test_case& c, generator&)
{
    if (!is_operation(c))
        return {};
    auto* const field = field_of(request_of(c), "authorization");
    if (!field)
        return {};
    (*field)["name"] = "X-Nothing";
    return mutation{"request field authorization", {"request: Authorization"}};
}

std::optional<mutation> alter_form_field(conform::test_case& c, generator& random)
{
    if (!is_operation(c) || !request_of(c).contains("postData"))
        return {};
    auto& posted = request_of(c).at("postData").as_object();
    auto form = text_of(posted.at("text"));
    std::vector<std::size_t> ends;
    for (std::size_t at = form.find('&'); at != form.npos; at = form.find('&', at + 1))
        ends.push_back(at);
    ends.push_back(form.size());
    auto const end = any_of(ends, random);
    auto const begin = end == 0 ? 0 : form.rfind('&', end - 1) + 1;
    auto const name = form.substr(begin, form.find('=', begin) - begin);
    form.insert(end, "x");
    posted["text"] = form;
    return mutation{"form field " + name, {"request: form field " + name}};
}

std::optional<mutation> add_form_field(conform::test_case& c, generator&)
{
    if (!is_operation(c) || !request_of(c).contains("postData"))
        return {};
    auto& posted = request_of(c).at("postData").as_object();
    posted["text"] = text_of(posted.at("text")) + "&more=less";
    return mutation{"a form field more", {"request: form field more"}};
}

// ---- replies ----

// A reply to HEAD is cut off whatever its head says.
bool reply_is_read(conform::test_case const& c)
{
    return !expects(c, "pks:truncated");
}

std::optional<mutation> alter_status(conform::test_case& c, generator&)
{
    if (!reply_is_read(c))
        return {};
    response_of(c)["status"] = 418;
    if (response_of(c).contains("_statusLine"))
        response_of(c)["_statusLine"] = "HTTP/1.1 418 ";
    return mutation{"status", {"http_status"}};
}

std::optional<mutation> alter_media_type(conform::test_case& c, generator&)
{
    auto* const field = field_of(response_of(c), "content-type");
    if (!c.expect.contains("result") || !field)
        return {};
    (*field)["value"] = "text/html";
    return mutation{"media type", {"pks:not_json"}};
}

// Members of a reply that an operation reads; of a refusal, of claims, keys and clusters it reads, or keeps, all.
bool is_read(std::string const& operation, std::string const& member)
{
    if (operation == "uaa.get_token" || operation == "login")
        return member == "access_token" || member == "token_type" || member == "expires_in" || member == "scope" ||
            member == "jti" || member == "refresh_token" || member == "id_token";
    if (operation == "uaa.target")
        return member == "zone_name" || member == "entityID" || member == "commit_id" || member == "timestamp";
    return true;
}

void set_body(json::object& response, std::string const& body)
{
    response.at("content").as_object()["text"] = body;
    if (response.contains("_chunks")) {
        json::array sizes;
        sizes.emplace_back(body.size());
        response["_chunks"] = std::move(sizes);
    }
    if (auto* const length = field_of(response, "content-length"))
        (*length)["value"] = std::to_string(body.size());
}

void alter_value(json::value& value)
{
    if (value.is_string())
        value = text_of(value) + "x";
    else if (value.is_int64())
        value = value.get_int64() + 1;
    else if (value.is_bool())
        value = !value.get_bool();
    else
        value = "x";
}

std::optional<mutation> alter_json_member(conform::test_case& c, generator& random)
{
    bool const refusal = c.expect.contains("http_status") && c.expect.at("http_status").as_int64() >= 400;
    if (!refusal && !c.expect.contains("result"))
        return {};
    auto& response = response_of(c);
    auto const* const text = response.at("content").as_object().if_contains("text");
    boost::system::error_code ec;
    auto document = json::parse(text ? text_of(*text) : std::string(), ec);
    auto* const object = ec                                    ? nullptr
        : document.is_object()                                 ? &document.get_object()
        : document.is_array() && !document.get_array().empty() ? document.get_array().front().if_object()
                                                               : nullptr;
    if (!object)
        return {};
    std::vector<std::string> members;
    for (auto const& [name, value] : *object)
        if (!value.is_object() && !value.is_array() && (refusal || is_read(c.operation, name)))
            members.emplace_back(name);
    if (members.empty())
        return {};
    auto const& member = any_of(members, random);
    alter_value(object->at(member));
    set_body(response, json::serialize(document));
    std::vector<std::string> names = {member};
    if (refusal)
        names = {"oauth_error", "description", "body"};
    else if (member == "entityID")
        names = {"entity_id"};
    return mutation{"member " + member, std::move(names)};
}

std::optional<mutation> drop_json_member(conform::test_case& c, generator&)
{
    if (!c.expect.contains("result") || (c.operation != "uaa.get_token" && c.operation != "login"))
        return {};
    auto& response = response_of(c);
    auto document = json::parse(text_of(response.at("content").at("text")));
    document.as_object().erase("access_token");
    set_body(response, json::serialize(document));
    return mutation{"member access_token", {"pks:missing_access_token"}};
}

std::optional<mutation> duplicate_json_member(conform::test_case& c, generator&)
{
    auto& response = response_of(c);
    auto const* const text = response.at("content").as_object().if_contains("text");
    if (!c.expect.contains("result") || !text || !text_of(*text).starts_with("{\""))
        return {};
    set_body(response, "{\"jti\":\"x\",\"jti\":\"x\"," + text_of(*text).substr(1));
    return mutation{"a member twice", {"pks:duplicate_member"}};
}

std::optional<mutation> alter_chunk_size(conform::test_case& c, generator&)
{
    if (!reply_is_read(c) || !response_of(c).contains("_chunks"))
        return {};
    auto& size = response_of(c).at("_chunks").as_array().front();
    size = json::value_to<std::int64_t>(size) + 1;
    return mutation{"chunk size", {"pks:protocol_error", "pks:truncated"}};
}

std::optional<mutation> alter_content_length(conform::test_case& c, generator&)
{
    auto* const field = field_of(response_of(c), "content-length");
    if (!reply_is_read(c) || !field || !c.expect.contains("http_status") || c.expect.at("http_status") == 304)
        return {};
    (*field)["value"] = std::to_string(std::stoul(text_of(field->at("value"))) + 1);
    return mutation{"content length", {"pks:truncated"}};
}

std::optional<mutation> drop_framing(conform::test_case& c, generator&)
{
    auto* const field = field_of(response_of(c), "transfer-encoding");
    if (!reply_is_read(c) || !field || !response_of(c).contains("_chunks"))
        return {};
    (*field)["name"] = "X-Nothing";
    // The chunk sizes are then part of a body that the connection's end delimits.
    return mutation{"transfer encoding", {"reusable", "body", "pks:malformed_json", "http_status", "error"}};
}

std::optional<mutation> alter_persistence(conform::test_case& c, generator&)
{
    auto const* const reusable = c.expect.if_contains("reusable");
    if (!reusable || !reusable->as_bool())
        return {};
    json::object field;
    field["name"] = "Connection";
    field["value"] = "close";
    if (auto* const kept = field_of(response_of(c), "connection"))
        *kept = field;
    else
        response_of(c).at("headers").as_array().push_back(std::move(field));
    return mutation{"persistence", {"reusable"}};
}

std::optional<mutation> alter_etag(conform::test_case& c, generator&)
{
    auto* const field = field_of(response_of(c), "etag");
    if (c.operation != "uaa.token_keys" || !c.expect.contains("result") || !field)
        return {};
    (*field)["value"] = "\"x\"";
    return mutation{"ETag", {"result.etag"}};
}

constexpr mutator mutators[] = {&alter_method, &alter_target, &alter_request_field, &drop_request_field,
    &alter_form_field, &add_form_field, &alter_status, &alter_media_type, &alter_json_member, &drop_json_member,
    &duplicate_json_member, &alter_chunk_size, &alter_content_length, &drop_framing, &alter_persistence, &alter_etag};

std::string described(std::vector<conform::finding> const& findings)
{
    std::string out;
    for (auto const& f : findings)
        for (auto const& d : f.what)
            out += d.field + ": expected " + d.expected + ", saw " + d.seen + "\n";
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mutations)

BOOST_AUTO_TEST_CASE(exactly_the_altered_cases_fail)
{
    constexpr std::size_t sample = 100;
    auto suites = conform::read_suites(conformance / "recordings", conformance / "cases");
    std::vector<conform::test_case*> all;
    for (auto& one : suites)
        for (auto& c : one.cases)
            all.push_back(&c);

    // A fixed seed: a failure of today is a failure of tomorrow.
    generator random(20261125);
    std::shuffle(all.begin(), all.end(), random);
    std::map<std::string, mutation> altered;
    std::map<mutator, int> uses;
    std::size_t turn = 0;
    for (auto* const c : all) {
        if (altered.size() == sample)
            break;
        auto const mutate = mutators[turn % std::size(mutators)];
        auto copy = *c;
        if (auto done = mutate(copy, random)) {
            *c = std::move(copy);
            altered.emplace(c->id, std::move(*done));
            ++uses[mutate];
            ++turn;
        }
    }
    BOOST_REQUIRE(altered.size() == sample);
    BOOST_TEST(uses.size() == std::size(mutators));

    conform::replayer player;
    std::vector<conform::replay_mode> const modes = {conform::all_modes().front()};
    for (auto const& one : suites) {
        for (auto const& c : one.cases) {
            auto const text = described(player.play(c, modes));
            auto const change = altered.find(c.id);
            if (change == altered.end()) {
                BOOST_TEST(text.empty(), c.id << " was not altered and fails:\n" << text);
                continue;
            }
            auto const& [what, names] = change->second;
            bool const named =
                std::any_of(names.begin(), names.end(), [&](auto const& name) { return text.find(name) != text.npos; });
            BOOST_TEST(named, c.id << ", altered " << what << ", says:\n" << text);
        }
    }
}

// What a case expects of the server's own word is compared, whichever server's it is; and what has no meaning is no
// expectation that is met.
BOOST_AUTO_TEST_CASE(an_altered_expectation_fails_its_case_alone)
{
    auto const suites = conform::read_suites(conformance / "recordings", conformance / "cases");
    conform::replayer player;
    std::vector<conform::replay_mode> const modes = {conform::all_modes().front()};
    std::map<std::string, int> altered;
    for (auto const& one : suites) {
        if (!one.name.starts_with("pks/"))
            continue;
        for (auto const& c : one.cases) {
            BOOST_TEST(described(player.play(c, modes)) == "");
            for (std::string const name : {"api_error", "oauth_error"}) {
                if (!c.expect.contains(name))
                    continue;
                ++altered[name];
                auto spoilt = c;
                alter_value(spoilt.expect.at(name));
                auto const found = player.play(spoilt, modes);
                BOOST_REQUIRE(found.size() == 1u);
                BOOST_REQUIRE(found.front().what.size() == 1u);
                BOOST_TEST(found.front().what.front().field == name);
            }
        }
    }
    BOOST_TEST(altered["api_error"] == 25);
    BOOST_TEST(altered["oauth_error"] > 0);

    auto unknown = suites.front().cases.front();
    unknown.expect["api_eror"] = "";
    auto const found = player.play(unknown, modes);
    BOOST_REQUIRE(found.size() == 1u);
    BOOST_TEST(found.front().what.front().field == "api_eror");
}

// The sample holds in every kind of replay, over TLS as in memory.
BOOST_AUTO_TEST_CASE(every_replay_sees_an_alteration)
{
    auto const suites = conform::read_suites(conformance / "recordings", conformance / "cases");
    auto altered = suites.front().cases.front();
    generator random(1);
    BOOST_REQUIRE(alter_status(altered, random).has_value());
    conform::replayer player;
    auto const findings = player.play(altered, conform::all_modes());
    BOOST_REQUIRE(findings.size() == 1u);
    BOOST_TEST(findings.front().modes.size() == conform::all_modes().size());

    altered = suites.front().cases.front();
    BOOST_REQUIRE(alter_method(altered, random).has_value());
    auto const refused = player.play(altered, conform::all_modes());
    BOOST_REQUIRE(refused.size() == 1u);
    BOOST_TEST(refused.front().modes.size() == conform::all_modes().size());
    BOOST_TEST(refused.front().what.front().field == "request: method");
}

BOOST_AUTO_TEST_SUITE_END()
