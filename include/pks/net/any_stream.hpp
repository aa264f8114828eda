// Any Beast-style stream behind one type, so that the bodies of the operations are compiled once.
#pragma once

#include <pks/net/io_step.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace pks::inline v0::net {

namespace asio = boost::asio;

class any_stream
{
public:
    using handler = io_handler;

    any_stream() = default;
    any_stream(any_stream const&) = delete;
    any_stream& operator=(any_stream const&) = delete;
    virtual ~any_stream() = default;

    virtual asio::any_io_executor get_executor() = 0;

    /// Whether there is no need to wait, and so none to start.
    virtual bool read_some_at_once(asio::mutable_buffer, error_code&, std::size_t&)
    {
        return false;
    }
    virtual bool write_some_at_once(asio::const_buffer, error_code&, std::size_t&)
    {
        return false;
    }
    virtual void start_read_some(asio::mutable_buffer buffer, handler h) = 0;
    virtual void start_write_some(asio::const_buffer buffer, handler h) = 0;

    /// What an exchange reads into, and cleanses when it ends; kept for the next one. A stream carries one at a time.
    static constexpr std::size_t buffer_size = std::size_t(16) * 1024;
    std::shared_ptr<char[]> const& buffer()
    {
        if (!buffer_)
            buffer_.reset(new char[buffer_size]);
        return buffer_;
    }

private:
    std::shared_ptr<char[]> buffer_;
};

/// Borrows the caller's stream. An operation works on the stream's executor, and tells the stream so: to an erased
/// handler's own executor Beast's streams cannot post.
template <class Stream>
class stream_ref final : public any_stream
{
public:
    explicit stream_ref(Stream& stream) : stream_(stream) {}

    asio::any_io_executor get_executor() override
    {
        return stream_.get_executor();
    }

    void start_read_some(asio::mutable_buffer buffer, handler h) override
    {
        stream_.async_read_some(buffer, asio::bind_executor(stream_.get_executor(), std::move(h)));
    }
    void start_write_some(asio::const_buffer buffer, handler h) override
    {
        stream_.async_write_some(buffer, asio::bind_executor(stream_.get_executor(), std::move(h)));
    }

private:
    Stream& stream_;
};

} // namespace pks::inline v0::net
