// Connects to a host with several addresses: to whichever answers first.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/net/io_step.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace pks::inline v0::net {

/// Tries one address after the other, the next one as soon as one has failed, or after a while beside it. IPv6 and IPv4
/// take turns, so that a network without the one costs that while and no more.
///
/// Errors: of the address that failed last; boost::asio::error::host_not_found without any.
/// Cancellation: any type ends it, with boost::asio::error::operation_aborted.
/// Thread safety: everything happens on the strand `executor`, the cancellation too.
/// Source: RFC 8305 §4, §5.
class connect_race final : public io_step
{
public:
    static constexpr std::chrono::milliseconds head_start{250};

    static constexpr std::size_t most_addresses = 32;

    /// In the order in which the resolver gives them, the first `most_addresses` of them.
    PKS_DECL connect_race(
        asio::any_io_executor executor, std::vector<asio::ip::address> const& addresses, std::uint16_t port);
    PKS_DECL ~connect_race();

    PKS_DECL void start(io_handler then) override;

    /// Ends it.
    PKS_DECL void stop();

    /// The connection, after it has completed without an error.
    PKS_DECL asio::ip::tcp::socket winner();

    /// The order of the attempts.
    PKS_DECL static std::vector<asio::ip::address> in_turns(std::vector<asio::ip::address> const& addresses);

    class attempts;

private:
    asio::ip::tcp::socket won_;
    std::shared_ptr<attempts> starting_; // until it is started
    std::weak_ptr<attempts> running_;    // belongs to its handlers, which go with the context
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/connect_race.ipp>
#endif
