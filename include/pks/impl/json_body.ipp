// Bodies of detail/json_body.hpp.
#pragma once

#include <pks/detail/json_body.hpp>
#include <pks/detail/wiping_resource.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace pks::inline v0::detail {

PKS_DECL void json_body::deleter::operator()(boost::json::object* object) const noexcept
{
    delete object;
}

PKS_DECL json_body::json_body(json_body const& other)
    : object_(other.object_ ? new boost::json::object(*other.object_, wiping_storage()) : nullptr)
{}

PKS_DECL json_body& json_body::operator=(json_body const& other)
{
    json_body copy(other);
    object_.swap(copy.object_);
    return *this;
}

PKS_DECL boost::json::object& json_body::members()
{
    if (!object_)
        object_.reset(new boost::json::object(wiping_storage()));
    return *object_;
}

PKS_DECL boost::json::object const& json_body::get() const
{
    static boost::json::object const none;
    return object_ ? *object_ : none;
}

PKS_DECL std::string_view json_body::text(std::string_view name) const
{
    auto const* const member = get().if_contains(name);
    auto const* const text = member ? member->if_string() : nullptr;
    return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

PKS_DECL void json_body::set(std::string_view name, std::string_view text)
{
    members()[name].emplace_string() = text;
}

} // namespace pks::inline v0::detail
