// Looks a name up without waiting for it: a step of an operation that ends at its deadline, whatever the resolver does.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/net/io_step.hpp>
#include <pks/net/name_resolver.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pks::inline v0::net {

/// Each look-up has a thread of its own while it runs, at most 32 of them in an execution context; more wait for their
/// turn. The threads block every signal. Cancellation completes the step at once; a late answer is let go. Whoever
/// destroys the context, or ends the program, does not wait for a resolver either.
///
/// Errors: the resolver's; boost::asio::error::operation_aborted; those of starting a thread.
/// Thread safety: everything happens on the strand `executor`, the cancellation too, but for the resolver.
class name_lookup final : public io_step
{
public:
    PKS_DECL name_lookup(asio::any_io_executor executor, std::shared_ptr<name_resolver> resolver, std::string host);
    PKS_DECL ~name_lookup();

    PKS_DECL void start(io_handler then) override;

    /// Completes it with boost::asio::error::operation_aborted, if it has not completed yet.
    PKS_DECL void stop();

    /// After it has completed without an error.
    PKS_DECL std::vector<asio::ip::address> const& found() const noexcept;

    class question;

private:
    asio::any_io_executor executor_;
    std::shared_ptr<question> question_;
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/name_lookup.ipp>
#endif
