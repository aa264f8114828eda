// What an operation came to, as JSON of the form that cases expect.
#include "runner/outcome.hpp"
#include "runner/error_name.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace conform {

namespace {

namespace json = boost::json;

// Names of the enumerators, in the order of the enumerations.
constexpr std::array action_names = std::to_array<std::string_view>(
    {"unknown", "create", "update", "delete", "upgrade", "rotate_nsx_certificates", "add_custom_certificate_authority",
        "sign_with_custom_certificate_authority", "purge_old_custom_certificate_authority"});
constexpr std::array state_names =
    std::to_array<std::string_view>({"unknown", "in_progress", "succeeded", "failed", "queued"});

static_assert(
    action_names.size() == static_cast<std::size_t>(pks::cluster_action::purge_old_custom_certificate_authority) + 1);
static_assert(state_names.size() == static_cast<std::size_t>(pks::cluster_state::queued) + 1);

std::string sha256(std::string_view text)
{
    std::array<unsigned char, 32> digest{};
    ::EVP_Digest(text.data(), text.size(), digest.data(), nullptr, ::EVP_sha256(), nullptr);
    std::string out;
    for (auto const octet : digest) {
        out += "0123456789abcdef"[octet >> 4];
        out += "0123456789abcdef"[octet & 15];
    }
    return out;
}

json::array list_of(std::vector<std::string> const& texts)
{
    json::array out;
    for (auto const& text : texts)
        out.emplace_back(text);
    return out;
}

// The order of scopes and audiences carries no meaning.
json::array set_of(std::vector<std::string> texts)
{
    std::sort(texts.begin(), texts.end());
    return list_of(texts);
}

json::value epoch_of(std::optional<pks::clock::time_point> const& time)
{
    if (!time)
        return nullptr;
    return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
}

json::value number_of(std::optional<std::int32_t> number)
{
    return number ? json::value(*number) : json::value(nullptr);
}

json::string text_of(std::string_view text)
{
    return json::string(text.data(), text.size());
}

json::object describe_one(pks::cluster const& c)
{
    json::object out;
    out["name"] = text_of(c.name());
    out["uuid"] = text_of(c.uuid());
    out["plan_name"] = text_of(c.plan_name());
    out["last_action"] = text_of(action_names[static_cast<std::size_t>(c.last_action())]);
    out["last_action_text"] = text_of(c.last_action_text());
    out["last_action_state"] = text_of(state_names[static_cast<std::size_t>(c.last_action_state())]);
    out["last_action_state_text"] = text_of(c.last_action_state_text());
    out["last_action_description"] = text_of(c.last_action_description());
    out["kubernetes_master_ips"] = list_of(c.kubernetes_master_ips());
    out["k8s_version"] = text_of(c.k8s_version());
    out["pks_version"] = text_of(c.pks_version());
    out["network_profile_name"] = text_of(c.network_profile_name());
    auto const parameters = c.parameters();
    out["kubernetes_master_host"] = text_of(parameters.kubernetes_master_host());
    out["kubernetes_master_port"] = number_of(parameters.kubernetes_master_port());
    out["kubernetes_worker_instances"] = number_of(parameters.kubernetes_worker_instances());
    return out;
}

} // namespace

json::object describe(pks::target_info const& info)
{
    json::object out;
    out["version"] = info.version;
    out["uaa_url"] = info.uaa_url;
    out["login_url"] = info.login_url;
    out["zone_name"] = info.zone_name;
    out["entity_id"] = info.entity_id;
    out["commit_id"] = info.commit_id;
    out["timestamp"] = info.timestamp;
    auto& prompts = out["prompts"].emplace_array();
    for (auto const& prompt : info.prompts) {
        json::array one;
        one.emplace_back(prompt.name);
        one.emplace_back(prompt.type);
        one.emplace_back(prompt.label);
        prompts.push_back(std::move(one));
    }
    return out;
}

json::object describe(pks::access_token const& token)
{
    json::object out;
    out["token_type"] = token.token_type();
    out["expires_in"] = token.expires_in() ? json::value(token.expires_in()->count()) : json::value(nullptr);
    out["expires_at"] = epoch_of(token.expires_at());
    out["scope"] = set_of(token.scope());
    out["jti"] = token.jti();
    out["access_token_sha256"] = sha256(token.value().reveal());
    if (token.refresh_token())
        out["refresh_token_sha256"] = sha256(token.refresh_token()->reveal());
    if (token.id_token())
        out["id_token_sha256"] = sha256(token.id_token()->reveal());
    return out;
}

json::object describe(pks::token_claims const& claims)
{
    json::object out;
    out["jti"] = claims.jti;
    out["sub"] = claims.sub;
    out["client_id"] = claims.client_id;
    out["grant_type"] = claims.grant_type;
    out["iss"] = claims.iss;
    out["zid"] = claims.zid;
    out["user_id"] = claims.user_id;
    out["user_name"] = claims.user_name;
    out["email"] = claims.email;
    out["origin"] = claims.origin;
    out["scope"] = set_of(claims.scope);
    out["aud"] = set_of(claims.aud);
    out["issued_at"] = epoch_of(claims.issued_at);
    out["expires_at"] = epoch_of(claims.expires_at);
    out["revocable"] = claims.revocable;
    if (claims.json)
        out["json"] = *claims.json;
    return out;
}

json::object describe(pks::token_keys const& keys)
{
    json::object out;
    out["not_modified"] = keys.not_modified;
    out["etag"] = keys.etag;
    out["key_ids"] = list_of(keys.key_ids);
    if (keys.json)
        out["json"] = *keys.json;
    return out;
}

json::object describe(pks::cluster_list const& clusters)
{
    json::object out;
    json::array described;
    json::array documents;
    for (auto const& c : clusters) {
        described.push_back(describe_one(c));
        documents.push_back(c.json());
    }
    out["clusters"] = std::move(described);
    out["json"] = std::move(documents);
    return out;
}

json::object describe(pks::cluster const& cluster)
{
    auto out = describe_one(cluster);
    out["json"] = cluster.json();
    return out;
}

json::object describe(pks::accepted const&)
{
    json::object out;
    out["accepted"] = true;
    return out;
}

json::object describe(pks::kubeconfig const& config)
{
    json::object out;
    out["api_version"] = text_of(config.api_version());
    out["kind"] = text_of(config.kind());
    out["current_context"] = text_of(config.current_context());
    auto& clusters = out["clusters"].emplace_array();
    for (auto const& cluster : config.clusters()) {
        json::object one;
        one["name"] = cluster.name;
        one["server"] = cluster.server;
        one["certificate_authority_data"] = cluster.certificate_authority_data;
        clusters.push_back(std::move(one));
    }
    auto& contexts = out["contexts"].emplace_array();
    for (auto const& context : config.contexts()) {
        json::object one;
        one["name"] = context.name;
        one["cluster"] = context.cluster;
        one["user"] = context.user;
        contexts.push_back(std::move(one));
    }
    auto& users = out["users"].emplace_array();
    for (auto const& user : config.users()) {
        json::object one;
        one["name"] = user.name;
        one["token_sha256"] = sha256(user.token.reveal());
        one["auth_provider"] = user.auth_provider;
        auto& given = one["auth_provider_config"].emplace_object();
        for (auto const& [name, value] : user.auth_provider_config)
            given[name] = text_of(value.reveal());
        users.push_back(std::move(one));
    }
    out["json"] = config.reveal();
    return out;
}

json::object outcome_of(pks::error_code ec, json::object result, pks::diagnostics const& diag)
{
    json::object out;
    if (ec)
        out["error"] = name_of(ec);
    else
        out["result"] = std::move(result);
    out["http_status"] = diag.http_status;
    // Cases say which server's word it is.
    out["oauth_error"] = diag.error;
    out["api_error"] = diag.error;
    out["description"] = diag.error_description;
    out["body"] = diag.body;
    out["body_sha256"] = sha256(diag.body);
    out["reusable"] = diag.reusable;
    return out;
}

differences compare_outcomes(json::object const& expected, json::object const& seen)
{
    differences out;
    for (auto const* const verdict : {"result", "error"}) {
        if (expected.contains(verdict) && !seen.contains(verdict)) {
            auto const* const other = seen.if_contains("error");
            out.push_back(
                {verdict, verdict == std::string_view("error") ? expected.at("error").as_string().c_str() : "one",
                    other ? other->as_string().c_str() : "success"});
        }
    }
    for (auto const& [name, value] : expected) {
        if (auto const* const other = seen.if_contains(name))
            compare_json(std::string(name), value, *other, out);
        else if (name != "result" && name != "error")
            out.push_back({name, shown(json::serialize(value)), "nothing that has this name"});
    }
    for (auto const* const fault : {"completions", "openssl_error_queue"})
        if (auto const* const found = seen.if_contains(fault))
            compare_json(fault, nullptr, *found, out);
    return out;
}

} // namespace conform
