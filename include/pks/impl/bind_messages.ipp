// Bodies of proto/bind_messages.hpp.
#pragma once

#include <pks/detail/new_shared.hpp>
#include <pks/detail/wiping_resource.hpp>
#include <pks/proto/api_request.hpp>
#include <pks/proto/bind_messages.hpp>
#include <pks/proto/path_segment.hpp>
#include <pks/proto/refusal.hpp>

#include <boost/json/value.hpp>

#include <string>
#include <utility>

namespace pks::inline v0::proto {

PKS_DECL result<request> bind_request(
    endpoint const& api, access_token const& as, binding_request const& what, diagnostics& diag)
{
    if (auto const ec = check_path_segment(what.cluster_name(), "name", diag))
        return ec;
    std::string target = "/v1/clusters";
    append_path_segment(target, what.cluster_name());
    target += "/binds";
    if (what.user().empty()) {
        auto out = api_request("POST", api, target, as, diag);
        // Without it a server may wait for a body.
        if (out.has_value())
            out->field("Content-Length", "0");
        return out;
    }
    if (auto const ec = check_path_segment(what.user(), "user", diag))
        return ec;
    append_path_segment(target, what.user());
    if (what.suppress_cluster_role_binding())
        target += "?suppressClusterRoleBinding=true";
    return api_request("GET", api, target, as, diag);
}

PKS_DECL result<kubeconfig> read_bind_reply(response const& reply, request const& asked, diagnostics& diag)
{
    if (reply.status != 200 && !(reply.status == 201 && asked.method() == "POST"))
        return read_api_refusal(reply, asked, diag);
    auto parsed = read_json(reply, diag, pks::detail::wiping_storage());
    if (parsed.has_error())
        return parsed.error();
    auto json = pks::detail::new_shared<boost::json::value const>(std::move(*parsed));
    return kubeconfig::read(std::move(json), &diag.detail);
}

} // namespace pks::inline v0::proto
