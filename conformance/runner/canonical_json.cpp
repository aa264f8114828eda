// One text for each JSON value, to compare readers by.
#include "runner/canonical_json.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <map>
#include <string_view>

namespace conform {

namespace {

using pks::jose::json_type;
using pks::jose::json_value;

std::string quoted(std::string_view text)
{
    return boost::json::serialize(boost::json::value(boost::json::string(text.data(), text.size())));
}

} // namespace

std::string canonical_json(json_value value)
{
    switch (value.type()) {
    case json_type::none:
        break;
    case json_type::null:
        return "null";
    case json_type::boolean:
        return *value.if_boolean() ? "true" : "false";
    case json_type::number:
        return std::string(*value.if_number());
    case json_type::string:
        return quoted(*value.if_string());
    case json_type::array: {
        std::string out = "[";
        for (auto const& element : value.elements()) {
            if (out.size() > 1)
                out += ',';
            out += canonical_json(element);
        }
        return out += ']';
    }
    case json_type::object: {
        std::map<std::string_view, json_value> members;
        for (auto const& [name, member] : value.members())
            members.emplace(name, member);
        std::string out = "{";
        for (auto const& [name, member] : members) {
            if (out.size() > 1)
                out += ',';
            out += quoted(name) + ':' + canonical_json(member);
        }
        return out += '}';
    }
    }
    return {};
}

} // namespace conform
