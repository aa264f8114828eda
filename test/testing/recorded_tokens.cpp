// Judges every token of the live recordings offline, and compares with what the recorded UAA said of it: one that it
// refused is refused, unless only the UAA can know why; one that it accepted is accepted, unless the list says why not.
#include "listed.hpp"
#include "recording.hpp"
#include "words.hpp"

#include <pks/jose/algorithm_set.hpp>
#include <pks/jose/claims.hpp>
#include <pks/jose/jwk_set.hpp>
#include <pks/jose/jws.hpp>
#include <pks/jose/missing_kid.hpp>
#include <pks/jose/verifier.hpp>
#include <pks/policy/claim_rules.hpp>
#include <pks/proto/form.hpp>
#include <pks/testing/uaa_client_login.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "runner/error_name.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace testing_recorded;
namespace json = boost::json;

std::string const directory = PKS_SHARED_DIR "/recordings/uaa-live/";
char const* const folders[] = {"4.30.0", "77.18.0", "77.18.0/extra"};

bool are_there_recordings()
{
    if (std::filesystem::exists(directory + "4.30.0/check_token.har"))
        return true;
    BOOST_TEST_MESSAGE("skipped: there are no recordings in " << directory);
    return false;
}

std::vector<exchange> entries_of(std::string const& folder, std::string const& area)
{
    auto read = load(directory + folder + '/' + area + ".har", folder + '/');
    BOOST_REQUIRE_MESSAGE(read, "recordings are missing: " << folder << '/' << area);
    return *std::move(read);
}

// ---- the UAA of an entry ----

// Of the recorded zones one has the host tz1.localhost, and so on.
std::string zone_of(exchange const& asked)
{
    auto const host = asked.request.field("Host");
    return host.starts_with("tz") ? std::string(host.substr(0, host.find('.'))) : std::string();
}

std::string issuer_of(std::string const& folder, std::string const& zone)
{
    auto const host = (zone.empty() ? "" : zone + '.') + (folder == "4.30.0" ? "localhost:8443" : "localhost:8444");
    return "https://" + host + (folder == "77.18.0/extra" ? "/uaa" : "") + "/oauth/token";
}

// The file beside the recordings that holds the keys. A zone of `extra` has none of its own.
std::string key_file_of(std::string const& folder, std::string const& zone, std::string const& configuration)
{
    if (!zone.empty() && folder != "77.18.0/extra")
        return folder + "/jwks-" + zone + ".json";
    bool const other = configuration == "c" || configuration == "e" || configuration == "f";
    return folder + (other ? "/jwks-" + configuration : "/jwks") + ".json";
}

// As a client with the authority uaa.resource sees them, which reads the secret ones as well.
pks::jose::jwk_set const& keys_in(std::string const& file)
{
    static std::map<std::string, pks::jose::jwk_set> read;
    auto const known = read.find(file);
    if (known != read.end())
        return known->second;
    std::ifstream in(directory + file);
    std::string const text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    pks::jose::jwk_rules rules;
    rules.symmetric = rules.short_secrets = rules.mixed_set = true;
    auto set = pks::jose::parse_jwk_set(text, rules);
    BOOST_REQUIRE_MESSAGE(set.has_value(), "no key set: " << file);
    BOOST_TEST(set->refused().empty(), file);
    return read.emplace(file, *std::move(set)).first->second;
}

// ---- judging ----

// As strict as a UAA where it can be told so: it has no leeway for `exp`, one of 60 s for `nbf`, knows one `typ`, leaves
// the audience to whoever asked, and as of 77.18 wants a `kid`.
pks::error_code judge_offline(exchange const& at, std::string const& folder, std::string_view token,
    pks::policy::scope_requirement const& scopes = {})
{
    auto const zone = zone_of(at);
    pks::policy::claim_rules rules;
    rules.issuer = issuer_of(folder, zone);
    rules.any_audience = true;
    rules.types = {"JWT"};
    auto const& keys = keys_in(key_file_of(folder, zone, at.configuration));
    auto const symmetric = std::any_of(keys.keys().begin(), keys.keys().end(),
        [](pks::jose::jwk const& key) { return key.kty() == pks::jose::key_type::oct; });
    auto const algorithms = symmetric ? pks::jose::algorithm_set::asymmetric() | pks::jose::algorithm_set::symmetric()
                                      : pks::jose::algorithm_set::asymmetric();

    auto const without_kid = folder == "4.30.0" ? pks::jose::missing_kid::only_key : pks::jose::missing_kid::refused;

    pks::jose::jws jws;
    if (auto const ec = jws.parse(token))
        return ec;
    if (auto const ec = rules.check_type(jws))
        return ec;
    if (auto const ec = pks::jose::verifier::of_this_thread().verify(jws, keys, algorithms, without_kid))
        return ec;
    pks::jose::claims claims;
    if (auto const ec = claims.parse(jws.payload()))
        return ec;
    return rules.check(claims, pks::clock::time_point(std::chrono::seconds(at.time)), scopes);
}

// What a reply says of the token that was asked about. Nothing where it speaks of the caller or the request.
enum class verdict { nothing, good, refused, lacks_scopes };

verdict verdict_of(exchange const& asked, bool introspection)
{
    json::error_code ec;
    auto const body = json::parse(asked.body, ec);
    auto const* const object = ec ? nullptr : body.if_object();
    if (!object)
        return verdict::nothing;
    auto const text = [object](char const* name) {
        auto const* const value = object->if_contains(name);
        return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    if (asked.status == 200 && introspection)
        return object->at("active").as_bool() ? verdict::good : verdict::refused;
    if (asked.status == 200)
        return verdict::good;
    // The UAA stumbles over what it does not expect in a token; over other methods, too.
    if (asked.status == 500 && asked.request.method == "POST")
        return verdict::refused;
    if (introspection || asked.status != 400)
        return verdict::nothing;
    if (text("error") == "invalid_scope")
        return verdict::lacks_scopes;
    bool const about_token =
        text("error") == "invalid_token" && text("error_description") != "Token parameter must be set";
    return about_token ? verdict::refused : verdict::nothing;
}

pks::policy::scope_requirement scopes_asked(
    pks::testing::request_parameters const& parameters, exchange const& asked, bool introspection)
{
    pks::policy::scope_requirement out;
    if (introspection)
        return out;
    auto const list = parameters.get(asked.request.method == "POST" ? "scopes" : "scope");
    for (std::string_view left = list; !left.empty();) {
        auto const end = std::min(left.find(','), left.size());
        if (end > 0)
            out.all.emplace_back(left.substr(0, end));
        left.remove_prefix(std::min(end + 1, left.size()));
    }
    return out;
}

// ---- comparing ----

constexpr char stricter_file[] = "stricter_than_uaa.txt";
constexpr char uaa_alone_file[] = "known_to_the_uaa_alone.txt";

struct comparison
{
    std::vector<listed> stricter = read_list(stricter_file, true);
    std::vector<listed> uaa_alone = read_list(uaa_alone_file);
    int same = 0;
    int silent = 0;

    void compare(exchange const& asked, std::string const& folder, bool introspection)
    {
        BOOST_TEST_CHECKPOINT(asked.id);
        pks::testing::request_parameters const parameters(asked.request);
        auto const token = parameters.joined("token");
        auto const said = verdict_of(asked, introspection);
        if (said == verdict::nothing || !token) {
            ++silent;
            return;
        }
        auto const ec = judge_offline(asked, folder, *token, scopes_asked(parameters, asked, introspection));
        bool const lacks_scopes = ec == pks::condition::forbidden;
        bool const agrees = said == verdict::good ? !ec
            : said == verdict::lacks_scopes       ? lacks_scopes
                                                  : ec && !lacks_scopes;
        if (agrees)
            ++same;
        else if (!ec)
            expect_listed(uaa_alone, asked.id, "accepted, and the UAA refused it: " + asked.body);
        else
            expect_listed(stricter, asked.id, conform::name_of(ec), said == verdict::refused);
    }

private:
    static void expect_listed(std::vector<listed>& list, std::string const& id, std::string const& what)
    {
        if (auto* const line = find_listed(list, id))
            ++line->used;
        else
            BOOST_ERROR(id << ": " << what);
    }

    static void expect_listed(
        std::vector<listed>& list, std::string const& id, std::string const& error, bool uaa_refused)
    {
        auto* const line = uaa_refused ? nullptr : find_listed(list, id);
        if (line && line->error == error)
            ++line->used;
        else
            BOOST_ERROR(id << ": " << error << ", and the UAA said otherwise");
    }
};

// ---- tokens in replies ----

std::vector<std::string> access_tokens_of(exchange const& got)
{
    std::vector<std::string> out;
    json::error_code ec;
    auto const body = json::parse(got.body, ec);
    if (auto const* const object = ec ? nullptr : body.if_object())
        if (auto const* const token = object->if_contains("access_token"); token && token->is_string())
            out.emplace_back(token->get_string());
    if (auto const* const location = got.field("Location"))
        if (auto const fragment = location->find('#'); fragment != std::string::npos)
            for (auto const& [name, value] : pks::proto::parse_form(std::string_view(*location).substr(fragment + 1)))
                if (name == "access_token")
                    out.push_back(value);
    return out;
}

std::vector<std::string> areas_of(std::string const& folder)
{
    std::vector<std::string> out;
    for (auto const& file : std::filesystem::directory_iterator(directory + folder))
        if (file.path().extension() == ".har")
            out.push_back(file.path().stem().string());
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(testing_recorded_tokens)

BOOST_AUTO_TEST_CASE(offline_agrees_with_what_the_recorded_uaas_said)
{
    if (!are_there_recordings())
        return;
    comparison all;
    for (std::string const folder : folders)
        for (bool const introspection : {false, true})
            for (auto const& asked : entries_of(folder, introspection ? "introspect" : "check_token"))
                all.compare(asked, folder, introspection);
    expect_all_used(all.stricter, stricter_file);
    expect_all_used(all.uaa_alone, uaa_alone_file);
    BOOST_TEST(all.same >= 200);
    auto const sum = [](std::vector<listed> const& list) {
        int out = 0;
        for (auto const& line : list)
            out += line.used;
        return out;
    };
    BOOST_TEST_MESSAGE(all.same << " judged as the UAA did, " << sum(all.stricter) << " more strictly, "
                                << sum(all.uaa_alone) << " accepted that only the UAA can refuse; " << all.silent
                                << " replies say nothing of a token");
}

BOOST_AUTO_TEST_CASE(every_access_token_that_a_recorded_uaa_gave_verifies_offline)
{
    if (!are_there_recordings())
        return;
    std::map<std::string, int> verified;
    for (std::string const folder : folders)
        for (auto const& area : areas_of(folder))
            for (auto const& got : entries_of(folder, area))
                for (auto const& token : access_tokens_of(got)) {
                    if (!looks_signed(token))
                        continue;
                    auto const ec = judge_offline(got, folder, token);
                    BOOST_CHECK_MESSAGE(!ec, got.id << ": " << conform::name_of(ec));
                    ++verified[folder];
                }
    BOOST_TEST(verified["4.30.0"] == 86);
    BOOST_TEST(verified["77.18.0"] == 86);
    BOOST_TEST(verified["77.18.0/extra"] == 142);
}

BOOST_AUTO_TEST_SUITE_END()
