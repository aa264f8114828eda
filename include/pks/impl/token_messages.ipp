// Bodies of proto/token_messages.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/detail/new_shared.hpp>
#include <pks/proto/basic_credentials.hpp>
#include <pks/proto/form.hpp>
#include <pks/proto/json_members.hpp>
#include <pks/proto/refusal.hpp>
#include <pks/proto/token_messages.hpp>

#include <utility>

namespace pks::inline v0::proto {

namespace token_messages_detail {

// What `/check_token` and `/introspect` have in common.
inline result<request> question(std::string_view path, endpoint const& uaa, client_authentication const& as,
    secret const& subject, diagnostics& diag)
{
    auto refuse = [&diag](errc code, std::string_view what) {
        diag.detail = what;
        return error_code(code);
    };
    request out("POST", uaa, path);
    out.field("Accept", "application/json");
    if (auto const refused = authenticate_client(out, as, diag.detail))
        return refused;
    if (subject.empty())
        return refuse(errc::missing_parameter, "token");
    if (pks::detail::has_control(subject.reveal()))
        return refuse(errc::forbidden_character, "token");
    pks::detail::wiped_string form;
    append_form_field(form, "token", subject.reveal());
    out.body(std::move(form), "application/x-www-form-urlencoded");
    out.confidential(subject);
    return out;
}

} // namespace token_messages_detail

PKS_DECL result<request> check_token_request(
    endpoint const& uaa, client_authentication const& as, secret const& subject, diagnostics& diag)
{
    return token_messages_detail::question("/check_token", uaa, as, subject, diag);
}

PKS_DECL result<request> introspect_request(
    endpoint const& uaa, client_authentication const& as, secret const& subject, diagnostics& diag)
{
    return token_messages_detail::question("/introspect", uaa, as, subject, diag);
}

PKS_DECL result<token_claims> read_check_token_reply(response const& reply, request const& asked, diagnostics& diag)
{
    if (reply.status != 200)
        return read_uaa_refusal(reply, asked, diag);
    auto parsed = read_json(reply, diag, {});
    if (parsed.has_error())
        return parsed.error();
    auto const json = pks::detail::new_shared<boost::json::value const>(std::move(*parsed));
    auto unexpected = [&diag](std::string_view what) {
        diag.detail = what;
        return error_code(errc::unexpected_json);
    };
    auto const* const object = json->if_object();
    if (!object)
        return unexpected("no object");
    json_members members(*object);
    auto time = [&members](std::string_view name) {
        std::optional<clock::time_point> out;
        // A time_point of nanoseconds ends in the year 2262.
        static constexpr std::int64_t latest =
            std::chrono::floor<std::chrono::seconds>(clock::time_point::max()).time_since_epoch().count();
        if (auto const seconds = members.integer(name)) {
            if (*seconds < 0 || *seconds > latest)
                members.refuse(name);
            else
                out = clock::time_point(std::chrono::seconds(*seconds));
        }
        return out;
    };
    token_claims out;
    out.jti = members.text("jti");
    out.sub = members.text("sub");
    out.client_id = members.text("client_id");
    out.grant_type = members.text("grant_type");
    out.iss = members.text("iss");
    out.zid = members.text("zid");
    out.user_id = members.text("user_id");
    out.user_name = members.text("user_name");
    out.email = members.text("email");
    out.origin = members.text("origin");
    out.scope = members.texts("scope");
    out.aud = members.texts("aud");
    out.issued_at = time("iat");
    out.expires_at = time("exp");
    out.revocable = members.flag("revocable");
    if (!members.ok())
        return unexpected(members.bad());
    // Without these an answer says nothing that a resource server could decide by.
    if (out.client_id.empty() || !out.expires_at)
        return unexpected(out.client_id.empty() ? "client_id" : "exp");
    out.json = json;
    return out;
}

PKS_DECL request token_keys_request(endpoint const& uaa, std::string const& etag)
{
    request out("GET", uaa, "/token_keys");
    out.field("Accept", "application/json");
    if (!etag.empty())
        out.field("If-None-Match", etag);
    return out;
}

PKS_DECL result<token_keys> read_token_keys_reply(response const& reply, request const& asked, diagnostics& diag)
{
    token_keys out;
    out.etag = reply.find("ETag").value_or("");
    // Without an ETag asked about there are no keys that could still hold.
    if (reply.status == 304 && asked.has_field("If-None-Match")) {
        out.not_modified = true;
        return out;
    }
    if (reply.status != 200)
        return read_uaa_refusal(reply, asked, diag);
    auto parsed = read_json(reply, diag, {});
    if (parsed.has_error())
        return parsed.error();
    auto unexpected = [&diag](std::string_view what) {
        diag.detail = what;
        return error_code(errc::unexpected_json);
    };
    auto const json = pks::detail::new_shared<boost::json::value const>(std::move(*parsed));
    auto const* const object = json->if_object();
    auto const* const keys = object ? object->if_contains("keys") : nullptr;
    if (!keys || !keys->is_array())
        return unexpected("keys");
    for (auto const& key : keys->get_array()) {
        if (!key.is_object())
            return unexpected("keys");
        json_members members(key.get_object());
        auto id = members.text("kid");
        auto const type = members.text("kty");
        if (!members.ok() || type.empty())
            return unexpected(members.ok() ? "kty" : members.bad());
        out.key_ids.push_back(std::move(id));
    }
    out.json = json;
    return out;
}

} // namespace pks::inline v0::proto
