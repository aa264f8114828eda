// The streams that recordings are replayed over.
#pragma once

#include "runner/stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace conform {

inline constexpr std::size_t all_at_once = std::numeric_limits<std::size_t>::max();

/// Gives the reply for the octets of a request, or nothing: the connection then ends without a reply.
using answerer = std::function<std::optional<std::string>(std::string_view request)>;

/// A connection in memory. The first read asks for the answer; each read gives at most `piece` octets of it.
class memory_stream final : public stream
{
public:
    memory_stream(boost::asio::io_context& context, answerer answer, std::size_t piece)
        : context_(context), answer_(std::move(answer)), piece_(piece)
    {}

    boost::asio::any_io_executor get_executor() override
    {
        return context_.get_executor();
    }

private:
    void start_read_some(boost::asio::mutable_buffer buffer, handler h) override;
    void start_write_some(boost::asio::const_buffer buffer, handler h) override;
    void complete(handler h, boost::system::error_code ec, std::size_t n);

    boost::asio::io_context& context_;
    answerer answer_;
    std::size_t piece_;
    std::string request_;
    std::optional<std::string> reply_;
    std::size_t given_ = 0;
};

/// A TLS connection to a port of this host; each read gives at most `piece` octets.
class tls_stream final : public stream
{
public:
    /// Connects, and shakes hands as `localhost`. Throws boost::system::system_error.
    tls_stream(
        boost::asio::io_context& context, boost::asio::ssl::context& tls, unsigned short port, std::size_t piece);
    ~tls_stream() override;

    boost::asio::any_io_executor get_executor() override
    {
        return stream_.get_executor();
    }

private:
    void start_read_some(boost::asio::mutable_buffer buffer, handler h) override;
    void start_write_some(boost::asio::const_buffer buffer, handler h) override;

    boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
    std::size_t piece_;
};

} // namespace conform
