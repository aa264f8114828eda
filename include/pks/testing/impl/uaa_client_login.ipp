// Bodies of testing/uaa_client_login.hpp.
#pragma once

#include <pks/testing/uaa_client_login.hpp>

#include <pks/jose/base64url.hpp>
#include <pks/proto/form.hpp>
#include <pks/testing/impl/token_checks.ipp>
#include <pks/testing/token_issuer.hpp>
#include <pks/testing/uaa_replies.hpp>

#include <algorithm>

namespace pks::inline v0::testing {

namespace uaa_client_login_detail {

inline bool starts_with(std::string_view text, std::string_view prefix, bool any_case)
{
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), [&](char a, char b) {
        return any_case ? lower(a) == lower(b) : a == b;
    });
}

// Java's decoder takes base64 with and without padding.
inline std::optional<std::string> decode_base64(std::string_view text)
{
    std::string url(text);
    while (!url.empty() && url.back() == '=')
        url.pop_back();
    for (char& c : url) {
        if (c == '-' || c == '_')
            return std::nullopt;
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    return jose::base64url_decode(url);
}

} // namespace uaa_client_login_detail

PKS_DECL request_parameters::request_parameters(request const& req)
{
    auto const read = [this](std::string_view text) {
        auto fields = proto::parse_form(text);
        for (std::size_t i = 0; i < text.size(); ++i)
            broken_ = broken_ || (text[i] == '%' && !proto::form_decode(text.substr(i, 3)));
        std::move(fields.begin(), fields.end(), std::back_inserter(all_));
    };
    read(req.query());
    form_ = req.method == "POST" &&
        uaa_client_login_detail::starts_with(req.field("Content-Type"), "application/x-www-form-urlencoded", true);
    if (form_)
        read(req.body);
}

PKS_DECL std::string const* request_parameters::find(std::string_view name) const
{
    auto const at = std::find_if(all_.begin(), all_.end(), [name](auto const& p) { return p.first == name; });
    return at == all_.end() ? nullptr : &at->second;
}

PKS_DECL std::optional<std::string> request_parameters::joined(std::string_view name) const
{
    std::optional<std::string> out;
    for (auto const& [key, value] : all_)
        if (key == name)
            out = out ? *out + ',' + value : value;
    return out;
}

PKS_DECL std::string request_parameters::get(std::string_view name) const
{
    auto const* const found = find(name);
    return found ? *found : std::string();
}

[[noreturn]] PKS_DECL void refuse_login(std::string const& description, bool old, bool as_invalid_client)
{
    bool const renamed = !old && as_invalid_client;
    throw uaa_refusal{.status = 401,
        .error = renamed ? "invalid_client" : "unauthorized",
        .description = description,
        .challenge = "Basic realm=\"UAA/client\", error=\"unauthorized\", error_description=\"" +
            (renamed ? "Bad credentials" : description) + '"',
        .filter = true};
}

PKS_DECL uaa_caller log_in_client(
    request const& req, request_parameters const& parameters, uaa_directory& directory, bool old, bool form_counts)
{
    using namespace uaa_client_login_detail;
    std::string id;
    std::string secret;
    bool has_secret = false;
    auto const authorization = req.field("Authorization");
    if (authorization.size() > 6 && starts_with(authorization, "Basic ", !old)) {
        auto const decoded = decode_base64(authorization.substr(6));
        if (!decoded)
            refuse_login("Failed to decode basic authentication token", old);
        auto const colon = decoded->find(':');
        if (colon == std::string::npos)
            refuse_login("Invalid basic authentication token", old);
        id = decoded->substr(0, colon);
        secret = decoded->substr(colon + 1);
        has_secret = true;
        if (!old) {
            auto const plain_id = proto::form_decode(id);
            auto const plain_secret = proto::form_decode(secret);
            if (!plain_id || !plain_secret)
                refuse_login("Failed to URL Decode credentials", old);
            id = *plain_id;
            secret = *plain_secret;
        }
    } else if (form_counts && parameters.form() && !req.find("Authorization")) {
        id = parameters.get("client_id");
        has_secret = parameters.find("client_secret") != nullptr;
        secret = parameters.get("client_secret");
    } else {
        refuse_login("An Authentication object was not found in the SecurityContext", old, false);
    }

    auto const* const client = directory.find_client(id);
    if (!client)
        refuse_login("Bad credentials", old);
    // A public client proves by PKCE, or by its refresh token, that it is who it was.
    auto const verifier = parameters.get("code_verifier").size();
    bool const public_login = !old && !has_secret && client->allow_public &&
        (parameters.get("grant_type") == "refresh_token" || (verifier >= 43 && verifier <= 128));
    if (!public_login &&
        (!has_secret || std::find(client->secrets.begin(), client->secrets.end(), secret) == client->secrets.end()))
        refuse_login("Bad credentials", old);
    return {client, secret, !old && secret.empty() ? "none" : "", public_login};
}

PKS_DECL uaa_caller log_in_with_assertion(
    request_parameters const& parameters, uaa_directory& directory, std::string_view audience, std::int64_t now)
{
    using namespace token_checks_detail;
    constexpr bool old = false;
    if (parameters.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        refuse_login("Bad client_assertion type", old);
    auto const text = parameters.get("client_assertion");
    std::string_view const assertion = text;
    auto const first = assertion.find('.');
    auto const second = assertion.rfind('.');
    if (!token_issuer::looks_like_jwt(assertion))
        refuse_login("Bad client_assertion", old);
    auto const header = decode_object(assertion.substr(0, first));
    auto const claims = decode_object(assertion.substr(first + 1, second - first - 1));
    if (!header || !claims || text_of(*claims, "sub") != text_of(*claims, "iss"))
        refuse_login("Bad client_assertion", old);
    auto const id = text_of(*claims, "sub");
    if (auto const* const named = parameters.find("client_id"); named && *named != id)
        refuse_login("Wrong client_assertion", old);
    auto const* const client = directory.find_client(id);
    if (!client || client->assertion_keys.empty())
        refuse_login("Bad client_assertion", old);
    auto const kid = text_of(*header, "kid");
    auto const& keys = client->assertion_keys;
    auto const key = std::find_if(keys.begin(), keys.end(), [&kid](signing_key const& k) { return k.kid() == kid; });
    if (key == keys.end())
        refuse_login("Untrusted client_assertion", old);
    auto const signature = jose::base64url_decode(assertion.substr(second + 1));
    auto const expires = number_of(*claims, "exp");
    bool const good = signature && key->verify(text_of(*header, "alg"), assertion.substr(0, second), *signature) &&
        expires && *expires > now && text_of(*claims, "aud") == audience;
    if (!good)
        refuse_login("Unauthorized client_assertion", old);
    return {client, client->secrets.empty() ? std::string() : client->secrets.front(), "private_key_jwt"};
}

} // namespace pks::inline v0::testing
