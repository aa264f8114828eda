// Reads the suites of ../shared/suites. Header-only, so that tests of both ways to build the library can use it.
#pragma once

#include "suites/suite_case.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace suites {

/// The suite is not there, or is not what it should be.
class suite_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

inline constexpr std::string_view names[] = {"wycheproof-jws", "wycheproof-jwk", "wycheproof-jose", "cookbook", "json"};

inline std::string read_file(std::filesystem::path const& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream all;
    // Of an empty file nothing can be read, which is a failure to the stream.
    if (!in || (in.peek() != std::ifstream::traits_type::eof() && !(all << in.rdbuf())))
        throw suite_error("cannot read " + file.string());
    return all.str();
}

inline boost::json::value read_json(std::filesystem::path const& file)
{
    boost::system::error_code ec;
    auto out = boost::json::parse(read_file(file), ec);
    if (ec)
        throw suite_error(file.string() + " is not JSON: " + ec.message());
    return out;
}

namespace detail {

// Tokens in JSON serialization are given as text or as objects.
inline std::string text_of(boost::json::value const& token)
{
    return token.is_string() ? std::string(token.as_string()) : boost::json::serialize(token);
}

inline aim aim_of(std::string_view label)
{
    if (label != "valid" && label != "invalid")
        throw suite_error("a label that is neither valid nor invalid: " + std::string(label));
    return label == "valid" ? aim::accept : aim::refuse;
}

// The suite's labels, but for those that are known to be wrong, and for encrypted tokens.
inline std::vector<suite_case> read_wycheproof(std::filesystem::path const& folder, std::string_view file)
{
    auto const known = read_json(folder / "known-defects.json");
    std::map<std::int64_t, boost::json::object> defects;
    for (auto const& defect : known.at("defects").as_array())
        if (defect.at("file").as_string() == file)
            defects[defect.at("tcId").as_int64()] = defect.as_object();
    std::set<std::int64_t> encrypted;
    if (known.at("not_jws").at("file").as_string() == file)
        for (auto const& id : known.at("not_jws").at("tcIds").as_array())
            encrypted.insert(id.as_int64());

    std::vector<suite_case> out;
    auto const suite = read_json(folder / file);
    for (auto const& group : suite.at("testGroups").as_array()) {
        auto const& keys = group.as_object();
        auto const key = boost::json::serialize(keys.contains("public") ? keys.at("public") : keys.at("private"));
        for (auto const& test : group.at("tests").as_array()) {
            auto const id = test.at("tcId").as_int64();
            auto const& members = test.as_object();
            suite_case c;
            c.id = std::to_string(id);
            c.note = test.at("comment").as_string();
            c.key = key;
            c.text = text_of(members.contains("jwe") ? members.at("jwe") : members.at("jws"));
            c.expected = aim_of(test.at("result").as_string());
            if (auto const wrong = defects.find(id); wrong != defects.end()) {
                c.expected = aim_of(wrong->second.at("should_be").as_string());
                c.note += "; " + std::string(wrong->second.at("reason").as_string());
            }
            if (encrypted.contains(id))
                c.expected = aim::refuse_as_not_compact;
            out.push_back(std::move(c));
        }
    }
    if (suite.at("numberOfTests").to_number<std::size_t>() != out.size())
        throw suite_error(std::string(file) + " holds another number of tests than it says");
    return out;
}

inline std::vector<suite_case> read_cookbook(std::filesystem::path const& folder)
{
    std::vector<suite_case> out;
    auto const list = read_json(folder / "cases.json");
    for (auto const& entry : list.at("cases").as_array()) {
        std::string const file(entry.at("file").as_string());
        std::string const pointer(entry.at("pointer").as_string());
        auto const document = read_json(folder / file);
        suite_case c;
        c.id = file + pointer;
        if (auto const* const note = entry.as_object().if_contains("note"))
            c.note = note->as_string();
        c.text = text_of(document.at_pointer(pointer));
        std::string_view const expected = entry.at("expect").as_string();
        bool const accept = expected == "verify" || expected == "load";
        if (!accept && expected != "reject" && expected != "refuse")
            throw suite_error(c.id + ": there is no verdict " + std::string(expected));
        c.expected = accept ? aim::accept : aim::refuse;
        if (entry.at("form").as_string() == "jwk") {
            c.what = subject::key;
        } else {
            bool const nested = file.starts_with("6.");
            auto const& input = document.at_pointer(nested ? "/sign/input" : "/input").as_object();
            auto const* const key = input.if_contains("key");
            c.key = key ? boost::json::serialize(*key) : "{}";
        }
        out.push_back(std::move(c));
    }
    return out;
}

// y_ is accepted and n_ refused; for the others, and where a label is not the aim, there is a list.
inline std::vector<suite_case> read_json_suite(std::filesystem::path const& folder)
{
    std::map<std::string, boost::json::object> listed;
    auto const list = read_json(folder / "jose-strict.json");
    for (auto const& entry : list.at("cases").as_array())
        listed[std::string(entry.at("file").as_string())] = entry.as_object();

    std::set<std::filesystem::path> files;
    std::error_code absent;
    for (std::filesystem::directory_iterator next(folder / "test_parsing", absent), end; next != end; ++next)
        files.insert(next->path());
    if (absent)
        throw suite_error("cannot read " + (folder / "test_parsing").string());
    std::vector<suite_case> out;
    for (auto const what : {subject::jose_json, subject::general_json}) {
        for (auto const& file : files) {
            auto const name = file.filename().string();
            suite_case c;
            c.id = (what == subject::jose_json ? "jose/" : "general/") + name;
            c.what = what;
            c.text = read_file(file);
            c.expected = name.starts_with("y_") ? aim::accept : aim::refuse;
            if (auto const found = listed.find(name); found != listed.end()) {
                c.expected = found->second.at("expect").as_string() == "reject" ? aim::refuse : aim::either;
                c.note = found->second.at("reason").as_string();
            } else if (!name.starts_with("y_") && !name.starts_with("n_")) {
                throw suite_error(name + " is neither y_ nor n_, and no verdict is listed for it");
            }
            out.push_back(std::move(c));
        }
    }
    return out;
}

} // namespace detail

/// The cases of a suite, one of `names`, in the suite's order. `folder` is `suites` of the shared folder.
/// Throws suite_error.
inline std::vector<suite_case> read_suite(std::string_view name, std::filesystem::path const& folder)
{
    try {
        if (name == "wycheproof-jws")
            return detail::read_wycheproof(folder / "jose" / "wycheproof", "json_web_signature_test.json");
        if (name == "wycheproof-jwk")
            return detail::read_wycheproof(folder / "jose" / "wycheproof", "json_web_key_test.json");
        if (name == "wycheproof-jose")
            return detail::read_wycheproof(folder / "jose" / "wycheproof", "json_web_crypto_test.json");
        if (name == "cookbook")
            return detail::read_cookbook(folder / "jose" / "cookbook");
        if (name == "json")
            return detail::read_json_suite(folder / "formats" / "json");
    } catch (suite_error const&) {
        throw;
    } catch (std::exception const& failure) {
        // A member that is missing or of another type.
        throw suite_error("suite " + std::string(name) + ": " + failure.what());
    }
    throw suite_error("there is no suite " + std::string(name));
}

} // namespace suites
