// Bodies of proto/uaa_messages.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/detail/wiping_resource.hpp>
#include <pks/proto/basic_credentials.hpp>
#include <pks/proto/form.hpp>
#include <pks/proto/json_members.hpp>
#include <pks/proto/refusal.hpp>
#include <pks/proto/uaa_messages.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace pks::inline v0::proto::uaa_detail {

inline constexpr std::string_view json_media_type = "application/json";
inline constexpr std::string_view form_media_type = "application/x-www-form-urlencoded";

using pks::detail::has_control;

inline std::string_view name_of(grant_type grant) noexcept
{
    switch (grant) {
    case grant_type::client_credentials:
        return "client_credentials";
    case grant_type::password:
    case grant_type::passcode:
        return "password";
    case grant_type::refresh_token:
        return "refresh_token";
    case grant_type::authorization_code:
        return "authorization_code";
    case grant_type::jwt_bearer:
        return "urn:ietf:params:oauth:grant-type:jwt-bearer";
    }
    return {};
}

// What is no secret, may stand in UAA's texts, and helps whoever reads them.
inline bool is_public(std::string_view parameter) noexcept
{
    return parameter == "username" || parameter == "redirect_uri" || parameter == "login_hint" ||
        parameter == "scope" || parameter == "response_type" || parameter == "token_format" ||
        parameter == "client_id" || parameter == "grant_type";
}

// Every text of the caller that goes into the request, checked before anything is built of it. Encoding would make CR,
// LF and NUL harmless on the wire; what a log or a naive server makes of them is another matter.
inline error_code check(credentials const& with, diagnostics& diag)
{
    auto const& client = with.client();
    auto refuse = [&diag](errc code, std::string_view what) {
        diag.detail = what;
        return error_code(code);
    };
    if (client.client_id().empty() && client.method() != authentication_method::assertion)
        return refuse(errc::missing_parameter, "client_id");
    if (client.method() == authentication_method::assertion && client.client_secret().empty())
        return refuse(errc::missing_parameter, "client_assertion");
    if (has_control(client.client_id()))
        return refuse(errc::forbidden_character, "client_id");
    if (has_control(client.client_secret().reveal()))
        return refuse(errc::forbidden_character, "client_secret");
    if (client.method() == authentication_method::basic_unencoded && client.client_id().find(':') != std::string::npos)
        return refuse(errc::forbidden_character, "client_id");
    for (auto const& [name, value] : with.parameters()) {
        if (has_control(name) || name.empty())
            return refuse(errc::forbidden_character, "parameter name");
        if (has_control(value.reveal()))
            return refuse(errc::forbidden_character, name);
    }
    for (auto const& scope : with.scope())
        if (has_control(scope) || scope.find(' ') != scope.npos || scope.empty())
            return refuse(errc::forbidden_character, "scope");
    if (has_control(with.response_type()))
        return refuse(errc::forbidden_character, "response_type");

    auto present = [&with](std::string_view name) {
        for (auto const& parameter : with.parameters())
            if (parameter.first == name && !parameter.second.empty())
                return true;
        return false;
    };
    switch (with.grant()) {
    case grant_type::client_credentials:
        break;
    case grant_type::password:
        if (!present("username"))
            return refuse(errc::missing_parameter, "username");
        break;
    case grant_type::passcode:
        if (!present("passcode"))
            return refuse(errc::missing_parameter, "passcode");
        break;
    case grant_type::refresh_token:
        if (!present("refresh_token"))
            return refuse(errc::missing_parameter, "refresh_token");
        break;
    case grant_type::authorization_code:
        if (!present("code"))
            return refuse(errc::missing_parameter, "code");
        break;
    case grant_type::jwt_bearer:
        if (!present("assertion"))
            return refuse(errc::missing_parameter, "assertion");
        break;
    }
    return {};
}

// Puts the client's credentials where its method says.
inline void authenticate(client_authentication const& client, request& out, pks::detail::wiped_string& form)
{
    auto const id = std::string_view(client.client_id());
    auto const secret_text = client.client_secret().reveal();
    auto how = client.method();
    if (how == authentication_method::automatic) {
        bool const same_everywhere = form_encodes_to_itself(id) && form_encodes_to_itself(secret_text);
        how = same_everywhere ? authentication_method::basic : authentication_method::body;
    }
    switch (how) {
    case authentication_method::automatic:
        break;
    case authentication_method::basic:
        out.field("Authorization", form_encoded_basic_credentials(id, secret_text));
        out.field("X-CF-ENCODED-CREDENTIALS", "true");
        break;
    case authentication_method::basic_unencoded:
        out.field("Authorization", basic_credentials(id, secret_text));
        break;
    case authentication_method::body:
        append_form_field(form, "client_id", id);
        append_form_field(form, "client_secret", secret_text);
        break;
    case authentication_method::none:
        append_form_field(form, "client_id", id);
        break;
    case authentication_method::assertion:
        if (!id.empty())
            append_form_field(form, "client_id", id);
        append_form_field(form, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        append_form_field(form, "client_assertion", secret_text);
        break;
    }
    out.confidential(client.client_secret());
}

// False where the member is no lifetime.
inline bool read_expires_in(boost::json::value const* value, std::optional<std::chrono::seconds>& out)
{
    static constexpr std::int64_t longest = 2147483647;
    if (!value || value->is_null())
        return true;
    std::int64_t seconds = longest;
    if (auto const* const number = value->if_int64()) {
        seconds = *number;
    } else if (auto const* const text = value->if_string()) {
        bool const digits = !text->empty() && pks::detail::all_are(pks::detail::is_digit, *text);
        if (!digits)
            return false;
        // More digits than fit leave the longest.
        std::from_chars(text->data(), text->data() + text->size(), seconds);
    } else if (auto const* const big = value->if_double()) {
        // An integer that fits no 64 bits; any smaller one of this type has a fraction or an exponent.
        if (*big < 18446744073709551616.0)
            return false;
    } else if (!value->is_uint64()) {
        return false;
    }
    if (seconds < 0)
        return false;
    out = std::chrono::seconds(std::min(seconds, longest));
    return true;
}

} // namespace pks::inline v0::proto::uaa_detail

namespace pks::inline v0::proto {

PKS_DECL request target_request(endpoint const& uaa)
{
    request out("GET", uaa, "/login");
    out.field("Accept", uaa_detail::json_media_type);
    return out;
}

PKS_DECL result<target_info> read_target_reply(response const& reply, request const& asked, diagnostics& diag)
{
    if (reply.status != 200)
        return read_uaa_refusal(reply, asked, diag);
    auto const parsed = read_json(reply, diag, {});
    if (parsed.has_error())
        return parsed.error();
    auto unexpected = [&diag](std::string_view what) {
        diag.detail = what;
        return error_code(errc::unexpected_json);
    };
    auto const* const object = parsed->if_object();
    if (!object)
        return unexpected("no object");

    json_members members(*object);
    target_info out;
    out.zone_name = members.text("zone_name");
    out.entity_id = members.text("entityID");
    out.commit_id = members.text("commit_id");
    out.timestamp = members.text("timestamp");
    if (auto const* const app = members.object("app")) {
        json_members inner(*app);
        out.version = inner.text("version");
        if (!inner.ok())
            return unexpected("app.version");
    }
    if (auto const* const links = members.object("links")) {
        json_members inner(*links);
        out.uaa_url = inner.text("uaa");
        out.login_url = inner.text("login");
        if (!inner.ok())
            return unexpected("links." + inner.bad());
    }
    // uaac tells a UAA from any other server by this member.
    auto const* const prompts = members.object("prompts");
    if (!members.ok() || !prompts)
        return unexpected(members.ok() ? "prompts" : members.bad());
    for (auto const& [name, value] : *prompts) {
        auto const* const pair = value.if_array();
        if (!pair || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string())
            return unexpected("prompts");
        target_info::prompt prompt;
        prompt.name = std::string(name.data(), name.size());
        prompt.type = std::string((*pair)[0].get_string().data(), (*pair)[0].get_string().size());
        prompt.label = std::string((*pair)[1].get_string().data(), (*pair)[1].get_string().size());
        out.prompts.push_back(std::move(prompt));
    }
    return out;
}

PKS_DECL result<request> token_request(endpoint const& uaa, credentials const& with, diagnostics& diag)
{
    if (auto const ec = uaa_detail::check(with, diag))
        return ec;
    request out("POST", uaa, "/oauth/token");
    out.field("Accept", uaa_detail::json_media_type);

    pks::detail::wiped_string form;
    append_form_field(form, "grant_type", uaa_detail::name_of(with.grant()));
    if (!with.response_type().empty())
        append_form_field(form, "response_type", with.response_type());
    uaa_detail::authenticate(with.client(), out, form);
    for (auto const& [name, value] : with.parameters()) {
        append_form_field(form, name, value.reveal());
        if (!uaa_detail::is_public(name))
            out.confidential(value);
    }
    if (!with.scope().empty()) {
        std::string scopes;
        for (auto const& scope : with.scope())
            scopes += (scopes.empty() ? "" : " ") + scope;
        append_form_field(form, "scope", scopes);
    }
    if (with.token_format())
        append_form_field(form, "token_format", *with.token_format() == token_format::opaque ? "opaque" : "jwt");
    out.body(std::move(form), uaa_detail::form_media_type);
    return out;
}

PKS_DECL result<access_token> read_token_reply(
    response const& reply, request const& asked, clock::time_point now, diagnostics& diag)
{
    if (reply.status != 200)
        return read_uaa_refusal(reply, asked, diag);
    auto const parsed = read_json(reply, diag, pks::detail::wiping_storage());
    if (parsed.has_error())
        return parsed.error();
    auto refuse = [&diag](errc code, std::string_view what) {
        diag.detail = what;
        return error_code(code);
    };
    auto const* const object = parsed->if_object();
    if (!object)
        return refuse(errc::unexpected_json, "no object");

    auto const* const value = object->if_contains("access_token");
    if (!value || value->is_null())
        return refuse(errc::missing_access_token, "access_token");
    if (!value->is_string())
        return refuse(errc::unexpected_json, "access_token");
    // A token becomes a header field of later requests.
    std::string_view const token(value->get_string().data(), value->get_string().size());
    if (token.empty())
        return refuse(errc::missing_access_token, "access_token");
    if (!pks::detail::all_visible(token))
        return refuse(errc::unexpected_json, "access_token");

    access_token::parts parts;
    parts.value = secret(token);
    json_members members(*object);
    parts.token_type = members.text("token_type");
    bool const bearer = parts.token_type.size() == 6 &&
        std::equal(parts.token_type.begin(), parts.token_type.end(), "bearer",
            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b; });
    if (!bearer)
        return refuse(errc::unsupported_token_type, "token_type");
    if (!uaa_detail::read_expires_in(object->if_contains("expires_in"), parts.expires_in))
        return refuse(errc::invalid_expires_in, "expires_in");
    if (parts.expires_in)
        parts.expires_at = now + *parts.expires_in;
    parts.jti = members.text("jti");
    auto const scopes = members.text("scope");
    // Both end up in logs and on terminals.
    if (uaa_detail::has_control(parts.jti))
        members.refuse("jti");
    if (uaa_detail::has_control(scopes))
        members.refuse("scope");
    for (std::size_t begin = 0; begin < scopes.size();) {
        auto const end = std::min(scopes.find(' ', begin), scopes.size());
        if (end > begin)
            parts.scope.push_back(scopes.substr(begin, end - begin));
        begin = end + 1;
    }
    for (auto const& [name, slot] :
        {std::pair("refresh_token", &parts.refresh_token), std::pair("id_token", &parts.id_token)}) {
        auto const* const member = object->if_contains(name);
        if (!member || member->is_null())
            continue;
        if (!member->is_string())
            return refuse(errc::unexpected_json, name);
        slot->emplace(std::string_view(member->get_string().data(), member->get_string().size()));
    }
    if (!members.ok())
        return refuse(errc::unexpected_json, members.bad());
    return access_token(std::move(parts));
}

} // namespace pks::inline v0::proto
