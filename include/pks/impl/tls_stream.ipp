// Bodies of net/tls_stream.hpp.
#pragma once

#include <pks/net/tls_stream.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>

namespace pks::inline v0::net {

// There is one wait at a time, and the stream lives as long: to remember it takes no memory.
template <class T>
class tls_stream::allocator
{
public:
    using value_type = T;

    explicit allocator(tls_stream& of) noexcept : of_(&of) {}
    template <class U>
    allocator(allocator<U> const& other) noexcept : of_(other.of_)
    {}

    T* allocate(std::size_t n)
    {
        static_assert(alignof(T) <= alignof(std::max_align_t));
        bool const fits = n <= sizeof of_->room_ / sizeof(T);
        if (!fits || std::exchange(of_->room_is_taken_, true))
            return std::allocator<T>().allocate(n);
        return reinterpret_cast<T*>(of_->room_);
    }
    void deallocate(T* p, std::size_t n) noexcept
    {
        if (reinterpret_cast<unsigned char*>(p) == of_->room_)
            of_->room_is_taken_ = false;
        else
            std::allocator<T>().deallocate(p, n);
    }

    template <class U>
    bool operator==(allocator<U> const& other) const noexcept
    {
        return of_ == other.of_;
    }

private:
    template <class U>
    friend class allocator;

    tls_stream* of_;
};

// Owns whoever waits, by its handler.
class tls_stream::on_ready
{
public:
    on_ready(tls_stream& stream, io_handler then) noexcept : stream_(&stream), then_(std::move(then)) {}

    using allocator_type = allocator<void>;
    allocator_type get_allocator() const noexcept
    {
        return allocator_type(*stream_);
    }

    using cancellation_slot_type = asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return then_.get_cancellation_slot();
    }

    void operator()(error_code ec)
    {
        auto& who = std::move(then_).release();
        std::size_t n = 0;
        if (!ec && !stream_->go_on(ec, n)) {
            try {
                if (!who.stopped()) {
                    io_handler::start(*stream_, who);
                    return;
                }
                ec = asio::error::operation_aborted;
            } catch (std::bad_alloc const&) {
                ec = asio::error::no_memory;
            }
        }
        who.resume(ec, n);
    }

private:
    tls_stream* stream_;
    io_handler then_;
};

PKS_DECL tls_stream::tls_stream(asio::ip::tcp::socket& socket, asio::ssl::context& context)
    : socket_(socket), ssl_(::SSL_new(context.native_handle()))
{
    auto* const bio = ssl_ ? ::BIO_new(socket_methods()) : nullptr;
    if (!bio) {
        ::ERR_clear_error();
        throw std::bad_alloc();
    }
    ::BIO_set_data(bio, this);
    ::BIO_set_init(bio, 1);
    ::SSL_set_bio(ssl_.get(), bio, bio);
    ::SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Head and body of a record by one system call.
    ::SSL_set_read_ahead(ssl_.get(), 1);
    socket_.non_blocking(true);
}

PKS_DECL bool tls_stream::shake_hands_at_once(error_code& ec)
{
    task_ = task::handshake;
    std::size_t none = 0;
    asked_ = !go_on(ec, none);
    return !asked_;
}

PKS_DECL bool tls_stream::write_at_once(asio::const_buffer from, error_code& ec, std::size_t& n)
{
    task_ = task::write;
    from_ = from;
    asked_ = !go_on(ec, n);
    return !asked_;
}

PKS_DECL bool tls_stream::read_at_once(asio::mutable_buffer into, error_code& ec, std::size_t& n)
{
    task_ = task::read;
    into_ = into;
    waits_for_ = socket_.wait_read;
    asked_ = ::SSL_has_pending(ssl_.get()) != 1 || !go_on(ec, n);
    return !asked_;
}

PKS_DECL void tls_stream::start_handshake(io_handler then)
{
    wait_for_what_is_wanted(task::handshake, true, std::move(then));
}

PKS_DECL void tls_stream::start_write(asio::const_buffer from, io_handler then)
{
    from_ = from;
    wait_for_what_is_wanted(task::write, true, std::move(then));
}

PKS_DECL void tls_stream::start_read(asio::mutable_buffer into, io_handler then)
{
    into_ = into;
    wait_for_what_is_wanted(task::read, ::SSL_has_pending(ssl_.get()) == 1, std::move(then));
}

// Where nobody has asked, a socket that can be written to has it begin: it is, as a rule, and nobody is told within the call.
PKS_DECL void tls_stream::wait_for_what_is_wanted(task t, bool at_hand, io_handler then)
{
    if (!std::exchange(asked_, false) || task_ != t)
        waits_for_ = at_hand ? socket_.wait_write : socket_.wait_read;
    task_ = t;
    start(std::move(then));
}

PKS_DECL void tls_stream::start(io_handler then)
{
    socket_.async_wait(waits_for_, on_ready(*this, std::move(then)));
}

// False where it has to wait.
PKS_DECL bool tls_stream::go_on(error_code& ec, std::size_t& n) noexcept
{
    // What another library left there would be taken for the reason of a failure here.
    if (::ERR_peek_error() != 0)
        ::ERR_clear_error();
    failed_.clear();
    auto* const ssl = ssl_.get();
    int result = 0;
    switch (task_) {
    case task::handshake:
        result = ::SSL_connect(ssl);
        break;
    case task::write:
        result = ::SSL_write_ex(ssl, from_.data(), from_.size(), &n);
        break;
    case task::read:
        result = ::SSL_read_ex(ssl, into_.data(), into_.size(), &n);
        break;
    }
    ec.clear();
    if (result == 1)
        return true;
    n = 0;
    switch (::SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
        waits_for_ = socket_.wait_read;
        return false;
    case SSL_ERROR_WANT_WRITE:
        waits_for_ = socket_.wait_write;
        return false;
    case SSL_ERROR_ZERO_RETURN:
        ec = asio::error::eof;
        break;
    case SSL_ERROR_SYSCALL:
        ec = failed_ ? failed_ : asio::ssl::error::unspecified_system_error;
        break;
    case SSL_ERROR_SSL:
        ec.assign(static_cast<int>(::ERR_get_error()), asio::error::get_ssl_category());
        break;
    default:
        ec = asio::ssl::error::unexpected_result;
    }
    ::ERR_clear_error();
    return true;
}

PKS_DECL BIO_METHOD* tls_stream::socket_methods()
{
    static BIO_METHOD* const all = [] {
        auto* const made = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket of Asio");
        // Whoever comes next tries again.
        if (!made)
            throw std::bad_alloc();
        ::BIO_meth_set_write_ex(made, &tls_stream::write_socket);
        ::BIO_meth_set_read_ex(made, &tls_stream::read_socket);
        ::BIO_meth_set_ctrl(made, &tls_stream::control_socket);
        return made;
    }();
    return all;
}

PKS_DECL int tls_stream::write_socket(BIO* bio, char const* data, std::size_t size, std::size_t* n)
{
    auto& self = *static_cast<tls_stream*>(::BIO_get_data(bio));
    ::BIO_clear_retry_flags(bio);
    error_code ec;
    *n = self.socket_.write_some(asio::const_buffer(data, size), ec);
    if (!ec)
        return 1;
    if (ec == asio::error::would_block || ec == asio::error::try_again)
        ::BIO_set_retry_write(bio);
    else
        self.failed_ = ec;
    return -1;
}

PKS_DECL int tls_stream::read_socket(BIO* bio, char* data, std::size_t size, std::size_t* n)
{
    auto& self = *static_cast<tls_stream*>(::BIO_get_data(bio));
    ::BIO_clear_retry_flags(bio);
    error_code ec;
    *n = self.socket_.read_some(asio::mutable_buffer(data, size), ec);
    if (!ec)
        return 1;
    if (ec == asio::error::would_block || ec == asio::error::try_again)
        ::BIO_set_retry_read(bio);
    else
        // Without a close_notify anyone on the path may have ended it.
        self.failed_ = ec == asio::error::eof ? error_code(asio::ssl::error::stream_truncated) : ec;
    return -1;
}

PKS_DECL long tls_stream::control_socket(BIO*, int command, long, void*)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

} // namespace pks::inline v0::net
