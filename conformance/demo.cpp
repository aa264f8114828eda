// pks-demo: the steps that people do today with uaac, pks and bosh, done through the library.
#include <pks/pks.hpp>
#include <pks/testing/control_plane.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace po = boost::program_options;
using namespace std::chrono_literals;

// Where the demonstration runs: the embedded control plane, or a real UAA alone.
struct stage
{
    pks::client_options options;
    std::string ca_file;  // as a user would type it
    std::string wrong_ca; // PEM of a CA that vouches for nobody here
    bool has_api = true;
    int failures = 0;
};

void command(std::string_view line)
{
    std::cout << "\n$ " << line << '\n';
}

void check(stage& on, bool good, std::string_view what)
{
    if (!good) {
        std::cout << "UNEXPECTED: " << what << '\n';
        ++on.failures;
    }
}

void print_token(
    std::string_view how, std::string_view context, std::string_view client, pks::access_token const& token)
{
    std::cout << "Successfully fetched token via " << how << " grant.\nContext: " << context << ", from client "
              << client << "\nscope:  ";
    for (auto const& scope : token.scope())
        std::cout << ' ' << scope;
    std::cout << "\nexpires in " << token.expires_in().value_or(0s).count() << " s\n";
}

void print_clusters(pks::cluster_list const& clusters)
{
    using row = std::array<std::string, 6>;
    std::vector<row> rows{{"Name", "k8s Version", "Plan Name", "UUID", "Status", "Action"}};
    for (auto const& c : clusters) {
        row one;
        one[0] = c.name();
        one[1] = c.k8s_version();
        one[2] = c.plan_name();
        one[3] = c.uuid();
        one[4] = c.last_action_state_text();
        one[5] = c.last_action_text();
        rows.push_back(std::move(one));
    }
    std::array<std::size_t, 6> width{};
    for (auto const& r : rows)
        for (std::size_t i = 0; i < r.size(); ++i)
            width[i] = std::max(width[i], r[i].size() + 2);
    for (auto const& r : rows) {
        std::string line;
        for (std::size_t i = 0; i < r.size(); ++i)
            line += r[i] + std::string(width[i] - r[i].size(), ' ');
        std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
    }
}

asio::awaitable<void> target(stage& on)
{
    command("uaac target " + on.options.uaa.url() + " --ca-cert " + on.ca_file);
    pks::client api(co_await asio::this_coro::executor, on.options);
    auto const info = co_await api.within(10s).async_target();
    std::cout << "Target: " << on.options.uaa.url() << "\nUAA " << info.version << ", zone " << info.zone_name
              << ", asks for";
    for (auto const& prompt : info.prompts)
        std::cout << ' ' << prompt.name;
    std::cout << '\n';
    check(on, !info.version.empty() && !info.prompts.empty(), "a UAA says its version and its prompts");
}

asio::awaitable<void> admin_token(stage& on)
{
    command("uaac token client get admin -s \"$ADMIN_SECRET\"");
    pks::client api(co_await asio::this_coro::executor, on.options);
    auto const token = co_await api.async_login(pks::client_credentials("admin", pks::secret("admin-secret")));
    print_token("client credentials", "admin", "admin", token);
    auto const& scopes = token.scope();
    check(
        on, std::find(scopes.begin(), scopes.end(), "scim.write") != scopes.end(), "the admin client may write users");
}

asio::awaitable<void> user(stage& on)
{
    command("pks login -a " + on.options.api.host() + " -u alana -p \"$PASSWORD\" --ca-cert " + on.ca_file);
    pks::client api(co_await asio::this_coro::executor, on.options);
    auto const token = co_await api.async_login(pks::password_credentials("alana", pks::secret("alana-password")));
    std::cout << "API Endpoint: " << on.options.api.host() << "\nUser: alana\nLogin successful.\n";
    check(on, token.expires_in() == 599s && token.refresh_token().has_value(), "pks_cli's tokens live 600 s");
    if (!on.has_api)
        co_return;
    command("pks clusters        # alana has pks.clusters.manage: her own");
    auto const clusters = co_await api.within(10s).async_list_clusters();
    print_clusters(clusters);
    check(on, clusters.size() == 1 && clusters.find("alanas-cluster") != nullptr, "alana sees her cluster alone");
}

// What a service does with the exported token: here over a TLS stream of its own.
asio::awaitable<void> use_exported_token(stage& on, pks::access_token const& token)
{
    auto const executor = co_await asio::this_coro::executor;
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.set_verify_mode(asio::ssl::verify_peer);
    auto const& ca = on.options.trust.text();
    context.add_certificate_authority(asio::buffer(ca));
    asio::ssl::stream<asio::ip::tcp::socket> stream(executor, context);
    stream.set_verify_callback(asio::ssl::host_name_verification(on.options.api.host()));
    asio::ip::tcp::endpoint const address(asio::ip::address_v4::loopback(), on.options.api.port());
    co_await stream.lowest_layer().async_connect(address, asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);

    command("curl -H \"Authorization: Bearer $my_token\" " + on.options.api.url() + "/v1/clusters");
    auto const clusters = co_await pks::async_list_clusters(stream, on.options.api, token);
    std::cout << clusters.size() << " clusters over the caller's own TLS stream\n";
    check(on, clusters.size() == 2, "the exported token works");
}

asio::awaitable<void> automated_client(stage& on)
{
    command("pks login -a " + on.options.api.host() +
        " --client-name automated-client --client-secret \"$CLIENT_SECRET\" --ca-cert " + on.ca_file);
    pks::client api(co_await asio::this_coro::executor, on.options);
    co_await api.async_login(pks::client_credentials("automated-client", pks::secret("automated-secret")));
    std::cout << "API Endpoint: " << on.options.api.host() << "\nUser: automated-client\nLogin successful.\n";
    if (on.has_api) {
        command("pks clusters        # automated-client has pks.clusters.admin: all");
        auto const clusters = co_await api.within(10s).async_list_clusters();
        print_clusters(clusters);
        check(on, clusters.size() == 2, "an admin sees all clusters");
    }
    command("export my_token=$(bosh int ~/.pks/creds.yml --path /access_token)");
    auto const token = api.cached_token();
    check(on, token.has_value(), "the token of the login is kept");
    if (!token)
        co_return;
    auto const text = token->value().reveal();
    std::cout << "my_token=" << text.substr(0, 12) << "...  (" << text.size() << " characters, jti " << token->jti()
              << ")\n";
    if (on.has_api)
        co_await use_exported_token(on, *token);
}

asio::awaitable<void> refusals(stage& on)
{
    auto const executor = co_await asio::this_coro::executor;
    auto const how = asio::as_tuple(asio::deferred);
    pks::diagnostics seen;

    command("uaac target " + on.options.uaa.url() + " --ca-cert another-ca");
    auto other = on.options;
    other.trust = pks::trust::pem(on.wrong_ca);
    pks::client stranger(executor, other);
    auto const [untrusted, nobody] = co_await stranger.async_target(seen, how);
    std::cout << untrusted.message() << "\n  (" << seen.message() << ")\n";
    check(on, untrusted == pks::condition::untrusted && seen.attempts == 0,
        "a wrong CA is refused before anything is sent");

    command("uaac target " + on.options.uaa.url() + " --ca-cert no-such-file");
    other.trust = pks::trust::ca_file("no-such-file");
    pks::client careless(executor, other);
    auto const [missing, no_info] = co_await careless.async_target(seen, how);
    std::cout << missing.message() << "\n  (" << seen.message() << ")\n";
    check(on, missing == pks::errc::ca_not_found, "a CA file that is not there");

    command("pks login -a " + on.options.api.host() + " -u alana -p wrong --ca-cert " + on.ca_file);
    pks::client api(executor, on.options);
    auto wrong = pks::password_credentials("alana", pks::secret("wrong"));
    auto const [rejected, no_token] = co_await api.async_login(wrong, seen, how);
    std::cout << rejected.message() << "\n  (" << seen.message() << ")\n";
    check(on, rejected == pks::oauth_errc::bad_credentials, "a wrong password");
    check(on, !api.cached_token(), "nothing is kept of a refused login");
}

asio::awaitable<void> play(stage& on)
{
    co_await target(on);
    co_await admin_token(on);
    co_await user(on);
    co_await automated_client(on);
    co_await refusals(on);
}

int run(asio::io_context& context, stage& on, pks::testing::control_plane* plane)
{
    auto finish = [&on, plane](std::exception_ptr failure) {
        if (plane)
            plane->stop();
        if (failure) {
            ++on.failures;
            try {
                std::rethrow_exception(failure);
            } catch (std::exception const& e) {
                std::cout << "UNEXPECTED: " << e.what() << '\n';
            }
        }
    };
    asio::co_spawn(context, play(on), finish);
    context.run();
    std::cout << (on.failures == 0 ? "\nAll steps as expected.\n" : "\nNot all steps went as expected.\n");
    return on.failures == 0 ? 0 : 1;
}

int run_embedded()
{
    asio::io_context context;
    pks::testing::control_plane plane(context.get_executor());
    plane.add_cluster("alanas-cluster", "alana");
    plane.add_cluster("platform", "cody", "large");
    pks::client_options options("localhost", plane.trust());
    options.api = plane.api();
    options.uaa = plane.uaa();
    stage on{std::move(options), "root_ca_certificate", pks::testing::certificate_authority().root_pem()};
    std::cout << "The embedded control plane: UAA at " << plane.uaa_url() << ", PKS API at " << plane.api_url() << '\n';
    return run(context, on, &plane);
}

int run_live(std::string const& url, std::string const& ca_file)
{
    asio::io_context context;
    pks::client_options options("localhost", pks::trust::ca_file(ca_file));
    options.uaa = pks::endpoint::uaa(url);
    options.api = options.uaa.with_port(pks::endpoint::api_port);
    stage on{std::move(options), ca_file, pks::testing::certificate_authority().root_pem(), false};
    std::cout << "A real UAA at " << url << '\n';
    return run(context, on, nullptr);
}

} // namespace

int main(int argc, char** argv)
{
    po::options_description described(
        "pks-demo: what people do with uaac, pks and bosh, done through the library.\nOptions");
    described.add_options()("help", "this text")                                                 //
        ("live", po::value<std::string>(), "URL of a real UAA: plays the UAA's half against it") //
        ("ca-cert", po::value<std::string>(), "its CA file");
    try {
        po::variables_map arguments;
        po::store(po::parse_command_line(argc, argv, described), arguments);
        po::notify(arguments);
        if (arguments.count("help") != 0) {
            std::cout << described;
            return 0;
        }
        if (arguments.count("live") == 0)
            return run_embedded();
        if (arguments.count("ca-cert") == 0)
            throw po::error("--live needs --ca-cert");
        return run_live(arguments["live"].as<std::string>(), arguments["ca-cert"].as<std::string>());
    } catch (po::error const& e) {
        std::cerr << "pks-demo: " << e.what() << '\n';
        return 2;
    } catch (std::exception const& e) {
        std::cerr << "pks-demo: " << e.what() << '\n';
        return 1;
    }
}
