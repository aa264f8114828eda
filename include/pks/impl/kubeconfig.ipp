// Bodies of kubeconfig.hpp.
#pragma once

#include <pks/kubeconfig.hpp>

#include <pks/detail/json_text.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace pks::inline v0::kubeconfig_detail {

inline boost::json::value const* present(boost::json::object const& object, std::string_view name)
{
    auto const* const value = object.if_contains(name);
    return value && !value->is_null() ? value : nullptr;
}

inline std::string_view text_of(boost::json::value const& value)
{
    auto const* const text = value.if_string();
    return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

inline std::string_view text(boost::json::object const& object, std::string_view name)
{
    auto const* const value = present(object, name);
    return value ? text_of(*value) : std::string_view();
}

inline boost::json::object const* inner(boost::json::object const& object, std::string_view name)
{
    auto const* const value = present(object, name);
    return value ? value->if_object() : nullptr;
}

// Calls `visit(name, body)` for each `{"name":NAME,"MEMBER":BODY}` of an array.
template <class Visitor>
void for_each_named(
    boost::json::object const& object, std::string_view array, std::string_view member, Visitor const& visit)
{
    auto const* const value = present(object, array);
    auto const* const entries = value ? value->if_array() : nullptr;
    if (!entries)
        return;
    for (auto const& entry : *entries)
        visit(text(entry.get_object(), "name"), *inner(entry.get_object(), member));
}

// What of a model does not fit is remembered, the first of it only.
class checker
{
public:
    void require_text(boost::json::object const& object, std::string_view name, std::string_view path)
    {
        auto const* const value = object.if_contains(name);
        if (!value || !value->is_string())
            refuse(path);
    }
    void allow_text(boost::json::object const& object, std::string_view name, std::string_view path)
    {
        if (present(object, name))
            require_text(object, name, path);
    }

    // Calls `check(body)` for the bodies of a required array of `{"name":NAME,"MEMBER":BODY}`.
    template <class Check>
    void require_named(
        boost::json::object const& object, std::string_view array, std::string_view member, Check const& check)
    {
        auto const* const value = object.if_contains(array);
        auto const* const entries = value ? value->if_array() : nullptr;
        if (!entries)
            return refuse(array);
        for (auto const& entry : *entries) {
            auto const* const named = entry.if_object();
            if (!named)
                return refuse(array);
            require_text(*named, "name", std::string(array) + ".name");
            auto const* const body = inner(*named, member);
            if (!body)
                return refuse(std::string(array) + '.' + std::string(member));
            check(*body);
        }
    }

    void refuse(std::string_view path)
    {
        if (bad_.empty())
            bad_ = path;
    }
    std::string const& bad() const noexcept
    {
        return bad_;
    }

private:
    std::string bad_;
};

inline std::string first_misfit(boost::json::object const& object)
{
    checker out;
    out.require_text(object, "apiVersion", "apiVersion");
    out.require_text(object, "kind", "kind");
    out.allow_text(object, "current-context", "current-context");
    if (present(object, "preferences") && !inner(object, "preferences"))
        out.refuse("preferences");
    out.require_named(object, "clusters", "cluster", [&out](boost::json::object const& cluster) {
        out.require_text(cluster, "server", "clusters.cluster.server");
        out.allow_text(cluster, "certificate-authority-data", "clusters.cluster.certificate-authority-data");
    });
    out.require_named(object, "contexts", "context", [&out](boost::json::object const& context) {
        out.require_text(context, "cluster", "contexts.context.cluster");
        out.require_text(context, "user", "contexts.context.user");
    });
    out.require_named(object, "users", "user", [&out](boost::json::object const& user) {
        out.allow_text(user, "token", "users.user.token");
        auto const* const provider = inner(user, "auth-provider");
        if (!provider) {
            if (present(user, "auth-provider"))
                out.refuse("users.user.auth-provider");
            return;
        }
        out.require_text(*provider, "name", "users.user.auth-provider.name");
        auto const* const config = inner(*provider, "config");
        if (!config)
            return out.refuse("users.user.auth-provider.config");
        for (auto const& member : *config)
            if (!member.value().is_string())
                out.refuse("users.user.auth-provider.config");
    });
    return out.bad();
}

} // namespace pks::inline v0::kubeconfig_detail

namespace pks::inline v0 {

PKS_DECL boost::json::object const& kubeconfig::reveal() const
{
    static boost::json::object const none;
    return reply_ ? reply_->get_object() : none;
}

PKS_DECL std::string_view kubeconfig::api_version() const
{
    return kubeconfig_detail::text(reveal(), "apiVersion");
}
PKS_DECL std::string_view kubeconfig::kind() const
{
    return kubeconfig_detail::text(reveal(), "kind");
}
PKS_DECL std::string_view kubeconfig::current_context() const
{
    return kubeconfig_detail::text(reveal(), "current-context");
}

PKS_DECL std::vector<kubeconfig::named_cluster> kubeconfig::clusters() const
{
    std::vector<named_cluster> out;
    kubeconfig_detail::for_each_named(
        reveal(), "clusters", "cluster", [&out](std::string_view name, boost::json::object const& cluster) {
            named_cluster one;
            one.name = name;
            one.server = kubeconfig_detail::text(cluster, "server");
            one.certificate_authority_data = kubeconfig_detail::text(cluster, "certificate-authority-data");
            out.push_back(std::move(one));
        });
    return out;
}

PKS_DECL std::vector<kubeconfig::named_context> kubeconfig::contexts() const
{
    std::vector<named_context> out;
    kubeconfig_detail::for_each_named(
        reveal(), "contexts", "context", [&out](std::string_view name, boost::json::object const& context) {
            named_context one;
            one.name = name;
            one.cluster = kubeconfig_detail::text(context, "cluster");
            one.user = kubeconfig_detail::text(context, "user");
            out.push_back(std::move(one));
        });
    return out;
}

PKS_DECL std::vector<kubeconfig::named_user> kubeconfig::users() const
{
    std::vector<named_user> out;
    kubeconfig_detail::for_each_named(
        reveal(), "users", "user", [&out](std::string_view name, boost::json::object const& user) {
            named_user one;
            one.name = name;
            one.token = secret(kubeconfig_detail::text(user, "token"));
            if (auto const* const provider = kubeconfig_detail::inner(user, "auth-provider")) {
                one.auth_provider = kubeconfig_detail::text(*provider, "name");
                for (auto const& member : *kubeconfig_detail::inner(*provider, "config"))
                    one.auth_provider_config.emplace_back(
                        std::string(member.key()), secret(kubeconfig_detail::text_of(member.value())));
            }
            out.push_back(std::move(one));
        });
    return out;
}

PKS_DECL secret kubeconfig::text() const
{
    return secret(detail::json_text(reveal()));
}

PKS_DECL result<kubeconfig> kubeconfig::read(std::shared_ptr<boost::json::value const> reply, std::string* where)
{
    auto const* const object = reply->if_object();
    auto const bad = object ? kubeconfig_detail::first_misfit(*object) : std::string("no object");
    if (!bad.empty()) {
        if (where)
            *where = bad;
        return error_code(errc::unexpected_json);
    }
    return kubeconfig(std::move(reply));
}

} // namespace pks::inline v0
