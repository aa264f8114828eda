// What the API's published model says that there is.
#pragma once

#include "jose/support.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string_view>

namespace unit_test {

/// The members of one of its schemas; nothing, and a line that says so, where the model is absent.
inline std::optional<boost::json::object> published_members(std::string_view schema)
{
    auto const text = jose_test::read_shared("facts/pks-openapi.json");
    if (!text)
        return std::nullopt;
    return boost::json::parse(*text).at("components").at("schemas").at(schema).at("properties").as_object();
}

} // namespace unit_test
