// The operations of the suites, each played by a client of its own against servers that go wrong as they are told.
#pragma once

#include <pks/client.hpp>
#include <pks/diagnostics.hpp>
#include <pks/error.hpp>
#include <pks/observer.hpp>
#include <pks/testing/fault_script.hpp>
#include <pks/testing/fault_server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace conform {

/// As retry/operations.json lists it, with names in the place of the path's parameters.
struct suite_operation
{
    std::string name;
    std::string method;
    std::string path;
    std::string letter; ///< its class
    std::string auth;   ///< bearer, client or none
};

/// By name. Throws suites::suite_error.
std::map<std::string, suite_operation> read_operations(boost::json::object const& suite);

/// What an operation ended with, and when; what the servers saw of it.
struct played
{
    pks::error_code ec;
    pks::diagnostics diag{};
    std::chrono::steady_clock::duration took{};
    int completions = 0;
    std::size_t requests = 0;
    std::size_t effects = 0;
    std::size_t token_requests = 0; ///< beside the operation's own
    std::size_t connections = 0;    ///< that the operation's server accepted for it
    std::size_t left_open = 0;      ///< on both servers, once the client was gone
};

/// How an operation is played.
struct play_settings
{
    std::function<void(pks::client_options&)> options{};               ///< changes them
    std::function<void(pks::event const&)> on_event{};                 ///< of the operation, not of the login before it
    std::function<void(pks::client&)> started{};                       ///< called when the operation has been started
    std::function<void(pks::client&, suite_operation const&)> ahead{}; ///< before it, with a client that has logged in
    bool fixed_token = false; ///< the client has a token, and no way to another one
    bool pooled = false;      ///< the operation's server has answered the same operation just before
    bool destroyed = false;   ///< nobody expects a completion
};

/// A UAA and an API with one trust, and what clients do with them. Each is for one play: counters begin at 0.
///
/// Thread safety: none; everything happens in the calling thread.
class operation_bench
{
public:
    /// `tls_version`: the only one, as for fault_server_options; 0: any.
    explicit operation_bench(int tls_version = 0);
    operation_bench(operation_bench const&) = delete;
    operation_bench& operator=(operation_bench const&) = delete;

    pks::testing::fault_server& server_of(suite_operation const& operation);
    static std::string tag_of(suite_operation const& operation);
    boost::asio::io_context& context() noexcept
    {
        return context_;
    }

    /// Options of a client of these servers, with short delays, and retries without a budget.
    pks::client_options options() const;

    /// Runs the operation to its completion. `script` is for its server, and begins after the login. Throws
    /// std::runtime_error where the login fails, or the operation does not end within 20 seconds.
    played play(
        suite_operation const& operation, pks::testing::fault_script script, play_settings const& settings = {});

    /// Refresh tokens that have been taken for new ones; at most one is harmless.
    std::size_t rotations() const noexcept
    {
        return rotations_;
    }

private:
    void start(pks::client& api, suite_operation const& operation, played& out);
    void log_in(pks::client& api, bool fixed_token);
    void run_until(std::function<bool()> const& done, char const* what);

    pks::testing::reply answer_as_uaa(pks::testing::request const& r);
    pks::testing::reply answer_as_api(pks::testing::request const& r);

    boost::asio::io_context context_;
    std::set<std::string, std::less<>> deleted_;
    std::size_t tokens_ = 0;
    std::size_t rotations_ = 0;
    std::unique_ptr<pks::testing::fault_server> uaa_;
    std::unique_ptr<pks::testing::fault_server> api_;
};

} // namespace conform
