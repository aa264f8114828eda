// Bodies of proto/strict_json.hpp.
#pragma once

#include <pks/proto/strict_json.hpp>

#include <boost/json/array.hpp>
#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/stream_parser.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <utility>

namespace pks::inline v0::proto::strict_json_detail {

// What a text that Boost.JSON took turned into. The depth is bounded by the parser.
struct census
{
    std::size_t members = 0;
    bool finite = true;

    void count(boost::json::value const& value)
    {
        if (auto const* const object = value.if_object()) {
            members += object->size();
            for (auto const& member : *object)
                count(member.value());
        } else if (auto const* const array = value.if_array()) {
            for (auto const& element : *array)
                count(element);
        } else if (auto const* const number = value.if_double()) {
            finite = finite && std::isfinite(*number);
        }
    }
};

// In well-formed JSON every colon outside of a string belongs to one member.
inline std::size_t members_written(std::string_view text) noexcept
{
    std::size_t out = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (in_string && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            in_string = !in_string;
        else if (text[i] == ':' && !in_string)
            ++out;
    }
    return out;
}

} // namespace pks::inline v0::proto::strict_json_detail

namespace pks::inline v0::proto {

PKS_DECL result<boost::json::value> parse_json(
    std::string_view text, json_limits const& limits, boost::json::storage_ptr storage, std::size_t* where)
{
    boost::json::parse_options options;
    options.max_depth = limits.depth;
    boost::json::stream_parser parser(storage, options);
    parser.reset(std::move(storage));

    error_code ec;
    auto taken = parser.write_some(text.data(), text.size(), ec);
    if (!ec && taken == text.size())
        parser.finish(ec);
    if (ec || taken != text.size()) {
        if (where)
            *where = taken;
        return error_code(ec == boost::json::error::too_deep ? errc::json_too_deep : errc::malformed_json);
    }
    auto value = parser.release();
    // Boost.JSON keeps the last of several members with one name, and so forgets that there were more.
    strict_json_detail::census kept;
    kept.count(value);
    bool const duplicate = kept.members != strict_json_detail::members_written(text);
    if (duplicate || !kept.finite) {
        if (where)
            *where = text.size();
        return error_code(duplicate ? errc::duplicate_member : errc::malformed_json);
    }
    return value;
}

PKS_DECL result<boost::json::value> parse_json(std::string_view text, json_limits const& limits, std::size_t* where)
{
    return parse_json(text, limits, boost::json::storage_ptr(), where);
}

} // namespace pks::inline v0::proto
