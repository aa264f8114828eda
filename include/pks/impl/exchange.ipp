// Bodies of net/exchange.hpp.
#pragma once

#include <pks/net/exchange.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <string.h>

namespace pks::inline v0::net::exchange_detail {

// The piece of a reply that is read at once; cleansed, since most replies of a UAA are secrets. As far as it was filled:
// the whole of it would take as long as all else that is done for a short reply.
class read_buffer
{
public:
    explicit read_buffer(any_stream& stream) : storage_(stream.buffer()) {}
    read_buffer(read_buffer const&) = delete;
    read_buffer& operator=(read_buffer const&) = delete;
    ~read_buffer()
    {
        ::explicit_bzero(storage_.get(), dirty_);
    }

    /// To read into. Until filled() nobody knows how much of it is.
    asio::mutable_buffer space()
    {
        known_ = std::exchange(dirty_, size);
        return {storage_.get(), size};
    }
    std::span<char const> filled(std::size_t n)
    {
        dirty_ = std::max(known_, n);
        return {storage_.get(), n};
    }

private:
    static constexpr std::size_t size = any_stream::buffer_size;

    std::shared_ptr<char[]> storage_; // the stream may go before the frame that this lives in
    std::size_t known_ = 0;
    std::size_t dirty_ = 0;
};

class write_step final : public io_step
{
public:
    write_step(any_stream& stream, asio::const_buffer buffer) : stream_(stream), buffer_(buffer) {}

    bool ends_at_once(error_code& ec, std::size_t& n) override
    {
        return stream_.write_some_at_once(buffer_, ec, n);
    }
    void start(io_handler then) override
    {
        stream_.start_write_some(buffer_, std::move(then));
    }

private:
    any_stream& stream_;
    asio::const_buffer buffer_;
};

class read_step final : public io_step
{
public:
    read_step(any_stream& stream, asio::mutable_buffer buffer) : stream_(stream), buffer_(buffer) {}

    bool ends_at_once(error_code& ec, std::size_t& n) override
    {
        return stream_.read_some_at_once(buffer_, ec, n);
    }
    void start(io_handler then) override
    {
        stream_.start_read_some(buffer_, std::move(then));
    }

private:
    any_stream& stream_;
    asio::mutable_buffer buffer_;
};

// An end of the connection, as seen by the parser. A TLS stream that ends without close_notify may have been cut off by
// anyone on the path, so it never completes a body.
inline error_code end_of_stream(error_code read_error, proto::response_parser& parser)
{
    if (read_error == asio::error::eof) {
        error_code ec;
        parser.put_eof(ec);
        return ec;
    }
    if (read_error == asio::ssl::error::stream_truncated)
        return parser.got_some() ? errc::truncated : errc::connection_closed;
    return read_error;
}

} // namespace pks::inline v0::net::exchange_detail

namespace pks::inline v0::net {

PKS_DECL bool is_answered_without_body(proto::request const& request) noexcept
{
    // A successful answer to CONNECT has no body either: what follows is the tunnel.
    std::string_view const method = request.method();
    return method == "HEAD" || method == "CONNECT";
}

PKS_DECL task<proto::response> exchange(any_stream& stream, proto::request const& request, http_limits const& limits,
    diagnostics& diag, exchange_progress* progress)
{
    auto const message = request.serialize(&diag.detail);
    if (message.has_error())
        co_return message.error();
    bool const without_body = is_answered_without_body(request);
    co_return co_await exchange(stream, *message, without_body, limits, diag, progress);
}

PKS_DECL task<proto::response> exchange(any_stream& stream, pks::detail::wiped_string const& message, bool without_body,
    http_limits const& limits, diagnostics& diag, exchange_progress* progress)
{
    error_code ec;
    error_code write_error;
    diag.step = step::write;
    ++diag.attempts;
    for (std::size_t sent = 0; sent < message.size() && !write_error;) {
        bool const stopped = co_await was_stopped;
        if (stopped)
            co_return asio::error::operation_aborted;
        // TLS takes octets in before it writes any.
        if (progress)
            progress->sent = true;
        exchange_detail::write_step write(stream, asio::const_buffer(message.data() + sent, message.size() - sent));
        sent += co_await await_step(write, write_error);
    }
    if (write_error == asio::error::operation_aborted)
        co_return write_error;

    if (!write_error)
        diag.step = step::read;
    proto::response_parser parser(limits, without_body);
    exchange_detail::read_buffer buffer(stream);
    bool extra = false;
    while (!parser.done()) {
        exchange_detail::read_step read(stream, buffer.space());
        auto const n = co_await await_step(read, ec);
        auto const piece = buffer.filled(n);
        if (n != 0) {
            if (progress)
                progress->replied = true;
            error_code parse_error;
            extra = parser.put(piece, parse_error) < n;
            if (parse_error) {
                diag.detail = parser.detail();
                co_return parse_error;
            }
        }
        if (ec && !parser.done()) {
            if (write_error)
                co_return write_error;
            ec = exchange_detail::end_of_stream(ec, parser);
            if (ec) {
                diag.detail = parser.detail();
                co_return ec;
            }
        }
    }
    // Of half a request nothing but a refusal is believed.
    if (write_error && parser.get().status < 400)
        co_return write_error;
    // Octets beyond the response belong to no request of ours.
    bool const alone = !extra && !ec && !write_error;
    if (progress)
        progress->alone = alone;
    diag.reusable = parser.keep_alive() && alone;
    diag.step = step::parse;
    diag.http_status = parser.get().status;
    co_return parser.release();
}

} // namespace pks::inline v0::net
