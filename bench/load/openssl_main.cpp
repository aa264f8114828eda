// bench_load_openssl: logins over OpenSSL and blocking sockets, one after the other, and nothing besides: what is left for
// a client to save. No chain is verified, as if each had been before; no reply is read further than its status.
#include "schedule.hpp"
#include "serve_load.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/opensslv.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

struct free_openssl
{
    void operator()(SSL_CTX* p) const noexcept
    {
        ::SSL_CTX_free(p);
    }
    void operator()(SSL* p) const noexcept
    {
        ::SSL_free(p);
    }
    void operator()(SSL_SESSION* p) const noexcept
    {
        ::SSL_SESSION_free(p);
    }
};

class blocking_socket
{
public:
    explicit blocking_socket(std::uint16_t port) : number_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int const on = 1;
        if (number_ < 0 || ::connect(number_, reinterpret_cast<sockaddr const*>(&to), sizeof to) != 0 ||
            ::setsockopt(number_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
            throw std::system_error(errno, std::generic_category(), "connect");
    }
    blocking_socket(blocking_socket const&) = delete;
    blocking_socket& operator=(blocking_socket const&) = delete;
    ~blocking_socket()
    {
        ::close(number_);
    }

    int number() const noexcept
    {
        return number_;
    }

private:
    int number_;
};

class client
{
public:
    explicit client(bench::load const& what)
        : port_(what.port), resuming_(what.kind == "login_resumed"), context_(::SSL_CTX_new(::TLS_client_method()))
    {
        auto* const context = context_.get();
        SSL_CTX_set_app_data(context, this);
        ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        ::SSL_CTX_set_cert_verify_callback(context, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
        ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        ::SSL_CTX_sess_set_new_cb(context, &client::keep);
        std::string const form = bench::login_form;
        request_ = "POST /oauth/token HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
            "\r\nAccept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
            std::to_string(form.size()) + "\r\n\r\n" + form;
    }
    client(client const&) = delete;
    client& operator=(client const&) = delete;

    bool log_in()
    {
        blocking_socket const socket(port_);
        std::unique_ptr<SSL, free_openssl> const stream(::SSL_new(context_.get()));
        auto* const ssl = stream.get();
        ::SSL_set_fd(ssl, socket.number());
        ::SSL_set_read_ahead(ssl, 1);
        if (resuming_ && session_)
            ::SSL_set_session(ssl, session_.get());
        int const size = static_cast<int>(request_.size());
        if (::SSL_connect(ssl) != 1 || ::SSL_write(ssl, request_.data(), size) != size)
            return false;
        int const n = ::SSL_read(ssl, reply_.data(), static_cast<int>(reply_.size()));
        ::SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        return n > 0 && std::string_view(reply_.data(), static_cast<std::size_t>(n)).starts_with("HTTP/1.1 200 ");
    }

private:
    static int keep(SSL* ssl, SSL_SESSION* session)
    {
        auto& self = *static_cast<client*>(SSL_CTX_get_app_data(::SSL_get_SSL_CTX(ssl)));
        self.session_.reset(session);
        return 1;
    }

    std::uint16_t port_;
    bool resuming_;
    std::string request_;
    std::array<char, 16384> reply_{};
    std::unique_ptr<SSL_CTX, free_openssl> context_;
    std::unique_ptr<SSL_SESSION, free_openssl> session_;
};

boost::json::object run(bench::load const& what)
{
    client one(what);
    bench::schedule plan(what.rate, what.seconds);
    while (auto const due = plan.next())
        plan.done(*due, *due, one.log_in());
    return plan.results();
}

} // namespace

int main(int argc, char** argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "serve")
        try {
            return bench::serve_load({"openssl"}, OPENSSL_VERSION_STR, {"login", "login_resumed"}, &run);
        } catch (std::exception const& failure) {
            std::cerr << "bench_load_openssl: " << failure.what() << '\n';
            return 3;
        }
    std::cerr
        << "usage: bench_load_openssl serve CA_FILE\n\n"
           "serve answers lines `openssl KIND PORT CONNECTIONS RATE SECONDS`: closed loops, over one connection.\n";
    return 2;
}
