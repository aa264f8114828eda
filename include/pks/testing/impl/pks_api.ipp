// Bodies of testing/pks_api.hpp.
#pragma once

#include <pks/testing/pks_api.hpp>

#include <pks/policy/bearer_errc.hpp>
#include <pks/policy/token_errc.hpp>
#include <pks/proto/strict_json.hpp>
#include <pks/testing/uaa_replies.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

namespace pks::inline v0::testing {

namespace pks_api_detail {

namespace json = boost::json;

inline std::string_view reason_of(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Entity";
    case 500:
        return "Internal Server Error";
    default:
        return "Service Unavailable";
    }
}

// A reply to one request, with the header fields of Spring Security.
class composer
{
public:
    composer(request const& req, clock::time_point now) : request_(req), now_(now) {}

    reply make(int status, json::value const* body, header_fields first = {},
        std::string const& media_type = "application/json;charset=UTF-8") const
    {
        reply out;
        out.status = status;
        out.reason = reason_of(status);
        out.fields.emplace_back("Date", http_date(now_));
        for (auto& field : first)
            out.fields.push_back(std::move(field));
        if (body)
            out.fields.emplace_back("Content-Type", media_type);
        out.fields.emplace_back("X-Content-Type-Options", "nosniff");
        out.fields.emplace_back("X-XSS-Protection", "1; mode=block");
        out.fields.emplace_back("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate");
        out.fields.emplace_back("Pragma", "no-cache");
        out.fields.emplace_back("Expires", "0");
        out.fields.emplace_back("X-Frame-Options", "DENY");
        if (body) {
            out.body = json::serialize(*body);
            out.fields.emplace_back("Content-Length", std::to_string(out.body.size()));
            out.frame = request_.method == "HEAD" ? reply::framing::none : reply::framing::content_length;
        } else if (status != 204) {
            out.fields.emplace_back("Content-Length", "0");
        }
        auto const wish = request_.field("Connection");
        out.close = wish == "close" || (request_.http_1_0 && wish != "keep-alive");
        if (out.close)
            out.fields.emplace_back("Connection", "close");
        return out;
    }

    // The one member of a business error.
    reply business(int status, std::string const& text) const
    {
        json::object body;
        body["body"] = text;
        json::value const value(std::move(body));
        return make(status, &value);
    }

    // What Spring's resource server answers.
    reply oauth(int status, std::string const& error, std::string const& description, bool challenge) const
    {
        json::object body;
        body["error"] = error;
        body["error_description"] = description;
        header_fields first;
        if (challenge)
            first.emplace_back("WWW-Authenticate",
                "Bearer realm=\"oauth2-resource\", error=\"" + error + "\", error_description=\"" + description + '"');
        json::value const value(std::move(body));
        return make(status, &value, std::move(first));
    }

    // Spring Boot's page for what no controller handles.
    reply page(int status, std::string const& message, header_fields first = {}) const
    {
        auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()).count();
        std::time_t const seconds = ms / 1000;
        std::tm tm{};
        gmtime_r(&seconds, &tm);
        char day[32];
        std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
        char fraction[16];
        std::snprintf(fraction, sizeof fraction, ".%03d+0000", static_cast<int>(ms % 1000));
        json::object body;
        body["timestamp"] = std::string(day) + fraction;
        body["status"] = status;
        body["error"] = reason_of(status);
        body["message"] = message;
        body["path"] = request_.path();
        json::value const value(std::move(body));
        return make(status, &value, std::move(first));
    }

private:
    request const& request_;
    clock::time_point now_;
};

inline bool is_admin(identity const& who)
{
    return who.has_scope("pks.clusters.admin");
}

inline bool sees_all(identity const& who)
{
    return is_admin(who) || who.has_scope("pks.clusters.admin.read");
}

inline bool owns(identity const& who, inventory_cluster const& cluster)
{
    return !who.name().empty() && cluster.owner == who.name();
}

// A path segment: `%` escapes, and `+` stands for itself.
inline std::optional<std::string> decode_segment(std::string_view text)
{
    auto const value = [](char c) {
        return c >= '0' && c <= '9' ? c - '0'
            : c >= 'a' && c <= 'f'  ? c - 'a' + 10
            : c >= 'A' && c <= 'F'  ? c - 'A' + 10
                                    : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size() || value(text[i + 1]) < 0 || value(text[i + 2]) < 0)
            return std::nullopt;
        out += static_cast<char>(value(text[i + 1]) * 16 + value(text[i + 2]));
        i += 2;
    }
    return out;
}

inline std::string_view path_of(std::string_view target) noexcept
{
    return target.substr(0, std::min(target.find('?'), target.size()));
}

inline constexpr std::string_view clusters_path = "/v1/clusters";

// The segments of a path below that of the clusters, as they stand there.
inline std::vector<std::string_view> segments_of(std::string_view path)
{
    std::vector<std::string_view> out;
    if (!path.starts_with(clusters_path) || path.size() == clusters_path.size() || path[clusters_path.size()] != '/')
        return out;
    path.remove_prefix(clusters_path.size() + 1);
    for (;;) {
        auto const end = path.find('/');
        out.push_back(path.substr(0, end));
        if (end == path.npos)
            return out;
        path.remove_prefix(end + 1);
    }
}

// The reply to a request that the guard did not let through.
inline reply refuse(composer const& compose, authorization const& who)
{
    auto const reason = who.reason();
    if (!reason || reason == bearer_errc::no_token)
        return compose.oauth(401, "unauthorized", "Full authentication is required to access this resource", true);
    if (reason.category() == bearer_category())
        return compose.oauth(400, "invalid_request", reason.message(), true);
    // A token with pks.clusters.admin.read alone has the audience pks.clusters.admin.
    if (reason == token_errc::wrong_audience || reason == token_errc::audience_missing)
        return compose.oauth(403, "access_denied", "Invalid token does not contain resource id (pks.clusters)", false);
    if (reason == token_errc::insufficient_scope)
        return compose.oauth(403, "access_denied", "Access is denied", false);
    if (who.refusal().status == 401)
        return compose.oauth(
            401, "invalid_token", reason == token_errc::expired ? "Token has expired" : "Invalid access token", true);
    return compose.page(500, "The token could not be checked");
}

// Nothing where the body may be JSON.
inline std::optional<reply> refuse_body(request const& req, composer const& compose)
{
    auto const type = req.field("Content-Type");
    if (type.substr(0, 16) == "application/json")
        return {};
    return compose.page(415, "Content type '" + std::string(type) + "' not supported");
}

// Nothing where the plan allows so many workers.
inline std::optional<reply> refuse_workers(json::object const& from, int max, composer const& compose)
{
    auto const* const number = from.if_contains("kubernetes_worker_instances");
    if (!number || number->is_null())
        return {};
    if (!number->is_int64())
        return compose.page(400, "JSON parse error");
    if (number->get_int64() >= 1 && number->get_int64() <= max)
        return {};
    return compose.business(400, "Please specify a number of workers that is between 1 and " + std::to_string(max));
}

inline constexpr char actuator_type[] = "application/vnd.spring-boot.actuator.v2+json;charset=UTF-8";

} // namespace pks_api_detail

PKS_DECL policy::claim_rules pks_api::rules(std::string issuer)
{
    policy::claim_rules out;
    out.issuer = std::move(issuer);
    out.audiences = {"pks.clusters", "pks.clusters.admin"};
    return out;
}

PKS_DECL bool pks_api::is_open(std::string_view target) noexcept
{
    auto const path = pks_api_detail::path_of(target);
    return path == "/actuator" || path.starts_with("/actuator/");
}

PKS_DECL policy::scope_requirement pks_api::required_scopes(std::string_view method, std::string_view target)
{
    policy::scope_requirement out;
    out.any = {"pks.clusters.admin", "pks.clusters.manage"};
    auto const path = pks_api_detail::path_of(target);
    bool const changes =
        path.starts_with(pks_api_detail::clusters_path) && method != "GET" && method != "HEAD" && method != "OPTIONS";
    auto const segments = pks_api_detail::segments_of(path);
    bool const credentials = segments.size() > 1 && segments[1] == "binds";
    if (!changes && !credentials)
        out.any.push_back("pks.clusters.admin.read");
    return out;
}

PKS_DECL reply pks_api::handle(request const& req, authorization const& who, clock::time_point now)
{
    using namespace pks_api_detail;
    auto path = req.path();
    if (auto const at = requests_.find(path); at != requests_.end())
        ++at->second;
    else if (requests_.size() < 1000)
        requests_.emplace(path, 1);

    composer const compose(req, now);
    if (is_open(path)) {
        json::object body;
        if (path == "/actuator/health")
            body["status"] = "UP";
        else if (path != "/actuator/info")
            return compose.page(404, "No message available");
        json::value const value(std::move(body));
        return compose.make(200, &value, {}, actuator_type);
    }

    if (!who)
        return refuse(compose, who);
    if (path.size() > 1 && path.back() == '/')
        path.remove_suffix(1);
    if (path == "/v1/clusters")
        return clusters(req, who.who(), now);
    if (path == "/v1/plans") {
        if (req.method != "GET" && req.method != "HEAD")
            return compose.page(405, "Request method '" + req.method + "' not supported", {{"Allow", "GET"}});
        json::value const value(inventory_.plans());
        return compose.make(200, &value);
    }
    auto const segments = segments_of(path);
    bool const binding = (segments.size() == 2 || segments.size() == 3) && segments[1] == "binds";
    if (segments.size() == 1 || binding) {
        auto const name = decode_segment(segments[0]);
        auto const user = segments.size() == 3 ? decode_segment(segments[2]) : std::nullopt;
        if (!name || (segments.size() == 3 && !user))
            return compose.page(400, "Malformed escape in the path");
        return binding ? binds(req, *name, user, who.who(), now) : one_cluster(req, *name, who.who(), now);
    }
    return compose.page(404, "No message available");
}

PKS_DECL reply pks_api::clusters(request const& req, identity const& who, clock::time_point now)
{
    using namespace pks_api_detail;
    composer const compose(req, now);
    if (req.method == "POST")
        return create(req, who, now);
    if (req.method != "GET" && req.method != "HEAD")
        return compose.page(405, "Request method '" + req.method + "' not supported", {{"Allow", "GET, POST"}});
    json::array all;
    for (auto const* const cluster : inventory_.list(std::nullopt, now))
        if (sees_all(who) || owns(who, *cluster))
            all.emplace_back(inventory_.describe(*cluster, now));
    json::value const value(std::move(all));
    return compose.make(200, &value);
}

PKS_DECL reply pks_api::one_cluster(
    request const& req, std::string const& name, identity const& who, clock::time_point now)
{
    using namespace pks_api_detail;
    composer const compose(req, now);
    bool const removal = req.method == "DELETE";
    bool const change = removal || req.method == "PATCH";
    if (!change && req.method != "GET" && req.method != "HEAD")
        return compose.page(
            405, "Request method '" + req.method + "' not supported", {{"Allow", "GET, PATCH, DELETE"}});
    auto const* const cluster = inventory_.find(name, now);
    if (!cluster || !(owns(who, *cluster) || (change ? is_admin(who) : sees_all(who))))
        return compose.business(404, "Cluster " + name + " not found");
    if (removal) {
        inventory_.remove(name, now);
        return compose.make(204, nullptr);
    }
    if (change)
        return update(req, *cluster, now);
    json::value const value(inventory_.describe(*cluster, now));
    return compose.make(200, &value);
}

PKS_DECL reply pks_api::create(request const& req, identity const& who, clock::time_point now)
{
    using namespace pks_api_detail;
    composer const compose(req, now);
    if (who.name().empty())
        return compose.oauth(403, "access_denied", "Access is denied", false);
    if (auto refusal = refuse_body(req, compose))
        return std::move(*refusal);
    auto const parsed = proto::parse_json(req.body);
    if (!parsed || !parsed->is_object())
        return compose.page(400, "JSON parse error");
    auto const& body = parsed->get_object();
    auto const text = [](json::object const& from, char const* member) {
        auto const* const value = from.if_contains(member);
        return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    auto const name = text(body, "name");
    auto const plan = text(body, "plan_name");
    auto const* const parameters = body.if_contains("parameters");
    if (name.empty())
        return compose.business(400, "Cluster name must not be empty");
    bool const plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
            c == '.';
    });
    if (!plain)
        return compose.business(400, "Cluster name must not contain special characters");
    if (name.size() > 63)
        return compose.business(400, "Cluster name must not be longer than 63 characters");
    if (!parameters || !parameters->is_object() || text(parameters->get_object(), "kubernetes_master_host").empty())
        return compose.business(400, "kubernetes_master_host must not be empty");
    if (inventory_.find(name, now))
        return compose.business(409, "Cluster with that name already exists");
    if (!inventory_.has_plan(plan))
        return compose.business(422, "Error adding cluster");
    if (auto refusal = refuse_workers(parameters->get_object(), inventory_.max_workers(plan), compose))
        return std::move(*refusal);
    json::value const value(inventory_.describe(inventory_.create(body, std::string(who.name()), now), now));
    return compose.make(202, &value);
}

PKS_DECL reply pks_api::update(request const& req, inventory_cluster const& cluster, clock::time_point now)
{
    using namespace pks_api_detail;
    composer const compose(req, now);
    if (auto refusal = refuse_body(req, compose))
        return std::move(*refusal);
    auto const parsed = proto::parse_json(req.body);
    if (!parsed || !parsed->is_object())
        return compose.page(400, "JSON parse error");
    auto const& body = parsed->get_object();
    if (auto refusal = refuse_workers(body, inventory_.max_workers(cluster.plan), compose))
        return std::move(*refusal);
    // One update after another starts a task for each; what is being made or removed takes none.
    if (cluster.last_state == inventory_cluster::state::in_progress &&
        cluster.last_action != inventory_cluster::action::update)
        return compose.business(422, "Cluster " + cluster.name + " is busy");
    // `cluster` is good until the call only.
    auto const name = cluster.name;
    inventory_.update(name, body, now);
    return compose.make(202, nullptr);
}

PKS_DECL reply pks_api::binds(request const& req, std::string const& name, std::optional<std::string> const& user,
    identity const& who, clock::time_point now)
{
    using namespace pks_api_detail;
    composer const compose(req, now);
    bool const reads = req.method == "GET" || req.method == "HEAD";
    if (user ? !reads : req.method != "POST")
        return compose.page(
            405, "Request method '" + req.method + "' not supported", {{"Allow", user ? "GET" : "POST"}});
    auto const* const cluster = inventory_.find(name, now);
    if (!cluster || !(owns(who, *cluster) || is_admin(who)))
        return compose.business(404, "Cluster " + name + " not found");
    if (user) {
        auto const found = inventory_.binding(name, *user, now);
        if (!found)
            return compose.business(404, "User " + *user + " not found");
        json::value const value(*found);
        return compose.make(200, &value);
    }
    if (!req.body.empty()) {
        auto const parsed = proto::parse_json(req.body);
        if (!parsed || !parsed->is_object())
            return compose.page(400, "JSON parse error");
    }
    // The service account is made in the cluster itself, which must be there.
    bool const up = cluster->last_action != inventory_cluster::action::create ||
        cluster->last_state == inventory_cluster::state::succeeded;
    if (!up) {
        auto const host = std::string(cluster->parameters.at("kubernetes_master_host").as_string());
        return compose.business(500,
            "Status: 500; ErrorMessage: <nil>; Description: Create Binding: Put https://" + host +
                ":8443/apis/rbac.authorization.k8s.io/v1/clusterrolebindings: dial tcp " + cluster->address +
                ":8443: connect: connection refused; ResponseError: <nil>");
    }
    json::value const value(inventory_.bind(name, std::string(who.name()), now));
    return compose.make(201, &value);
}

} // namespace pks::inline v0::testing
