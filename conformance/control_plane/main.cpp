// pks-control-plane: the embedded control plane as a program.
#include <pks/testing/control_plane.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/program_options.hpp>

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace po = boost::program_options;

// NAME:OWNER[:PLAN]
void add_cluster(pks::testing::control_plane& plane, std::string const& text)
{
    auto const first = text.find(':');
    if (first == std::string::npos)
        throw po::error("--cluster takes NAME:OWNER[:PLAN], not '" + text + "'");
    auto const second = text.find(':', first + 1);
    plane.add_cluster(text.substr(0, first), text.substr(first + 1, second - first - 1),
        second == std::string::npos ? "small" : text.substr(second + 1));
}

// Starts a program with these arguments, found on the PATH.
pid_t start(std::vector<std::string> words)
{
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    if (int const failed = ::posix_spawnp(&child, argv.front(), nullptr, nullptr, argv.data(), environ))
        throw std::system_error(failed, std::generic_category(), words.front());
    return child;
}

int run(po::variables_map const& arguments)
{
    pks::testing::control_plane_options options;
    auto const generation = arguments["generation"].as<std::string>();
    if (generation == "4.30")
        options.generation = pks::testing::uaa_generation::v4_30;
    else if (generation != "77.18")
        throw po::error("--generation takes 4.30 or 77.18, not '" + generation + "'");
    auto const checks = arguments["checks"].as<std::string>();
    if (checks == "offline")
        options.checks = pks::validation::offline;
    else if (checks != "online")
        throw po::error("--checks takes online or offline, not '" + checks + "'");
    options.uaa_port = arguments["uaa-port"].as<std::uint16_t>();
    options.api_port = arguments["api-port"].as<std::uint16_t>();
    options.host = arguments["host"].as<std::string>();
    options.broker.provisioning = std::chrono::milliseconds(arguments["provisioning-ms"].as<unsigned>());
    if (options.host != "localhost" && options.host != "127.0.0.1")
        options.dns_names.push_back(options.host);

    auto const threads = arguments["threads"].as<unsigned>();
    boost::asio::io_context context(static_cast<int>(threads));
    pks::testing::control_plane plane(context.get_executor(), options);
    for (auto const& cluster : arguments["cluster"].as<std::vector<std::string>>())
        add_cluster(plane, cluster);
    if (arguments.count("ca-file") != 0)
        plane.write_ca(arguments["ca-file"].as<std::string>());

    boost::asio::signal_set signals(context, SIGINT, SIGTERM);
    boost::asio::signal_set children(context);
    signals.async_wait([&plane, &children](boost::system::error_code ec, int) {
        if (ec)
            return;
        children.cancel();
        plane.stop();
    });
    std::cout << "UAA " << plane.uaa_url() << "\nAPI " << plane.api_url() << std::endl;

    int status = 0;
    if (arguments.count("command") != 0) {
        children.add(SIGCHLD);
        ::setenv("PKS_UAA", plane.uaa_url().c_str(), 1);
        ::setenv("PKS_API", plane.api_url().c_str(), 1);
        ::setenv("PKS_CA_FILE", arguments["ca-file"].as<std::string>().c_str(), 1);
        auto const child = start(arguments["command"].as<std::vector<std::string>>());
        children.async_wait([&plane, &signals, &status, child](boost::system::error_code ec, int) {
            if (ec)
                return;
            int raw = 0;
            ::waitpid(child, &raw, 0);
            status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
            signals.cancel();
            plane.stop();
        });
    }

    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < threads; ++i)
        helpers.emplace_back([&context] { context.run(); });
    context.run();
    return status;
}

} // namespace

int main(int argc, char** argv)
{
    po::options_description described(
        "pks-control-plane [OPTIONS] [-- COMMAND ARGUMENT...]: a UAA and a PKS API on loopback, until SIGTERM or SIGINT,\n"
        "or until the command ends, which finds them in PKS_UAA, PKS_API and PKS_CA_FILE and gives the exit status.\n"
        "Clients, users and secrets are those of the embedded PKS installation.\nOptions");
    described.add_options()("help", "this text")                                                        //
        ("uaa-port", po::value<std::uint16_t>()->default_value(8443), "port of the UAA, 0 for any")     //
        ("api-port", po::value<std::uint16_t>()->default_value(9021), "port of the PKS API, 0 for any") //
        ("host", po::value<std::string>()->default_value("localhost"), "host name in URLs and in iss")  //
        ("generation", po::value<std::string>()->default_value("77.18"), "UAA to play: 4.30 or 77.18")  //
        ("checks", po::value<std::string>()->default_value("online"),
            "how the API checks tokens: it asks the UAA about each (online), or verifies them (offline)") //
        ("ca-file", po::value<std::string>(), "write the root certificate to this file")                  //
        ("cluster", po::value<std::vector<std::string>>()->composing()->default_value({}, ""),
            "NAME:OWNER[:PLAN] of a cluster that is already there; may be repeated")                  //
        ("provisioning-ms", po::value<unsigned>()->default_value(30000), "how long a creation takes") //
        ("threads", po::value<unsigned>()->default_value(1), "threads that answer");
    try {
        po::variables_map arguments;
        po::options_description all;
        all.add(described).add_options()("command", po::value<std::vector<std::string>>());
        po::positional_options_description words;
        words.add("command", -1);
        po::store(po::command_line_parser(argc, argv).options(all).positional(words).run(), arguments);
        po::notify(arguments);
        if (arguments.count("help") != 0) {
            std::cout << described;
            return 0;
        }
        if (arguments.count("command") != 0 && arguments.count("ca-file") == 0)
            throw po::error("a command needs --ca-file, so that it can trust the servers");
        return run(arguments);
    } catch (po::error const& e) {
        std::cerr << "pks-control-plane: " << e.what() << '\n';
        return 2;
    } catch (std::exception const& e) {
        std::cerr << "pks-control-plane: " << e.what() << '\n';
        return 3;
    }
}
