// What the connection cases are made from: chains, files, clients, and what they say.
#pragma once

#include "runner/certificate_factory.hpp"
#include "runner/scripted_server.hpp"
#include "runner/tls_get.hpp"

#include <pks/client.hpp>
#include <pks/diagnostics.hpp>
#include <pks/error.hpp>
#include <pks/trust.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace conform {

/// A case came out otherwise than it should, as what() tells.
class otherwise : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// A case cannot be played, as what() tells why.
class not_runnable : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Throws otherwise.
void expect(bool good, std::string const& what);
void expect_error(pks::error_code seen, pks::error_code expected);

/// An error of OpenSSL's with this reason.
bool is_ssl_error(pks::error_code ec, int reason);
bool is_ssl_error(pks::error_code ec); ///< any

/// What an operation ended with, and when.
struct attempt
{
    pks::error_code ec;
    pks::diagnostics diag{};
    std::chrono::steady_clock::duration took{};
};
std::string text_of(attempt const& a);

/// A client of one server: its UAA.
class client_at_work
{
public:
    /// `host`: every name is this machine.
    client_at_work(pks::trust trust, std::uint16_t port, std::string const& host = "api.pks.test");

    /// async_target, which ends after `d`.
    attempt target(std::chrono::milliseconds d = std::chrono::seconds(10));

    /// The same of two clients at once.
    static void target_both(client_at_work& one, attempt& of_one, client_at_work& two, attempt& of_two);

private:
    void start(attempt& out, bool& ended, std::chrono::milliseconds d);

    boost::asio::io_context context_;
    pks::client api_;
};

/// A reply to async_target.
std::string target_reply(bool keep_alive = false);

/// Folders and chains for the cases; the folder goes with it.
class connection_workshop
{
public:
    connection_workshop(boost::json::object const& suite, certificate_factory& factory);
    ~connection_workshop();
    connection_workshop(connection_workshop const&) = delete;
    connection_workshop& operator=(connection_workshop const&) = delete;

    /// Of a certificate case.
    certificate_chain chain(std::string_view id);

    std::string pem(std::string const& certificate); ///< by the factory's name
    std::string private_key(std::string const& certificate);
    std::string der(std::string const& certificate);
    pks::trust root_a();
    pks::trust root_b();

    std::filesystem::path path(std::string_view name) const
    {
        return folder_ / name;
    }
    std::string file(std::string_view name, std::string_view content) const;

private:
    boost::json::object const& suite_;
    certificate_factory& factory_;
    std::filesystem::path folder_;
};

} // namespace conform
