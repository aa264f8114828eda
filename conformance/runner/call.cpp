// From the arguments of a case to the call of an operation.
#include "runner/call.hpp"
#include "runner/outcome.hpp"

#include <pks/async_bind.hpp>
#include <pks/async_create_cluster.hpp>
#include <pks/async_delete_cluster.hpp>
#include <pks/async_get_cluster.hpp>
#include <pks/async_list_clusters.hpp>
#include <pks/async_login.hpp>
#include <pks/async_update_cluster.hpp>
#include <pks/testing/manual_clock.hpp>
#include <pks/uaa/async_check_token.hpp>
#include <pks/uaa/async_get_token.hpp>
#include <pks/uaa/async_target.hpp>
#include <pks/uaa/async_token_keys.hpp>

#include <boost/json/array.hpp>

#include <openssl/err.h>

#include <chrono>
#include <optional>
#include <type_traits>

namespace conform {

namespace {

namespace json = boost::json;

std::optional<std::string> given(json::object const& arguments, std::string_view name)
{
    auto const* const value = arguments.if_contains(name);
    if (!value)
        return {};
    if (!value->is_string())
        throw environment_error("the argument " + std::string(name) + " is no text");
    return std::string(value->get_string().data(), value->get_string().size());
}

std::string text(json::object const& arguments, std::string_view name)
{
    return given(arguments, name).value_or("");
}

pks::secret secret_text(json::object const& arguments, std::string_view name)
{
    return pks::secret(text(arguments, name));
}

pks::client_authentication client_of(json::object const& arguments)
{
    auto const* const value = arguments.if_contains("client");
    if (!value || !value->is_object())
        throw environment_error("the arguments name no client");
    auto const& client = value->get_object();
    auto const method = text(client, "method");
    auto id = text(client, "id");
    auto secret = secret_text(client, "secret");
    using how = pks::client_authentication;
    if (method == "automatic")
        return how::automatic(std::move(id), std::move(secret));
    if (method == "basic")
        return how::basic(std::move(id), std::move(secret));
    if (method == "basic_unencoded")
        return how::basic_unencoded(std::move(id), std::move(secret));
    if (method == "body")
        return how::body(std::move(id), std::move(secret));
    if (method == "none")
        return how::none(std::move(id));
    if (method == "assertion")
        return how::assertion(std::move(secret), std::move(id));
    throw environment_error("there is no client authentication " + method);
}

pks::credentials grant_of(json::object const& arguments)
{
    auto const grant = text(arguments, "grant");
    if (grant == "client_credentials")
        return pks::client_credentials("", pks::secret());
    if (grant == "password")
        return pks::password_credentials(text(arguments, "username"), secret_text(arguments, "password"));
    if (grant == "passcode")
        return pks::passcode_credentials(secret_text(arguments, "passcode"));
    if (grant == "refresh_token")
        return pks::refresh_token_credentials(secret_text(arguments, "refresh_token"));
    if (grant == "authorization_code")
        return pks::authorization_code_credentials(client_of(arguments), secret_text(arguments, "code"),
            text(arguments, "redirect_uri"), secret_text(arguments, "code_verifier"));
    if (grant == "jwt_bearer")
        return pks::jwt_bearer_credentials(client_of(arguments), secret_text(arguments, "assertion"));
    throw environment_error("there is no grant " + grant);
}

std::vector<std::string> texts(json::value const& list)
{
    std::vector<std::string> out;
    for (auto const& element : list.as_array())
        out.emplace_back(element.as_string().data(), element.as_string().size());
    return out;
}

json::object const& object_in(json::object const& arguments, std::string_view name)
{
    auto const* const value = arguments.if_contains(name);
    if (!value || !value->is_object())
        throw environment_error("the argument " + std::string(name) + " is no object");
    return value->get_object();
}

pks::cluster_request cluster_of(json::object const& arguments)
{
    auto const& what = object_in(arguments, "cluster");
    auto const& parameters = object_in(what, "parameters");
    pks::cluster_request out(text(what, "name"), text(what, "plan_name"), text(parameters, "kubernetes_master_host"));
    for (auto const& member : what)
        if (member.key() != "parameters")
            out.member(std::string(member.key()), member.value());
    for (auto const& parameter : parameters)
        out.parameter(std::string(parameter.key()), parameter.value());
    return out;
}

pks::cluster_update changes_of(json::object const& arguments)
{
    pks::cluster_update out;
    for (auto const& change : object_in(arguments, "changes"))
        out.member(std::string(change.key()), change.value());
    return out;
}

pks::binding_request binding_of(json::object const& arguments)
{
    pks::binding_request out(text(arguments, "name"));
    out.user(text(arguments, "user"));
    auto const* const suppress = arguments.if_contains("suppress_cluster_role_binding");
    out.suppress_cluster_role_binding(suppress && suppress->as_bool());
    return out;
}

constexpr std::chrono::minutes patience(1);

// Runs until the handler has come; every operation completes exactly once, or the case says otherwise.
template <class T, class Start>
call_outcome run(boost::asio::io_context& context, Start const& start)
{
    int completions = 0;
    pks::diagnostics diag;
    call_outcome out;
    start(diag, [&](pks::error_code ec, T result) {
        ++completions;
        json::object described;
        if (!ec)
            described = describe(result);
        out.seen = outcome_of(ec, std::move(described), diag);
        if constexpr (std::is_same_v<T, pks::access_token>)
            out.token = std::move(result);
    });
    context.restart();
    context.run_for(patience);
    if (!context.stopped())
        throw environment_error("no answer for a minute");
    if (completions != 1)
        out.seen["completions"] = completions;
    if (::ERR_peek_error() != 0) {
        out.seen["openssl_error_queue"] = "not empty";
        ::ERR_clear_error();
    }
    return out;
}

} // namespace

pks::peer peer_of(test_case const& c, std::chrono::system_clock::time_point now)
{
    auto const address =
        pks::endpoint::parse(text(c.arguments, "server"), pks::endpoint::uaa_port, pks::allow_plain_http_on_loopback);
    if (address.has_error())
        throw environment_error(c.id + ": the argument server is no address");
    pks::peer out(*address);
    out.clock(std::make_shared<pks::testing::manual_clock>(now));
    return out;
}

pks::credentials credentials_of(json::object const& arguments)
{
    auto out = grant_of(arguments);
    out.client(client_of(arguments)).response_type(text(arguments, "response_type"));
    if (auto const* const scope = arguments.if_contains("scope"))
        out.scope(texts(*scope));
    if (auto const format = given(arguments, "token_format"))
        out.token_format(*format == "opaque" ? pks::token_format::opaque : pks::token_format::jwt);
    if (auto const origin = given(arguments, "origin"))
        out.origin(*origin);
    if (auto const* const parameters = arguments.if_contains("parameters")) {
        for (auto const& parameter : parameters->as_array()) {
            auto const pair = texts(parameter);
            out.parameter(pair.at(0), pks::secret(pair.at(1)));
        }
    }
    return out;
}

call_outcome call(boost::asio::io_context& context, stream& over, test_case const& c, pks::peer const& server)
{
    auto const& a = c.arguments;
    if (c.operation == "uaa.target")
        return run<pks::target_info>(
            context, [&](auto& diag, auto then) { pks::uaa::async_target(over, server, diag, std::move(then)); });
    if (c.operation == "uaa.get_token")
        return run<pks::access_token>(context, [&](auto& diag, auto then) {
            pks::uaa::async_get_token(over, server, credentials_of(a), diag, std::move(then));
        });
    if (c.operation == "login")
        return run<pks::access_token>(context,
            [&](auto& diag, auto then) { pks::async_login(over, server, credentials_of(a), diag, std::move(then)); });
    if (c.operation == "uaa.check_token")
        return run<pks::token_claims>(context, [&](auto& diag, auto then) {
            pks::uaa::async_check_token(over, server, client_of(a), secret_text(a, "token"), diag, std::move(then));
        });
    if (c.operation == "uaa.token_keys")
        return run<pks::token_keys>(context, [&](auto& diag, auto then) {
            pks::uaa::async_token_keys(over, server, text(a, "etag"), diag, std::move(then));
        });
    pks::access_token::parts parts;
    parts.value = secret_text(a, "token");
    pks::access_token const token(std::move(parts));
    if (c.operation == "list_clusters")
        return run<pks::cluster_list>(context,
            [&](auto& diag, auto then) { pks::async_list_clusters(over, server, token, diag, std::move(then)); });
    if (c.operation == "get_cluster")
        return run<pks::cluster>(context, [&](auto& diag, auto then) {
            pks::async_get_cluster(over, server, token, text(a, "name"), diag, std::move(then));
        });
    if (c.operation == "create_cluster")
        return run<pks::cluster>(context, [&](auto& diag, auto then) {
            pks::async_create_cluster(over, server, token, cluster_of(a), diag, std::move(then));
        });
    if (c.operation == "update_cluster")
        return run<pks::accepted>(context, [&](auto& diag, auto then) {
            pks::async_update_cluster(over, server, token, text(a, "name"), changes_of(a), diag, std::move(then));
        });
    if (c.operation == "delete_cluster")
        return run<pks::accepted>(context, [&](auto& diag, auto then) {
            pks::async_delete_cluster(over, server, token, text(a, "name"), diag, std::move(then));
        });
    if (c.operation == "bind")
        return run<pks::kubeconfig>(context,
            [&](auto& diag, auto then) { pks::async_bind(over, server, token, binding_of(a), diag, std::move(then)); });
    throw environment_error(c.id + ": there is no operation " + c.operation);
}

} // namespace conform
