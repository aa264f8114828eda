// A TLS server on a loopback port that answers one request a connection.
#include "runner/tls_server.hpp"
#include "runner/matcher.hpp"

#include <pks/testing/certificate_authority.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <openssl/err.h>

#include <array>

namespace conform {

namespace asio = boost::asio;

tls_server::tls_server()
    : tls_(asio::ssl::context::tls_server), acceptor_(context_, {asio::ip::address_v4::loopback(), 0})
{
    pks::testing::certificate_authority const authority("pks-conform CA");
    auto const identity = authority.issue({"localhost"}, {});
    ca_ = authority.root_pem();
    tls_.use_certificate_chain(asio::buffer(identity.certificate));
    tls_.use_private_key(asio::buffer(identity.private_key), asio::ssl::context::pem);
    port_ = acceptor_.local_endpoint().port();
    thread_ = std::thread([this] { serve(); });
}

tls_server::~tls_server()
{
    stopping_ = true;
    boost::system::error_code ignored;
    asio::ip::tcp::socket wake(context_);
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
}

void tls_server::answer_with(answerer answer)
{
    std::lock_guard const lock(mutex_);
    answer_ = std::move(answer);
}

void tls_server::serve()
{
    for (;;) {
        boost::system::error_code ec;
        asio::ip::tcp::socket socket(context_);
        acceptor_.accept(socket, ec);
        if (stopping_)
            return;
        if (!ec)
            serve_one(std::move(socket));
        ::ERR_clear_error();
    }
}

void tls_server::serve_one(asio::ip::tcp::socket socket)
{
    boost::system::error_code ec;
    socket.set_option(asio::ip::tcp::no_delay(true), ec);
    asio::ssl::stream<asio::ip::tcp::socket> stream(std::move(socket), tls_);
    stream.handshake(asio::ssl::stream_base::server, ec);
    std::string request;
    std::array<char, 4096> piece;
    while (!ec && !parse_request(request))
        request.append(piece.data(), stream.read_some(asio::buffer(piece), ec));
    if (ec)
        return;
    std::optional<std::string> reply;
    {
        std::lock_guard const lock(mutex_);
        if (answer_)
            reply = answer_(request);
    }
    if (reply)
        asio::write(stream, asio::buffer(*reply), ec);
    stream.shutdown(ec);
}

} // namespace conform
