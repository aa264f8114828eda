// Bodies of serve_load.hpp.
#include "serve_load.hpp"
#include "common/serve.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <optional>
#include <sstream>
#include <utility>

namespace json = boost::json;

int bench::serve_load(std::vector<std::string> const& names, std::string const& version,
    std::vector<std::string> const& kinds, std::function<json::object(load const&)> const& run)
{
    json::array cases;
    for (auto const& each : kinds)
        cases.push_back(json::string(each));
    json::array contestants;
    for (auto const& name : names)
        contestants.push_back({{"name", name}, {"version", version}, {"cases", cases}});
    json::object const about{{"contestants", std::move(contestants)}, {"machine", machine()}};
    auto const measure = [&run](std::istringstream& words) -> std::optional<json::object> {
        load what;
        words >> what.contestant >> what.kind >> what.port >> what.connections >> what.rate >> what.seconds;
        if (!words || what.connections == 0)
            return {};
        return run(what);
    };
    return serve(about, measure);
}
