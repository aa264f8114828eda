// A stream in memory that plays a script: what is read, in which pieces, and which step fails or waits.
#pragma once

#include <pks/error.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace net_test {

enum class direction {
    write,
    read,
};

/// Every step completes by way of the executor, never within the function that starts it. Steps are counted from 0,
/// reads and writes apart.
class scripted_stream
{
public:
    using executor_type = boost::asio::any_io_executor;

    static constexpr std::size_t whole = std::numeric_limits<std::size_t>::max();

    explicit scripted_stream(executor_type executor) : executor_(std::move(executor)) {}

    scripted_stream(scripted_stream const&) = delete;
    scripted_stream& operator=(scripted_stream const&) = delete;

    executor_type get_executor() const noexcept
    {
        return executor_;
    }

    /// What is read, in pieces of at most `piece` octets. Beyond it a read waits, unless `ends_with` says otherwise.
    void replies(std::string text, std::size_t piece = whole);
    /// What a read gets after the last octet of the reply.
    void ends_with(pks::error_code ec)
    {
        end_ = ec;
    }
    /// As ends_with(), in the very read that gives the last octets.
    void ends_at_once_with(pks::error_code ec)
    {
        end_ = ec;
        at_once_ = true;
    }
    /// Writes take at most so many octets each.
    void takes(std::size_t piece)
    {
        write_piece_ = piece;
    }
    /// The step of that number fails.
    void fails(direction which, std::size_t number, pks::error_code ec);
    /// The step of that number waits until go_on(), or until it is cancelled.
    void waits(direction which, std::size_t number);

    /// From now on no cancellation ends a step: as if each had succeeded already when it came.
    void ignores_cancellation()
    {
        deaf_ = true;
    }

    bool waiting() const noexcept
    {
        return waiting_.has_value();
    }
    /// Lets the step that waits succeed. Precondition: waiting().
    void go_on();

    std::size_t steps(direction which) const noexcept
    {
        return which == direction::write ? writes_ : reads_;
    }
    std::string const& written() const noexcept
    {
        return written_;
    }
    /// Octets of the reply that were read.
    std::size_t given() const noexcept
    {
        return given_;
    }
    /// Cancellation types that reached a step.
    std::vector<boost::asio::cancellation_type> const& cancellations() const noexcept
    {
        return cancellations_;
    }

    template <class Token>
    auto async_read_some(boost::asio::mutable_buffer buffer, Token&& token)
    {
        return boost::asio::async_initiate<Token, void(pks::error_code, std::size_t)>(
            initiate(), token, this, operation(buffer));
    }
    template <class Token>
    auto async_write_some(boost::asio::const_buffer buffer, Token&& token)
    {
        return boost::asio::async_initiate<Token, void(pks::error_code, std::size_t)>(
            initiate(), token, this, operation(buffer));
    }

private:
    using handler = boost::asio::any_completion_handler<void(pks::error_code, std::size_t)>;

    struct operation
    {
        explicit operation(boost::asio::mutable_buffer b) : which(direction::read), into(b) {}
        explicit operation(boost::asio::const_buffer b) : which(direction::write), from(b) {}

        direction which;
        boost::asio::mutable_buffer into;
        boost::asio::const_buffer from;
    };
    struct pending
    {
        operation what;
        handler then;
    };
    struct initiate
    {
        template <class Handler>
        void operator()(Handler&& then, scripted_stream* self, operation what) const
        {
            self->start(what, handler(std::forward<Handler>(then)));
        }
    };
    struct exception
    {
        direction which;
        std::size_t number;
        std::optional<pks::error_code> fails;
    };

    void start(operation what, handler then);
    void wait(operation what, handler then);
    void succeed(operation const& what, handler then);
    void finish(handler then, pks::error_code ec, std::size_t n);
    void cancel(boost::asio::cancellation_type type);

    executor_type executor_;
    std::string reply_;
    std::size_t given_ = 0;
    std::size_t read_piece_ = whole;
    std::size_t write_piece_ = whole;
    std::optional<pks::error_code> end_;
    bool at_once_ = false;
    std::vector<exception> exceptions_;
    std::optional<pending> waiting_;
    bool deaf_ = false;
    std::string written_;
    std::size_t writes_ = 0;
    std::size_t reads_ = 0;
    std::vector<boost::asio::cancellation_type> cancellations_;
};

} // namespace net_test
