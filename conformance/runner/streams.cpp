// The streams that recordings are replayed over.
#include "runner/streams.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include <algorithm>

namespace conform {

namespace asio = boost::asio;

void memory_stream::complete(handler h, boost::system::error_code ec, std::size_t n)
{
    auto executor = asio::get_associated_executor(h, get_executor());
    auto call = [h = std::move(h), ec, n]() mutable { std::move(h)(ec, n); };
    asio::post(context_, asio::bind_executor(std::move(executor), std::move(call)));
}

void memory_stream::start_write_some(asio::const_buffer buffer, handler h)
{
    request_.append(static_cast<char const*>(buffer.data()), buffer.size());
    complete(std::move(h), {}, buffer.size());
}

void memory_stream::start_read_some(asio::mutable_buffer buffer, handler h)
{
    if (!reply_)
        reply_ = answer_(request_).value_or("");
    auto const n = std::min({buffer.size(), piece_, reply_->size() - given_});
    if (n == 0) {
        complete(std::move(h), buffer.size() == 0 ? boost::system::error_code() : asio::error::eof, 0);
        return;
    }
    std::copy_n(reply_->data() + given_, n, static_cast<char*>(buffer.data()));
    given_ += n;
    complete(std::move(h), {}, n);
}

tls_stream::tls_stream(asio::io_context& context, asio::ssl::context& tls, unsigned short port, std::size_t piece)
    : stream_(context, tls), piece_(piece)
{
    stream_.lowest_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_.lowest_layer().set_option(asio::ip::tcp::no_delay(true));
    stream_.set_verify_callback(asio::ssl::host_name_verification("localhost"));
    stream_.handshake(asio::ssl::stream_base::client);
}

tls_stream::~tls_stream()
{
    ::SSL_set_shutdown(stream_.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void tls_stream::start_read_some(asio::mutable_buffer buffer, handler h)
{
    stream_.async_read_some(asio::buffer(buffer, piece_), std::move(h));
}

void tls_stream::start_write_some(asio::const_buffer buffer, handler h)
{
    stream_.async_write_some(buffer, std::move(h));
}

} // namespace conform
