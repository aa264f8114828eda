// Bodies of testing/control_plane.hpp: what its users call. The sessions are in control_plane_sessions.ipp.
#pragma once

#include <pks/testing/control_plane.hpp>

#include <pks/testing/impl/control_plane_sessions.ipp>

#include <fstream>
#include <stdexcept>
#include <utility>

namespace pks::inline v0::testing {

PKS_DECL control_plane::control_plane(boost::asio::any_io_executor executor, control_plane_options options)
    : plane_(std::make_shared<plane>(std::move(executor), std::move(options)))
{
    plane_->start();
}

PKS_DECL control_plane::~control_plane()
{
    stop();
}

PKS_DECL void control_plane::stop()
{
    plane_->stop();
}

PKS_DECL std::uint16_t control_plane::uaa_port() const noexcept
{
    return plane_->uaa_port();
}

PKS_DECL std::uint16_t control_plane::api_port() const noexcept
{
    return plane_->api_port();
}

PKS_DECL std::size_t control_plane::add_replica()
{
    return plane_->add_replica();
}

PKS_DECL std::uint16_t control_plane::uaa_port(std::size_t replica) const
{
    return plane_->ports_of(replica).uaa;
}

PKS_DECL std::uint16_t control_plane::api_port(std::size_t replica) const
{
    return plane_->ports_of(replica).api;
}

PKS_DECL void control_plane::cut_off(std::size_t replica)
{
    plane_->cut_off(replica);
}

PKS_DECL std::string control_plane::uaa_url() const
{
    return plane_->url(uaa_port());
}

PKS_DECL std::string control_plane::api_url() const
{
    return plane_->url(api_port());
}

PKS_DECL endpoint control_plane::uaa() const
{
    return endpoint::uaa(uaa_url());
}

PKS_DECL endpoint control_plane::api() const
{
    return endpoint::api(api_url());
}

PKS_DECL std::string const& control_plane::ca_pem() const noexcept
{
    return plane_->ca_pem();
}

PKS_DECL void control_plane::write_ca(std::string const& path) const
{
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << ca_pem();
    out.close();
    if (!out)
        throw std::runtime_error("cannot write " + path);
}

PKS_DECL pks::trust control_plane::trust() const
{
    return pks::trust::pem(ca_pem());
}

PKS_DECL void control_plane::add_user(uaa_user user)
{
    with_uaa([&user](uaa_server& uaa) { uaa.directory().add(std::move(user)); });
}

PKS_DECL bool control_plane::remove_user(std::string_view name)
{
    bool done = false;
    with_uaa([&](uaa_server& uaa) { done = uaa.directory().remove_user(name); });
    return done;
}

PKS_DECL void control_plane::add_client(uaa_client client)
{
    with_uaa([&client](uaa_server& uaa) { uaa.directory().add(std::move(client)); });
}

PKS_DECL bool control_plane::remove_client(std::string_view id)
{
    bool done = false;
    with_uaa([&](uaa_server& uaa) { done = uaa.directory().remove_client(id); });
    return done;
}

PKS_DECL bool control_plane::lock_user(std::string_view name)
{
    bool done = false;
    with_uaa([&](uaa_server& uaa) { done = uaa.lock_user(name, plane_->now()); });
    return done;
}

PKS_DECL bool control_plane::revoke_user(std::string_view name)
{
    bool done = false;
    with_uaa([&](uaa_server& uaa) { done = uaa.revoke_user(name); });
    return done;
}

PKS_DECL bool control_plane::revoke_client(std::string_view id)
{
    bool done = false;
    with_uaa([&](uaa_server& uaa) { done = uaa.revoke_client(id); });
    return done;
}

PKS_DECL void control_plane::rotate_key(signing_key key)
{
    with_uaa([&](uaa_server& uaa) { uaa.rotate_key(std::move(key), plane_->now()); });
}

PKS_DECL bool control_plane::forget_key(std::string_view kid)
{
    bool done = false;
    with_uaa([&](uaa_server& uaa) { done = uaa.forget_key(kid, plane_->now()); });
    return done;
}

PKS_DECL void control_plane::add_cluster(std::string name, std::string owner, std::string plan)
{
    plane_->with_api([&](pks_api& api) { api.inventory().add(std::move(name), std::move(owner), std::move(plan)); });
}

PKS_DECL bool control_plane::fail_cluster(std::string_view name)
{
    bool done = false;
    plane_->with_api([&](pks_api& api) { done = api.inventory().fail(name); });
    return done;
}

PKS_DECL void control_plane::with_uaa(std::function<void(uaa_server&)> const& what)
{
    plane_->with_uaa(what);
}

PKS_DECL control_plane::counters control_plane::count() const
{
    return plane_->count();
}

PKS_DECL cluster_effects control_plane::effects(std::string_view cluster) const
{
    cluster_effects out;
    plane_->with_api([&](pks_api& api) { out = api.inventory().effects(cluster); });
    return out;
}

PKS_DECL cluster_effects control_plane::effects() const
{
    cluster_effects out;
    plane_->with_api([&](pks_api& api) { out = api.inventory().effects(); });
    return out;
}

PKS_DECL std::size_t control_plane::uaa_requests(std::string_view path) const
{
    std::size_t out = 0;
    plane_->with_uaa([&](uaa_server& uaa) {
        auto const at = uaa.requests().find(path);
        out = at == uaa.requests().end() ? 0 : at->second;
    });
    return out;
}

PKS_DECL std::size_t control_plane::api_requests(std::string_view path) const
{
    std::size_t out = 0;
    plane_->with_api([&](pks_api& api) {
        auto const at = api.requests().find(path);
        out = at == api.requests().end() ? 0 : at->second;
    });
    return out;
}

} // namespace pks::inline v0::testing
