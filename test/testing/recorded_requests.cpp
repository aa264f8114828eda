// Sends recorded requests to the embedded control plane: each reply must be the recorded one, or stand on the list of
// differences with a reason. A listed reply that is right fails, too.
#include "comparison.hpp"
#include "installations.hpp"
#include "judged.hpp"
#include "listed.hpp"
#include "preparation.hpp"
#include "recording.hpp"
#include "translation.hpp"

#include <pks/policy/bearer_token.hpp>
#include <pks/policy/token_errc.hpp>
#include <pks/testing/pks_api.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace testing_recorded;

struct source
{
    char const* folder;
    std::vector<std::string> areas;
};

std::vector<source> const& sources()
{
    static std::vector<std::string> const areas{"seed-flow", "info", "token-client-credentials", "token-password",
        "token-refresh", "token-passcode", "token-authcode", "token-errors", "token_keys"};
    static std::vector<source> const all{{"4.30.0", areas}, {"77.18.0", areas},
        {"77.18.0/extra", {"pks-flow", "token", "token-errors", "token_keys"}},
        {"pks", {"login-user", "login-client", "clusters-list", "refresh", "errors"}}};
    return all;
}

struct outcome
{
    int same = 0;
    int listed_different = 0;
    int administrative = 0;
    std::vector<std::string> failures;
};

std::vector<listed> list;

void judge(exchange const& recorded, pks::testing::reply const& ours, outcome& out)
{
    auto const found = differences(recorded, ours);
    auto* const entry = find_listed(list, recorded.id);
    if (entry && found.empty()) {
        out.failures.push_back(recorded.id + ": is on the list of differences, but there is none");
    } else if (entry) {
        ++entry->used;
        ++out.listed_different;
    } else if (found.empty()) {
        ++out.same;
    } else {
        std::string text =
            recorded.id + " (" + recorded.request.method + ' ' + recorded.request.target.substr(0, 100) + ')';
        for (auto const& line : found)
            text += "\n    " + line;
        out.failures.push_back(text);
    }
}

pks::clock::time_point at(exchange const& e)
{
    return pks::clock::time_point(std::chrono::seconds(e.time));
}

// What the API of a control plane does with a token, without the connection between.
pks::authorization ask(pks::testing::uaa_server& uaa, pks::testing::request const& req, pks::clock::time_point now)
{
    auto const value = req.field("Authorization");
    pks::policy::bearer_request read;
    if (!value.empty())
        read.authorization = {&value, 1};
    read.target = req.target;
    auto const token = pks::policy::bearer_token(read);
    if (token.has_error())
        return refused(token.error());
    pks::testing::request question("POST", "/check_token",
        {{"Host", "localhost"}, {"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"},
            {"Authorization", "Basic cGtzX2NsaWVudDpwa3MtY2xpZW50LXNlY3JldA=="}},
        "token=" + std::string(*token));
    auto const answer = uaa.handle(question, now);
    if (answer.status == 200)
        return judged(answer.body, req, now);
    auto const body = boost::json::parse(answer.body);
    auto const* const description = body.is_object() ? body.get_object().if_contains("error_description") : nullptr;
    bool const expired = description && *description == boost::json::value("Token has expired");
    return refused(expired ? pks::token_errc::expired : pks::token_errc::inactive);
}

// What is wrong with a token where the recording does not say so itself.
std::string_view fault_of(std::string_view id)
{
    if (id == "pks/error/401-invalid-token" || id.ends_with("wrong-key") || id.ends_with("truncated-signature"))
        return "signature";
    return id.ends_with("wrong-rev-sig") ? "rev_sig" : "";
}

outcome replay(std::string const& directory, std::string const& folder, std::string const& area)
{
    outcome out;
    bool const reconstructed = folder == "pks";
    auto const file = directory + (reconstructed ? "/pks/" : "/uaa-live/" + folder + '/') + area + ".har";
    auto entries = load(file, folder + '/');
    BOOST_REQUIRE_MESSAGE(entries, "recordings are missing: " << file);

    // The reconstructed files hold replies of both generations side by side.
    auto uaa = uaa_of(folder);
    auto newer = uaa_of(reconstructed ? "pks-uaa77" : folder);
    translation translate(uaa);
    translation translate_newer(newer);
    pks::testing::pks_api api;
    api.inventory().add("cluster-one", "alana");
    api.inventory().add("cluster-two", "cody");

    for (auto& recorded : *entries) {
        recorded.forged += fault_of(recorded.id);
        if (translate.administer(recorded)) {
            ++out.administrative;
            continue;
        }
        BOOST_TEST_CHECKPOINT(recorded.id);
        bool const is_newer = reconstructed && recorded.id.find("-uaa7") != std::string::npos;
        auto& server = is_newer ? newer : uaa;
        auto& translator = is_newer ? translate_newer : translate;
        prepare(recorded, server);
        auto const req = translator.request(recorded);
        interfere(recorded, server);
        auto const now = at(recorded);
        auto const ours = recorded.to_api ? api.handle(req, ask(server, req, now), now) : server.handle(req, now);
        translator.learn(recorded, ours);
        judge(recorded, ours, out);
    }
    return out;
}

void replay_all(std::string const& directory, std::vector<source> const& all, std::string const& list_file)
{
    list = read_list(list_file);
    outcome total;
    for (auto const& [folder, areas] : all)
        for (auto const& area : areas) {
            auto const out = replay(directory, folder, area);
            total.same += out.same;
            total.listed_different += out.listed_different;
            total.administrative += out.administrative;
            for (auto const& failure : out.failures)
                BOOST_ERROR(failure);
        }
    expect_all_used(list, list_file);
    BOOST_TEST_MESSAGE(total.same << " answered as recorded, " << total.listed_different << " listed as different, "
                                  << total.administrative
                                  << " administrative requests applied to the directory instead");
}

} // namespace

BOOST_AUTO_TEST_SUITE(testing_recorded_requests)

BOOST_AUTO_TEST_CASE(what_the_seeds_ask_is_answered_as_recorded)
{
    replay_all(PKS_SOURCE_DIR "/conformance/recordings", sources(), "differences.txt");
}

// Recordings that this project does not carry, read where they are.
BOOST_AUTO_TEST_CASE(questions_about_tokens_are_answered_as_recorded)
{
    std::string const directory = PKS_SHARED_DIR "/recordings";
    std::vector<std::string> const areas{"check_token", "introspect"};
    if (!std::filesystem::exists(directory + "/uaa-live/4.30.0/check_token.har")) {
        BOOST_TEST_MESSAGE("skipped: there are no recordings in " << directory);
        return;
    }
    replay_all(
        directory, {{"4.30.0", areas}, {"77.18.0", areas}, {"77.18.0/extra", areas}}, "differences_of_questions.txt");
}

BOOST_AUTO_TEST_SUITE_END()
