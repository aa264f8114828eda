// Members of a JSON object, read with their types checked.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::proto {

/// Reads members one by one and remembers the first that has a wrong type. Absent and null read as empty.
class json_members
{
public:
    explicit json_members(boost::json::object const& object) : object_(object) {}

    std::string text(std::string_view name)
    {
        auto const* const value = present(name);
        if (!value)
            return {};
        if (auto const* const s = value->if_string())
            return {s->data(), s->size()};
        return refuse(name), std::string();
    }

    bool flag(std::string_view name)
    {
        auto const* const value = present(name);
        if (!value)
            return false;
        if (auto const* const b = value->if_bool())
            return *b;
        return refuse(name), false;
    }

    std::optional<std::int64_t> integer(std::string_view name)
    {
        auto const* const value = present(name);
        if (!value)
            return {};
        if (auto const* const i = value->if_int64())
            return *i;
        return refuse(name), std::nullopt;
    }

    /// An array of texts.
    std::vector<std::string> texts(std::string_view name)
    {
        std::vector<std::string> out;
        auto const* const value = present(name);
        if (!value)
            return out;
        auto const* const array = value->if_array();
        if (!array)
            return refuse(name), out;
        for (auto const& element : *array) {
            auto const* const s = element.if_string();
            if (!s)
                return refuse(name), out;
            out.emplace_back(s->data(), s->size());
        }
        return out;
    }

    /// Null where absent.
    boost::json::object const* object(std::string_view name)
    {
        auto const* const value = present(name);
        if (!value)
            return nullptr;
        if (auto const* const o = value->if_object())
            return o;
        return refuse(name), nullptr;
    }

    /// Null where absent.
    boost::json::array const* array(std::string_view name)
    {
        auto const* const value = present(name);
        if (!value)
            return nullptr;
        if (auto const* const a = value->if_array())
            return a;
        return refuse(name), nullptr;
    }

    bool ok() const noexcept
    {
        return bad_.empty();
    }
    /// The first member with a wrong type.
    std::string const& bad() const noexcept
    {
        return bad_;
    }
    void refuse(std::string_view name)
    {
        if (bad_.empty())
            bad_ = name;
    }

private:
    boost::json::value const* present(std::string_view name) const
    {
        auto const* const value = object_.if_contains(name);
        return value && !value->is_null() ? value : nullptr;
    }

    boost::json::object const& object_;
    std::string bad_;
};

} // namespace pks::inline v0::proto
