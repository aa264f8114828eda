// A UAA and a PKS API as fast as they can be: TLS and HTTP/1.1 with two answers that never change. Its clients are
// measured, so that it should need less time than any of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <openssl/types.h>

namespace bench {

/// POST is answered with a token of 1,258 octets, all else with a list of two clusters. It judges nothing.
///
/// Errors: std::runtime_error, std::system_error. Thread safety: none.
class server
{
public:
    /// PEM texts.
    server(std::string const& certificate, std::string const& private_key);
    server(server const&) = delete;
    server& operator=(server const&) = delete;
    ~server();

    /// Where no TLS session is given out, so that each handshake is a full one.
    std::uint16_t full_port() const noexcept
    {
        return full_.port;
    }
    /// Where each connection may resume the session of another.
    std::uint16_t resuming_port() const noexcept
    {
        return resuming_.port;
    }

    /// Since it began.
    class counters
    {
    public:
        std::size_t connections = 0; ///< whose handshake was completed
        std::size_t resumed = 0;     ///< of these
        std::size_t requests = 0;
        std::size_t open = 0; ///< now
    };
    counters const& count() const noexcept
    {
        return counted_;
    }

    /// Serves until there is something to read from this descriptor.
    void run_until_readable(int descriptor);

private:
    struct free_context
    {
        void operator()(SSL_CTX* c) const noexcept;
    };

    struct listener
    {
        std::vector<int> sockets;
        std::uint16_t port = 0;
        std::unique_ptr<SSL_CTX, free_context> context;
    };

    class connection;

    listener listen(std::string const& certificate, std::string const& private_key, bool resuming);
    void accept(int socket, SSL_CTX* context);
    void serve(connection& one, bool may_write);
    void close(connection& one);

    int poll_ = -1;
    listener full_;
    listener resuming_;
    std::vector<std::unique_ptr<connection>> connections_; // by descriptor
    counters counted_;
};

} // namespace bench
