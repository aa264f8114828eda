// What differs between what should be and what was seen.
#include "runner/difference.hpp"

#include <boost/json/serialize.hpp>

namespace conform {

namespace {

constexpr std::size_t longest_shown = 160;

std::string shown_json(boost::json::value const& value)
{
    return shown(boost::json::serialize(value));
}

} // namespace

std::string shown(std::string_view text)
{
    if (text.size() <= longest_shown)
        return std::string(text);
    return std::string(text.substr(0, longest_shown)) + "… (" + std::to_string(text.size()) + " octets)";
}

void compare_json(
    std::string const& path, boost::json::value const& expected, boost::json::value const& seen, differences& out)
{
    if (expected.is_object() && seen.is_object()) {
        auto const& a = expected.get_object();
        auto const& b = seen.get_object();
        for (auto const& [name, value] : a) {
            auto const inner = path + "." + std::string(name);
            if (auto const* const other = b.if_contains(name))
                compare_json(inner, value, *other, out);
            else
                out.push_back({inner, shown_json(value), "nothing"});
        }
        for (auto const& [name, value] : b)
            if (!a.contains(name))
                out.push_back({path + "." + std::string(name), "nothing", shown_json(value)});
        return;
    }
    if (expected.is_array() && seen.is_array() && expected.get_array().size() == seen.get_array().size()) {
        auto const& a = expected.get_array();
        auto const& b = seen.get_array();
        for (std::size_t i = 0; i < a.size(); ++i)
            compare_json(path + "[" + std::to_string(i) + "]", a[i], b[i], out);
        return;
    }
    if (expected != seen)
        out.push_back({path, shown_json(expected), shown_json(seen)});
}

} // namespace conform
