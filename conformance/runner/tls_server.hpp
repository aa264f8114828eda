// A TLS server on a loopback port that answers one request a connection.
#pragma once

#include "runner/streams.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

namespace conform {

/// Has a thread of its own, a CA of its own and a certificate for `localhost`. After a reply it ends the connection
/// properly, with close_notify.
class tls_server
{
public:
    tls_server();
    ~tls_server();
    tls_server(tls_server const&) = delete;
    tls_server& operator=(tls_server const&) = delete;

    unsigned short port() const noexcept
    {
        return port_;
    }
    std::string const& ca() const noexcept ///< PEM
    {
        return ca_;
    }

    /// Who answers from now on. It is called on the server's thread, and never during or after the next call of this.
    void answer_with(answerer answer);

private:
    void serve();
    void serve_one(boost::asio::ip::tcp::socket socket);

    std::string ca_;
    boost::asio::io_context context_;
    boost::asio::ssl::context tls_;
    boost::asio::ip::tcp::acceptor acceptor_;
    unsigned short port_ = 0;
    std::mutex mutex_;
    answerer answer_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

} // namespace conform
