// A server on loopback that plays a script with each connection.
#include "runner/scripted_server.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace conform {

namespace {

// OpenSSL writes to sockets without MSG_NOSIGNAL. A signal that a thread blocks stays with it, and ends with it.
void block_broken_pipes()
{
    ::sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void give_up_after_ten_seconds(int descriptor)
{
    ::timeval const limit{10, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

} // namespace

bool server_socket::write(std::string_view octets)
{
    while (!octets.empty()) {
        auto const n = ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        octets.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::string server_socket::read_some()
{
    std::array<char, 16384> buffer;
    auto const n = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    return {buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

bool server_socket::wait_for_end()
{
    std::array<char, 4096> buffer;
    while (true) {
        auto const n = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (n <= 0)
            return n == 0 || errno == ECONNRESET;
    }
}

bool server_socket::ends_within(std::chrono::milliseconds d)
{
    auto const end = std::chrono::steady_clock::now() + d;
    while (true) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        ::pollfd ready{descriptor_, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0)
            return false;
        std::array<char, 4096> buffer;
        if (::recv(descriptor_, buffer.data(), buffer.size(), 0) <= 0)
            return true;
    }
}

server_tls::server_tls(server_socket& socket, ::SSL_CTX* context) : ssl_(::SSL_new(context))
{
    if (!ssl_ || ::SSL_set_fd(ssl_, socket.descriptor()) != 1)
        throw std::runtime_error("OpenSSL cannot make a connection");
}

server_tls::~server_tls()
{
    ::SSL_free(ssl_);
    ::ERR_clear_error();
}

bool server_tls::accept()
{
    return ::SSL_accept(ssl_) == 1;
}

std::string server_tls::read_head()
{
    std::string out;
    std::array<char, 4096> buffer;
    while (out.find("\r\n\r\n") == out.npos) {
        int const n = ::SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()));
        if (n <= 0)
            return {};
        out.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return out;
}

bool server_tls::write(std::string_view octets)
{
    return ::SSL_write(ssl_, octets.data(), static_cast<int>(octets.size())) == static_cast<int>(octets.size());
}

void server_tls::close()
{
    ::SSL_shutdown(ssl_);
}

scripted_server::scripted_server(script play, bool ipv6) : play_(std::move(play))
{
    listener_ = ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    auto* const address = ipv6 ? reinterpret_cast<::sockaddr*>(&v6) : reinterpret_cast<::sockaddr*>(&v4);
    ::socklen_t size = ipv6 ? sizeof v6 : sizeof v4;
    if (listener_ < 0 || ::bind(listener_, address, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, address, &size) != 0) {
        if (listener_ >= 0)
            ::close(listener_);
        throw std::runtime_error(ipv6 ? "cannot listen on ::1" : "cannot listen on 127.0.0.1");
    }
    port_ = ntohs(ipv6 ? v6.sin6_port : v4.sin_port);
    thread_ = std::thread([this] { serve(); });
}

scripted_server::~scripted_server()
{
    stopping_ = true;
    if (thread_.joinable())
        thread_.join();
    for (auto const& each : open_)
        ::shutdown(each.descriptor, SHUT_RDWR);
    join();
    ::close(listener_);
}

void scripted_server::finish()
{
    join();
    std::lock_guard const lock(mutex_);
    if (thrown_)
        std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void scripted_server::play(server_socket& socket)
{
    try {
        play_(socket);
    } catch (...) {
        std::lock_guard const lock(mutex_);
        if (!thrown_)
            thrown_ = std::current_exception();
    }
}

void scripted_server::join()
{
    stopping_ = true;
    if (thread_.joinable())
        thread_.join();
    for (auto& each : open_) {
        each.thread.join();
        ::close(each.descriptor);
    }
    open_.clear();
}

void scripted_server::serve()
{
    block_broken_pipes();
    while (!stopping_) {
        ::pollfd ready{listener_, POLLIN, 0};
        if (::poll(&ready, 1, 20) != 1)
            continue;
        int const descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (descriptor < 0)
            continue;
        ++connections_;
        give_up_after_ten_seconds(descriptor);
        auto& added = open_.emplace_back();
        added.descriptor = descriptor;
        added.thread = std::thread([this, descriptor] {
            server_socket socket(descriptor);
            play(socket);
            // The peer sees the end at once; the number is kept from others until the script has been joined.
            ::shutdown(descriptor, SHUT_RDWR);
        });
    }
}

} // namespace conform
