// Any Beast-style stream behind one type, so that the bodies of the operations are compiled once.
#pragma once

#include <pks/error.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <utility>

namespace pks::inline v0::net {

namespace asio = boost::asio;

class any_stream
{
public:
    using signature = void(error_code, std::size_t);
    using handler = asio::any_completion_handler<signature>;

    any_stream() = default;
    any_stream(any_stream const&) = delete;
    any_stream& operator=(any_stream const&) = delete;
    virtual ~any_stream() = default;

    virtual asio::any_io_executor get_executor() = 0;

    template <class Token>
    auto async_read_some(asio::mutable_buffer buffer, Token&& token)
    {
        auto initiation = [](auto h, any_stream* self, asio::mutable_buffer b) {
            self->start_read_some(b, handler(std::move(h)));
        };
        return asio::async_initiate<Token, signature>(std::move(initiation), token, this, buffer);
    }

    template <class Token>
    auto async_write_some(asio::const_buffer buffer, Token&& token)
    {
        auto initiation = [](auto h, any_stream* self, asio::const_buffer b) {
            self->start_write_some(b, handler(std::move(h)));
        };
        return asio::async_initiate<Token, signature>(std::move(initiation), token, this, buffer);
    }

private:
    virtual void start_read_some(asio::mutable_buffer buffer, handler h) = 0;
    virtual void start_write_some(asio::const_buffer buffer, handler h) = 0;
};

/// Borrows the caller's stream.
template <class Stream>
class stream_ref final : public any_stream
{
public:
    explicit stream_ref(Stream& stream) : stream_(stream) {}

    asio::any_io_executor get_executor() override
    {
        return stream_.get_executor();
    }

private:
    void start_read_some(asio::mutable_buffer buffer, handler h) override
    {
        stream_.async_read_some(buffer, std::move(h));
    }
    void start_write_some(asio::const_buffer buffer, handler h) override
    {
        stream_.async_write_some(buffer, std::move(h));
    }

    Stream& stream_;
};

} // namespace pks::inline v0::net
