// Replies: the parser finds the same however they are split, and no message of a refusal, with its WWW-Authenticate or
// without, holds a secret or steers a terminal.
#include "fuzz/target.hpp"

#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/error.hpp>
#include <pks/proto/bind_messages.hpp>
#include <pks/proto/challenge.hpp>
#include <pks/proto/change_cluster_messages.hpp>
#include <pks/proto/cluster_messages.hpp>
#include <pks/proto/get_cluster_messages.hpp>
#include <pks/proto/refusal.hpp>
#include <pks/proto/request.hpp>
#include <pks/proto/response_parser.hpp>
#include <pks/proto/strict_json.hpp>
#include <pks/proto/token_messages.hpp>
#include <pks/proto/uaa_messages.hpp>
#include <pks/secret.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace fuzz {

namespace {

using pks::error_code;
using pks::proto::request;
using pks::proto::response;
using pks::proto::response_parser;

constexpr std::string_view secret_text = "hunter2hunter2";

request const& asked()
{
    static auto const out = [] {
        request made("POST", pks::endpoint::uaa("uaa.example.com"), "/oauth/token");
        made.confidential(pks::secret(std::string(secret_text)));
        return made;
    }();
    return out;
}

struct parsed
{
    error_code ec;
    std::size_t taken = 0;
    std::size_t interim = 0;
    bool keep_alive = false;
    std::optional<response> reply;
};

parsed parse(std::string_view octets, std::size_t piece)
{
    response_parser parser;
    parsed out;
    while (!out.ec && !parser.done() && out.taken != octets.size()) {
        auto const next = octets.substr(out.taken, piece);
        auto const taken = parser.put({next.data(), next.size()}, out.ec);
        require(
            taken <= next.size() && (taken == next.size() || out.ec || parser.done()), "all that was given is taken");
        out.taken += taken;
    }
    if (!out.ec && !parser.done())
        parser.put_eof(out.ec);
    require(out.ec || parser.done(), "an end, or an error");
    out.interim = parser.interim_responses();
    out.keep_alive = parser.keep_alive();
    if (!out.ec)
        out.reply = parser.release();
    return out;
}

bool same(parsed const& a, parsed const& b)
{
    if (a.ec || b.ec)
        return a.ec == b.ec;
    return a.taken == b.taken && a.interim == b.interim && a.keep_alive == b.keep_alive &&
        a.reply->status == b.reply->status && a.reply->version_minor == b.reply->version_minor &&
        a.reply->reason == b.reply->reason && a.reply->fields == b.reply->fields && a.reply->body == b.reply->body;
}

bool has_controls(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

bool has_controls_but_tabs(std::string_view text)
{
    return std::any_of(
        text.begin(), text.end(), [](char c) { return c != '\t' && static_cast<unsigned char>(c) < 0x20; });
}

void check_message(error_code ec, pks::diagnostics const& diag)
{
    auto const& category = ec.category();
    require(!ec || category == pks::client_category() || category == pks::oauth_category() ||
            category == pks::api_category(),
        "an error of this library");
    auto const message = diag.message();
    require(!has_controls(message), "a message is one line");
    for (auto const& text : {diag.error, diag.error_description, diag.body, diag.detail, message})
        require(text.find(secret_text) == text.npos, "no secret in a message");
}

template <class Result>
void check_result(Result const& read, pks::diagnostics const& diag)
{
    check_message(read.has_error() ? read.error() : error_code(), diag);
}

pks::result<pks::cluster> read_shown_cluster_reply(response const& reply, request const& to, pks::diagnostics& diag)
{
    return pks::proto::read_cluster_reply(reply, to, diag);
}

void read_as_everything(response const& reply)
{
    using namespace pks::proto;
    pks::diagnostics diag;
    check_message(read_uaa_refusal(reply, asked(), diag), diag);
    diag.clear();
    auto const of_api = read_api_refusal(reply, asked(), diag);
    check_message(of_api, diag);
    if (of_api == pks::api_errc::unauthorized)
        require(reply.status == 401, "whoever is not known gets a 401");
    diag.clear();
    check_result(read_token_reply(reply, asked(), {}, diag), diag);
    diag.clear();
    check_result(read_target_reply(reply, asked(), diag), diag);
    diag.clear();
    check_result(read_check_token_reply(reply, asked(), diag), diag);
    diag.clear();
    check_result(read_token_keys_reply(reply, asked(), diag), diag);
    diag.clear();
    check_result(read_cluster_list_reply(reply, asked(), diag), diag);
    diag.clear();
    check_result(read_update_cluster_reply(reply, asked(), diag), diag);
    diag.clear();
    check_result(read_delete_cluster_reply(reply, asked(), diag), diag);
    for (auto const read : {&read_create_cluster_reply, &read_shown_cluster_reply}) {
        diag.clear();
        auto const cluster = read(reply, asked(), diag);
        check_result(cluster, diag);
        if (cluster.has_value())
            require(!cluster->name().empty(), "a cluster has a name");
    }
    diag.clear();
    auto const config = read_bind_reply(reply, asked(), diag);
    check_result(config, diag);
    if (config.has_value()) {
        require(config->clusters().size() == config->reveal().at("clusters").as_array().size(), "each cluster");
        require(config->contexts().size() == config->reveal().at("contexts").as_array().size(), "each context");
        require(config->users().size() == config->reveal().at("users").as_array().size(), "each user");
        require(!pks::proto::parse_json(config->text().reveal()).has_error(), "its text is JSON");
    } else {
        bool const refusal = reply.status < 100 || reply.status >= 400;
        require(refusal || diag.body.empty(), "nothing of what may be credentials");
    }
}

void run(std::string_view input)
{
    std::string const exact(input); // which ends where its storage does
    auto const whole = parse(exact, exact.size() + 1);
    require(same(whole, parse(exact, 1)), "octet by octet the same");
    require(same(whole, parse(exact, 7)), "in sevens the same");
    if (!whole.reply) {
        require(whole.ec.category() == pks::client_category(), "an error of the parser");
        return;
    }
    for (auto const& [name, value] : whole.reply->fields) {
        require(!name.empty() && !has_controls(name), "a field has a name");
        require(value.find_first_of(std::string_view("\r\n\0", 3)) == value.npos, "a value is one line");
        for (auto const* scheme : {"Bearer", "Basic"})
            if (auto const read = pks::proto::challenge_parameter(value, scheme, "error"))
                require(read->size() <= value.size() && !has_controls_but_tabs(*read), "a part of the challenge");
    }
    read_as_everything(*whole.reply);
}

std::string reply_of(std::string_view head, std::string_view body)
{
    return "HTTP/1.1 " + std::string(head) +
        "\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + std::string(body);
}

std::string chunked(std::string_view body)
{
    return "HTTP/1.1 200 \r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\n" +
        std::string(body.substr(0, 3)) + "\r\n1\r\n" + std::string(body.substr(3, 1)) + "\r\n0\r\nTrailer: t\r\n\r\n";
}

std::vector<std::string> seeds()
{
    std::vector<std::string> out;
    for (auto const* challenge :
        {R"(Bearer realm="UAA/oauth", error="invalid_token", error_description="The token expired")",
            R"(Bearer realm="pks", error="insufficient_scope", scope="pks.clusters.admin pks.clusters.manage")",
            R"(Basic realm="UAA \"x\"", Bearer error=invalid_token)", "Bearer", "Bearer error=\"invalid_token", ""})
        for (auto const* status : {"401 ", "403 Forbidden"})
            out.push_back(reply_of(std::string(status) + "\r\nWWW-Authenticate: " + challenge,
                R"({"error":"invalid_token","error_description":"Invalid token &quot;hunter2hunter2&quot;"})"));
    out.push_back(reply_of("200 ",
        R"({"access_token":"eyJhbGciOiJIUzI1NiJ9.e30.AAAA","token_type":"bearer","expires_in":599,"scope":"a b",)"
        R"("jti":"9f41ccd1"})"));
    out.push_back(reply_of("200 OK\r\nETag: \"1700000000000\"", R"({"keys":[{"kty":"RSA","e":"AQAB","kid":"k"}]})"));
    out.push_back(reply_of("200 OK", R"({"client_id":"c","exp":1700000600,"scope":["a"],"aud":["b"],"jti":"j"})"));
    out.push_back(reply_of("200 OK", R"({"app":{"version":"77.18.0"},"links":{"uaa":"https://uaa.example.com"}})"));
    for (auto const* status : {"200 OK", "202 Accepted"})
        out.push_back(reply_of(status,
            R"({"name":"c","last_action":"CREATE","kubernetes_master_ips":["In Progress"],"parameters":{)"
            R"("kubernetes_master_host":"c.example.com","cluster_tags":[{"name":"a","value":"b"}]}})"));
    for (auto const* user :
        {R"({"token":"t"})", R"({"auth-provider":{"name":"oidc","config":{"client-id":"c","id-token":""}}})"})
        out.push_back(reply_of("201 Created",
            R"({"apiVersion":"v1","kind":"Config","current-context":"c","preferences":{},)"
            R"("clusters":[{"name":"c","cluster":{"server":"https://c:8443","certificate-authority-data":"LS0t"}}],)"
            R"("contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],"users":[{"name":"u","user":)" +
                std::string(user) + "}]}"));
    out.push_back(reply_of("503 Service Unavailable\r\nRetry-After: 5", "<html>\x1b[31m</html>"));
    out.push_back(reply_of("302 Found\r\nLocation: https://elsewhere.example.com/", ""));
    out.push_back(chunked("[{}]"));
    out.push_back("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nto the end");
    out.push_back("HTTP/1.1 304 \r\nETag: \"x\"\r\n\r\n");
    out.push_back("HTTP/1.1 204 No Content\r\nX: a\r\n b\r\n\r\nmore");
    return out;
}

std::vector<std::string> words()
{
    return {"HTTP/1.1 ", "HTTP/1.0 ", "\r\n", "\r\n\r\n", "Content-Length: ", "Transfer-Encoding: chunked", "0\r\n\r\n",
        "WWW-Authenticate: ", "Bearer ", "error=\"invalid_token\"", "realm=\"", "scope=\"", "Connection: close",
        "{\"error\":\"", "\"error_description\":\"", "hunter2hunter2", "hunter2", "&quot;", "&amp;", "\\u0068", "eyJ",
        "\x1b[", "401", "503", "\"expires_in\":", "\"users\":[", "\"user\":{",
        "\"auth-provider\":", "\"config\":", "201", "202"};
}

} // namespace

target replies()
{
    return {run, seeds, words, nullptr};
}

} // namespace fuzz
