// Bodies of testing/pks_api.hpp.
#pragma once

#include <pks/testing/pks_api.hpp>

#include <pks/error.hpp>
#include <pks/proto/strict_json.hpp>
#include <pks/testing/uaa_replies.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace pks::inline v0::testing {

namespace pks_api_detail {

namespace json = boost::json;

inline std::string_view reason_of(int status)
{
    switch (status) {
    case 200:
        return "OK";
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

inline bool has(std::vector<std::string> const& all, std::string_view one)
{
    return std::find(all.begin(), all.end(), one) != all.end();
}

inline bool is_admin(api_identity const& who)
{
    return has(who.scope, "pks.clusters.admin");
}

inline bool may_change(api_identity const& who)
{
    return is_admin(who) || has(who.scope, "pks.clusters.manage");
}

inline bool sees_all(api_identity const& who)
{
    return is_admin(who) || has(who.scope, "pks.clusters.admin.read");
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

inline bool needs_no_token(std::string_view path)
{
    return path == "/actuator" || path.substr(0, 10) == "/actuator/";
}

inline constexpr char actuator_type[] = "application/vnd.spring-boot.actuator.v2+json;charset=UTF-8";

} // namespace pks_api_detail

PKS_DECL std::optional<std::string> pks_api::token(request const& req)
{
    if (pks_api_detail::needs_no_token(req.path()))
        return std::nullopt;
    auto const text = req.field("Authorization");
    std::string_view const scheme = "bearer ";
    auto const same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; };
    if (text.size() < scheme.size() ||
        !std::equal(scheme.begin(), scheme.end(), text.begin(), [&](char b, char a) { return same(a, b); }))
        return std::nullopt;
    std::string_view value = text.substr(scheme.size());
    while (!value.empty() && value.front() == ' ')
        value.remove_prefix(1);
    // Spring ignores what follows a comma.
    return std::string(value.substr(0, value.find(',')));
}

PKS_DECL reply pks_api::handle(request const& req, api_authentication const& who, clock::time_point now)
{
    using namespace pks_api_detail;
    using outcome = api_authentication::outcome;
    auto path = req.path();
    if (auto const at = requests_.find(path); at != requests_.end())
        ++at->second;
    else if (requests_.size() < 1000)
        requests_.emplace(path, 1);

    composer const compose(req, now);
    if (needs_no_token(path)) {
        json::object body;
        if (path == "/actuator/health")
            body["status"] = "UP";
        else if (path != "/actuator/info")
            return compose.page(404, "No message available");
        json::value const value(std::move(body));
        return compose.make(200, &value, {}, actuator_type);
    }

    switch (who.result) {
    case outcome::none:
        return compose.oauth(401, "unauthorized", "Full authentication is required to access this resource", true);
    case outcome::refused:
        return compose.oauth(401, "invalid_token", who.text, true);
    case outcome::failed:
        return compose.page(500, who.text);
    case outcome::accepted:
        break;
    }
    auto const& identity = who.identity;
    // A token with pks.clusters.admin.read alone has the audience pks.clusters.admin.
    if (!has(identity.audience, "pks.clusters") && !has(identity.audience, "pks.clusters.admin"))
        return compose.oauth(403, "access_denied", "Invalid token does not contain resource id (pks.clusters)", false);
    if (!may_change(identity) && !sees_all(identity))
        return compose.oauth(403, "access_denied", "Access is denied", false);

    if (path.size() > 1 && path.back() == '/')
        path.remove_suffix(1);
    if (path == "/v1/clusters")
        return clusters(req, identity, now);
    if (path == "/v1/plans") {
        if (req.method != "GET" && req.method != "HEAD")
            return compose.page(405, "Request method '" + req.method + "' not supported", {{"Allow", "GET"}});
        json::value const value(inventory_.plans());
        return compose.make(200, &value);
    }
    std::string_view const prefix = "/v1/clusters/";
    if (path.substr(0, prefix.size()) == prefix && path.find('/', prefix.size()) == std::string_view::npos) {
        auto const name = decode_segment(path.substr(prefix.size()));
        return name ? one_cluster(req, *name, identity, now) : compose.page(400, "Malformed escape in the path");
    }
    return compose.page(404, "No message available");
}

PKS_DECL reply pks_api::clusters(request const& req, api_identity const& who, clock::time_point now)
{
    using namespace pks_api_detail;
    composer const compose(req, now);
    if (req.method == "POST")
        return create(req, who, now);
    if (req.method != "GET" && req.method != "HEAD")
        return compose.page(405, "Request method '" + req.method + "' not supported", {{"Allow", "GET, POST"}});
    json::array all;
    for (auto const* const cluster : inventory_.list(sees_all(who) ? std::string_view() : who.owner, now))
        all.emplace_back(inventory_.describe(*cluster, now));
    json::value const value(std::move(all));
    return compose.make(200, &value);
}

PKS_DECL reply pks_api::one_cluster(
    request const& req, std::string const& name, api_identity const& who, clock::time_point now)
{
    using namespace pks_api_detail;
    composer const compose(req, now);
    bool const removal = req.method == "DELETE";
    if (!removal && req.method != "GET" && req.method != "HEAD")
        return compose.page(405, "Request method '" + req.method + "' not supported", {{"Allow", "GET, DELETE"}});
    if (removal && !may_change(who))
        return compose.oauth(403, "access_denied", "Access is denied", false);
    auto const* const cluster = inventory_.find(name, now);
    bool const visible = cluster && (cluster->owner == who.owner || (removal ? is_admin(who) : sees_all(who)));
    if (!visible)
        return compose.business(404, "Cluster " + name + " not found");
    if (removal) {
        inventory_.remove(name, now);
        return compose.make(204, nullptr);
    }
    json::value const value(inventory_.describe(*cluster, now));
    return compose.make(200, &value);
}

PKS_DECL reply pks_api::create(request const& req, api_identity const& who, clock::time_point now)
{
    using namespace pks_api_detail;
    composer const compose(req, now);
    if (!may_change(who))
        return compose.oauth(403, "access_denied", "Access is denied", false);
    if (req.field("Content-Type").substr(0, 16) != "application/json")
        return compose.page(415, "Content type '" + std::string(req.field("Content-Type")) + "' not supported");
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
    json::value const value(inventory_.describe(inventory_.create(body, who.owner, now), now));
    return compose.make(202, &value);
}

} // namespace pks::inline v0::testing
