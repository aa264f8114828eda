// The client's operations on one cluster, and any other request to its servers.
#pragma once

#include <pks/accepted.hpp>
#include <pks/binding_request.hpp>
#include <pks/client.hpp>
#include <pks/cluster_request.hpp>
#include <pks/cluster_update.hpp>
#include <pks/kubeconfig.hpp>
#include <pks/proto/response_parser.hpp>
#include <pks/server_request.hpp>

#include <string>
#include <utility>

namespace pks::inline v0 {

template <class CompletionToken>
auto client::async_request(server_request what, CompletionToken&& token)
{
    return start<proto::response, server_request>(
        &client::request, std::forward<CompletionToken>(token), nullptr, std::move(what));
}
template <class CompletionToken>
auto client::async_request(server_request what, diagnostics& diag, CompletionToken&& token)
{
    return start<proto::response, server_request>(
        &client::request, std::forward<CompletionToken>(token), &diag, std::move(what));
}

template <class CompletionToken>
auto client::async_get_cluster(std::string name, CompletionToken&& token)
{
    return start<cluster, std::string>(
        &client::get_cluster, std::forward<CompletionToken>(token), nullptr, std::move(name));
}
template <class CompletionToken>
auto client::async_get_cluster(std::string name, diagnostics& diag, CompletionToken&& token)
{
    return start<cluster, std::string>(
        &client::get_cluster, std::forward<CompletionToken>(token), &diag, std::move(name));
}

template <class CompletionToken>
auto client::async_create_cluster(cluster_request what, CompletionToken&& token)
{
    return start<cluster, cluster_request>(
        &client::create_cluster, std::forward<CompletionToken>(token), nullptr, std::move(what));
}
template <class CompletionToken>
auto client::async_create_cluster(cluster_request what, diagnostics& diag, CompletionToken&& token)
{
    return start<cluster, cluster_request>(
        &client::create_cluster, std::forward<CompletionToken>(token), &diag, std::move(what));
}

template <class CompletionToken>
auto client::async_update_cluster(std::string name, cluster_update what, CompletionToken&& token)
{
    return start<accepted, std::string, cluster_update>(
        &client::update_cluster, std::forward<CompletionToken>(token), nullptr, std::move(name), std::move(what));
}
template <class CompletionToken>
auto client::async_update_cluster(std::string name, cluster_update what, diagnostics& diag, CompletionToken&& token)
{
    return start<accepted, std::string, cluster_update>(
        &client::update_cluster, std::forward<CompletionToken>(token), &diag, std::move(name), std::move(what));
}

template <class CompletionToken>
auto client::async_delete_cluster(std::string name, CompletionToken&& token)
{
    return start<accepted, std::string>(
        &client::delete_cluster, std::forward<CompletionToken>(token), nullptr, std::move(name));
}
template <class CompletionToken>
auto client::async_delete_cluster(std::string name, diagnostics& diag, CompletionToken&& token)
{
    return start<accepted, std::string>(
        &client::delete_cluster, std::forward<CompletionToken>(token), &diag, std::move(name));
}

template <class CompletionToken>
auto client::async_bind(binding_request what, CompletionToken&& token)
{
    return start<kubeconfig, binding_request>(
        &client::bind, std::forward<CompletionToken>(token), nullptr, std::move(what));
}
template <class CompletionToken>
auto client::async_bind(binding_request what, diagnostics& diag, CompletionToken&& token)
{
    return start<kubeconfig, binding_request>(
        &client::bind, std::forward<CompletionToken>(token), &diag, std::move(what));
}

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/client_operations.ipp>
#endif
