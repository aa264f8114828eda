// The operations of the suites, each played by a client of its own against servers that go wrong as they are told.
#pragma once

#include "runner/failing_allocator.hpp"

#include <pks/client.hpp>
#include <pks/diagnostics.hpp>
#include <pks/error.hpp>
#include <pks/observer.hpp>
#include <pks/testing/certificate_authority.hpp>
#include <pks/testing/fault_script.hpp>
#include <pks/testing/fault_server.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
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
    int attempts = 0; ///< at the operation's server, as the client counts them
    std::size_t requests = 0;
    std::size_t effects = 0;
    std::size_t token_requests = 0;                         ///< beside the operation's own
    std::size_t connections = 0;                            ///< that the operation's server accepted for it
    std::size_t idle = 0;                                   ///< connections to it that the client kept
    std::size_t left_open = 0;                              ///< on both servers, once the client was gone
    std::shared_ptr<int> handler = std::make_shared<int>(); ///< held by the handler, as long as there is one
};

/// Why a play is no good whatever it was to show: not one completion, a lost or a doubled effect, a connection left
/// open, a secret in a text. Empty where it is good.
std::string harm_of(played const& p, suite_operation const& operation);

/// How an operation is played.
struct play_settings
{
    std::function<void(pks::client_options&)> options{}; ///< changes them
    std::function<void(pks::event const&)> on_event{};   ///< of the operation, not of the login before it
    std::function<void(pks::client&)> ahead{};           ///< just before it, with a client that is logged in
    std::chrono::milliseconds deadline{10'000};          ///< of the operation
    bool fixed_token = false;                            ///< the client has a token, and no way to another one
    bool pooled = false;                                 ///< the client has a connection to the operation's server
};

/// How the servers of an operation are set up.
struct bench_settings
{
    int tls_version = 0;                                            ///< the only one, as for fault_server_options
    std::optional<pks::testing::server_identity> identity_of_api{}; ///< nothing: a good one
    std::optional<pks::testing::server_identity> identity_of_uaa{}; ///< likewise
    bool by_name = false; ///< the client knows them as api.pks.test and uaa.pks.test
};

/// A UAA and an API with one trust, and what clients do with them. Each is for one play: counters begin at 0.
///
/// Thread safety: none; everything happens in the calling thread.
class operation_bench
{
public:
    explicit operation_bench(bench_settings const& settings = {});
    operation_bench(operation_bench const&) = delete;
    operation_bench& operator=(operation_bench const&) = delete;

    /// How many there have been in this process.
    static std::size_t made() noexcept;

    /// Whom the clients trust.
    static pks::testing::certificate_authority const& authority();

    pks::testing::fault_server& server_of(suite_operation const& operation);
    pks::testing::fault_server& other_than(suite_operation const& operation);
    static std::string tag_of(suite_operation const& operation);
    boost::asio::io_context& context() noexcept
    {
        return context_;
    }

    /// Runs the operation to its completion. `script` is for its server, and begins after the login. Throws
    /// std::runtime_error where the login fails, or the operation does not end within 20 seconds.
    played play(
        suite_operation const& operation, pks::testing::fault_script script, play_settings const& settings = {});

    /// Starts an operation of a client with these credentials; `out` outlives it. `memory`: of its handler's allocator.
    static void start(pks::client& api, suite_operation const& operation, played& out,
        boost::asio::cancellation_slot slot = {}, allocations* memory = nullptr);

    /// Runs the context. Throws std::runtime_error after 20 seconds.
    void run_until(std::function<bool()> const& done, char const* what);

    /// Options of a client of the operation, and what comes before it: for whoever plays it in another way.
    pks::client_options options(suite_operation const& operation) const;
    void prepare(pks::client& api, suite_operation const& operation, play_settings const& settings);

    /// Waits until both servers have no connection any more, for 2 seconds at most; how many are left.
    std::size_t wait_for_closed_connections();

    /// Refresh tokens that have been taken for new ones; at most one is harmless.
    std::size_t rotations() const noexcept
    {
        return rotations_;
    }

private:
    void log_in(pks::client& api, bool fixed_token);
    void warm_up(pks::client& api, suite_operation const& operation);

    pks::testing::reply answer_as_uaa(pks::testing::request const& r);
    pks::testing::reply answer_as_api(pks::testing::request const& r);

    bench_settings settings_;
    boost::asio::io_context context_;
    std::set<std::string, std::less<>> deleted_;
    std::size_t tokens_ = 0;
    std::size_t rotations_ = 0;
    std::unique_ptr<pks::testing::fault_server> uaa_;
    std::unique_ptr<pks::testing::fault_server> api_;
};

} // namespace conform
