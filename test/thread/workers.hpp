// Threads that run one context, and what they note: Boost.Test's own checks belong to the main thread.
#pragma once

#include <pks/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace thread_test {

/// Runs the context in so many threads, until stop() or until it is destroyed.
class workers
{
public:
    workers(boost::asio::io_context& context, std::size_t threads) : context_(context), work_(context.get_executor())
    {
        for (std::size_t i = 0; i < threads; ++i)
            threads_.emplace_back([this] { context_.run(); });
    }
    workers(workers const&) = delete;
    workers& operator=(workers const&) = delete;
    ~workers()
    {
        finish();
    }

    /// Waits until nothing is left to do.
    void finish()
    {
        work_.reset();
        join();
    }
    /// Leaves whatever is under way where it is.
    void stop()
    {
        context_.stop();
        join();
    }

private:
    void join()
    {
        for (auto& t : threads_)
            t.join();
        threads_.clear();
    }

    boost::asio::io_context& context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::vector<std::thread> threads_;
};

/// Counts how operations end, from all threads.
class tally
{
public:
    /// A handler for one operation. Calling it twice is noted; so is destroying it without a call.
    class note
    {
    public:
        explicit note(tally& t) : one_(std::make_shared<one>(t)) {}

        template <class T>
        void operator()(pks::error_code ec, T const&) const
        {
            one_->end(ec);
        }

    private:
        struct one
        {
            explicit one(tally& t) : of(t)
            {
                ++of.started_;
            }
            one(one const&) = delete;
            one& operator=(one const&) = delete;
            ~one()
            {
                if (calls == 0)
                    ++of.abandoned_;
                std::lock_guard const lock(of.mutex_);
                ++of.gone_;
                of.changed_.notify_all();
            }
            void end(pks::error_code ec)
            {
                if (++calls != 1)
                    ++of.twice_;
                of.add(ec);
            }

            tally& of;
            std::atomic<int> calls{0};
        };
        std::shared_ptr<one> one_;
    };

    note next()
    {
        return note(*this);
    }

    std::size_t started() const noexcept
    {
        return started_;
    }
    std::size_t succeeded() const noexcept
    {
        return succeeded_;
    }
    std::size_t cancelled() const noexcept
    {
        return cancelled_;
    }
    std::size_t timed_out() const noexcept
    {
        return timed_out_;
    }
    std::size_t abandoned() const noexcept
    {
        return abandoned_;
    }
    std::size_t twice() const noexcept
    {
        return twice_;
    }
    /// Ends that none of the above explains, in words.
    std::string others() const
    {
        std::lock_guard const lock(mutex_);
        return others_;
    }
    /// Waits until the handlers of all operations started are gone; false where that takes longer than any test may.
    bool wait_for_all(std::chrono::seconds limit = std::chrono::seconds(120)) const
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [this] { return gone_ == started_; });
    }

private:
    void add(pks::error_code ec)
    {
        if (!ec) {
            ++succeeded_;
        } else if (ec == boost::asio::error::operation_aborted) {
            ++cancelled_;
        } else if (ec == pks::errc::timeout) {
            ++timed_out_;
        } else {
            std::lock_guard const lock(mutex_);
            if (others_.size() < 1000)
                others_ += ec.message() + "; ";
        }
    }

    std::atomic<std::size_t> started_{0};
    std::atomic<std::size_t> succeeded_{0};
    std::atomic<std::size_t> cancelled_{0};
    std::atomic<std::size_t> timed_out_{0};
    std::atomic<std::size_t> abandoned_{0};
    std::atomic<std::size_t> twice_{0};
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::size_t gone_ = 0;
    std::string others_;
};

} // namespace thread_test
