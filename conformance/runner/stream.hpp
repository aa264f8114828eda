// One type for whatever a case is played over, so that the operations are instantiated once.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <utility>

namespace conform {

class stream
{
public:
    using signature = void(boost::system::error_code, std::size_t);
    using handler = boost::asio::any_completion_handler<signature>;

    stream() = default;
    stream(stream const&) = delete;
    stream& operator=(stream const&) = delete;
    virtual ~stream() = default;

    virtual boost::asio::any_io_executor get_executor() = 0;

    template <class Token>
    auto async_read_some(boost::asio::mutable_buffer buffer, Token&& token)
    {
        auto initiation = [](auto h, stream* self, boost::asio::mutable_buffer b) {
            self->start_read_some(b, handler(std::move(h)));
        };
        return boost::asio::async_initiate<Token, signature>(std::move(initiation), token, this, buffer);
    }

    template <class Token>
    auto async_write_some(boost::asio::const_buffer buffer, Token&& token)
    {
        auto initiation = [](auto h, stream* self, boost::asio::const_buffer b) {
            self->start_write_some(b, handler(std::move(h)));
        };
        return boost::asio::async_initiate<Token, signature>(std::move(initiation), token, this, buffer);
    }

private:
    virtual void start_read_some(boost::asio::mutable_buffer buffer, handler h) = 0;
    virtual void start_write_some(boost::asio::const_buffer buffer, handler h) = 0;
};

} // namespace conform
