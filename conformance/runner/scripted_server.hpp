// A server on loopback that plays a script with each connection.
#pragma once

#include <openssl/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace conform {

/// A connection of the server, which blocks. Whatever cannot be read or written within ten seconds has ended.
class server_socket
{
public:
    explicit server_socket(int descriptor) : descriptor_(descriptor) {}

    int descriptor() const noexcept
    {
        return descriptor_;
    }

    bool write(std::string_view octets);
    std::string read_some(); ///< empty at the end
    bool wait_for_end();     ///< reads until the peer has closed or reset; false where it does neither

    /// As wait_for_end, for no longer than that.
    bool ends_within(std::chrono::milliseconds d);

private:
    int descriptor_;
};

/// TLS on a server_socket.
class server_tls
{
public:
    server_tls(server_socket& socket, ::SSL_CTX* context);
    ~server_tls();
    server_tls(server_tls const&) = delete;
    server_tls& operator=(server_tls const&) = delete;

    ::SSL* native() const noexcept
    {
        return ssl_;
    }

    bool accept();
    std::string read_head(); ///< of a request; empty where none came in whole
    bool write(std::string_view octets);
    void close(); ///< with close_notify

private:
    ::SSL* ssl_;
};

/// Listens from its construction to the end of the object, each connection in a thread of its own.
class scripted_server
{
public:
    using script = std::function<void(server_socket&)>;

    /// On 127.0.0.1, or on ::1. Throws std::runtime_error where that is not to be had.
    explicit scripted_server(script play, bool ipv6 = false);
    ~scripted_server();
    scripted_server(scripted_server const&) = delete;
    scripted_server& operator=(scripted_server const&) = delete;

    std::uint16_t port() const noexcept
    {
        return port_;
    }
    std::size_t connections() const noexcept
    {
        return connections_;
    }

    /// Accepts nothing more, and waits for the scripts under way. What they wrote may be read after that. Throws what the
    /// first of them threw.
    void finish();

private:
    struct one
    {
        int descriptor = -1;
        std::thread thread;
    };

    void serve();
    void play(server_socket& socket);
    void join();

    script play_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<std::size_t> connections_ = 0;
    std::atomic<bool> stopping_ = false;
    std::list<one> open_; // of the accepting thread until that has ended
    std::mutex mutex_;    // of what follows
    std::exception_ptr thrown_;
    std::thread thread_;
};

} // namespace conform
