// Bodies of proto/change_cluster_messages.hpp.
#pragma once

#include <pks/proto/api_request.hpp>
#include <pks/proto/change_cluster_messages.hpp>
#include <pks/proto/get_cluster_messages.hpp>
#include <pks/proto/json_request_body.hpp>
#include <pks/proto/path_segment.hpp>
#include <pks/proto/refusal.hpp>

#include <boost/json/object.hpp>

#include <string>

namespace pks::inline v0::proto {

PKS_DECL result<request> create_cluster_request(
    endpoint const& api, access_token const& as, cluster_request const& what, diagnostics& diag)
{
    auto const missing = [&diag](std::string_view name) {
        diag.detail = name;
        return error_code(errc::missing_parameter);
    };
    // What no later request could ask for is not created.
    if (auto const ec = check_path_segment(what.name(), "name", diag))
        return ec;
    if (what.plan_name().empty())
        return missing("plan_name");
    if (what.kubernetes_master_host().empty())
        return missing("parameters.kubernetes_master_host");
    if (auto const ec = check_json_texts(what.reveal(), diag))
        return ec;
    auto out = api_request("POST", api, "/v1/clusters", as, diag);
    if (out.has_value())
        set_json_body(*out, what.reveal());
    return out;
}

PKS_DECL result<cluster> read_create_cluster_reply(response const& reply, request const& asked, diagnostics& diag)
{
    return read_cluster_reply(reply, asked, diag, 202);
}

PKS_DECL result<request> update_cluster_request(
    endpoint const& api, access_token const& as, std::string_view name, cluster_update const& what, diagnostics& diag)
{
    if (auto const ec = check_path_segment(name, "name", diag))
        return ec;
    if (what.reveal().empty()) {
        diag.detail = "cluster_update";
        return error_code(errc::missing_parameter);
    }
    if (auto const ec = check_json_texts(what.reveal(), diag))
        return ec;
    std::string target = "/v1/clusters";
    append_path_segment(target, name);
    auto out = api_request("PATCH", api, target, as, diag);
    if (out.has_value())
        set_json_body(*out, what.reveal());
    return out;
}

PKS_DECL result<accepted> read_update_cluster_reply(response const& reply, request const& asked, diagnostics& diag)
{
    if (reply.status != 202)
        return read_api_refusal(reply, asked, diag);
    return accepted();
}

PKS_DECL result<request> delete_cluster_request(
    endpoint const& api, access_token const& as, std::string_view name, diagnostics& diag)
{
    if (auto const ec = check_path_segment(name, "name", diag))
        return ec;
    std::string target = "/v1/clusters";
    append_path_segment(target, name);
    return api_request("DELETE", api, target, as, diag);
}

PKS_DECL result<accepted> read_delete_cluster_reply(response const& reply, request const& asked, diagnostics& diag)
{
    if (reply.status != 204)
        return read_api_refusal(reply, asked, diag);
    return accepted();
}

} // namespace pks::inline v0::proto
