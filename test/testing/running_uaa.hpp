// A UAA that answers on a socket, the embedded one or a real one, and requests to it that owe nothing to the library.
#pragma once

#include <pks/clock.hpp>
#include <pks/testing/control_plane.hpp>
#include <pks/testing/manual_clock.hpp>
#include <pks/testing/uaa_generation.hpp>
#include <pks/trust.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace testing_recorded {

/// Clients, users and their secrets are those of a PKS installation, as conformance/live/uaa.yml.in has them.
class running_uaa
{
public:
    struct reply
    {
        int status = 0;
        std::string body;
    };

    /// Embedded, by a clock that stands still.
    explicit running_uaa(pks::testing::uaa_generation generation);

    /// Somebody else's, by the system's clock. `url`: `https://HOST:PORT`.
    running_uaa(std::string url, std::string const& ca_file);

    running_uaa(running_uaa const&) = delete;
    running_uaa& operator=(running_uaa const&) = delete;
    ~running_uaa();

    std::string const& url() const noexcept
    {
        return url_;
    }
    pks::trust trust() const;

    /// What the UAA goes by; null: the system's.
    std::shared_ptr<pks::clock const> clock() const;

    /// A context that a thread runs.
    boost::asio::any_io_executor executor();

    /// One request, each over a connection of its own. `authorization`: `Basic …`, `Bearer …` or empty.
    /// Throws boost::system::system_error.
    reply ask(std::string_view method, std::string const& target, std::string const& authorization = {},
        std::string const& form = {});

    /// A token reply. `form`: the parameters of the grant, encoded. Fails the test where there is none.
    boost::json::object grant(std::string_view client, std::string_view secret, std::string const& form);

    /// Until so much time has passed for the UAA.
    void let_pass(std::chrono::seconds time);

private:
    void run();

    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::shared_ptr<pks::testing::manual_clock> clock_;
    std::optional<pks::testing::control_plane> plane_;
    std::string url_;
    std::string ca_;
    boost::asio::ssl::context tls_;
    std::jthread thread_;
};

} // namespace testing_recorded
