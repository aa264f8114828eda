// The cases: which call answers to which recorded entry, and what must come of it.
#include "runner/cases.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace conform {

namespace {

namespace json = boost::json;

std::string text(json::object const& object, std::string_view name, std::string const& file)
{
    auto const* const value = object.if_contains(name);
    if (!value || !value->is_string())
        throw environment_error(file + ": a case has no text " + std::string(name));
    return std::string(value->get_string().data(), value->get_string().size());
}

json::object object_or_nothing(json::object const& object, std::string_view name)
{
    auto const* const value = object.if_contains(name);
    return value && value->is_object() ? value->get_object() : json::object();
}

test_case read_case(json::object const& from, std::string const& file)
{
    test_case out;
    out.id = text(from, "id", file);
    auto const kind = text(from, "kind", file);
    if (kind != "operation" && kind != "reply")
        throw environment_error(file + ": " + out.id + " is of unknown kind " + kind);
    out.kind = kind == "reply" ? case_kind::reply : case_kind::operation;
    out.operation = text(from, "operation", file);
    if (out.kind == case_kind::reply)
        out.why = text(from, "why", file);
    out.arguments = object_or_nothing(from, "arguments");
    out.expect = object_or_nothing(from, "expect");
    if (auto const* const live = from.if_contains("live")) {
        out.live = true;
        if (live->is_object())
            out.live_first = text(live->get_object(), "first", file);
    }
    if (out.expect.empty())
        throw environment_error(file + ": " + out.id + " expects nothing");
    return out;
}

suite read_suite(recording const& from, std::filesystem::path const& file)
{
    auto const name = file.string();
    auto const document = read_json_file(file);
    auto const* const cases = document.is_object() ? document.get_object().if_contains("cases") : nullptr;
    if (!cases || !cases->is_array())
        throw environment_error(name + " holds no cases");

    std::map<std::string, json::object const*, std::less<>> by_entry;
    for (auto const& one : cases->get_array()) {
        if (!one.is_object())
            throw environment_error(name + ": a case is no object");
        auto const entry = text(one.get_object(), "entry", name);
        if (!by_entry.emplace(entry, &one.get_object()).second)
            throw environment_error(name + ": two cases for " + entry);
    }
    suite out{from.name, {}};
    for (auto const& recorded : from.entries) {
        if (!recorded.is_object())
            throw environment_error(from.name + ": an entry is no object");
        auto const id = text(recorded.get_object(), "_id", from.name);
        auto const found = by_entry.find(id);
        if (found == by_entry.end())
            throw environment_error(name + ": no case for " + id);
        out.cases.push_back(read_case(*found->second, name));
        out.cases.back().entry = recorded.get_object();
        by_entry.erase(found);
    }
    if (!by_entry.empty())
        throw environment_error(name + ": no recorded entry " + by_entry.begin()->first);
    return out;
}

} // namespace

std::vector<suite> read_suites(std::filesystem::path const& recordings, std::filesystem::path const& cases)
{
    std::vector<suite> out;
    std::set<std::string> ids;
    for (auto const& one : read_recordings(recordings)) {
        out.push_back(read_suite(one, cases / (one.name + ".json")));
        for (auto const& c : out.back().cases)
            if (!ids.insert(c.id).second)
                throw environment_error("the id " + c.id + " stands twice");
    }
    return out;
}

} // namespace conform
