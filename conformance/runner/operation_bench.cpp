// The operations of the suites, each played by a client of its own against servers that go wrong as they are told.
#include "runner/operation_bench.hpp"
#include "suites/read_suite.hpp"

#include <pks/client_operations.hpp>
#include <pks/server_request.hpp>
#include <pks/net/name_resolver.hpp>
#include <pks/testing/reply.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <atomic>
#include <exception>
#include <stdexcept>
#include <utility>

namespace conform {

namespace {

using pks::testing::reply;
using pks::testing::request;
using std::chrono::milliseconds;

constexpr std::string_view cluster_json =
    R"({"name":"c1","plan_name":"Plan 1","last_action":"CREATE","last_action_state":"succeeded",)"
    R"("last_action_description":"","uuid":"6a2ea2a9","kubernetes_master_ips":["10.0.0.1"],)"
    R"("parameters":{"kubernetes_master_host":"c1.pks.test","kubernetes_master_port":8443}})";

constexpr std::string_view kubeconfig_json =
    R"({"apiVersion":"v1","kind":"Config","contexts":[],"clusters":[],"users":[{"name":"u","user":{"token":"t"}}]})";

reply json_reply(int status, std::string_view body)
{
    reply out;
    out.status = status;
    out.body = body;
    out.fields = {
        {"Content-Type", "application/json;charset=UTF-8"}, {"Content-Length", std::to_string(out.body.size())}};
    out.frame = reply::framing::content_length;
    return out;
}

reply bare_reply(int status)
{
    reply out;
    out.status = status;
    return out;
}

std::unique_ptr<pks::testing::fault_server> make_server(boost::asio::io_context& context, int tls_version,
    std::optional<pks::testing::server_identity> const& identity, std::function<reply(request const&)> answers)
{
    static auto const good =
        operation_bench::authority().issue({"localhost", "api.pks.test", "uaa.pks.test"}, {"127.0.0.1"});
    pks::testing::fault_server_options options;
    options.tls_version = tls_version;
    options.authority = operation_bench::authority();
    options.identity = identity ? *identity : good;
    options.answers = std::move(answers);
    return std::make_unique<pks::testing::fault_server>(context.get_executor(), std::move(options));
}

std::atomic<std::size_t> benches = 0;

// Every name is this machine.
class this_machine final : public pks::net::name_resolver
{
public:
    pks::error_code look_up(std::string const&, std::vector<boost::asio::ip::address>& found) override
    {
        found.emplace_back(boost::asio::ip::address_v4::loopback());
        return {};
    }
};

class forwarding_observer final : public pks::observer
{
public:
    std::function<void(pks::event const&)> then;

    void on_event(pks::event const& e) noexcept override
    {
        if (then)
            then(e);
    }
};

pks::client_authentication automated_client()
{
    return pks::client_authentication::automatic("automated-client", pks::secret("automated-client-secret"));
}

std::optional<pks::credentials> credentials_of(suite_operation const& operation)
{
    auto const& name = operation.name;
    if (name == "token.client_credentials")
        return pks::client_credentials("automated-client", pks::secret("automated-client-secret"));
    if (name == "token.password")
        return pks::password_credentials("alana", pks::secret("a password of hers"));
    if (name == "token.passcode")
        return pks::passcode_credentials(pks::secret("Zx8nGFjy21"));
    if (name == "token.authorization_code")
        return pks::authorization_code_credentials(automated_client(), pks::secret("acode"), "https://app.test/back");
    if (name == "token.refresh")
        return pks::refresh_token_credentials(pks::secret("refresh-0"));
    return std::nullopt;
}

std::string with_names(std::string path)
{
    for (auto const& [parameter, name] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"{name}", "c1"}, {"{user}", "alana"}, {"{owner}", "alana"}, {"{id}", "7"}, {"{jti}", "f00d"}})
        if (auto const at = path.find(parameter); at != path.npos)
            path.replace(at, parameter.size(), name);
    return path;
}

} // namespace

std::map<std::string, suite_operation> read_operations(boost::json::object const& suite)
{
    std::map<std::string, suite_operation> out;
    try {
        for (auto const& each : suite.at("operations").as_array()) {
            auto const text = [&each](std::string_view name) { return std::string(each.at(name).as_string()); };
            suite_operation one{text("name"), text("method"), with_names(text("path")), text("class"), text("auth")};
            auto const name = one.name;
            out.emplace(name, std::move(one));
        }
    } catch (std::exception const& failure) {
        throw suites::suite_error(std::string("retry: ") + failure.what());
    }
    return out;
}

operation_bench::operation_bench(bench_settings const& settings)
    : settings_(settings),
      uaa_(make_server(context_, settings.tls_version, settings.identity_of_uaa,
          [this](request const& r) { return answer_as_uaa(r); })),
      api_(make_server(context_, settings.tls_version, settings.identity_of_api,
          [this](request const& r) { return answer_as_api(r); }))
{
    ++benches;
}

std::size_t operation_bench::made() noexcept
{
    return benches;
}

pks::testing::certificate_authority const& operation_bench::authority()
{
    static pks::testing::certificate_authority const out;
    return out;
}

pks::testing::fault_server& operation_bench::server_of(suite_operation const& operation)
{
    return operation.path.starts_with("/v1/") ? *api_ : *uaa_;
}

pks::testing::fault_server& operation_bench::other_than(suite_operation const& operation)
{
    return operation.path.starts_with("/v1/") ? *uaa_ : *api_;
}

std::string operation_bench::tag_of(suite_operation const& operation)
{
    return operation.method + ' ' + operation.path;
}

pks::client_options operation_bench::options(suite_operation const& operation) const
{
    auto const url = [this](pks::testing::fault_server const& server, char const* name) {
        return settings_.by_name ? std::string("https://") + name + ':' + std::to_string(server.port()) : server.url();
    };
    pks::client_options out(url(*api_, "api.pks.test"), pks::trust::pem(authority().root_pem()));
    out.uaa = pks::endpoint::uaa(url(*uaa_, "uaa.pks.test"));
    out.resolver = std::make_shared<this_machine>();
    out.retry.first_backoff = milliseconds(1);
    out.retry.longest_backoff = milliseconds(10);
    out.retry.budget.limited = false;
    // A token that has just been fetched is to be replaced at once.
    out.tokens.cool_down = milliseconds(1);
    if (operation.auth != "bearer")
        out.login = credentials_of(operation);
    return out;
}

pks::testing::reply operation_bench::answer_as_uaa(request const& r)
{
    if (r.path() == "/oauth/token") {
        bool const refreshing = r.body.find("grant_type=refresh_token") != r.body.npos;
        // Each refresh token is good for once.
        if (refreshing && r.body.find("refresh_token=refresh-" + std::to_string(rotations_)) == r.body.npos)
            return json_reply(401, R"({"error":"invalid_token","error_description":"The token was revoked"})");
        if (refreshing)
            ++rotations_;
        auto body = R"({"access_token":"token-)" + std::to_string(++tokens_) +
            R"(","token_type":"bearer","expires_in":599,"scope":"pks.clusters.manage","jti":"f00d")";
        if (refreshing)
            body += R"(,"refresh_token":"refresh-)" + std::to_string(rotations_) + '"';
        return json_reply(200, body + '}');
    }
    if (r.method == "DELETE")
        return deleted_.insert(r.target).second ? json_reply(200, "{}") : json_reply(404, R"({"error":"not_found"})");
    return json_reply(200, r.path() == "/introspect" ? R"({"active":true})" : R"({"keys":[]})");
}

pks::testing::reply operation_bench::answer_as_api(request const& r)
{
    std::string const path(r.path());
    auto const absent = [] { return json_reply(404, R"({"code":404,"message":"not found"})"); };
    if (r.method == "DELETE")
        return deleted_.insert(path).second ? bare_reply(204) : absent();
    if (deleted_.contains(path))
        return absent();
    if (path.find("/binds") != path.npos)
        return json_reply(r.method == "GET" ? 200 : 201, kubeconfig_json);
    if (path.starts_with("/v1/clusters/"))
        return json_reply(r.method == "GET" ? 200 : 202, path.ends_with("/c1") ? cluster_json : "{}");
    if (path == "/v1/clusters")
        return r.method == "GET" ? json_reply(200, "[]") : json_reply(202, cluster_json);
    return json_reply(200, "{}");
}

void operation_bench::start(pks::client& api, suite_operation const& operation, played& out,
    boost::asio::cancellation_slot slot, allocations* memory)
{
    auto const began = std::chrono::steady_clock::now();
    auto note = [&out, began, held = out.handler](pks::error_code ec, auto const&) {
        out.ec = ec;
        out.took = std::chrono::steady_clock::now() - began;
        ++out.completions;
    };
    auto done = boost::asio::bind_allocator(
        failing_allocator<void>(memory), boost::asio::bind_cancellation_slot(slot, std::move(note)));
    auto const& name = operation.name;
    if (name == "clusters.list")
        return api.async_list_clusters(out.diag, std::move(done));
    if (name == "clusters.get")
        return api.async_get_cluster("c1", out.diag, std::move(done));
    if (name == "clusters.create")
        return api.async_create_cluster(pks::cluster_request("c1", "small", "c1.pks.test"), out.diag, std::move(done));
    if (name == "clusters.resize")
        return api.async_update_cluster(
            "c1", pks::cluster_update().kubernetes_worker_instances(3), out.diag, std::move(done));
    if (name == "clusters.delete")
        return api.async_delete_cluster("c1", out.diag, std::move(done));
    if (name == "binds.create")
        return api.async_bind(pks::binding_request("c1"), out.diag, std::move(done));
    if (name == "binds.get")
        return api.async_bind(pks::binding_request("c1").user("alana"), out.diag, std::move(done));
    if (auto with = credentials_of(operation)) {
        bool const known_to_the_client =
            with->grant() == pks::grant_type::refresh_token || with->grant() == pks::grant_type::authorization_code;
        return known_to_the_client ? api.async_get_token(out.diag, std::move(done))
                                   : api.async_login(std::move(*with), out.diag, std::move(done));
    }
    auto const to = operation.path.starts_with("/v1/") ? pks::server_role::api : pks::server_role::uaa;
    pks::server_request what(to, operation.method, operation.path);
    if (operation.letter == "A")
        what.repeats(pks::policy::repeatable::read);
    if (operation.letter == "D")
        what.body("{}");
    if (operation.auth == "none")
        what.without_token();
    if (operation.auth == "client")
        what.as(automated_client()).body("token=a-token", "application/x-www-form-urlencoded");
    api.async_request(std::move(what), out.diag, std::move(done));
}

void operation_bench::run_until(std::function<bool()> const& done, char const* what)
{
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    context_.restart();
    while (!done()) {
        if (std::chrono::steady_clock::now() >= end)
            throw std::runtime_error(what);
        context_.run_one_for(milliseconds(20));
    }
}

void operation_bench::log_in(pks::client& api, bool fixed_token)
{
    int ended = 0;
    pks::error_code failed;
    auto done = [&](pks::error_code ec, auto const&) {
        failed = ec;
        ++ended;
    };
    auto with = fixed_token ? pks::passcode_credentials(pks::secret("Zx8nGFjy21"))
                            : pks::client_credentials("automated-client", pks::secret("automated-client-secret"));
    api.async_login(std::move(with), std::move(done));
    run_until([&] { return ended != 0; }, "the login never ended");
    if (failed)
        throw std::runtime_error("the login failed: " + failed.message());
}

void operation_bench::warm_up(pks::client& api, suite_operation const& operation)
{
    int ended = 0;
    pks::error_code failed;
    auto done = [&](pks::error_code ec, auto const&) {
        failed = ec;
        ++ended;
    };
    auto const to = operation.path.starts_with("/v1/") ? pks::server_role::api : pks::server_role::uaa;
    api.async_request(pks::server_request(to, "GET", "/before").without_token(), std::move(done));
    run_until([&] { return ended != 0; }, "the request before never ended");
    if (failed)
        throw std::runtime_error("the request before failed: " + failed.message());
}

void operation_bench::prepare(pks::client& api, suite_operation const& operation, play_settings const& settings)
{
    if (operation.auth == "bearer")
        log_in(api, settings.fixed_token);
    if (settings.pooled)
        warm_up(api, operation);
    if (settings.ahead)
        settings.ahead(api);
}

std::size_t operation_bench::wait_for_closed_connections()
{
    auto const open = [this] { return uaa_->connections().open + api_->connections().open; };
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (open() != 0 && std::chrono::steady_clock::now() < end)
        context_.run_one_for(milliseconds(5));
    return open();
}

played operation_bench::play(
    suite_operation const& operation, pks::testing::fault_script script, play_settings const& settings)
{
    auto& server = server_of(operation);
    auto const tag = tag_of(operation);
    bool const bearer = operation.auth == "bearer";
    auto of_client = options(operation);
    auto const watching = std::make_shared<forwarding_observer>();
    of_client.observer = watching;
    // A token is fetched for all who wait, whose own deadlines do not end the fetch.
    if (!bearer)
        of_client.deadlines.whole = settings.deadline;
    if (settings.options)
        settings.options(of_client);

    played out;
    {
        pks::client api(context_.get_executor(), std::move(of_client));
        prepare(api, operation, settings);
        auto const tokens_before = uaa_->count("POST /oauth/token").requests;
        auto const before = server.count(tag);
        auto const connections_before = server.connections().accepted;
        server.play(std::move(script));
        auto const at_server = server_of(operation).endpoint().port();
        watching->then = [&](pks::event const& e) {
            bool const here = e.server.ends_with(':' + std::to_string(at_server));
            if (here && e.kind == pks::event_kind::attempt)
                ++out.attempts;
            if (settings.on_event)
                settings.on_event(e);
        };
        auto within = api.within(settings.deadline);
        start(within, operation, out);
        run_until([&] { return out.completions != 0; }, "the operation never ended");
        // One completion too many would come now.
        context_.poll();
        auto const after = server.count(tag);
        out.requests = after.requests - before.requests;
        out.effects = after.effects - before.effects;
        out.token_requests = bearer ? uaa_->count("POST /oauth/token").requests - tokens_before : std::size_t(0);
        out.connections = server.connections().accepted - connections_before;
        auto const report = api.explain();
        out.idle = (&server == api_.get() ? report.api : report.uaa).idle;
        watching->then = nullptr;
    }
    out.left_open = wait_for_closed_connections();
    return out;
}

std::string harm_of(played const& p, suite_operation const& operation)
{
    if (p.completions != 1)
        return std::to_string(p.completions) + " completions";
    if (!p.ec && p.effects == 0)
        return "a lost effect";
    if (p.effects > 1 && (operation.letter == "C" || operation.letter == "D"))
        return std::to_string(p.effects) + " effects";
    if (p.left_open != 0)
        return std::to_string(p.left_open) + " connections left open";
    auto const texts = p.ec.message() + p.diag.message() + p.diag.detail + p.diag.body;
    for (auto const secret : {"token-", "refresh-", "a password of hers", "Zx8nGFjy21", "acode", "automated-client-s"})
        if (texts.find(secret) != texts.npos)
            return "a secret in a text";
    return {};
}

} // namespace conform
