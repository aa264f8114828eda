// Bodies of testing/uaa_server.hpp: which path is what, and the endpoints that need no token.
#pragma once

#include <pks/testing/uaa_server.hpp>

#include <pks/testing/random_id.hpp>
#include <pks/testing/uaa_replies.hpp>
#include <pks/testing/uaa_token_endpoint.hpp>
#include <pks/testing/uaa_token_questions.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <initializer_list>

namespace pks::inline v0::testing {

namespace uaa_server_detail {

inline boost::json::array texts(std::initializer_list<std::string_view> all)
{
    boost::json::array out;
    for (auto const text : all)
        out.emplace_back(text);
    return out;
}

inline bool known_method(std::string_view method)
{
    for (auto const known : {"GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"})
        if (method == known)
            return true;
    return false;
}

// A key set is written member by member, and each member is a chunk of its own.
inline void append_key(
    boost::json::object const& key, std::string_view first, std::string& body, std::vector<std::size_t>& chunks)
{
    std::string pending(first);
    for (auto const& member : key) {
        pending +=
            boost::json::serialize(boost::json::value(member.key())) + ':' + boost::json::serialize(member.value());
        body += pending;
        chunks.push_back(pending.size());
        pending = ",";
    }
}

} // namespace uaa_server_detail

PKS_DECL uaa_server::uaa_server(uaa_options options, uaa_directory directory, signing_key key)
    : options_(std::move(options)), issuer_(options_.generation, options_.issuer_url, std::move(key))
{
    issuer_.directory() = std::move(directory);
}

PKS_DECL bool uaa_server::serves(request const& req) const
{
    auto const host = req.field("Host");
    auto const bracket = host.find(']');
    auto const colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    auto const name = host.substr(0, colon);
    return host.empty() ||
        std::find(options_.host_names.begin(), options_.host_names.end(), name) != options_.host_names.end();
}

PKS_DECL bool uaa_server::locked(uaa_user const& user, clock::time_point now) const
{
    auto const limit = static_cast<std::size_t>(options_.lockout_failures);
    if (limit == 0 || user.failures.size() < limit)
        return false;
    auto const& last = user.failures.back();
    auto const& first = user.failures[user.failures.size() - limit];
    return last - first <= options_.lockout_window && now - last < options_.lockout_duration;
}

PKS_DECL void uaa_server::rotate_key(signing_key key, clock::time_point now)
{
    issuer_.rotate(std::move(key));
    change_etag(now);
}

PKS_DECL void uaa_server::publish_key(signing_key key, clock::time_point now)
{
    issuer_.publish(std::move(key));
    change_etag(now);
}

PKS_DECL bool uaa_server::forget_key(std::string_view kid, clock::time_point now)
{
    if (!issuer_.forget(kid))
        return false;
    change_etag(now);
    return true;
}

PKS_DECL void uaa_server::change_etag(clock::time_point now)
{
    auto const changed = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    etag_ = std::max<std::int64_t>(etag_ + 1, changed);
}

PKS_DECL bool uaa_server::revoke_user(std::string_view name)
{
    auto* const user = directory().find_user(name);
    if (!user)
        return false;
    ++user->salt;
    return true;
}

PKS_DECL bool uaa_server::revoke_client(std::string_view id)
{
    auto* const client = directory().find_client(id);
    if (!client)
        return false;
    ++client->salt;
    return true;
}

PKS_DECL std::string uaa_server::issue_passcode(std::string_view user, clock::time_point now)
{
    auto const* const found = directory().find_user(user);
    if (!found)
        return {};
    one_time_code what;
    what.user_id = found->id;
    return issue_code(std::move(what), now);
}

PKS_DECL std::string uaa_server::issue_code(one_time_code what, clock::time_point now)
{
    auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    if (what.expires == 0)
        what.expires = seconds + 300;
    auto code = random_text(old() ? 10 : 32);
    codes_.add(code, std::move(what), seconds);
    return code;
}

PKS_DECL bool uaa_server::lock_user(std::string_view name, clock::time_point now)
{
    auto* const user = directory().find_user(name);
    if (!user)
        return false;
    user->failures.assign(static_cast<std::size_t>(options_.lockout_failures), now);
    return true;
}

PKS_DECL reply uaa_server::handle(request const& req, clock::time_point now)
{
    if (etag_ == 0)
        etag_ = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    auto path = req.path();
    if (auto const at = requests_.find(path); at != requests_.end())
        ++at->second;
    else if (requests_.size() < 1000)
        requests_.emplace(path, 1);

    uaa_replies const replies(options_.generation, req, now);
    try {
        return route(req, path, replies, now);
    } catch (uaa_refusal const& refusal) {
        return replies.refuse(refusal);
    }
}

PKS_DECL reply uaa_server::route(
    request const& req, std::string_view path, uaa_replies const& replies, clock::time_point now)
{
    if (!serves(req)) {
        uaa_head head;
        head.caching = uaa_head::cache::no_store;
        head.security = false;
        head.language = true;
        head.media_type = uaa_replies::fixed_json_type;
        return replies.accepts_json() ? replies.make(404, head, "{}") : replies.page(404);
    }
    if (path.substr(0, options_.context_path.size()) != options_.context_path)
        return replies.page(404);
    path.remove_prefix(options_.context_path.size());

    if (path == "/info")
        return information(req, false, replies);
    if (path == "/login" && (req.method == "GET" || req.method == "HEAD"))
        return req.field("Accept").find("application/json") == std::string_view::npos ? replies.login_page()
                                                                                      : information(req, true, replies);
    if (path == "/healthz")
        return health(req, replies);
    if (path == "/.well-known/openid-configuration" || path == "/oauth/token/.well-known/openid-configuration")
        return discovery(req, replies);

    bool const token_endpoint = path.substr(0, 12) == "/oauth/token" &&
        (path.size() == 12 || path.substr(0, 13) == "/oauth/token/") && path.substr(0, 19) != "/oauth/token/revoke";
    bool const question = path == "/check_token" || path == "/introspect";
    bool const key = path == "/token_key" || path == "/token_keys";
    if (req.method == "TRACE") {
        uaa_head head;
        head.first = {{"Allow", "HEAD, POST, GET, OPTIONS, DELETE, PUT"}};
        head.caching = uaa_head::cache::none;
        head.security = false;
        head.filtered = false;
        head.media_type = "message/http";
        head.length = true;
        return replies.make(405, head, "TRACE /error HTTP/1.1\r\nhost: " + std::string(req.field("Host")) + "\r\n");
    }
    if (req.method == "OPTIONS" && (token_endpoint || question || key)) {
        if (!key)
            log_in_client(req, request_parameters(req), directory(), old(), false);
        uaa_head head;
        head.first.emplace_back("Allow",
            key                         ? "GET,HEAD,OPTIONS"
                : path == "/introspect" ? "POST,OPTIONS"
                                        : "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS");
        if (!old())
            head.first.emplace_back("Accept-Patch", "");
        return replies.make(200, head);
    }
    if (token_endpoint)
        return uaa_token_endpoint(*this, req, replies, now).answer();
    if (path == "/check_token")
        return uaa_token_questions(*this, req, replies, now).check_token();
    if (path == "/introspect")
        return uaa_token_questions(*this, req, replies, now).introspect();
    if (key)
        return keys(req, path == "/token_keys", replies);
    if (path.substr(0, 20) == "/oauth/token/revoke/")
        return revocation(req, path.substr(20), replies, now);

    // A browser is sent to the login page, whatever was asked for; without a session every change is refused.
    if (req.method == "GET" || req.method == "HEAD")
        return replies.to_login("https://" + std::string(req.field("Host")) + options_.context_path);
    uaa_head head;
    head.browser_cookie = true;
    head.media_type = "application/json;charset=ISO-8859-1";
    head.length = true;
    return replies.make(403, head,
        old() ? R"({"error":"Could not verify the provided CSRF token because your session was not found."})"
              : R"({"error":"Could not verify the provided CSRF token because no token was found to compare."})");
}

PKS_DECL reply uaa_server::information(request const& req, bool login, uaa_replies const& replies)
{
    if (!old() && !uaa_server_detail::known_method(req.method)) {
        uaa_head head;
        head.media_type = "application/json";
        return replies.make(
            400, head, R"("The request was rejected because it contained a potentially malicious character.")");
    }
    if (!replies.accepts_json())
        return replies.page(406);
    boost::json::object body;
    body["app"] = {{"version", old() ? "4.30.0" : "77.18.0"}};
    body["links"] = {{"uaa", options_.issuer_url}, {"passwd", "/forgot_password"}, {"login", options_.issuer_url},
        {"register", "/create_account"}};
    body["zone_name"] = "uaa";
    body["entityID"] = "pks-embedded-uaa";
    body["commit_id"] = old() ? "676c77a" : "a931952";
    body["idpDefinitions"] = boost::json::object();
    body["prompts"] = {{"username", uaa_server_detail::texts({"text", "Email"})},
        {"password", uaa_server_detail::texts({"password", "Password"})}};
    body["timestamp"] = old() ? "2019-04-30T14:32:09-0700" : "2024-10-22T12:13:57+0000";

    uaa_head head;
    head.caching = uaa_head::cache::no_store;
    head.security = login;
    head.browser_cookie = login;
    head.media_type = uaa_replies::fixed_json_type;
    head.language = true;
    head.length = req.method == "HEAD";
    return replies.make(200, head, boost::json::serialize(body));
}

PKS_DECL reply uaa_server::health(request const& req, uaa_replies const& replies)
{
    uaa_head head;
    head.caching = uaa_head::cache::none;
    head.security = false;
    head.policy = false;
    head.length = true;
    auto const accept = req.field("Accept");
    bool const json = accept.substr(0, 16) == "application/json";
    head.media_type =
        json ? old() ? "application/json;charset=ISO-8859-1" : "application/json" : "text/plain;charset=ISO-8859-1";
    return replies.make(200, head, "ok\n");
}

PKS_DECL reply uaa_server::discovery(request const& req, uaa_replies const& replies)
{
    using uaa_server_detail::texts;
    // The issuer is configured; every other address is the one that the request came to.
    auto const host = req.field("Host");
    auto const base = host.empty() ? options_.issuer_url
                                   : (req.secure ? "https://" : "http://") + std::string(host) + options_.context_path;
    boost::json::object body;
    body["issuer"] = issuer_.issuer();
    body["authorization_endpoint"] = base + "/oauth/authorize";
    body["token_endpoint"] = base + "/oauth/token";
    body["token_endpoint_auth_methods_supported"] = old()
        ? texts({"client_secret_basic", "client_secret_post"})
        : texts({"client_secret_basic", "client_secret_post", "private_key_jwt"});
    body["token_endpoint_auth_signing_alg_values_supported"] = texts({"RS256", "HS256"});
    body["userinfo_endpoint"] = base + "/userinfo";
    body["jwks_uri"] = base + "/token_keys";
    if (!old())
        body["end_session_endpoint"] = base + "/logout.do";
    body["scopes_supported"] = texts({"openid", "profile", "email", "phone", "roles", "user_attributes"});
    body["response_types_supported"] = texts({"code", "code id_token", "id_token", "token id_token"});
    body["subject_types_supported"] = texts({"public"});
    body["id_token_signing_alg_values_supported"] = texts({"RS256", "HS256"});
    body["id_token_encryption_alg_values_supported"] = texts({"none"});
    body["claim_types_supported"] = texts({"normal"});
    body["claims_supported"] = texts({"sub", "user_name", "origin", "iss", "auth_time", "amr", "acr", "client_id",
        "aud", "zid", "grant_type", "user_id", "azp", "scope", "exp", "iat", "jti", "rev_sig", "cid", "given_name",
        "family_name", "phone_number", "email"});
    body["claims_parameter_supported"] = false;
    body["service_documentation"] = "http://docs.cloudfoundry.org/api/uaa/";
    body["ui_locales_supported"] = texts({"en-US"});
    if (!old())
        body["code_challenge_methods_supported"] = texts({"S256", "plain"});

    uaa_head head;
    head.caching = uaa_head::cache::none;
    head.security = false;
    head.media_type = replies.json_type();
    return replies.make(200, head, boost::json::serialize(body));
}

PKS_DECL reply uaa_server::keys(request const& req, bool all, uaa_replies const& replies)
{
    if (auto const scheme = req.field("Authorization").substr(0, 6);
        scheme == "Basic " || (!old() && scheme == "basic "))
        log_in_client(req, request_parameters(req), directory(), old(), false);
    uaa_head head;
    if (req.method != "GET" && req.method != "HEAD") {
        head.first = {{"Allow", "GET"}};
        head.no_store_again = true;
        head.language = true;
        head.media_type = uaa_replies::fixed_json_type;
        return replies.make(405, head, "{}");
    }
    auto const tag = std::to_string(etag_);
    auto const quoted = '"' + tag + '"';
    if (auto const wanted = req.field("If-None-Match"); !wanted.empty()) {
        bool const bare = wanted == tag;
        if (bare || wanted.find(quoted) != std::string_view::npos) {
            // An unquoted tag is matched ahead of the code that would write it back.
            if (!bare)
                head.first = {{"ETag", quoted}};
            head.caching = old() ? uaa_head::cache::resource : uaa_head::cache::none;
            return replies.make(304, head);
        }
    }
    head.first = {{"ETag", quoted}};
    if (!replies.accepts_json()) {
        auto out = replies.page(406);
        auto const at = out.fields.begin() + (old() ? 0 : 2);
        out.fields.insert(at, {"ETag", quoted});
        return out;
    }
    head.media_type = replies.json_type();
    std::string body;
    std::vector<std::size_t> chunks;
    std::string_view lead = all ? "{\"keys\":[{" : "{";
    for (auto const& k : issuer_.keys()) {
        uaa_server_detail::append_key(k.jwk(old()), lead, body, chunks);
        lead = "},{";
        if (!all)
            break;
    }
    std::string_view const tail = all ? "}]}" : "}";
    body += tail;
    chunks.push_back(tail.size());
    auto out = replies.make(200, head, std::move(body));
    out.chunks = std::move(chunks);
    return out;
}

PKS_DECL reply uaa_server::revocation(
    request const& req, std::string_view what, uaa_replies const& replies, clock::time_point now)
{
    auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    auto const authorization = req.field("Authorization");
    auto const refuse = [](int status, std::string error, std::string description, std::string const& realm) {
        throw uaa_refusal{.status = status,
            .error = error,
            .description = description,
            .challenge = "Bearer " + realm + "error=\"" + error + "\", error_description=\"" + description + '"',
            .filter = true};
    };
    if (authorization.size() < 8)
        refuse(401, "unauthorized", "Full authentication is required to access this resource", "realm=\"UAA/oauth\", ");
    auto const caller = issuer_.check(authorization.substr(7), false, seconds);
    if (!caller.good())
        refuse(401, "invalid_token", token_issuer::resource_error(caller), "realm=\"UAA/oauth\", ");
    bool admin = false;
    if (auto const* const scope = caller.claims.if_contains("scope"); scope && scope->is_array())
        for (auto const& s : scope->get_array())
            admin = admin || s == boost::json::value("uaa.admin") || s == boost::json::value("tokens.revoke");
    auto const* const own = caller.claims.if_contains("user_id");

    bool done = false;
    auto const pair = what.substr(0, 5) == "user/" ? what.find("/client/") : std::string_view::npos;
    if (pair != std::string_view::npos) {
        auto const id = what.substr(5, pair - 5);
        auto const client = what.substr(pair + 8);
        if (!admin)
            refuse(403, "insufficient_scope", "Insufficient scope for this resource", "");
        done = directory().find_user_by_id(id) && directory().find_client(client);
        issuer_.store().remove_if([&](token_content const& t) { return t.user_id == id && t.client_id == client; });
    } else if (what.substr(0, 5) == "user/") {
        auto const id = what.substr(5);
        auto const* const user = directory().find_user_by_id(id);
        if (!admin && (old() || !own || *own != boost::json::value(id)))
            refuse(403, "insufficient_scope", "Insufficient scope for this resource", "");
        done = user && revoke_user(user->name);
    } else if (what.substr(0, 7) == "client/") {
        if (!admin)
            refuse(403, "insufficient_scope", "Insufficient scope for this resource", "");
        done = revoke_client(what.substr(7));
    } else {
        auto const* const stored = issuer_.store().find(what, seconds);
        bool const mine = stored && own && *own == boost::json::value(stored->user_id);
        if (!admin && !mine)
            refuse(403, "insufficient_scope", "Insufficient scope for this resource", "");
        done = issuer_.store().remove(what);
    }
    if (!done)
        throw uaa_refusal{.status = 404, .error = "invalid_token", .description = "Resource not found"};
    return replies.make(200, uaa_head());
}

} // namespace pks::inline v0::testing
