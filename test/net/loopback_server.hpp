// A server on loopback that does what a test needs of a bad or silent peer, and counts what it gets.
#pragma once

#include <pks/testing/certificate_authority.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace net_test {

/// Accepts connections on 127.0.0.1. Stops when it is destroyed.
class loopback_server
{
public:
    enum class manner {
        silent,   ///< reads, and never answers, be it a handshake
        replying, ///< answers each request with `reply`
        closing,  ///< closes once a request has come
    };
    struct options
    {
        manner does = manner::silent;
        std::optional<pks::testing::server_identity> tls{}; ///< handshakes first
        std::string reply{};
        bool then_closes = false; ///< TCP, after the reply: without close_notify where there is TLS
        bool tls_1_2_only = false;
        std::string client_ca{}; ///< demands a client certificate of this CA
    };

    loopback_server(boost::asio::any_io_executor executor, options o);
    ~loopback_server();

    std::uint16_t port() const noexcept;
    std::size_t connections() const noexcept; ///< accepted
    std::size_t requests() const noexcept;    ///< heads that came in whole
    std::string last_request() const;         ///< head, and what came with it

    struct state;

private:
    std::shared_ptr<state> state_;
};

/// A port on 127.0.0.1 whose queue of connections is full: connecting neither succeeds nor fails.
class unanswered_port
{
public:
    unanswered_port();
    ~unanswered_port();

    std::uint16_t port() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace net_test
