// Translates recorded requests.
#include "translation.hpp"

#include "words.hpp"

#include <pks/jose/base64url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace testing_recorded {

namespace {

namespace json = boost::json;

json::object object_of(std::string_view text)
{
    boost::system::error_code ec;
    auto value = json::parse(text, ec);
    return !ec && value.is_object() ? std::move(value.get_object()) : json::object();
}

std::string text(json::object const& from, std::string_view name)
{
    auto const* const value = from.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<std::string> texts(json::object const& from, std::string_view name)
{
    std::vector<std::string> out;
    if (auto const* const value = from.if_contains(name); value && value->is_array())
        for (auto const& v : value->get_array())
            out.emplace_back(v.as_string());
    return out;
}

// The path behind the context path, in its parts.
std::vector<std::string> path_parts(pks::testing::request const& req, std::string_view context)
{
    auto path = req.path();
    if (path.substr(0, context.size()) == context)
        path.remove_prefix(context.size());
    std::vector<std::string> out;
    while (!path.empty()) {
        path.remove_prefix(1);
        auto const end = std::min(path.find('/'), path.size());
        out.emplace_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return out;
}

} // namespace

std::string translation::minted(std::string_view recorded, std::string const& forged)
{
    auto const first = recorded.find('.');
    auto const second = recorded.rfind('.');
    auto const header = object_of(pks::jose::base64url_decode(recorded.substr(0, first)).value_or(""));
    auto claims = object_of(pks::jose::base64url_decode(recorded.substr(first + 1, second - first - 1)).value_or(""));
    if (header.empty() || claims.empty())
        return std::string(recorded);

    auto& issuer = uaa_.issuer();
    auto const* const client = uaa_.directory().find_client(text(claims, "cid"));
    auto const* const user = uaa_.directory().find_user_by_id(text(claims, "user_id"));
    if (client && claims.contains("rev_sig") && forged.find("rev_sig") == std::string::npos)
        claims["rev_sig"] = pks::testing::token_issuer::revocation_signature(
            *client, client->secrets.empty() ? std::string() : client->secrets.front(), user);
    // The reconstructed refresh tokens are of an older form.
    bool const is_refresh = text(claims, "jti").ends_with("-r");
    if (is_refresh && claims.contains("scope") && text(claims, "iss").starts_with("https://api.pks.example.com")) {
        claims["granted_scopes"] = claims.at("scope");
        claims.erase("scope");
    }
    // A client assertion has a key of its client's.
    auto const* const sender = uaa_.directory().find_client(text(claims, "iss"));
    bool const assertion = sender && !sender->assertion_keys.empty();
    auto const kid = text(header, "kid");
    auto const& keys = issuer.keys();
    auto const key = std::find_if(keys.begin(), keys.end(), [&](auto const& k) { return k.kid() == kid; });
    auto const& signing = assertion ? sender->assertion_keys.front() : key == keys.end() ? keys.front() : *key;
    auto out = pks::testing::token_issuer::sign(header, claims, signing);
    if (forged.find("none") != std::string::npos || forged.find("signature is missing") != std::string::npos)
        out.erase(out.rfind('.') + 1);
    else if (forged.find("signature") != std::string::npos)
        out[out.rfind('.') + 10] = out[out.rfind('.') + 10] == 'A' ? 'B' : 'A';
    return out;
}

std::string translation::word(std::string_view recorded, std::string const& forged)
{
    if (auto const at = known_.find(recorded); at != known_.end())
        return at->second;
    if (!looks_signed(recorded))
        return std::string(recorded);
    auto out = minted(recorded, forged);
    if (forged.empty())
        known_.emplace(recorded, out);
    return out;
}

pks::testing::request translation::request(exchange const& recorded)
{
    auto out = recorded.request;
    auto const change = [&](std::string_view w) { return word(w, recorded.forged); };
    out.target = replace_words(out.target, change);
    out.body = replace_words(out.body, change);
    for (auto& [name, value] : out.fields)
        value = replace_words(value, change);
    return out;
}

void translation::learn(exchange const& recorded, pks::testing::reply const& ours)
{
    auto const theirs = object_of(recorded.body);
    auto const mine = object_of(ours.body);
    for (auto const name : {"access_token", "refresh_token", "id_token", "jti"}) {
        auto const from = text(theirs, name);
        auto const to = text(mine, name);
        if (!from.empty() && !to.empty())
            known_[from] = to;
    }
    auto const bare = [](std::string const* tag) {
        return tag && tag->size() > 2 ? tag->substr(1, tag->size() - 2) : std::string();
    };
    auto const from = bare(recorded.field("ETag"));
    auto const to = bare(ours.find("ETag"));
    if (!from.empty() && !to.empty())
        known_[from] = to;
}

bool translation::administer(exchange const& recorded)
{
    auto const parts = path_parts(recorded.request, uaa_.options().context_path);
    bool const users = !parts.empty() && parts[0] == "Users";
    bool const groups = !parts.empty() && parts[0] == "Groups";
    bool const clients = parts.size() > 1 && parts[0] == "oauth" && parts[1] == "clients";
    if (!users && !groups && !clients)
        return false;
    if (recorded.status >= 300)
        return true;

    auto& directory = uaa_.directory();
    auto const& method = recorded.request.method;
    auto const sent = object_of(recorded.request.body);
    auto const got = object_of(recorded.body);
    if (users && method == "POST") {
        auto const& emails = sent.at("emails").as_array();
        directory.add(pks::testing::uaa_user{.name = text(sent, "userName"),
            .password = text(sent, "password"),
            .email = text(emails.front().as_object(), "value"),
            .id = text(got, "id")});
    } else if (users && method == "PUT" && parts.size() == 3 && parts[2] == "password") {
        if (auto* const user = directory.find_user_by_id(parts[1]))
            user->password = text(sent, "password");
    } else if (users && method == "PATCH" && parts.size() == 3 && parts[2] == "status") {
        if (auto* const user = directory.find_user_by_id(parts[1]))
            user->failures.clear();
    } else if (users && method == "DELETE") {
        auto const id = parts[1];
        if (auto const* const user = directory.find_user_by_id(id))
            directory.remove_user(std::string(user->name));
        uaa_.issuer().store().remove_if([&](auto const& t) { return t.user_id == id; });
    } else if (groups && method == "PUT") {
        for (auto const& member : got.at("members").as_array())
            if (auto* const user = directory.find_user_by_id(text(member.as_object(), "value")))
                user->groups.push_back(text(got, "displayName"));
    } else if (clients && method == "POST") {
        directory.add(pks::testing::uaa_client{.id = text(sent, "client_id"),
            .secrets = {text(sent, "client_secret")},
            .grants = texts(sent, "authorized_grant_types"),
            .scope = texts(got, "scope"),
            .authorities = texts(sent, "authorities")});
    } else if (clients && method == "PUT" && parts.size() == 4 && parts[3] == "secret") {
        if (auto* const client = directory.find_client(parts[2]))
            client->secrets = {text(sent, "secret")};
    } else if (clients && method == "DELETE") {
        directory.remove_client(parts[2]);
    }
    return true;
}

} // namespace testing_recorded
