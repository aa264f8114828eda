// Suites: what is reported of one that holds, of one with a verdict altered, and of what is no suite.
#include "conformance/program.hpp"
#include "runner/suite_verb.hpp"

#include <pks/jose/base64url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using conform::exit_status;
using conformance_test::contains;
using conformance_test::text_of;

struct report
{
    exit_status status;
    std::string out;
    std::string err;
};

report run(std::string_view name, fs::path const& folder, std::string_view only = "*")
{
    std::ostringstream out, err;
    auto const status = conform::run_suite(name, folder, only, out, err, false);
    return {status, out.str(), err.str()};
}

/// An empty folder of that name.
fs::path fresh(std::string_view name)
{
    auto out = conformance_test::scratch("suites") / name;
    fs::remove_all(out);
    fs::create_directories(out);
    return out;
}

void write(fs::path const& file, std::string_view text)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

std::string const secret = "a secret of thirty-two octets...";

std::string signed_token()
{
    auto const input = pks::jose::base64url_encode(R"({"alg":"HS256"})") + '.' + pks::jose::base64url_encode("{}");
    std::string tag(32, '\0');
    ::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
        reinterpret_cast<unsigned char const*>(input.data()), input.size(),
        reinterpret_cast<unsigned char*>(tag.data()), nullptr);
    return input + '.' + pks::jose::base64url_encode(tag);
}

json::object test_of(int id, json::value token, char const* result)
{
    json::object out;
    out["tcId"] = id;
    out["comment"] = "comment " + std::to_string(id);
    out["jws"] = std::move(token);
    out["result"] = result;
    return out;
}

/// A suite of the form of Wycheproof's: a good token, a bad one, one in JSON serialization, a JWE, and one label that
/// is known to be wrong.
fs::path small_suite(std::string_view name)
{
    auto const folder = fresh(name);
    auto const files = folder / "jose" / "wycheproof";
    json::object group;
    json::object& key = group["private"].emplace_object();
    key["kty"] = "oct";
    key["k"] = pks::jose::base64url_encode(secret);
    json::array& tests = group["tests"].emplace_array();
    tests.push_back(test_of(1, json::string(signed_token()), "valid"));
    tests.push_back(test_of(2, json::string(signed_token() + "A"), "invalid"));
    tests.push_back(test_of(3, json::object{{"payload", "e30"}}, "invalid"));
    tests.push_back(test_of(4, "e30.e30.e30.e30.e30", "valid"));
    tests.push_back(test_of(5, "e30.e30.", "valid"));
    json::object suite;
    suite["numberOfTests"] = 5;
    suite["testGroups"].emplace_array().push_back(std::move(group));
    write(files / "json_web_crypto_test.json", json::serialize(suite));
    write(files / "known-defects.json",
        R"({"defects": [{"file": "json_web_crypto_test.json", "tcId": 5, "should_be": "invalid", "reason": "no alg"}],
            "not_jws": {"file": "json_web_crypto_test.json", "tcIds": [4]}})");
    return folder;
}

void replace(fs::path const& file, std::string_view what, std::string_view by)
{
    auto text = text_of(file);
    auto const at = text.find(what);
    BOOST_REQUIRE(at != text.npos);
    write(file, text.replace(at, what.size(), by));
}

/// The shared suites, or an empty path after a line that says so.
fs::path shared_suites()
{
    fs::path const out = fs::path(PKS_SHARED_DIR) / "suites";
    std::error_code absent;
    if (fs::exists(out, absent))
        return out;
    std::cout << "skipped: suites (no ../shared)\n";
    BOOST_TEST_MESSAGE("skipped: suites (no ../shared)");
    return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(suite_verb)

BOOST_AUTO_TEST_CASE(a_suite_that_holds)
{
    auto const r = run("wycheproof-jose", small_suite("holds"));
    BOOST_TEST(r.status == exit_status::as_expected);
    BOOST_TEST(r.out ==
        "wycheproof-jose: 5 cases: 5 as aimed at, 0 not (to accept 1, to refuse 4 of which 1 as no compact token)\n");
    BOOST_TEST(r.err == "");
}

BOOST_AUTO_TEST_CASE(an_altered_verdict_is_named)
{
    auto const folder = small_suite("altered");
    auto const file = folder / "jose" / "wycheproof" / "json_web_crypto_test.json";
    replace(file, R"("result":"valid")", R"("result":"invalid")");
    auto const accepted = run("wycheproof-jose", folder);
    BOOST_TEST(accepted.status == exit_status::case_failed);
    BOOST_TEST(accepted.out ==
        "FAIL wycheproof-jose/1 (comment 1)\n     verdict: expected refused, saw accepted\n"
        "wycheproof-jose: 5 cases: 4 as aimed at, 1 not (to accept 0, to refuse 5 of which 1 as no compact token)\n");

    auto const defects = folder / "jose" / "wycheproof" / "known-defects.json";
    replace(defects, R"("invalid")", R"("valid")");
    replace(defects, "[4]", "[2]");
    auto const refused = run("wycheproof-jose", folder);
    BOOST_TEST(refused.status == exit_status::case_failed);
    BOOST_TEST(contains(refused.out,
        "FAIL wycheproof-jose/2 (comment 2)\n     verdict: expected refused, pks.jose:not_compact, saw refused, "
        "pks.jose:wrong_signature_length\n"));
    BOOST_TEST(contains(refused.out,
        "FAIL wycheproof-jose/4 (comment 4)\n     verdict: expected accepted, saw refused, pks.jose:not_compact\n"));
    BOOST_TEST(contains(refused.out,
        "FAIL wycheproof-jose/5 (comment 5; no alg)\n     verdict: expected accepted, saw refused, "
        "pks.jose:malformed_header\n"));
    BOOST_TEST(contains(refused.out, "5 cases: 1 as aimed at, 4 not"));
}

BOOST_AUTO_TEST_CASE(some_cases)
{
    auto const folder = small_suite("some");
    auto const one = run("wycheproof-jose", folder, "*/3");
    BOOST_TEST(one.status == exit_status::as_expected);
    BOOST_TEST(one.out == "wycheproof-jose: 1 cases: 1 as aimed at, 0 not (to accept 0, to refuse 1)\n");
    auto const none = run("wycheproof-jose", folder, "wycheproof-jws/*");
    BOOST_TEST(none.status == exit_status::usage);
    BOOST_TEST(none.out == "");
    BOOST_TEST(none.err == "pks-conform: no case of wycheproof-jose matches wycheproof-jws/*\n");
}

BOOST_AUTO_TEST_CASE(what_is_no_suite)
{
    auto const folder = small_suite("broken");
    auto const file = folder / "jose" / "wycheproof" / "json_web_crypto_test.json";
    auto const complaint = [&] {
        auto const r = run("wycheproof-jose", folder);
        BOOST_TEST(r.status == exit_status::environment);
        BOOST_TEST(r.out == "");
        return r.err;
    };
    auto const good = text_of(file);
    replace(file, "\"numberOfTests\":5", "\"numberOfTests\":6");
    BOOST_TEST(complaint() == "pks-conform: json_web_crypto_test.json holds another number of tests than it says\n");
    write(file, good);
    replace(file, R"("result":"valid")", R"("result":"acceptable")");
    BOOST_TEST(complaint() == "pks-conform: a label that is neither valid nor invalid: acceptable\n");
    write(file, good);
    replace(file, R"("comment")", R"("remark")");
    BOOST_TEST(complaint().starts_with("pks-conform: suite wycheproof-jose: "));
    write(file, good.substr(0, good.size() / 2));
    BOOST_TEST(contains(complaint(), "json_web_crypto_test.json is not JSON: "));
    BOOST_TEST(run("wycheproof-jwe", folder).status == exit_status::usage);
}

BOOST_AUTO_TEST_CASE(json_suite)
{
    auto const folder = fresh("json");
    write(folder / "formats" / "json" / "jose-strict.json",
        R"({"cases": [{"file": "i_big.json", "expect": "either", "reason": "a choice"},
                      {"file": "y_twice.json", "expect": "reject", "reason": "duplicate member"}]})");
    auto const files = folder / "formats" / "json" / "test_parsing";
    write(files / "y_array.json", "[]");
    write(files / "n_array.json", "[");
    write(files / "n_nothing.json", "");
    write(files / "i_big.json", "[123456789012345678901234567890]");
    write(files / "y_twice.json", R"({"a":1,"a":2})");
    auto const r = run("json", folder);
    BOOST_TEST(r.status == exit_status::as_expected);
    BOOST_TEST(r.out == "json: 10 cases: 10 as aimed at, 0 not (to accept 2, to refuse 6, either way 2)\n");

    write(files / "n_array.json", "[1]");
    auto const altered = run("json", folder);
    BOOST_TEST(altered.status == exit_status::case_failed);
    BOOST_TEST(contains(altered.out, "FAIL json/jose/n_array.json ()\n     verdict: expected refused, saw accepted\n"));
    BOOST_TEST(contains(altered.out, "FAIL json/general/n_array.json ()\n"));

    write(files / "i_new.json", "1");
    auto const unlisted = run("json", folder);
    BOOST_TEST(unlisted.status == exit_status::environment);
    BOOST_TEST(unlisted.err == "pks-conform: i_new.json is neither y_ nor n_, and no verdict is listed for it\n");

    fs::remove_all(files);
    BOOST_TEST(run("json", folder).status == exit_status::environment);
    fs::create_directories(files);
    BOOST_TEST(run("json", folder).status == exit_status::usage);
}

BOOST_AUTO_TEST_CASE(shared_suites_hold)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const first_line = [&](std::string_view name) {
        auto const r = run(name, folder);
        BOOST_TEST(r.status == exit_status::as_expected, r.out << r.err);
        return r.out.substr(0, r.out.find(" ("));
    };
    BOOST_TEST(first_line("wycheproof-jws") == "wycheproof-jws: 401 cases: 401 as aimed at, 0 not");
    BOOST_TEST(first_line("wycheproof-jwk") == "wycheproof-jwk: 26 cases: 26 as aimed at, 0 not");
    BOOST_TEST(first_line("wycheproof-jose") == "wycheproof-jose: 83 cases: 83 as aimed at, 0 not");
    BOOST_TEST(first_line("cookbook") == "cookbook: 75 cases: 75 as aimed at, 0 not");
    BOOST_TEST(first_line("json") == "json: 636 cases: 636 as aimed at, 0 not");
}

// Each of some verdicts of the shared suites turned round: exactly that case is named.
BOOST_AUTO_TEST_CASE(shared_suites_altered)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const altered = fresh("shared");
    fs::copy(folder / "jose", altered / "jose", fs::copy_options::recursive);
    auto const file = altered / "jose" / "wycheproof" / "json_web_signature_test.json";
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
    fs::permissions(file.parent_path(), fs::perms::owner_write, fs::perm_options::add);
    auto const original = json::parse(text_of(file));
    for (int const id : {1, 200, 357, 401}) {
        auto suite = original;
        for (auto& group : suite.at("testGroups").as_array())
            for (auto& test : group.at("tests").as_array())
                if (test.at("tcId").as_int64() == id)
                    test.at("result") = test.at("result").as_string() == "valid" ? "invalid" : "valid";
        write(file, json::serialize(suite));
        auto const r = run("wycheproof-jws", altered);
        BOOST_TEST(r.status == exit_status::case_failed, id);
        BOOST_TEST(r.out.starts_with("FAIL wycheproof-jws/" + std::to_string(id) + " ("), id << r.out);
        BOOST_TEST(contains(r.out, "401 cases: 400 as aimed at, 1 not"), id);
    }
}

BOOST_AUTO_TEST_SUITE_END()
