// bench_load_server: the server of bench/load, in a process of its own.
#include "common/serve.hpp"
#include "server.hpp"

#include <pks/testing/certificate_authority.hpp>

#include <boost/json/serialize.hpp>

#include <csignal>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

#include <unistd.h>

namespace {

namespace json = boost::json;

void serve(std::string const& ca_file)
{
    pks::testing::certificate_authority const authority;
    auto const identity = authority.issue({"localhost"}, {"127.0.0.1"});
    std::ofstream(ca_file) << authority.root_pem();
    if (!std::ifstream(ca_file))
        throw std::runtime_error("cannot write " + ca_file);
    bench::server server(identity.certificate, identity.private_key);
    json::object const about{{"full_port", server.full_port()}, {"resuming_port", server.resuming_port()}};
    std::cout << json::serialize(about) << std::endl;
    for (;;) {
        server.run_until_readable(STDIN_FILENO);
        std::string line;
        if (!std::getline(std::cin, line))
            return;
        auto const& count = server.count();
        json::object const counted{{"connections", count.connections}, {"resumed", count.resumed},
            {"requests", count.requests}, {"open", count.open}};
        std::cout << json::serialize(counted) << std::endl;
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr
            << "usage: bench_load_server CA_FILE\n\n"
               "Writes its root certificate there, and a line of JSON with its ports; then, for each line that it\n"
               "reads, one with what it has counted.\n";
        return 2;
    }
    try {
        std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to connections that are gone
        serve(argv[1]);
        return 0;
    } catch (std::exception const& failure) {
        std::cerr << "bench_load_server: " << failure.what() << '\n';
        return 3;
    }
}
