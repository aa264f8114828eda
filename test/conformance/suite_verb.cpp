// Suites: what is reported of one that holds, of one with a verdict altered, and of what is no suite.
#include "conformance/program.hpp"
#include "conformance/suites.hpp"

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
#include <string>
#include <string_view>

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using conform::exit_status;
using conformance_test::contains;
using conformance_test::run_suite;
using conformance_test::shared_suites;
using conformance_test::text_of;

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

} // namespace

BOOST_AUTO_TEST_SUITE(suite_verb)

BOOST_AUTO_TEST_CASE(a_suite_that_holds)
{
    auto const r = run_suite("wycheproof-jose", small_suite("holds"));
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
    auto const accepted = run_suite("wycheproof-jose", folder);
    BOOST_TEST(accepted.status == exit_status::case_failed);
    BOOST_TEST(accepted.out ==
        "FAIL wycheproof-jose/1 (comment 1)\n     verdict: expected refused, saw accepted\n"
        "wycheproof-jose: 5 cases: 4 as aimed at, 1 not (to accept 0, to refuse 5 of which 1 as no compact token)\n");

    auto const defects = folder / "jose" / "wycheproof" / "known-defects.json";
    replace(defects, R"("invalid")", R"("valid")");
    replace(defects, "[4]", "[2]");
    auto const refused = run_suite("wycheproof-jose", folder);
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
    auto const one = run_suite("wycheproof-jose", folder, "*/3");
    BOOST_TEST(one.status == exit_status::as_expected);
    BOOST_TEST(one.out == "wycheproof-jose: 1 cases: 1 as aimed at, 0 not (to accept 0, to refuse 1)\n");
    auto const none = run_suite("wycheproof-jose", folder, "wycheproof-jws/*");
    BOOST_TEST(none.status == exit_status::usage);
    BOOST_TEST(none.out == "");
    BOOST_TEST(none.err == "pks-conform: no case of wycheproof-jose matches wycheproof-jws/*\n");
}

BOOST_AUTO_TEST_CASE(what_is_no_suite)
{
    auto const folder = small_suite("broken");
    auto const file = folder / "jose" / "wycheproof" / "json_web_crypto_test.json";
    auto const complaint = [&] {
        auto const r = run_suite("wycheproof-jose", folder);
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
    BOOST_TEST(run_suite("wycheproof-jwe", folder).status == exit_status::usage);
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
    auto const r = run_suite("json", folder);
    BOOST_TEST(r.status == exit_status::as_expected);
    BOOST_TEST(r.out == "json: 10 cases: 10 as aimed at, 0 not (to accept 2, to refuse 6, either way 2)\n");

    write(files / "n_array.json", "[1]");
    auto const altered = run_suite("json", folder);
    BOOST_TEST(altered.status == exit_status::case_failed);
    BOOST_TEST(contains(altered.out, "FAIL json/jose/n_array.json ()\n     verdict: expected refused, saw accepted\n"));
    BOOST_TEST(contains(altered.out, "FAIL json/general/n_array.json ()\n"));

    write(files / "i_new.json", "1");
    auto const unlisted = run_suite("json", folder);
    BOOST_TEST(unlisted.status == exit_status::environment);
    BOOST_TEST(unlisted.err == "pks-conform: i_new.json is neither y_ nor n_, and no verdict is listed for it\n");

    fs::remove_all(files);
    BOOST_TEST(run_suite("json", folder).status == exit_status::environment);
    fs::create_directories(files);
    BOOST_TEST(run_suite("json", folder).status == exit_status::usage);
}

BOOST_AUTO_TEST_CASE(shared_suites_hold)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const first_line = [&](std::string_view name) {
        auto const r = run_suite(name, folder);
        BOOST_TEST(r.status == exit_status::as_expected, r.out << r.err);
        return r.out.substr(0, r.out.find(" ("));
    };
    BOOST_TEST(first_line("wycheproof-jws") == "wycheproof-jws: 401 cases: 401 as aimed at, 0 not");
    BOOST_TEST(first_line("wycheproof-jwk") == "wycheproof-jwk: 26 cases: 26 as aimed at, 0 not");
    BOOST_TEST(first_line("wycheproof-jose") == "wycheproof-jose: 83 cases: 83 as aimed at, 0 not");
    BOOST_TEST(first_line("cookbook") == "cookbook: 75 cases: 75 as aimed at, 0 not");
    BOOST_TEST(first_line("json") == "json: 636 cases: 636 as aimed at, 0 not");
    BOOST_TEST(first_line("http") == "http: 311 cases: 311 as aimed at, 0 not");
}

// At least 116 chains as labelled is what the suite asks for, and nothing taken that is not on its list.
BOOST_AUTO_TEST_CASE(limbo_holds)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const r = run_suite("limbo", folder);
    BOOST_TEST(r.status == exit_status::as_expected, r.out << r.err);
    BOOST_TEST(contains(r.out,
        "limbo: 135 cases: 121 as aimed at, 0 not, 14 not but listed (121 as labelled, 14 of the known divergences)\n"));
    BOOST_TEST(!contains(r.out, "FAIL"));
}

BOOST_AUTO_TEST_CASE(certificates_hold)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    for (auto const* const version : {"1.2", "1.3"}) {
        auto const r = run_suite("tls", folder, std::string("tls/") + version + "/*");
        BOOST_TEST(r.status == exit_status::as_expected, r.out << r.err);
        BOOST_TEST(contains(r.out, "tls: 88 cases: 88 as aimed at, 0 not (88 of certificates, 0 of connections)\n"));
    }
}

BOOST_AUTO_TEST_CASE(connections_hold)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const r = run_suite("tls", folder, "tls/connection/*");
    BOOST_TEST(r.status == exit_status::as_expected, r.out << r.err);
    // Whoever is root and may become nobody else reads every file.
    if (contains(r.out, "root cannot become somebody else"))
        BOOST_TEST(r.out ==
            "not runnable yet: tls/connection/ca-file-unreadable (root cannot become somebody else)\n"
            "tls: 45 cases: 44 as aimed at, 0 not, 1 not runnable yet (0 of certificates, 45 of connections)\n");
    else
        BOOST_TEST(r.out == "tls: 45 cases: 45 as aimed at, 0 not (0 of certificates, 45 of connections)\n");
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
        auto const r = run_suite("wycheproof-jws", altered);
        BOOST_TEST(r.status == exit_status::case_failed, id);
        BOOST_TEST(r.out.starts_with("FAIL wycheproof-jws/" + std::to_string(id) + " ("), id << r.out);
        BOOST_TEST(contains(r.out, "401 cases: 400 as aimed at, 1 not"), id);
    }
}

// The shared folder `name` of the suites, to be altered.
fs::path writable_copy(fs::path const& suites, std::string_view name)
{
    auto const out = fresh("altered-" + std::string(name));
    fs::copy(suites / name, out / name, fs::copy_options::recursive);
    for (auto const& each : fs::recursive_directory_iterator(out / name))
        fs::permissions(each.path(), fs::perms::owner_write, fs::perm_options::add);
    return out;
}

BOOST_AUTO_TEST_CASE(altered_responses_are_named)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const altered = writable_copy(folder, "http");
    auto const file = altered / "http" / "http-response-corpus.json";
    auto const original = json::parse(text_of(file));
    auto const rerun = [&](std::size_t at, auto const& alter) {
        auto corpus = original;
        auto& c = corpus.at("cases").as_array().at(at).as_object();
        alter(c);
        write(file, json::serialize(corpus));
        auto const r = run_suite("http", altered);
        BOOST_TEST(r.status == exit_status::case_failed);
        BOOST_TEST(r.out.starts_with("FAIL http/" + std::string(c.at("id").as_string()) + " ("), r.out);
        BOOST_TEST(contains(r.out, "311 cases: 310 as aimed at, 1 not"));
    };
    auto const& cases = original.at("cases").as_array();
    std::size_t accepted = 0, rejected = 0;
    while (cases.at(accepted).at("expect").as_string() != "accept")
        ++accepted;
    while (cases.at(rejected).at("expect").as_string() != "reject")
        ++rejected;
    rerun(accepted, [](json::object& c) { c["expect"] = "reject"; });
    rerun(accepted, [](json::object& c) { c["status"] = 599; });
    rerun(accepted, [](json::object& c) { c["body_base64"] = "b3RoZXI="; });
    rerun(accepted, [](json::object& c) { c["extra_bytes"] = 77; });
    rerun(rejected, [](json::object& c) { c["expect"] = "incomplete"; });

    auto const no_suite = [&](std::string const& text) {
        write(file, text);
        auto const r = run_suite("http", altered);
        BOOST_TEST(r.status == exit_status::environment);
        BOOST_TEST(r.out == "");
        return r.err;
    };
    BOOST_TEST(no_suite(R"({"cases": [{"id": "a", "raw_base64": "!", "connection": "keep", "eof_matters": true}]})") ==
        "pks-conform: not base64: !\n");
    BOOST_TEST(no_suite(
        R"({"cases": [{"id": "a", "raw_base64": "", "connection": "keep", "eof_matters": true, "expect": 1}]})")
            .starts_with("pks-conform: suite http: "));
}

BOOST_AUTO_TEST_CASE(altered_chains_are_named)
{
    auto const folder = shared_suites();
    if (folder.empty())
        return;
    auto const altered = writable_copy(folder, "tls");
    auto const list = altered / "tls" / "x509-limbo-known-divergences.json";
    auto divergences = json::parse(text_of(list));
    auto& listed = divergences.at("divergences").as_array();
    // One that is known no more, and a verdict turned round.
    for (auto each = listed.begin(); each != listed.end(); ++each) {
        if (each->at("id").as_string() == "rfc5280::serial::zero") {
            listed.erase(each);
            break;
        }
    }
    write(list, json::serialize(divergences));
    auto const zero = run_suite("limbo", altered);
    BOOST_TEST(zero.status == exit_status::case_failed);
    BOOST_TEST(contains(
        zero.out, "FAIL limbo/rfc5280::serial::zero (x509-limbo)\n     verdict: expected refused, saw accepted\n"));

    auto const file = altered / "tls" / "cases.json";
    auto const original = json::parse(text_of(file));
    auto const alter = [&](std::string_view id, std::string_view member, json::value const& value) {
        auto suite = original;
        for (auto& c : suite.at("cases").as_array())
            if (c.at("id").as_string() == id)
                c.as_object()[member] = value;
        write(file, json::serialize(suite));
        return run_suite("tls", altered, "tls/1.?/" + std::string(id));
    };
    auto const accepted = alter("name-wrong-host", "expect", "accept");
    BOOST_TEST(accepted.status == exit_status::case_failed);
    BOOST_TEST(contains(accepted.out, "FAIL tls/1.2/name-wrong-host ("));
    BOOST_TEST(contains(accepted.out, "FAIL tls/1.3/name-wrong-host ("));
    BOOST_TEST(contains(accepted.out, "expected accepted, saw refused, pks.tls:host_mismatch"));
    auto const renamed = alter("name-wrong-host", "error", "expired");
    BOOST_TEST(renamed.status == exit_status::case_failed);
    BOOST_TEST(contains(renamed.out, "tls: 2 cases: 0 as aimed at, 2 not"));
    auto const healed = alter("name-wrong-host", "host", "api.pks.test");
    BOOST_TEST(healed.status == exit_status::case_failed);
    BOOST_TEST(contains(healed.out, "expected refused, hostname_mismatch, saw accepted, status 204"));
    auto const unknown = alter("name-wrong-host", "error", "bad_luck");
    BOOST_TEST(unknown.status == exit_status::environment);
    BOOST_TEST(unknown.err == "pks-conform: tls: there is no kind of error bad_luck\n");

    auto suite = original;
    suite.at("connection_cases").as_array().at(0).at("id") = "ca-file-lost";
    write(file, json::serialize(suite));
    auto const lost = run_suite("tls", altered, "tls/connection/ca-file-lost");
    BOOST_TEST(lost.status == exit_status::environment);
    BOOST_TEST(lost.err == "pks-conform: tls: the connection case ca-file-lost is unknown here\n");
}

BOOST_AUTO_TEST_SUITE_END()
