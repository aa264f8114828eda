// Bodies of proto/cluster_messages.hpp.
#pragma once

#include <pks/detail/new_shared.hpp>
#include <pks/proto/api_request.hpp>
#include <pks/proto/cluster_messages.hpp>
#include <pks/proto/refusal.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace pks::inline v0::proto {

PKS_DECL result<request> list_clusters_request(endpoint const& api, access_token const& as, diagnostics& diag)
{
    return api_request("GET", api, "/v1/clusters", as, diag);
}

PKS_DECL result<cluster_list> read_cluster_list_reply(response const& reply, request const& asked, diagnostics& diag)
{
    if (reply.status != 200)
        return read_api_refusal(reply, asked, diag);
    auto parsed = read_json(reply, diag, {});
    if (parsed.has_error())
        return parsed.error();
    auto const json = pks::detail::new_shared<boost::json::value const>(std::move(*parsed));
    auto const* const array = json->if_array();
    if (!array) {
        diag.detail = "no array";
        return error_code(errc::unexpected_json);
    }
    std::vector<cluster> clusters;
    clusters.reserve(array->size());
    for (auto const& element : *array) {
        std::string where;
        auto one = cluster::read(json, element, &where);
        if (one.has_error()) {
            diag.detail = "cluster " + std::to_string(clusters.size()) + ": " + where;
            return one.error();
        }
        clusters.push_back(std::move(*one));
    }
    return cluster_list(std::move(clusters));
}

} // namespace pks::inline v0::proto
