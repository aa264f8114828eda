// Gets the tokens of the mixed set, by requests as a client makes them.
#include "mixed_tokens.hpp"

#include "forgery.hpp"

#include <pks/jose/base64url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <utility>

namespace testing_recorded {

namespace {

namespace json = boost::json;

constexpr std::string_view users[] = {"admin", "alana", "cody", "rory"};

std::string member(json::object const& reply, char const* name)
{
    auto const* const value = reply.if_contains(name);
    BOOST_TEST_REQUIRE((value && value->is_string()), "no " << name << " in a token reply");
    return std::string(value->get_string());
}

// A claim of a token that was just got from the UAA.
std::string claim(std::string const& token, char const* name)
{
    auto const first = token.find('.');
    auto const payload =
        pks::jose::base64url_decode(std::string_view(token).substr(first + 1, token.rfind('.') - first - 1));
    return member(json::parse(payload.value()).as_object(), name);
}

class collection
{
public:
    explicit collection(running_uaa& uaa) : uaa_(uaa), admin_("Bearer " + of_client("admin", "admin-secret")) {}

    std::vector<mixed_token> make()
    {
        // First what is revoked wholesale: tokens of the same user and client that are got later are good again.
        revoke_all();
        revoke_single();
        good();
        for_others();
        forged();
        // The good ones must outlive these, so these come last.
        expired();
        return std::move(out_);
    }

private:
    void add(std::string_view group, std::string token)
    {
        out_.push_back({group, std::move(token)});
    }

    json::object log_in(
        std::string_view client, std::string_view secret, std::string_view name, std::string const& more = {})
    {
        auto const user = std::string(name);
        return uaa_.grant(
            client, secret, "grant_type=password&username=" + user + "&password=" + user + "-password" + more);
    }

    std::string of_client(std::string_view client, std::string_view secret, std::string const& more = {})
    {
        return member(uaa_.grant(client, secret, "grant_type=client_credentials" + more), "access_token");
    }

    // A JWT that the UAA can revoke by its id: what an opaque refresh token brings.
    std::string refreshed(std::string_view user)
    {
        auto const refresh = member(log_in("pks_cli", "", user, "&token_format=opaque"), "refresh_token");
        add(groups::refresh_token, refresh);
        return member(uaa_.grant("pks_cli", "", "grant_type=refresh_token&refresh_token=" + refresh), "access_token");
    }

    void administer(std::string_view method, std::string const& target)
    {
        auto const got = uaa_.ask(method, target, admin_);
        BOOST_TEST_REQUIRE(got.status == 200, method << ' ' << target << ": " << got.body);
    }

    void revoke_all()
    {
        std::string user_id;
        for (int i = 0; i < 5; ++i) {
            auto const token = member(log_in("pks_cli", "", "rory"), "access_token");
            user_id = claim(token, "user_id");
            add(groups::revoked_with_user, token);
            add(groups::revoked_with_client, of_client("reader-client", "reader-secret"));
        }
        for (int i = 0; i < 3; ++i)
            add(groups::revoked_refreshed, refreshed("rory"));
        add(groups::revoked_opaque, member(log_in("pks_cli", "", "rory", "&token_format=opaque"), "access_token"));
        add(groups::revoked_opaque, of_client("reader-client", "reader-secret", "&token_format=opaque"));
        administer("GET", "/oauth/token/revoke/user/" + user_id);
        administer("GET", "/oauth/token/revoke/client/reader-client");
    }

    void revoke_single()
    {
        for (auto const user : users) {
            auto const token = refreshed(user);
            administer("DELETE", "/oauth/token/revoke/" + claim(token, "jti"));
            add(groups::revoked_by_id, token);
            auto const opaque = member(log_in("pks_cli", "", user, "&token_format=opaque"), "access_token");
            administer("DELETE", "/oauth/token/revoke/" + opaque);
            add(groups::revoked_opaque, opaque);
        }
    }

    void good()
    {
        for (auto const user : users) {
            for (int i = 0; i < 5; ++i) {
                auto const reply = log_in("pks_cli", "", user);
                add(groups::user, member(reply, "access_token"));
                if (i == 0)
                    add(groups::refresh_token, member(reply, "refresh_token"));
            }
            for (int i = 0; i < 2; ++i) {
                add(groups::refreshed, refreshed(user));
                add(groups::opaque, member(log_in("pks_cli", "", user, "&token_format=opaque"), "access_token"));
            }
        }
        for (int i = 0; i < 5; ++i) {
            add(groups::client, of_client("automated-client", "automated-secret"));
            add(groups::client, of_client("reader-client", "reader-secret"));
            add(groups::client, of_client("opaque-client", "opaque-secret"));
        }
        add(groups::client, of_client("automated-client", "automated-secret", "&scope=pks.clusters.manage"));
        for (int i = 0; i < 2; ++i)
            add(groups::opaque, of_client("automated-client", "automated-secret", "&token_format=opaque"));
    }

    void for_others()
    {
        for (auto const user : users) {
            auto const kubectl = log_in("pks_cluster_client", "", user);
            add(groups::other_audience, member(kubectl, "access_token"));
            add(groups::id_token, member(kubectl, "id_token"));
            add(groups::refresh_token, member(kubectl, "refresh_token"));
        }
        for (auto const user : {"admin", "alana", "cody"}) {
            auto const both = log_in("opaque-client", "opaque-secret", user);
            add(groups::user, member(both, "access_token"));
            add(groups::id_token, member(both, "id_token"));
        }
        for (int i = 0; i < 4; ++i) {
            add(groups::other_audience, of_client("scim-reader", "scim-reader-secret"));
            add(groups::other_audience, of_client("powerless-client", "powerless-secret"));
            add(groups::other_audience, of_client("admin", "admin-secret"));
        }
        add(groups::other_audience, of_client("pks_client", "pks-client-secret"));
        for (int i = 0; i < 3; ++i)
            add(groups::opaque_other_audience, of_client("scim-reader", "scim-reader-secret", "&token_format=opaque"));
        add(groups::opaque_other_audience,
            member(log_in("pks_cluster_client", "", "naomi", "&token_format=opaque"), "access_token"));
    }

    void forged()
    {
        auto const token = member(log_in("pks_cli", "", "alana"), "access_token");
        auto const other = member(log_in("pks_cli", "", "cody"), "access_token");
        auto const keys = json::parse(uaa_.ask("GET", "/token_keys").body);
        std::string pem;
        for (auto const& key : keys.at("keys").as_array())
            if (key.at("kid") == json::value("key-1"))
                pem = key.at("value").as_string();
        BOOST_TEST_REQUIRE(!pem.empty());
        for (auto& made : forgeries(token, other, pem))
            out_.push_back(std::move(made));
    }

    void expired()
    {
        for (auto const user : users) {
            if (user == "rory")
                continue; // short-client has no scope for him but openid
            auto const reply = log_in("short-client", "short-secret", user);
            add(groups::expired, member(reply, "access_token"));
            add(groups::expired, member(reply, "id_token"));
            add(groups::expired, of_client("short-client", "short-secret"));
            add(groups::expired, of_client("short-client", "short-secret", "&token_format=opaque"));
        }
        uaa_.let_pass(std::chrono::seconds(3));
    }

    running_uaa& uaa_;
    std::string admin_; // the value of Authorization
    std::vector<mixed_token> out_;
};

} // namespace

std::vector<mixed_token> mixed_tokens(running_uaa& uaa)
{
    return collection(uaa).make();
}

} // namespace testing_recorded
