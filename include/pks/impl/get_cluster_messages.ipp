// Bodies of proto/get_cluster_messages.hpp.
#pragma once

#include <pks/detail/new_shared.hpp>
#include <pks/proto/api_request.hpp>
#include <pks/proto/get_cluster_messages.hpp>
#include <pks/proto/path_segment.hpp>
#include <pks/proto/refusal.hpp>

#include <boost/json/value.hpp>

#include <string>
#include <utility>

namespace pks::inline v0::proto {

PKS_DECL result<request> get_cluster_request(
    endpoint const& api, access_token const& as, std::string_view name, diagnostics& diag)
{
    if (auto const ec = check_path_segment(name, "name", diag))
        return ec;
    std::string target = "/v1/clusters";
    append_path_segment(target, name);
    return api_request("GET", api, target, as, diag);
}

PKS_DECL result<cluster> read_cluster_reply(response const& reply, request const& asked, diagnostics& diag, int success)
{
    if (reply.status != success)
        return read_api_refusal(reply, asked, diag);
    auto parsed = read_json(reply, diag, {});
    if (parsed.has_error())
        return parsed.error();
    auto const json = pks::detail::new_shared<boost::json::value const>(std::move(*parsed));
    return cluster::read(json, *json, &diag.detail);
}

} // namespace pks::inline v0::proto
