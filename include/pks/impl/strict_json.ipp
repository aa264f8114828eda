// Bodies of proto/strict_json.hpp.
#pragma once

#include <pks/proto/strict_json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

namespace pks::inline v0::proto {

// Builds the value, and keeps the member names of all objects that are still open, the innermost last.
class json_builder
{
public:
    static constexpr std::size_t max_object_size = boost::json::object::max_size();
    static constexpr std::size_t max_array_size = boost::json::array::max_size();
    static constexpr std::size_t max_key_size = boost::json::string::max_size();
    static constexpr std::size_t max_string_size = boost::json::string::max_size();

    explicit json_builder(boost::json::storage_ptr storage) : stack_(storage)
    {
        stack_.reset(std::move(storage));
    }

    boost::json::value release()
    {
        return stack_.release();
    }

    bool on_document_begin(error_code&)
    {
        return true;
    }
    bool on_document_end(error_code&)
    {
        return true;
    }
    bool on_object_begin(error_code&)
    {
        return true;
    }
    bool on_object_end(std::size_t members, error_code& ec)
    {
        // Sorting keeps this below quadratic for hostile input, and needs no hash that an attacker could aim at.
        auto const own = names_.end() - static_cast<std::ptrdiff_t>(members);
        std::sort(own, names_.end());
        if (std::adjacent_find(own, names_.end()) != names_.end()) {
            ec = errc::duplicate_member;
            return false;
        }
        names_.erase(own, names_.end());
        stack_.push_object(members);
        return true;
    }
    bool on_array_begin(error_code&)
    {
        return true;
    }
    bool on_array_end(std::size_t elements, error_code&)
    {
        stack_.push_array(elements);
        return true;
    }
    bool on_key_part(boost::json::string_view part, std::size_t, error_code&)
    {
        name_.append(part.data(), part.size());
        stack_.push_chars(part);
        return true;
    }
    bool on_key(boost::json::string_view part, std::size_t, error_code&)
    {
        name_.append(part.data(), part.size());
        names_.push_back(std::exchange(name_, {}));
        stack_.push_key(part);
        return true;
    }
    bool on_string_part(boost::json::string_view part, std::size_t, error_code&)
    {
        stack_.push_chars(part);
        return true;
    }
    bool on_string(boost::json::string_view part, std::size_t, error_code&)
    {
        stack_.push_string(part);
        return true;
    }
    bool on_number_part(boost::json::string_view, error_code&)
    {
        return true;
    }
    bool on_int64(std::int64_t number, boost::json::string_view, error_code&)
    {
        stack_.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, boost::json::string_view, error_code&)
    {
        stack_.push_uint64(number);
        return true;
    }
    bool on_double(double number, boost::json::string_view, error_code& ec)
    {
        if (!std::isfinite(number)) {
            ec = errc::malformed_json;
            return false;
        }
        stack_.push_double(number);
        return true;
    }
    bool on_bool(bool truth, error_code&)
    {
        stack_.push_bool(truth);
        return true;
    }
    bool on_null(error_code&)
    {
        stack_.push_null();
        return true;
    }
    bool on_comment_part(boost::json::string_view, error_code&)
    {
        return true;
    }
    bool on_comment(boost::json::string_view, error_code&)
    {
        return true;
    }

private:
    boost::json::value_stack stack_;
    std::vector<std::string> names_;
    std::string name_;
};

PKS_DECL boost::system::result<boost::json::value> parse_json(
    std::string_view text, json_limits const& limits, boost::json::storage_ptr storage, std::size_t* where)
{
    boost::json::parse_options options;
    options.max_depth = limits.depth;
    boost::json::basic_parser<json_builder> parser(options, std::move(storage));

    error_code ec;
    auto const taken = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && taken == text.size())
        return parser.handler().release();

    if (where)
        *where = taken;
    if (ec == boost::json::error::too_deep)
        return errc::json_too_deep;
    if (ec == errc::duplicate_member)
        return errc::duplicate_member;
    return errc::malformed_json;
}

PKS_DECL boost::system::result<boost::json::value> parse_json(
    std::string_view text, json_limits const& limits, std::size_t* where)
{
    return parse_json(text, limits, boost::json::storage_ptr(), where);
}

} // namespace pks::inline v0::proto
