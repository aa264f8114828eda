// The operations over a stream, each with what it sends and a good reply, behind one type: so that a test is a loop.
#pragma once

#include <net/outcome.hpp>

#include <pks/async_bind.hpp>
#include <pks/async_create_cluster.hpp>
#include <pks/async_delete_cluster.hpp>
#include <pks/async_get_cluster.hpp>
#include <pks/async_list_clusters.hpp>
#include <pks/async_login.hpp>
#include <pks/async_update_cluster.hpp>
#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/peer.hpp>
#include <pks/uaa/async_check_token.hpp>
#include <pks/uaa/async_get_token.hpp>
#include <pks/uaa/async_target.hpp>
#include <pks/uaa/async_token_keys.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace net_test {

/// What must never be found in anything that is said.
inline constexpr std::string_view client_secret = "the-clients-secret-0815";
inline constexpr std::string_view users_password = "the-users-password-4711";
inline constexpr std::string_view subject_token = "a-token-to-ask-about.1234567890";
inline constexpr std::string_view bearer_token = "a-token-to-list-with.1234567890";
inline constexpr std::string_view issued_token = "a-token-of-the-reply.1234567890";
inline constexpr std::string_view proxys_password = "the-proxys-password-1234";
inline constexpr std::string_view clusters_token = "a-token-of-an-account.1234567890";
inline constexpr std::array<std::string_view, 7> secrets = {
    client_secret, users_password, subject_token, bearer_token, issued_token, proxys_password, clusters_token};

inline pks::access_token bearer(std::string_view value = bearer_token)
{
    pks::access_token::parts parts;
    parts.value = pks::secret(value);
    return pks::access_token(std::move(parts));
}

inline pks::cluster_request alpha()
{
    pks::cluster_config_parameters config;
    config.http_proxy("http://proxy.example.org", "alana", pks::secret(proxys_password));
    return pks::cluster_request("alpha", "small", "alpha.example.org").cluster_config_parameters(config);
}

inline pks::cluster_update five_workers()
{
    return pks::cluster_update().kubernetes_worker_instances(5);
}

// What a test compares of a value.
inline std::string summary(pks::target_info const& v)
{
    return v.version;
}
inline std::string summary(pks::access_token const& v)
{
    return std::string(v.value().reveal());
}
inline std::string summary(pks::token_claims const& v)
{
    return v.client_id;
}
inline std::string summary(pks::token_keys const& v)
{
    std::string out = v.etag;
    for (auto const& id : v.key_ids)
        out += ' ' + id;
    return out;
}
inline std::string summary(pks::cluster_list const& v)
{
    std::string out;
    for (auto const& c : v)
        out += std::string(c.name()) + ' ';
    return out;
}

inline std::string summary(pks::cluster const& v)
{
    return std::string(v.name());
}
inline std::string summary(pks::accepted const&)
{
    return "accepted";
}
inline std::string summary(pks::kubeconfig const& v)
{
    std::string out;
    for (auto const& user : v.users())
        out += user.name + ' ' + std::string(user.token.reveal());
    return out;
}

/// How an operation ended.
class ending
{
public:
    ending() = default;

    int completions = 0;
    pks::error_code ec;
    std::string value;
    pks::diagnostics diag;
};

/// A completion handler that notes the end, for whatever the operation gives.
template <class T>
class note_end
{
public:
    explicit note_end(std::shared_ptr<ending> end) : end_(std::move(end)) {}

    void operator()(pks::error_code ec, T value) const
    {
        ++end_->completions;
        end_->ec = ec;
        // It has no value that could be left over.
        if (!ec || !std::is_same_v<T, pks::accepted>)
            end_->value = summary(value);
    }

private:
    std::shared_ptr<ending> end_;
};

struct stream_operation
{
    std::string name;
    std::string request_line;
    bool of_the_uaa;
    std::string media_type;
    std::string body;  ///< of a good reply
    std::string value; ///< what a good reply gives
    int status = 200;  ///< of a good reply
    bool reads_json = true;

    std::string good_head() const
    {
        return "HTTP/1.1 " + std::to_string(status) + " \r\nETag: \"7\"\r\n" +
            (media_type.empty() ? "" : "Content-Type: " + media_type + "\r\n");
    }
    bool may_have_a_body() const
    {
        return status != 204;
    }
    std::string good_reply() const
    {
        if (!may_have_a_body())
            return good_head() + "\r\n";
        return good_head() + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    /// Framed as UAA does it: the last octet is a chunk of its own.
    std::string chunked_reply() const
    {
        if (!may_have_a_body())
            return good_reply();
        auto const head = good_head() + "Transfer-Encoding: chunked\r\n\r\n";
        if (body.empty())
            return head + "0\r\n\r\n";
        static constexpr std::string_view digits = "0123456789abcdef";
        auto const n = body.size() - 1;
        std::string size;
        for (int shift = 12; shift >= 0; shift -= 4)
            size += digits[(n >> shift) & 15];
        return head + size + "\r\n" + body.substr(0, n) + "\r\n1\r\n" + body.substr(n) + "\r\n0\r\n\r\n";
    }
};

inline std::vector<stream_operation> const& stream_operations()
{
    static std::string const token = R"({"access_token":")" + std::string(issued_token) +
        R"(","token_type":"bearer","expires_in":599,"scope":"pks.clusters.manage","jti":"0815"})";
    static std::vector<stream_operation> const all = {
        {"async_target", "GET /login HTTP/1.1", true, "application/json",
            R"({"app":{"version":"77.18.0"},"zone_name":"uaa","prompts":{"username":["text","Email"]}})", "77.18.0"},
        {"async_get_token", "POST /oauth/token HTTP/1.1", true, "application/json", token, std::string(issued_token)},
        {"async_check_token", "POST /check_token HTTP/1.1", true, "application/json",
            R"({"client_id":"automated-client","exp":1700000000,"scope":["pks.clusters.manage"]})", "automated-client"},
        {"async_token_keys", "GET /token_keys HTTP/1.1", true, "application/json",
            R"({"keys":[{"kty":"RSA","kid":"key-1"},{"kty":"RSA","kid":"key-2"}]})", "\"7\" key-1 key-2"},
        {"async_login", "POST /oauth/token HTTP/1.1", true, "application/json", token, std::string(issued_token)},
        {"async_list_clusters", "GET /v1/clusters HTTP/1.1", false, "application/json",
            R"([{"name":"alpha","uuid":"1","plan_name":"small"},{"name":"beta","uuid":"2"}])", "alpha beta "},
        {"async_get_cluster", "GET /v1/clusters/my%20cluster HTTP/1.1", false, "application/json",
            R"({"name":"my cluster","uuid":"1","plan_name":"small"})", "my cluster"},
        {"async_create_cluster", "POST /v1/clusters HTTP/1.1", false, "application/json",
            R"({"name":"alpha","uuid":"1","last_action":"CREATE","last_action_state":"in progress"})", "alpha", 202},
        {"async_update_cluster", "PATCH /v1/clusters/alpha HTTP/1.1", false, "", "", "accepted", 202, false},
        {"async_delete_cluster", "DELETE /v1/clusters/alpha HTTP/1.1", false, "", "", "accepted", 204, false},
        {"async_bind", "POST /v1/clusters/alpha/binds HTTP/1.1", false, "application/json",
            R"({"apiVersion":"v1","kind":"Config","contexts":[],"clusters":[],"users":[{"name":"u","user":{"token":")" +
                std::string(clusters_token) + "\"}}]}",
            "u " + std::string(clusters_token), 201},
    };
    return all;
}

inline pks::endpoint const& server()
{
    static pks::endpoint const one = pks::endpoint::uaa("uaa.example.org");
    return one;
}

/// Starts the operation; the stream, the ending and the slot's signal must outlive it.
template <class Stream>
void start(stream_operation const& what, Stream& stream, std::shared_ptr<ending> const& end,
    boost::asio::cancellation_slot slot = {}, pks::peer const& with = server())
{
    namespace asio = boost::asio;
    auto& diag = end->diag;
    auto const bound = [&]<class T>(note_end<T> then) { return asio::bind_cancellation_slot(slot, std::move(then)); };
    auto const as = pks::client_authentication::basic("automated-client", pks::secret(client_secret));
    if (what.name == "async_target") {
        pks::uaa::async_target(stream, with, diag, bound(note_end<pks::target_info>(end)));
    } else if (what.name == "async_get_token") {
        auto const credentials = pks::client_credentials("automated-client", pks::secret(client_secret));
        pks::uaa::async_get_token(stream, with, credentials, diag, bound(note_end<pks::access_token>(end)));
    } else if (what.name == "async_check_token") {
        pks::uaa::async_check_token(
            stream, with, as, pks::secret(subject_token), diag, bound(note_end<pks::token_claims>(end)));
    } else if (what.name == "async_token_keys") {
        pks::uaa::async_token_keys(stream, with, "\"6\"", diag, bound(note_end<pks::token_keys>(end)));
    } else if (what.name == "async_login") {
        auto const credentials = pks::password_credentials("alana", pks::secret(users_password));
        pks::async_login(stream, with, credentials, diag, bound(note_end<pks::access_token>(end)));
    } else if (what.name == "async_list_clusters") {
        pks::async_list_clusters(stream, with, bearer(), diag, bound(note_end<pks::cluster_list>(end)));
    } else if (what.name == "async_get_cluster") {
        pks::async_get_cluster(stream, with, bearer(), "my cluster", diag, bound(note_end<pks::cluster>(end)));
    } else if (what.name == "async_create_cluster") {
        pks::async_create_cluster(stream, with, bearer(), alpha(), diag, bound(note_end<pks::cluster>(end)));
    } else if (what.name == "async_update_cluster") {
        pks::async_update_cluster(
            stream, with, bearer(), "alpha", five_workers(), diag, bound(note_end<pks::accepted>(end)));
    } else if (what.name == "async_delete_cluster") {
        pks::async_delete_cluster(stream, with, bearer(), "alpha", diag, bound(note_end<pks::accepted>(end)));
    } else {
        pks::async_bind(stream, with, bearer(), "alpha", diag, bound(note_end<pks::kubeconfig>(end)));
    }
}

/// Everything that a person or a log gets to see of an operation.
inline std::string all_texts(ending const& end)
{
    auto const& d = end.diag;
    return d.message() + '\n' + d.detail + '\n' + d.error + '\n' + d.error_description + '\n' + d.body + '\n' +
        d.endpoint + '\n' + end.ec.message();
}

inline void check_no_secret(ending const& end)
{
    auto const said = all_texts(end);
    for (auto const secret : secrets)
        BOOST_TEST(said.find(secret) == std::string::npos);
}

} // namespace net_test
