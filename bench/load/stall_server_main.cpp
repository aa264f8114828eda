// bench_load_stalls: the servers that fall silent, in a process of their own.
#include "common/serve.hpp"
#include "stalls.hpp"

#include <pks/testing/certificate_authority.hpp>
#include <pks/testing/fault_script.hpp>
#include <pks/testing/fault_server.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <exception>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
namespace testing = pks::testing;

// What is counted of what the server sees, in this order.
constexpr std::pair<bench::sight, char const*> counted[] = {{bench::sight::connection, "connections"},
    {bench::sight::handshake, "handshakes"}, {bench::sight::request, "requests"}};

/// One for each stall, all in one thread.
class servers
{
public:
    servers()
    {
        for (auto const& what : bench::stalls())
            if (what.plan)
                all_.emplace(what.name, start(what));
        thread_ = std::thread([this] { context_.run(); });
    }
    servers(servers const&) = delete;
    servers& operator=(servers const&) = delete;
    ~servers()
    {
        context_.stop();
        thread_.join();
    }

    std::string const& root_pem() const noexcept
    {
        return authority_.root_pem();
    }

    json::array about() const
    {
        json::array out;
        for (auto const& what : bench::stalls()) {
            auto const at = all_.find(what.name);
            json::object one{{"name", what.name}, {"what", what.what}, {"share", what.share},
                {"port", at == all_.end() ? 0 : at->second->port()}};
            json::array beyond;
            for (auto const& [sight, name] : counted)
                if (sight == what.last)
                    one["reaches"] = name;
                else if (sight > what.last)
                    beyond.push_back(json::string(name));
            one["never_reaches"] = std::move(beyond);
            one.emplace("reaches", nullptr); // where the server sees nothing
            out.push_back(std::move(one));
        }
        return out;
    }

    /// So many operations are coming. What was seen until now.
    json::object expect(bench::stall const& what, std::size_t operations)
    {
        auto const at = all_.find(what.name);
        if (at == all_.end())
            return {{"connections", 0}, {"handshakes", 0}, {"requests", 0}};
        auto& server = *at->second;
        testing::fault_script script;
        what.plan(script, operations);
        std::promise<void> played;
        asio::post(context_, [&] {
            server.play(std::move(script));
            played.set_value();
        });
        played.get_future().wait();
        auto const seen = server.connections();
        return {{"connections", seen.accepted}, {"handshakes", seen.handshakes}, {"requests", server.count().requests}};
    }

private:
    std::unique_ptr<testing::fault_server> start(bench::stall const& what)
    {
        testing::fault_server_options options;
        options.secure = what.tls_version != 0;
        options.tls_version = what.tls_version;
        options.authority = authority_;
        auto out = std::make_unique<testing::fault_server>(context_.get_executor(), std::move(options));
        if (!what.answers_syn)
            out->blackhole();
        return out;
    }

    testing::certificate_authority authority_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(context_);
    std::map<std::string_view, std::unique_ptr<testing::fault_server>> all_;
    std::thread thread_;
};

int serve(std::string const& ca_file)
{
    servers all;
    std::ofstream(ca_file) << all.root_pem();
    if (!std::ifstream(ca_file))
        throw std::runtime_error("cannot write " + ca_file);
    json::object const about{{"stalls", all.about()}};
    return bench::serve(about, [&](std::istringstream& words) -> std::optional<json::object> {
        std::string name;
        std::size_t operations = 0;
        words >> name >> operations;
        auto const* const what = bench::find_stall(name);
        if (!words || !what)
            return {};
        return all.expect(*what, operations);
    });
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: bench_load_stalls CA_FILE\n\n"
                     "Writes its root certificate there, and a line of JSON with its stalls. For each line\n"
                     "`STALL OPERATIONS` it gets ready for so many, and answers with what it has seen before.\n";
        return 2;
    }
    try {
        return serve(argv[1]);
    } catch (std::exception const& failure) {
        std::cerr << "bench_load_stalls: " << failure.what() << '\n';
        return 3;
    }
}
