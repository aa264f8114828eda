// Members of what is asked of a cluster, as they are put together.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::detail {

/// The member that is an object, made one where it is none.
inline boost::json::object& object_in(boost::json::object& outer, std::string_view name)
{
    auto& member = outer[name];
    return member.is_object() ? member.get_object() : member.emplace_object();
}

/// The member that is an array, made one where it is none.
inline boost::json::array& array_in(boost::json::object& outer, std::string_view name)
{
    auto& member = outer[name];
    return member.is_array() ? member.get_array() : member.emplace_array();
}

inline void add_cluster_tag(
    boost::json::object& outer, std::string_view name, std::string_view value, std::string_view category)
{
    auto& tag = array_in(outer, "cluster_tags").emplace_back(nullptr).emplace_object();
    if (!category.empty())
        tag["category"].emplace_string() = category;
    tag["name"].emplace_string() = name;
    tag["value"].emplace_string() = value;
}

inline void add_custom_ca_cert(boost::json::object& outer, std::string_view domain_name, std::string_view ca_cert)
{
    auto& cert = array_in(outer, "custom_ca_certs").emplace_back(nullptr).emplace_object();
    cert["domain_name"].emplace_string() = domain_name;
    cert["ca_cert"].emplace_string() = ca_cert;
}

inline boost::json::value& customization_in(boost::json::object& outer, std::string_view name)
{
    return object_in(outer, "k8s_customization_parameters")[name];
}

inline void set_texts(boost::json::value& member, std::vector<std::string> const& texts)
{
    auto& array = member.emplace_array();
    for (auto const& text : texts)
        array.emplace_back(nullptr).emplace_string() = text;
}

} // namespace pks::inline v0::detail
