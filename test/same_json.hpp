// Whether the strict JSON of jose and Boost.JSON read the same out of a text.
#pragma once

#include <pks/jose/json_value.hpp>

#include <boost/json/value.hpp>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <string>
#include <string_view>

namespace jose_test {

/// Whether Boost.JSON's double is the number written, but for what it loses by computing in doubles.
inline bool is_near(double theirs, std::string_view written)
{
    auto const exact = std::strtod(std::string(written).c_str(), nullptr);
    // 0 with an exponent beyond the range: 0 times infinity.
    if (std::isnan(theirs))
        return exact == 0;
    return std::abs(theirs - exact) <= std::abs(exact) * 1e-14 + std::numeric_limits<double>::min();
}

inline bool same_json(pks::jose::json_value ours, boost::json::value const& theirs)
{
    using pks::jose::json_type;
    switch (ours.type()) {
    case json_type::null:
        return theirs.is_null();
    case json_type::boolean:
        return theirs.is_bool() && theirs.get_bool() == ours.if_boolean();
    case json_type::string:
        return theirs.is_string() && std::string_view(theirs.get_string()) == ours.if_string();
    case json_type::number:
        if (theirs.is_double())
            return is_near(theirs.get_double(), *ours.if_number());
        if (theirs.is_uint64())
            return std::to_string(theirs.get_uint64()) == ours.if_number();
        return theirs.is_int64() && theirs.get_int64() == ours.if_int64();
    case json_type::array: {
        if (!theirs.is_array() || theirs.get_array().size() != ours.size())
            return false;
        auto at = theirs.get_array().begin();
        for (auto const& element : ours.elements())
            if (!same_json(element, *at++))
                return false;
        return true;
    }
    case json_type::object:
        if (!theirs.is_object() || theirs.get_object().size() != ours.size())
            return false;
        for (auto const& [name, value] : ours.members()) {
            auto const* const other = theirs.get_object().if_contains(name);
            if (!other || !same_json(value, *other))
                return false;
        }
        return true;
    case json_type::none:
        break;
    }
    return false;
}

} // namespace jose_test
