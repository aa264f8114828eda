// Bodies of net/name_lookup.hpp.
#pragma once

#include <pks/detail/new_shared.hpp>
#include <pks/net/name_lookup.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <cstddef>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include <pthread.h>
#include <signal.h>

namespace pks::inline v0::net {

/// One look-up. What is not constant is guarded by the lock of the context's look-ups, but for the answer, which the
/// thread writes before it completes the handler.
class name_lookup::question
{
public:
    question(std::shared_ptr<name_resolver> with, std::string what) : resolver(std::move(with)), host(std::move(what))
    {}

    std::shared_ptr<name_resolver> const resolver;
    std::string const host;

    std::vector<asio::ip::address> found;

    asio::any_io_executor executor; // counts as work while somebody waits: a context that is run does not stop
    std::optional<io_handler> then; // none: nobody waits any more
    bool begun = false;
    std::shared_ptr<question> next; // of those that somebody waits for
};

} // namespace pks::inline v0::net

namespace pks::inline v0::net::name_lookup_detail {

using question_ptr = std::shared_ptr<name_lookup::question>;

/// The look-ups of a context, which its threads hold, too: they may outlive it. std::thread would cost every user of the
/// header-only mode forty functions more.
class lookups
{
public:
    static constexpr std::size_t most_threads = 32;

    // Nothing, or the error of the thread that there is none of.
    error_code ask(std::shared_ptr<lookups> const& self, question_ptr const& which)
    {
        std::lock_guard const lock(mutex_);
        auto* last = &first_;
        while (*last)
            last = &(**last).next;
        *last = which;
        if (threads_ == most_threads)
            return {};
        auto const failed = start_thread(self);
        if (!failed)
            ++threads_;
        // The others get to it, if there are any.
        if (failed && threads_ == 0)
            unlink(*which);
        return threads_ == 0 ? failed : error_code();
    }

    // Completes it, from any thread; for the first time only.
    void complete(name_lookup::question& which, error_code ec)
    {
        // The context lives as long as this is not closed, and that is as long as the lock is held.
        std::lock_guard const lock(mutex_);
        if (closed_ || !which.then)
            return;
        unlink(which);
        auto const executor = std::exchange(which.executor, asio::any_io_executor());
        io_handler then(std::move(*which.then).with(ec));
        which.then.reset();
        asio::post(executor, std::move(then));
    }

    // Destroys whoever still waits: nothing else refers to them.
    void close()
    {
        question_ptr left;
        {
            std::lock_guard const lock(mutex_);
            closed_ = true;
            left = std::move(first_);
        }
        while (left) {
            auto const one = std::move(left);
            left = std::move(one->next);
            auto const last = std::move(one->then);
            one->then.reset();
            one->executor = asio::any_io_executor();
        }
    }

private:
    static void* work(void* argument)
    {
        auto* const owned = static_cast<std::shared_ptr<lookups>*>(argument);
        auto const self = std::move(*owned);
        delete owned;
        while (auto const which = self->take())
            self->complete(*which, ask_resolver(*which));
        return nullptr;
    }

    static error_code ask_resolver(name_lookup::question& which) noexcept
    {
        try {
            return which.resolver->look_up(which.host, which.found);
        } catch (...) {
            return asio::error::no_recovery;
        }
    }

    // No signal handler of the program runs in it.
    static error_code start_thread(std::shared_ptr<lookups> const& self)
    {
        auto* const argument = new (std::nothrow) std::shared_ptr<lookups>(self);
        if (!argument)
            return asio::error::no_memory;
        ::sigset_t all, before;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        ::pthread_t thread;
        int const failed = ::pthread_create(&thread, nullptr, &lookups::work, argument);
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        if (failed == 0)
            ::pthread_detach(thread);
        else
            delete argument;
        return {failed, boost::system::system_category()};
    }

    question_ptr take()
    {
        std::lock_guard const lock(mutex_);
        for (auto one = first_; one; one = one->next)
            if (!std::exchange(one->begun, true))
                return one;
        --threads_;
        return {};
    }

    // Under the lock.
    void unlink(name_lookup::question& which)
    {
        for (auto* at = &first_; *at; at = &(**at).next)
            if (at->get() == &which) {
                auto after = std::move(which.next);
                *at = std::move(after);
                return;
            }
    }

    std::mutex mutex_;
    bool closed_ = false;
    std::size_t threads_ = 0;
    question_ptr first_; // in the order in which they were asked
};

class service final : public asio::execution_context::service
{
public:
    using key_type = service;
    static inline asio::execution_context::id id;

    explicit service(asio::execution_context& context)
        : asio::execution_context::service(context), lookups_(pks::detail::new_shared<lookups>())
    {}

    std::shared_ptr<lookups> const& all() const noexcept
    {
        return lookups_;
    }

private:
    void shutdown() override
    {
        lookups_->close();
    }

    std::shared_ptr<lookups> lookups_;
};

// Stays in the slot until the next step of the operation takes its place.
struct abort
{
    std::shared_ptr<lookups> of;
    question_ptr which;

    void operator()(asio::cancellation_type) const
    {
        of->complete(*which, asio::error::operation_aborted);
    }
};

} // namespace pks::inline v0::net::name_lookup_detail

namespace pks::inline v0::net {

PKS_DECL name_lookup::name_lookup(
    asio::any_io_executor executor, std::shared_ptr<name_resolver> resolver, std::string host)
    : executor_(std::move(executor)), question_(pks::detail::new_shared<question>(std::move(resolver), std::move(host)))
{}

PKS_DECL name_lookup::~name_lookup() = default;

PKS_DECL void name_lookup::start(io_handler then)
{
    auto const of = asio::use_service<name_lookup_detail::service>(executor_.context()).all();
    // What may fail comes before the handler is kept.
    question_->executor = asio::prefer(executor_, asio::execution::outstanding_work.tracked);
    then.get_cancellation_slot().assign(name_lookup_detail::abort{of, question_});
    question_->then.emplace(std::move(then));
    if (auto const failed = of->ask(of, question_))
        of->complete(*question_, failed);
}

PKS_DECL void name_lookup::stop()
{
    auto const of = asio::use_service<name_lookup_detail::service>(executor_.context()).all();
    of->complete(*question_, asio::error::operation_aborted);
}

PKS_DECL std::vector<asio::ip::address> const& name_lookup::found() const noexcept
{
    return question_->found;
}

} // namespace pks::inline v0::net
